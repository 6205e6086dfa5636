"""Records find their format by their own layout, and a format is one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aligncleaner import formats
from aligncleaner.errors import UsageError
from aligncleaner.formats import FORMATS, ReadOptions, RecordFault

ALL = formats.wanted(ReadOptions())


def test_every_module_with_a_name_is_a_format() -> None:
    folder = Path(formats.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "conversation"}
    assert {module.__name__.rpartition(".")[2] for module in FORMATS.values()} == modules


@pytest.mark.parametrize("name", FORMATS)
def test_the_example_of_a_format_is_read_by_it_alone(name: str) -> None:
    record = json.loads(FORMATS[name].EXAMPLE)
    assert formats.reader(record, ALL) is FORMATS[name]
    assert FORMATS[name].read(record, ReadOptions()).turns[-1][0] == "assistant"


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_that_can_lose_turns_says_where_they_are(name: str) -> None:
    module = FORMATS[name]
    assert hasattr(module, "TURNS_KEY") == hasattr(module, "without")
    if hasattr(module, "TURNS_KEY"):
        record = json.loads(module.EXAMPLE)
        assert module.without(record, {0})[module.TURNS_KEY] == record[module.TURNS_KEY][1:]


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"messages": [], "prompt": "q", "response": "a"}, "messages"),
        ({"conversations": [], "instruction": "i", "output": "o"}, "alpaca"),
        ({"instruction": "i", "input": "x", "output": "o"}, "alpaca"),
        ({"input": "x", "output": "o"}, "pairs"),
    ],
)
def test_the_vaguest_layout_comes_last(record: dict[str, Any], name: str) -> None:
    assert formats.reader(record, ALL) is FORMATS[name]


def test_an_unknown_layout_is_a_fault_with_its_fields() -> None:
    with pytest.raises(RecordFault, match=r"no known chat layout \(its fields: 'foo', 'bar'\)"):
        formats.reader({"foo": 1, "bar": 2}, ALL)
    with pytest.raises(RecordFault, match="its fields: none"):
        formats.reader({}, ALL)


def test_a_format_that_is_named_is_taken_at_its_word() -> None:
    only = formats.wanted(ReadOptions(format="sharegpt"))
    assert formats.reader({"messages": []}, only) is FORMATS["sharegpt"]


def test_mapped_fields_mean_pairs() -> None:
    assert formats.wanted(ReadOptions(fields={"prompt": "a"})) == (FORMATS["pairs"],)


def test_an_unknown_format_names_the_known() -> None:
    with pytest.raises(UsageError, match=r"one of auto, .*messages.*pairs"):
        formats.wanted(ReadOptions(format="mylog"))
