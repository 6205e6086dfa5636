"""Phrase lists decide as their authors' code does."""

from __future__ import annotations

import json
import runpy
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aligncleaner.errors import PackInvalid
from aligncleaner.evaluate import gold, peers
from aligncleaner.evaluate.peers import Flagger, PhraseList


def flagger(match: str, *phrases: str, **fields: Any) -> Flagger:
    listed = {"match": match, "phrases": list(phrases), **fields}
    return peers.flagger(PhraseList.model_validate(listed))


@pytest.mark.parametrize(
    ("match", "phrase", "hits", "misses"),
    [
        ("sub", "I'm sorry", ["Oh, I'm sorry."], ["i'm sorry", "I’m sorry", ""]),
        ("sub", "a.b|c", ["xa.b|cx"], ["axb", "c"]),
        ("isub", "As an AI", ["AS AN AI,", "was as an aim"], ["as a AI"]),
        ("isub", "straße", ["STRAßE"], ["STRASSE"]),
        ("iprefix", "Sorry", ["  sorry, no", "SORRYNESS"], ["I am sorry", ""]),
        ("regex", r"\bi can(?:not|'t)\b", ["No. I CANNOT."], ["i cannoth"]),
        ("opening300", "i can't", ["**I  can’t**\n", "i\ncan't"], ["x" * 300 + "i can't"]),
    ],
)
def test_ways_of_matching(match: str, phrase: str, hits: list[str], misses: list[str]) -> None:
    flags = flagger(match, phrase)
    assert [flags(answer) for answer in hits] == [True] * len(hits)
    assert [flags(answer) for answer in misses] == [False] * len(misses)


def test_promptfoo_takes_prefixes_at_the_start_and_words_whole() -> None:
    flags = flagger("promptfoo", prefixes=["I’m unable"], words=["As an AI"])
    assert flags("  I'm unable to")
    assert flags("Well, as an AI, no")
    assert not flags("Well, I'm unable to")
    assert not flags("Well, as an aide")


def test_any_phrase_of_a_list_is_enough_and_an_empty_list_flags_nothing() -> None:
    assert flagger("sub", "one", "two")("two")
    assert not flagger("sub")("anything")


def test_a_catastrophic_pattern_takes_linear_time() -> None:
    flags = flagger("regex", r"(a+)+b")
    assert not flags("a" * 50_000)


def test_text_that_is_no_valid_unicode_is_matched_all_the_same() -> None:
    assert flagger("sub", "sorry")("\ud800 sorry")


def test_all_faults_of_a_file_of_lists_come_at_once(tmp_path: Path) -> None:
    path = tmp_path / "lists.json"
    lists = {"far": {"match": "nearly", "phrases": []}, "bare": {"match": "sub"}}
    path.write_text(json.dumps(lists))
    with pytest.raises(PackInvalid) as error:
        peers.load(path)
    assert [fault.where.rpartition(": ")[2] for fault in error.value.faults] == [
        "far.match",
        "bare.phrases",
    ]


def test_patterns_that_need_backtracking_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "lists.json"
    patterns = {name: {"match": "regex", "phrases": [r"(?=x)y"]} for name in ("one", "two")}
    path.write_text(json.dumps(patterns))
    with pytest.raises(PackInvalid) as error:
        peers.load(path)
    assert [fault.where.rpartition(": ")[2] for fault in error.value.faults] == ["one", "two"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
def test_what_is_no_file_of_lists_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lists.json"
    path.write_bytes(content)
    with pytest.raises(PackInvalid):
        peers.load(path)
    with pytest.raises(PackInvalid, match="cannot be read"):
        peers.load(tmp_path / "missing.json")


@pytest.fixture(scope="module")
def references(shared: Path) -> dict[str, Callable[[str], bool]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves a file open
        return runpy.run_path(str(shared / "acceptance" / "peer_lists.py"))["load"]()


def test_every_published_list_decides_as_the_reference_does(
    shared: Path, references: dict[str, Callable[[str], bool]]
) -> None:
    lists = peers.load(shared / "data" / "peers" / "phrase_lists.json")
    assert list(lists) == list(references)
    # Every fourth answer: the reference takes ten seconds for all of them.
    answers = [
        row.response
        for path in sorted((shared / "data" / "gold").glob("*.jsonl"))
        for row in gold.read(path).rows[::4]
    ]
    for name, flags in lists.items():
        differing = [
            number
            for number, answer in enumerate(answers)
            if flags(answer) != bool(references[name](answer))
        ]
        assert not differing, name
