"""Alpaca: the instruction with its input asks, the output answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aligncleaner.formats import ReadOptions, RecordFault, alpaca


@pytest.mark.parametrize(
    ("record", "prompt", "answer"),
    [
        ({"instruction": "i", "output": "o"}, "i", "o"),
        ({"instruction": "i", "input": "", "output": "o"}, "i", "o"),
        ({"instruction": "i", "input": None, "output": "o"}, "i", "o"),
        ({"instruction": "i", "input": "x", "output": "o"}, "i\n\nx", "o"),
        ({"instruction": "i", "response": "r"}, "i", "r"),
        ({"instruction": "i", "output": "o", "response": "r"}, "i", "o"),
        ({"instruction": "i", "output": None}, "i", None),
        ({"instruction": "", "output": ""}, "", ""),
    ],
)
def test_two_turns(record: dict[str, Any], prompt: str, answer: str | None) -> None:
    assert alpaca.recognises(record)
    assert alpaca.read(record, ReadOptions()).turns == [("user", prompt), ("assistant", answer)]


def test_the_model_may_be_called_generator() -> None:
    record = {"instruction": "i", "output": "o", "generator": "g"}
    assert alpaca.read(record, ReadOptions()).model == "g"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"instruction": 3, "output": "o"}, "instruction is a number, not text"),
        ({"instruction": "i", "input": [], "output": "o"}, "input is a list, not text"),
        ({"instruction": "i", "output": {}}, "output is an object, not text"),
        ({"instruction": None, "output": "o"}, "instruction is missing"),
    ],
)
def test_faults_name_the_field(record: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordFault) as caught:
        alpaca.read(record, ReadOptions())
    assert caught.value.reason == reason


@pytest.mark.parametrize("record", [{}, {"instruction": "i"}, {"output": "o"}, {"input": "x"}])
def test_half_a_layout_is_none(record: dict[str, Any]) -> None:
    assert not alpaca.recognises(record)


def test_the_example_is_one() -> None:
    assert alpaca.recognises(json.loads(alpaca.EXAMPLE))
