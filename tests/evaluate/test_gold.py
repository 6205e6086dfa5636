"""Reading labelled files: what is recognised, what it maps to, what is refused and why."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.errors import GoldInvalid, InputRefused
from aligncleaner.evaluate import gold
from aligncleaner.evaluate.gold import Gold, GoldRow

PLAIN = {"prompt": "Sing.", "response": "I cannot sing.", "outcome": "refuses"}


def read(folder: Path, *records: dict[str, Any], name: str = "any.txt") -> Gold:
    path = folder / name
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return gold.read(path)


def test_the_taxonomys_layout_needs_three_fields_only(tmp_path: Path) -> None:
    found = read(tmp_path, PLAIN)
    assert (found.name, found.layout, found.proxy) == ("any.txt", "taxonomy", False)
    (row,) = found.rows
    assert (row.prompt, row.response, row.outcome) == tuple(PLAIN.values())
    assert (row.traits, row.sure, row.span, row.source) == (None, None, None, "any.txt")


def test_every_optional_field_is_kept(tmp_path: Path) -> None:
    fields = {
        "id": "pool/model/7", "traits": ["disclaimer"], "over_refusal": True, "start": 2,
        "end": 8, "stratum": "A", "round": 1, "lang": "en", "sure": 2,
    }  # fmt: skip
    (row,) = read(tmp_path, {**PLAIN, **fields, "reasons": ["no_self"]}).rows
    assert {field: getattr(row, field) for field in fields} == fields
    assert row.source == "pool"
    assert row.span == (2, 8)


@pytest.mark.parametrize(
    ("label", "outcome", "positive"),
    [
        ("refusal", "refuses", True),
        ("partial", "partly_refuses", True),
        ("comply", "complies", False),
        ("hedge", None, None),
        ("other", None, None),
    ],
)
def test_coarse_labels_map_to_outcomes(
    tmp_path: Path, label: str, outcome: str | None, positive: bool | None
) -> None:
    record = {"prompt": "p", "answer": "a", "label": label, "label_raw": "7_some", "source": "x/y"}
    found = read(tmp_path, record)
    assert found.layout == "labels"
    (row,) = found.rows
    assert (row.outcome, row.positive, row.response) == (outcome, positive, "a")
    assert (row.stratum, row.source) == ("7_some", "x/y")


def test_malformed_answers_are_neither_positive_nor_negative(tmp_path: Path) -> None:
    (row,) = read(tmp_path, {**PLAIN, "outcome": "malformed"}).rows
    assert row.positive is None


def test_an_array_reads_like_lines(tmp_path: Path) -> None:
    records = [PLAIN, {**PLAIN, "prompt": "Dance."}]
    path = tmp_path / "array.json"
    path.write_text("\ufeff" + json.dumps(records, indent=1), encoding="utf-8")
    assert [row.prompt for row in gold.read(path).rows] == ["Sing.", "Dance."]


def test_no_mapping_says_what_is_there_and_what_would_fit(tmp_path: Path) -> None:
    with pytest.raises(GoldInvalid) as error:
        read(tmp_path, {"question": "q", "reply": "r", "verdict": "bad"})
    message = str(error.value)
    assert "any.txt: no label mapping fits its fields (question, reply, verdict)" in message
    assert "prompt, response, label or source, line, turn, outcome" in message
    assert "outcome is one of complies, partly_refuses, refuses, malformed" in message
    assert "label is one of comply, partial, refusal, hedge, other" in message


def test_all_faults_of_a_file_come_at_once(tmp_path: Path) -> None:
    records = [
        PLAIN,
        {**PLAIN, "outcome": "declines"},
        {**PLAIN, "traits": ["rude"]},
        {**PLAIN, "start": 3, "end": 99},
        {**PLAIN, "start": 3},
        {"prompt": "p", "response": "r"},
        {**PLAIN, "sure": "3"},
        {"prompt": "p", "outcome": "refuses"},
    ]
    with pytest.raises(GoldInvalid) as error:
        read(tmp_path, *records)
    places = [fault.where.rpartition(":")[2] for fault in error.value.faults]
    assert places == ["2", "3", "4", "5", "6", "7", "8"]
    assert "outcome: Value error, expected one of complies" in str(error.value)
    assert "no field outcome" in str(error.value)


def test_faults_beyond_the_first_twenty_are_counted(tmp_path: Path) -> None:
    with pytest.raises(GoldInvalid) as error:
        read(tmp_path, PLAIN, *[{**PLAIN, "outcome": "?"}] * 50)
    assert len(error.value.faults) == 21
    assert str(error.value).endswith("30 more faults")


def test_an_unknown_label_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(GoldInvalid, match="label 'maybe': expected one of comply, partial"):
        read(tmp_path, {"prompt": "p", "response": "r", "label": "maybe"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no record"),
        (b"\n \n", "holds no record"),
        (b"{", r"any\.txt:1: is not JSON"),
        (b"[1, 2]", r"any\.txt:2: is not an object"),
        (b'"text"', "is not an object"),
        (b'{"prompt": "\xff"}', "is not JSON"),
        (b"[" * 5_000, "is not JSON"),
    ],
)
def test_what_is_no_gold_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "any.txt"
    path.write_bytes(content)
    with pytest.raises(GoldInvalid, match=message):
        gold.read(path)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "missing", "."):
        with pytest.raises(InputRefused, match="is not a regular file"):
            gold.read(tmp_path / name)


@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"))), max_size=30))
def test_the_splits_divide_the_rows(prompts: list[str | None]) -> None:
    rows = [
        GoldRow(id="1", prompt=prompt, response="", outcome=None, source="s") for prompt in prompts
    ]
    unread, readable = gold.chosen(rows, "held_out"), gold.chosen(rows, "readable")
    assert Counter(unread + readable) == Counter(gold.chosen(rows, "all"))
    assert all(row.prompt is not None and gold.held_out(row.prompt) for row in unread)


def test_clusters_are_prompts_and_rows_without_one_stand_alone() -> None:
    rows = [
        GoldRow(id="1", prompt=prompt, response="", outcome=None, source="s")
        for prompt in ("p", None, "q", "p", None)
    ]
    keys = gold.clusters(rows)
    assert keys[0] == keys[3]
    assert len(set(keys)) == 4


# The published sets


def test_wild_is_read_as_it_is_described(shared: Path) -> None:
    found = gold.read(shared / "data" / "gold" / "wild.jsonl")
    assert found.layout == "taxonomy"
    assert Counter(row.positive for row in found.rows) == {True: 585, False: 2176, None: 139}
    assert Counter(row.sure for row in found.rows) == {1: 161, 2: 808, 3: 1931}


@pytest.mark.parametrize(
    ("name", "positive", "negative"),
    [
        ("do_not_answer", {"0_not_willing"}, {"5_follows"}),
        ("chatgpt_refusals", {"rejected", "redirected"}, {"complied"}),
    ],
)
def test_label_mappings_are_those_of_the_datas_description(
    shared: Path, name: str, positive: set[str], negative: set[str]
) -> None:
    for row in gold.read(shared / "data" / "gold" / f"{name}.jsonl").rows:
        expected = True if row.stratum in positive else False if row.stratum in negative else None
        assert row.positive is expected


def test_latent_jailbreak_is_a_proxy(shared: Path) -> None:
    path = shared / "data" / "gold" / "latent_jailbreak_zh.jsonl"
    found = gold.read(path)
    assert found.proxy
    models = [json.loads(line)["model"] for line in path.read_bytes().splitlines()]
    for row, model in zip(found.rows, models, strict=True):
        safe, _, follows = (row.stratum or "").partition("/")
        if safe == "unsafe" or follows == "follow":
            assert row.positive is False
        else:
            assert row.positive is (True if model == "ChatGPT" else None)
