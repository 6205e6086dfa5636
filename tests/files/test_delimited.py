"""Rows of CSV and TSV are those of the csv module, however the file is cut."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.errors import InputRefused
from aligncleaner.files import compression, delimited, records
from aligncleaner.files.blocks import Block, Limits
from aligncleaner.files.delimited import Dialect

LIMITS = Limits(max_line=1 << 20)
NAMES = ("id", "prompt", "response")
CELLS = st.text(st.one_of(st.sampled_from("\",;\t|\n\r '=é\u2028"), st.characters(codec="utf-8")))
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6)
SIZE = st.one_of(st.integers(1, 12), st.integers(13, 200))


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def blocks_of(
    data: bytes, form: Dialect, chunk: int = 7, block: int = 50, *end: compression.Cut
) -> list[Block]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK", block)
        stream: list[bytes | compression.Cut] = [*pieces(data, chunk), *end]
        return list(delimited.from_stream(stream, form, "log.csv", LIMITS))


def contents(blocks: Sequence[Block], form: Dialect, part: int = 40) -> list[Any]:
    """The cells of each row in order, or why it has none; spans must hold whole rows."""
    found: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "SLICE", part)
        for block in blocks:
            if block.fault:
                found.append(block.fault)
            for piece in records.read(block, form, LIMITS):
                for (_, start, stop), row in zip(piece.spans, piece.parsed, strict=True):
                    assert isinstance(row, dict)
                    found.append(tuple(row.values()))
                    raw = bytes(piece.buffer[start:stop]).decode()
                    cells = next(csv.reader(io.StringIO(raw, newline=""), delimiter=form.delimiter))
                    assert tuple(cells) == found[-1]
    return found


def assert_covers(data: bytes, blocks: Sequence[Block]) -> None:
    end = 0
    for block in blocks:
        assert (block.start, block.length) == (end, len(block.data or b""))
        end += block.length
    assert b"".join(block.data or b"" for block in blocks) == data


@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quote_all=st.booleans(),
    bom=st.booleans(),
    final=st.booleans(),
    chunk=SIZE,
    block=SIZE,
    part=SIZE,
)
def test_rows_are_those_of_the_csv_module(
    rows: list[tuple[str, str, str]],
    delimiter: str,
    line_end: str,
    quote_all: bool,
    bom: bool,
    final: bool,
    chunk: int,
    block: int,
    part: int,
) -> None:
    rows = [tuple(cell.replace("\0", "") for cell in row) for row in rows]  # type: ignore[misc]
    quoted = quote_all or any("\r" in cell for row in rows for cell in row)
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=delimiter,
        lineterminator=line_end,
        quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerows([NAMES, *rows])
    text = out.getvalue() if final else out.getvalue().removesuffix(line_end)
    data = b"\xef\xbb\xbf" * bom + text.encode()

    form = delimited.dialect(data, "log.csv")
    assert form == Dialect(delimiter, NAMES)
    blocks = blocks_of(data, form, chunk, block)
    assert contents(blocks, form, part) == rows
    assert_covers(data, blocks)


FORM = Dialect(",", NAMES)
HEAD = b"id,prompt,response\n"
WRONG = "wrong field count: {}, the header has 3"
BROKEN = {
    "ragged": (
        b"1,a,b\n2,a\n3,a,b,c\n4,a,b\n",
        [("1", "a", "b"), WRONG.format(2), WRONG.format(4), ("4", "a", "b")],
    ),
    "never closed": (b'1,a,b\n2,"x,b\n3,a,b\n', [("1", "a", "b"), "quote never closed"]),
    "NUL": (b"1,a\x00,b\n2,a,b\n", ["NUL in a cell", ("2", "a", "b")]),
    "quote inside": (
        b'1,"a"b,c\n2,a,b\n',
        ["not CSV: ',' expected after '\"'", ("2", "a", "b")],
    ),
    "blank lines": (b"\n1,a,b\n\r\n\n2,a,b\n\n", [("1", "a", "b"), ("2", "a", "b")]),
    "text all": (b"007,NA,null\n1e5,true,\n", [("007", "NA", "null"), ("1e5", "true", "")]),
    "only a header": (b"", []),
}


@pytest.mark.parametrize(("body", "expected"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("chunk", [1, 1000])
@pytest.mark.parametrize("block", [1, 1000])
def test_faulty_rows_cost_no_other(
    body: bytes, expected: list[Any], chunk: int, block: int
) -> None:
    blocks = blocks_of(HEAD + body, FORM, chunk, block)
    assert contents(blocks, FORM) == expected
    assert_covers(HEAD + body, blocks)
    assert blocks[0].frame and not any(block.frame for block in blocks[1:])


def test_a_line_in_another_encoding_refuses_the_table() -> None:
    with pytest.raises(InputRefused, match=r"log\.csv: not UTF-8 at line 3"):
        blocks_of(HEAD + b"1,a,b\n2,caf\xe9,b\n", FORM)


def test_cells_longer_than_the_csv_module_takes_by_itself() -> None:
    cell = "x" * 300_000
    data = HEAD + f'1,"{cell}",b\n2,a,b\n'.encode()
    csv.field_size_limit(131_072)  # as it is in a process that has read no table yet
    blocks = blocks_of(data, FORM, 1 << 20, 1 << 20)
    csv.field_size_limit(131_072)
    assert contents(blocks, FORM) == [("1", cell, "b"), ("2", "a", "b")]


def test_cells_over_the_limit_are_faults() -> None:
    limits = Limits(max_line=1000)
    data = HEAD + b'1,"' + b"x" * 5000 + b'",b\n2,a,b\n'
    blocks = list(delimited.from_stream([data], FORM, "log.csv", limits))
    faults = [block.fault for block in blocks if block.fault]
    assert faults == ["not CSV: field larger than field limit (1000)"]
    assert contents(blocks, FORM)[-1] == ("2", "a", "b")


@pytest.mark.parametrize("whole", [b"1,a,b\n", b""])
def test_a_stream_that_breaks_off_loses_only_its_last_row(whole: bytes) -> None:
    data = HEAD + whole + b"2,a"
    blocks = blocks_of(data, FORM, 7, 50, compression.Cut("gzip stream truncated"))
    rows = [("1", "a", "b")] if whole else []
    assert contents(blocks, FORM) == [*rows, "gzip stream truncated"]
    assert_covers(data, blocks)


def test_columns_of_one_name_refuse_the_table() -> None:
    with pytest.raises(InputRefused, match="duplicate column 'a'") as caught:
        delimited.dialect(b"a,b, a ,b\n", "log.csv")
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize(
    "head",
    [b"a,b\r1,2\r", b'"a,b\n1,2\n', b"\n\na,b\n", b""],
    ids=["old Mac", "unclosed", "blank", "empty"],
)
def test_a_header_that_cannot_be_read_refuses_the_table(head: bytes) -> None:
    with pytest.raises(InputRefused, match=r"log\.csv: the header cannot be read"):
        delimited.dialect(head, "log.csv")


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [(b"a,b;c,d\n", ","), (b"a;b,c;d\r\n", ";"), (b"a\tb\n", "\t"), (b"a|b|c,d", "|")],
)
def test_the_delimiter_is_what_parts_the_header_most(head: bytes, delimiter: str) -> None:
    assert delimited.dialect(head, "log.csv").delimiter == delimiter
