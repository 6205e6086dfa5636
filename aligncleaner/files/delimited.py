"""Cutting CSV and TSV into blocks of rows, so that kept rows can be copied as they stand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from aligncleaner.errors import Fault, InputRefused
from aligncleaner.files.blocks import BLOCK, QUARANTINED, Block, Limits, Span
from aligncleaner.files.compression import TRAILING, Cut

_DELIMITERS: Final = ",;\t|"


class Dialect(NamedTuple):
    """What is needed to read a row again: the delimiter and the names of the columns."""

    delimiter: str
    columns: tuple[str, ...]


def dialect(head: bytes, where: str) -> Dialect:
    """The delimiter that splits the header into most columns, and their names.

    Raises:
        InputRefused: if a column name occurs twice.
    """
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].rstrip(b"\r")
    text = line.decode("utf-8", "replace")
    delimiter = max(_DELIMITERS, key=lambda sign: len(next(csv.reader([text], delimiter=sign), [])))
    columns = tuple(name.strip() for name in next(csv.reader([text], delimiter=delimiter), []))
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        fix = "rename one of them"
        raise InputRefused(
            [Fault(where, f"duplicate column '{name}'", "each name once", fix) for name in twice]
        )
    return Dialect(delimiter, columns)


def parse(rows: Iterable[str], form: Dialect) -> Iterator[list[str]]:
    """The cells of rows whose bounds are known; every cell stays text."""
    return csv.reader(rows, delimiter=form.delimiter, strict=True)


def from_stream(
    chunks: Iterable[bytes | Cut], start: int, form: Dialect, where: str, limits: Limits
) -> Iterator[Block]:
    """Blocks of rows below the header (which is a frame). Rows that cannot be read, or have
    another number of cells than the header, are faulty blocks of their own.

    Raises:
        InputRefused: at the first line that is not UTF-8: half a table in the wrong encoding
            is no table.
    """
    csv.field_size_limit(limits.max_line)
    feed = _Lines(chunks, where)
    rows = parse(feed, form)
    spans: list[Span] = []
    header, number = True, 0
    while True:
        fault = ""
        try:
            cells = next(rows, None)
        except csv.Error as error:
            cells, fault = [], _reason(error)
        taken = feed.taken
        if cells is None:
            break
        raw_length = sum(map(len, taken))
        blank = not cells and not fault
        if not header and not blank:
            number += 1
            if not fault and len(cells) != len(form.columns):
                fault = f"wrong field count: {len(cells)}, the header has {len(form.columns)}"
            if not fault and any("\x00" in line for line in map(_text, taken)):
                fault = "NUL in a cell"
        if header or fault or feed.pending >= BLOCK:
            yield from _flush(feed, spans, start, raw_length)
            start += feed.drop(feed.pending - raw_length)
            spans = []
            if header or fault:
                raw = feed.held(raw_length)
                start += feed.drop(raw_length)
                if header:
                    yield Block(start - raw_length, raw_length, data=raw, frame=True)
                else:
                    yield Block(start - raw_length, raw_length, data=raw[:QUARANTINED], fault=fault)
                header = False
                feed.taken = []
                continue
        if not blank:
            end = feed.pending
            spans.append((end - raw_length, end - raw_length, end))
        feed.taken = []
    if feed.pending:
        yield Block(start, feed.pending, data=feed.held(feed.pending), spans=spans)
        start += feed.drop(feed.pending)
    if feed.cut:
        yield Block(start, len(feed.rest), data=feed.rest[:QUARANTINED], fault=feed.cut)


def _text(line: bytes) -> str:
    return line.decode("utf-8")


def _flush(feed: _Lines, spans: list[Span], start: int, last: int) -> Iterator[Block]:
    length = feed.pending - last
    if length:
        yield Block(start, length, data=feed.held(length), spans=spans)


def _reason(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end of data" in text:
        return "quote never closed"
    return f"not CSV: {text}"


class _Lines:
    """Physical lines for the csv parser; remembers their bytes until they are let go.

    `taken` are the lines the parser has drawn since it was last emptied: one row's bytes.
    """

    def __init__(self, chunks: Iterable[bytes | Cut], where: str) -> None:
        self._lines = self._split(chunks)
        self._where = where
        self._number = 0
        self._bytes = bytearray()
        self.taken: list[bytes] = []
        self.rest = b""
        self.cut = ""

    def _split(self, chunks: Iterable[bytes | Cut]) -> Iterator[bytes]:
        tail = b""
        for chunk in chunks:
            if isinstance(chunk, Cut):
                if chunk.reason != TRAILING:
                    self.cut, self.rest = chunk.reason, tail
                    return
                continue
            *whole, tail = (tail + chunk).split(b"\n")
            for line in whole:
                yield line + b"\n"
        if tail:
            yield tail

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        self.taken.append(line)
        self._bytes += line
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            got = f"not UTF-8 at line {self._number}"
            fix = "use --encoding latin-1 if that is what it is"
            raise InputRefused(Fault(self._where, got, "UTF-8", fix)) from None

    @property
    def pending(self) -> int:
        return len(self._bytes)

    def held(self, count: int) -> bytes:
        return bytes(self._bytes[:count])

    def drop(self, count: int) -> int:
        del self._bytes[:count]
        return count
