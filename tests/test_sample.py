"""The bundled sample is whole, fully labelled, as varied as it claims, and nobody else's text."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

SAMPLE = Path(__file__).resolve().parent.parent / "aligncleaner" / "sample"
LOGS = SAMPLE / "logs"

RECORDS = {
    "assistant.jsonl": 100,
    "support.jsonl": 30,
    "sharegpt.json": 60,
    "alpaca.json": 60,
    "pairs.csv": 50,
}
UNREADABLE = {("assistant.jsonl", 28), ("assistant.jsonl", 71)}
WITHOUT_ANSWER = 2

# Written out once more, so that a slip in the package's own lists cannot hide one in the labels.
OUTCOMES = {"complies", "partly_refuses", "refuses", "malformed"}
TRAITS = {"disclaimer", "hedge", "moralizing"}
KINDS = {"self", "expertise"}
REASONS = set(
    "harm illegal privacy sexual hate deception copyright professional controversy policy "
    "no_access no_modality no_self no_knowledge missing_input infeasible unexplained".split()
)
LANGUAGES = set("de es fr it ja ko pt ru zh".split())

LONGEST_COINCIDENCE = 60
"""A shared text no longer than this may be chance ("What is 12 factorial?")."""


class Message(NamedTuple):
    source: str
    line: int
    turn: int
    is_answer: bool
    text: str


def text_of(content: str | list[dict[str, str]] | None) -> str | None:
    """The text of a message, its typed parts put together; null where it only calls a tool."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content)
    return content


def lines_of(name: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The records of a JSON Lines file by number from 1; null where a line cannot be read."""
    for number, line in enumerate((LOGS / name).read_bytes().splitlines(), start=1):
        try:
            yield number, json.loads(line.decode("utf-8"))
        except ValueError:
            yield number, None


def numbered(name: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    if name.endswith(".jsonl"):
        yield from lines_of(name)
    elif name.endswith(".json"):
        yield from enumerate(json.loads((LOGS / name).read_text(encoding="utf-8")), start=1)
    else:
        with (LOGS / name).open(encoding="utf-8", newline="") as file:
            yield from enumerate(csv.DictReader(file), start=1)


def turns_of(record: dict[str, Any]) -> list[tuple[bool, str | None]]:
    """Whether each turn of a record is the assistant's, and its text."""
    if "messages" in record:
        return [(m["role"] == "assistant", text_of(m["content"])) for m in record["messages"]]
    if "conversations" in record:
        return [(m["from"] == "gpt", m["value"]) for m in record["conversations"]]
    if "instruction" in record:
        asked = f"{record['instruction']}\n{record['input']}".strip()
        return [(False, asked), (True, record["output"])]
    return [(False, record["prompt"]), (True, record["response"])]


@cache
def messages() -> tuple[Message, ...]:
    return tuple(
        Message(name, line, turn, is_answer, text)
        for name in RECORDS
        for line, record in numbered(name)
        if record is not None
        for turn, (is_answer, text) in enumerate(turns_of(record))
        if text is not None
    )


@cache
def labels() -> tuple[dict[str, Any], ...]:
    rows = (SAMPLE / "labels.jsonl").read_bytes().splitlines()
    return tuple(json.loads(row) for row in rows)


def test_it_holds_300_records_and_two_that_cannot_be_read() -> None:
    read = Counter(name for name in RECORDS for _, record in numbered(name) if record is not None)
    unreadable = {(name, n) for name in RECORDS for n, record in numbered(name) if record is None}
    assert read == RECORDS
    assert read.total() == 300
    assert unreadable == UNREADABLE


def test_the_unreadable_lines_fail_each_in_its_own_way() -> None:
    lines = (LOGS / "assistant.jsonl").read_bytes().splitlines()
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[27].decode("utf-8"))
    with pytest.raises(UnicodeDecodeError):
        lines[70].decode("utf-8")


def test_records_have_names_of_their_own() -> None:
    records = [r for name in RECORDS for _, r in numbered(name) if r is not None]
    names = [record["id"] for record in records if "id" in record]
    assert len(names) == len(set(names)) == 300 - RECORDS["alpaca.json"]


def test_few_records_hold_no_answer() -> None:
    answered = {(m.source, m.line) for m in messages() if m.is_answer}
    assert len(answered) == 300 - WITHOUT_ANSWER


def test_every_answer_is_labelled_once() -> None:
    answers = Counter((m.source, m.line, m.turn) for m in messages() if m.is_answer)
    labelled = Counter((row["source"], row["line"], row["turn"]) for row in labels())
    assert answers == labelled


def test_labels_hold_only_known_words() -> None:
    for row in labels():
        assert row["outcome"] in OUTCOMES, row
        assert set(row["traits"]) <= TRAITS, row
        assert set(row["reasons"]) <= REASONS, row
        assert row["lang"] in LANGUAGES | {"en"}, row
        assert set(row.get("kinds", [])) <= KINDS, row
        known = {"source", "line", "turn", "outcome", "traits", "kinds", "reasons"}
        assert set(row) <= known | {"over_refusal", "lang", "note"}, row


def test_labels_agree_with_themselves() -> None:
    for row in labels():
        refuses = row["outcome"] in {"refuses", "partly_refuses"}
        assert bool(row["reasons"]) == refuses, row
        assert (row["over_refusal"] is not None) == refuses, row
        assert ("kinds" in row) == ("disclaimer" in row["traits"]), row


def test_every_word_of_the_taxonomy_occurs_at_least_twice() -> None:
    words = Counter(
        word
        for row in labels()
        for word in [row["outcome"], *row["traits"], *row["reasons"], *row.get("kinds", [])]
    )
    assert {word for word, n in words.items() if n >= 2} == OUTCOMES | TRAITS | KINDS | REASONS


def test_outcomes_are_mixed_as_intended() -> None:
    outcomes = Counter(row["outcome"] for row in labels())
    clean = sum(row["outcome"] == "complies" and not row["traits"] for row in labels())
    over = sum(row["over_refusal"] is True for row in labels())
    assert clean / len(labels()) == pytest.approx(0.6, abs=0.05)
    assert over / len(labels()) == pytest.approx(0.12, abs=0.03)
    assert outcomes["malformed"] / len(labels()) == pytest.approx(0.06, abs=0.02)


def test_languages_are_mixed_as_intended() -> None:
    records = Counter({(row["source"], row["line"]): row["lang"] for row in labels()}.values())
    assert 215 <= records["en"] <= 235
    assert all(7 <= records[language] <= 10 for language in LANGUAGES)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_a_refusal_and_a_look_alike(language: str) -> None:
    rows = [row for row in labels() if row["lang"] == language]
    assert any(row["reasons"] for row in rows)
    assert any(row.get("note", "").startswith("look-alike") for row in rows)


def test_files_stay_small() -> None:
    assert all(path.stat().st_size < 400_000 for path in SAMPLE.rglob("*") if path.is_file())


def test_no_longer_text_occurs_in_the_gold_data(shared: Path) -> None:
    paths = sorted((shared / "data" / "gold").glob("*.jsonl"))
    rows = [json.loads(row) for path in paths for row in path.read_bytes().splitlines()]
    gold = "\n".join(value for row in rows for value in row.values() if isinstance(value, str))
    assert gold
    ours = {m.text.strip() for m in messages() if len(m.text.strip()) > LONGEST_COINCIDENCE}
    assert [text for text in ours if text in gold] == []
