"""Pairs: two fields, by their usual names or by those that `--map` gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aligncleaner.formats import ReadOptions, RecordFault, pairs

MAPPED = ReadOptions(fields={"prompt": "ask", "answer": "say", "model": "who"})


@pytest.mark.parametrize("prompt", pairs.PROMPT_NAMES)
@pytest.mark.parametrize("answer", pairs.ANSWER_NAMES)
def test_usual_names(prompt: str, answer: str) -> None:
    record = {"id": 1, answer: "a", prompt: "q", "model": "m"}
    assert pairs.recognises(record)
    found = pairs.read(record, ReadOptions())
    assert (found.turns, found.model) == ([("user", "q"), ("assistant", "a")], "m")


def test_mapped_names() -> None:
    record = {"ask": "q", "say": "a", "who": "m", "prompt": "not this", "response": "nor this"}
    found = pairs.read(record, MAPPED)
    assert (found.turns, found.model) == ([("user", "q"), ("assistant", "a")], "m")


def test_one_name_may_be_mapped_alone() -> None:
    found = pairs.read({"ask": "q", "answer": "a"}, ReadOptions(fields={"prompt": "ask"}))
    assert found.turns == [("user", "q"), ("assistant", "a")]


def test_a_null_says_nothing() -> None:
    assert pairs.read({"prompt": None, "response": None}, ReadOptions()).turns == [
        ("user", None),
        ("assistant", None),
    ]


@pytest.mark.parametrize(
    ("record", "options", "reason"),
    [
        ({"prompt": 3, "response": "a"}, ReadOptions(), "prompt is a number, not text"),
        ({"prompt": "q", "response": ["a"]}, ReadOptions(), "response is a list, not text"),
        ({"prompt": "q"}, ReadOptions(), "no fields prompt and response (name them with --map)"),
        ({"prompt": "q", "response": "a"}, MAPPED, "no fields ask and say"),
    ],
)
def test_faults_name_the_field(record: dict[str, Any], options: ReadOptions, reason: str) -> None:
    with pytest.raises(RecordFault) as caught:
        pairs.read(record, options)
    assert caught.value.reason.startswith(reason)


def test_the_example_is_one() -> None:
    assert pairs.recognises(json.loads(pairs.EXAMPLE))
