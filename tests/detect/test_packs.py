from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from aligncleaner.detect import packs
from aligncleaner.errors import PackInvalid

ROOT = Path(__file__).resolve().parents[2]


def rule(**changes: Any) -> dict[str, Any]:
    """A rule without a fault, with some fields changed; a field set to ... is left out."""
    whole = {
        "id": "xx.one",
        "label": "refuses",
        "any": ["i cannot help"],
        "weight": 0.9,
        "why": "a reason",
        "hit": ["a", "b", "c"],
        "miss": ["d", "e", "f"],
    } | changes
    return {key: value for key, value in whole.items() if value is not ...}


def write(folder: Path, rules: Any, name: str = "xx", **changes: Any) -> Path:
    pack = {"pack": name, "language": "en", "version": 1, "about": "a test", "rules": rules}
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(pack | changes, indent=1, ensure_ascii=False), encoding="utf-8")
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(PackInvalid) as caught:
        packs.load([folder])
    return [str(fault) for fault in caught.value.faults]


def test_loads_with_defaults(tmp_path: Path) -> None:
    (pack,) = packs.load([write(tmp_path, [rule()])])
    (one,) = pack.rules
    assert (one.on, one.scope, one.where, one.span, one.at_least) == (
        "answer", "sentence", "anywhere", "sentence", 1,
    )  # fmt: skip
    assert one.any == ("i cannot help",)
    assert one.texts == ("i cannot help",)


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, True),
        ({"label": "partly_refuses"}, True),
        ({"label": "disclaimer", "kind": "self"}, True),
        ({"label": "disclaimer", "kind": "expertise"}, False),
        ({"label": "hedge"}, False),
        ({"first_person": False}, False),
        ({"label": "hedge", "first_person": True}, True),
    ],
)
def test_the_assistants_own_words(tmp_path: Path, changes: dict[str, Any], needed: bool) -> None:
    (pack,) = packs.load([write(tmp_path, [rule(**changes)])])
    assert pack.rules[0].needs_scope == needed


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": "refusess"}, ["refusess", "'partly_refuses'", "asks_harm"]),
        ({"reason": "evil"}, ["'reason'", "evil", "'privacy'"]),
        ({"where": "middle"}, ["'where'", "middle", "'opening'"]),
        ({"wher": "opening"}, ["unknown key 'wher'", "where"]),
        ({"weight": 1.5}, ["'weight'", "1.5", "less than or equal to 1"]),
        ({"weight": ...}, ["no 'weight'"]),
        ({"why": ...}, ["no 'why'"]),
        ({"hit": ["one", "two"]}, ["'hit'", "at least 3"]),
        ({"miss": []}, ["'miss'", "at least 3"]),
        ({"any": []}, ["'any'", "at least 1"]),
        ({"any": "i cannot"}, ["'any'"]),
        ({"any": ["/a(?=b)/"]}, ["'/a(?=b)/'", "look-ahead", "'any.0'"]),
        ({"unless": ["/a.*b/"]}, ["without end", "'unless.0'"]),
        ({"all": [r"/(a)\1/"]}, ["back-reference", "'all.0'"]),
        ({"id": "one"}, ["'id'"]),
        ({"id": "yy.one"}, ["'xx.'"]),
        ({"kind": "self"}, ["`kind`", "disclaimer"]),
        ({"label": "asks_harm"}, ["asks_harm", "on: answer"]),
        ({"on": "prompt"}, ["refuses", "on: prompt"]),
        ({"on": "prompt", "label": "asks_harm", "reason": "harm"}, ["`reason`"]),
        ({"at_least": 0}, ["'at_least'"]),
        ({"at_least": 2, "span": "hit"}, ["`at_least`"]),
    ],
)
def test_tells_faults(tmp_path: Path, changes: dict[str, Any], words: list[str]) -> None:
    told = "\n".join(faults(write(tmp_path, [rule(**changes)])))
    assert "xx.yaml:" in told
    for word in words:
        assert word in told
    if "id" not in changes:
        assert "(rule xx.one)" in told


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"pack": "zz"}, "'xx', the file's name"),
        ({"language": "english"}, "'language'"),
        ({"version": 0}, "'version'"),
        ({"author": "me"}, "unknown key 'author'"),
        ({"rules": []}, "'rules' is []"),
        ({"rules": [["a"]]}, "rule number 0"),
    ],
)
def test_tells_faults_of_the_pack(tmp_path: Path, changes: dict[str, Any], word: str) -> None:
    pack = {"rules": [rule()]} | changes
    assert word in "\n".join(faults(write(tmp_path, **pack)))


