"""Items come out of an array the same however it is cut, and a bad one costs no other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.files import array, compression, records
from aligncleaner.files.blocks import Block, Limits
from aligncleaner.formats.conversation import RecordFault

LIMITS = Limits(max_line=120, max_depth=8)
LONG = b'{"a":"' + b'[{\\"x\\\\' * 40 + b'"}'
BOM = b"\xef\xbb\xbf"

ITEMS = st.dictionaries(
    st.text('ab"\\[', max_size=3),
    st.one_of(st.text('",]}[{\\ é', max_size=6), st.lists(st.integers(), max_size=2)),
    max_size=2,
)
SIZE = st.one_of(st.integers(1, 12), st.integers(13, 200))


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def blocks_of(
    data: bytes, chunk: int = 7, block: int = 50, opening: int = 0, *end: compression.Cut
) -> list[Block]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(array, "BLOCK", block)
        return list(array.from_stream([*pieces(data, chunk), *end], opening, LIMITS))


def contents(blocks: Sequence[Block]) -> list[Any]:
    """What each record says, or why it says nothing, in order."""
    found: list[Any] = []
    for block in blocks:
        if block.fault:
            found.append(block.fault)
        for piece in records.read(block, None, LIMITS):
            found += [r.reason if isinstance(r, RecordFault) else r for r in piece.parsed]
    return found


def assert_covers(data: bytes, blocks: Sequence[Block]) -> None:
    """The blocks hold the file without a gap, and spans lie side by side."""
    end = 0
    for block in blocks:
        assert block.start == end
        end += block.length
        held = block.data or b""
        if block.length:
            assert data[block.start :].startswith(held)
        if block.spans is not None:
            bounds = [0, *(stop for _, _, stop in block.spans)]
            assert bounds[:-1] == [lead for lead, _, _ in block.spans]
            assert bounds[-1] == len(held) == block.length
            for lead, start, _ in block.spans:
                assert held[lead:start].strip(b" \t\r\n") in (b"", b",")
    last = blocks[-1]
    assert end == len(data) or data[end:] == (last.data or b"")[last.length :]


@given(
    items=st.lists(ITEMS, max_size=8),
    indent=st.sampled_from([None, 1]),
    before=st.sampled_from([b"", BOM, b" \n", BOM + b"\t"]),
    after=st.sampled_from([b"", b"\n", b" \r\n "]),
    chunk=SIZE,
    block=SIZE,
)
def test_the_items_are_those_of_the_array(
    items: list[dict[str, Any]],
    indent: int | None,
    before: bytes,
    after: bytes,
    chunk: int,
    block: int,
) -> None:
    data = before + json.dumps(items, indent=indent).encode() + after
    blocks = blocks_of(data, chunk, block)
    assert contents(blocks) == items
    assert_covers(data, blocks)


@given(items=st.lists(ITEMS, min_size=1, max_size=5), chunk=SIZE, block=SIZE)
def test_an_array_in_an_object_is_framed_by_it(
    items: list[dict[str, Any]], chunk: int, block: int
) -> None:
    around = {"version": 1, "data": items, "more": {"data": [{"not": "read"}]}}
    data = json.dumps(around).encode() + b"\n"
    blocks = blocks_of(data, chunk, block, data.index(b"["))
    assert contents(blocks) == items
    assert_covers(data, blocks)


A, B = b'{"a":1}', b'{"b":2}'
BROKEN = {
    "no layout": (b"[" + A + b", nope ," + B + b"]", [{"a": 1}, "not JSON", {"b": 2}]),
    "scalars": (b'[1, "x",' + A + b"]", ["is a number", "is text", {"a": 1}]),
    "trailing comma": (b"[" + A + b" , ]", [{"a": 1}, "trailing comma after item 1"]),
    "two commas": (
        b"[" + A + b" , , " + B + b"]",
        [{"a": 1}, "a comma without an item after item 1", {"b": 2}],
    ),
    "first a comma": (
        b"[," + A + b"," + B + b"]",
        ["a comma without an item after item 0", {"a": 1}, {"b": 2}],
    ),
    "only a comma": (b"[,]", ["a comma without an item after item 0"]),
    "no comma": (
        b"[" + A + b" " + B + b"," + A + b"]",
        [{"a": 1}, "no comma between item 1 and the next", {"a": 1}],
    ),
    "stray bracket": (
        b"[" + A + b",}," + B + b"]",
        [{"a": 1}, "not JSON", {"b": 2}],
    ),
    "cut in an item": (
        b"[" + A + b',{"b":"\\',
        [{"a": 1}, "truncated JSON array after item 1"],
    ),
    "cut after an item": (
        b"[" + A + b"\n",
        [{"a": 1}, "truncated JSON array: no closing bracket"],
    ),
    "cut at once": (b"[", ["truncated JSON array after item 0"]),
    "more behind": (
        b"[" + A + b"]\n[" + B + b"]",
        [{"a": 1}, "extra data after the array"],
    ),
    "too long, first": (
        b"[" + LONG + b"," + A + b"," + B + b"]",
        ["longer than --max-line", {"a": 1}, {"b": 2}],
    ),
    "too long, between": (
        b"[" + A + b"," + LONG + b" ," + B + b"]",
        [{"a": 1}, "longer than --max-line", {"b": 2}],
    ),
    "too long a number": (
        b"[" + A + b"," + b"1" * 500 + b"," + B + b"]",
        [{"a": 1}, "longer than --max-line", {"b": 2}],
    ),
    "too long and cut": (b"[" + A + b"," + LONG[:-2], [{"a": 1}, "truncated JSON array"]),
    "bad UTF-8": (
        b'[{"a":"\xff"},' + B + b"]",
        ["invalid UTF-8", {"b": 2}],
    ),
    "too deep": (b'[{"a":' + b"[" * 9 + b"]" * 9 + b"}," + B + b"]", ["nesting", {"b": 2}]),
}


@pytest.mark.parametrize(("data", "expected"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("chunk", [1, 3, 1000])
@pytest.mark.parametrize("block", [1, 30, 1000])
def test_faults_in_an_array_cost_nothing_else(
    data: bytes, expected: list[Any], chunk: int, block: int
) -> None:
    blocks = blocks_of(data, chunk, block)
    found = contents(blocks)
    assert len(found) == len(expected)
    for one, wanted in zip(found, expected, strict=True):
        assert wanted in one if isinstance(wanted, str) else one == wanted
    assert_covers(data, blocks)


@given(data=st.text('[]{},:"\\ a1', max_size=40), chunks=st.tuples(SIZE, SIZE), block=SIZE)
def test_no_text_leads_to_anything_but_records_and_faults(
    data: str, chunks: tuple[int, int], block: int
) -> None:
    raw = b"[" + data.encode()
    first, second = (blocks_of(raw, chunk, block) for chunk in chunks)
    assert contents(first) == contents(second)
    assert_covers(raw, first)


def test_a_stream_that_breaks_off_says_so() -> None:
    blocks = blocks_of(b"[" + A + b"," + B[:3], 4, 50, 0, compression.Cut("gzip stream truncated"))
    assert contents(blocks) == [{"a": 1}, "gzip stream truncated after item 1"]
    assert blocks[-1].data == b"]"


def test_lines_behind_an_object_with_an_array_are_not_its_frame() -> None:
    data = b'{"data":[' + A + b']}\n{"data":[' + B + b"]}\n"
    blocks = blocks_of(data, 7, 50, data.index(b"["))
    assert contents(blocks) == [{"a": 1}, "extra data after the array"]
    assert_covers(data, blocks)