def test_tells_all_faults_of_all_packs_with_lines(tmp_path: Path) -> None:
    write(tmp_path, [rule(weight=2), rule(id="xx.two", any=["/^a/"], where="top")])
    write(tmp_path, [rule(id="yy.one", any=["/a$/"])], name="yy")
    (tmp_path / "zz.yaml").write_text("pack: &a zz\npack: zz\n", encoding="utf-8")
    told = faults(tmp_path)
    assert len(told) == 6
    text = (tmp_path / "xx.yaml").read_text(encoding="utf-8").splitlines()
    line = next(at for at, words in enumerate(text, 1) if "'top'" in words.replace(chr(34), "'"))
    assert any(f"xx.yaml:{line} (rule xx.two)" in one for one in told)


def test_ids_are_unique_over_packs(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    write(one, [rule(), rule()])
    write(two, [rule()])
    with pytest.raises(PackInvalid) as caught:
        packs.load([one, two])
    assert len(caught.value.faults) == 2


def test_a_folder_without_packs_is_a_fault(tmp_path: Path) -> None:
    assert "no rule packs" in faults(tmp_path)[0]
    assert "no rule packs" in faults(tmp_path / "missing")[0]


def test_word_edges_are_refused_beyond_ascii(tmp_path: Path) -> None:
    write(tmp_path, [rule(any=[r"/\bnein\b/"])], language="de")
    assert "ASCII" in faults(tmp_path)[0]


def test_bounds_the_whole_pack(tmp_path: Path) -> None:
    big = [f"/a{n}(?:b{{80}}){{12}}/" for n in range(11)]
    (told,) = faults(write(tmp_path, [rule(any=big), rule(id="xx.b", any=big[:9])]))
    assert "(rule xx.one)" in told and "10,000" in told
    rules = [rule(id=f"xx.r{n}", any=big[:9]) for n in range(12)]
    (told,) = faults(write(tmp_path, rules))
    assert "split the pack" in told.lower()


def test_the_hash_follows_content_only(tmp_path: Path) -> None:
    write(tmp_path, [rule()])
    before = packs.rules_hash(packs.load([tmp_path]))
    path = tmp_path / "xx.yaml"
    path.write_text("# a comment\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert packs.rules_hash(packs.load([tmp_path])) == before
    write(tmp_path, [rule(weight=0.8)])
    assert packs.rules_hash(packs.load([tmp_path])) != before
    assert re.fullmatch("[0-9a-f]{64}", before)


def test_loads_two_hundred_rules_quickly(tmp_path: Path) -> None:
    texts = ["/i (?:can't|cannot|am (?:not able|unable) to) (?:help|assist) {}/", "sorry but no {}"]
    examples = [f"Here is example number {n} of the rule." for n in range(4)]
    rules = [
        rule(id=f"xx.r{n}", any=[text.format(n) for text in texts], hit=examples, miss=examples)
        for n in range(200)
    ]
    write(tmp_path, rules)
    best = 9.0
    for _ in range(3):
        began = time.process_time()
        packs.load([tmp_path])
        best = min(best, time.process_time() - began)
    assert best < 0.25  # 0.05 on an idle machine


def test_the_schema_in_rules_is_the_models() -> None:
    stored = (ROOT / "rules" / "schema.json").read_text(encoding="utf-8")
    assert stored == packs.json_schema(), "write packs.json_schema() to rules/schema.json"
    assert json.loads(stored)["additionalProperties"] is False


def test_the_bundled_packs_load() -> None:
    assert packs.load()
