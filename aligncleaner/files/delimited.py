"""Cutting CSV and TSV into blocks of rows, so that kept rows can be copied as they stand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from aligncleaner.errors import Fault, InputRefused
from aligncleaner.files.blocks import BLOCK, QUARANTINED, Block, Limits, Span
from aligncleaner.files.compression import Cut

_DELIMITERS: Final = ",;\t|"


class Dialect(NamedTuple):
    """What is needed to read a row again: the delimiter and the names of the columns."""

    delimiter: str
    columns: tuple[str, ...]


def dialect(head: bytes, where: str) -> Dialect:
    """The delimiter that splits the header into most columns, and their names.

    Raises:
        InputRefused: if the header cannot be read, or a column name occurs twice.
    """
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].rstrip(b"\r")
    text = line.decode("utf-8", "replace")
    headers = {sign: _header(text, sign) for sign in _DELIMITERS}
    delimiter = max(headers, key=lambda sign: len(headers[sign]))
    columns = headers[delimiter]
    if not columns:
        expected = "the names of columns on the first line, ended by LF or CRLF"
        raise InputRefused(Fault(where, "the header cannot be read", expected))
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        fix = "rename one of them"
        raise InputRefused(
            [Fault(where, f"duplicate column '{name}'", "each name once", fix) for name in twice]
        )
    return Dialect(delimiter, columns)


def _header(line: str, delimiter: str) -> tuple[str, ...]:
    """The names of the columns, none if the line cannot be read so."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return ()
    return tuple(name.strip() for name in cells)


def parse(rows: Iterable[str], form: Dialect, limits: Limits) -> Iterator[list[str]]:
    """The cells of rows; every cell stays text."""
    # One limit for the whole process, 128 KiB until somebody sets it: workers must, too.
    csv.field_size_limit(limits.max_line)
    return csv.reader(rows, delimiter=form.delimiter, strict=True)


def from_stream(
    chunks: Iterable[bytes | Cut], form: Dialect, where: str, limits: Limits
) -> Iterator[Block]:
    """Blocks of rows below the header, which is a frame.

    Rows that cannot be read, or have another number of cells than the header, are faulty blocks
    of their own.

    Raises:
        InputRefused: at the first line that is not UTF-8: half a table in the wrong encoding
            is no table.
    """
    feed = _Lines(chunks, where)
    rows = _Rows(feed, form, limits)
    header = next(rows, None)
    if header is None:
        return
    yield Block(0, header.length, data=feed.take(header.length), frame=True)
    start = header.length
    spans: list[Span] = []
    for row in rows:
        before = feed.pending - row.length
        if row.fault or before >= BLOCK:
            if before:
                yield Block(start, before, data=feed.take(before), spans=spans)
            start, spans, before = start + before, [], 0
        if row.fault:
            raw = feed.take(row.length)
            yield Block(start, row.length, data=raw[:QUARANTINED], fault=row.fault)
            start += row.length
        elif not row.blank:
            spans.append((before, before, before + row.length))
    if feed.pending:
        length = feed.pending
        yield Block(start, length, data=feed.take(length), spans=spans)
        start += length
    if feed.cut:
        yield Block(start, len(feed.rest), data=feed.rest[:QUARANTINED], fault=feed.cut)


class _Row(NamedTuple):
    """The bytes that a row took from the feed, and why it is no good ("" if it is)."""

    length: int
    blank: bool
    fault: str


class _Rows:
    """The rows of a feed, the header first."""

    def __init__(self, feed: _Lines, form: Dialect, limits: Limits) -> None:
        self._feed = feed
        self._width = len(form.columns)
        self._cells = parse(feed, form, limits)
        self._header = True

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> _Row:
        fault = ""
        cells: list[str] = []
        try:
            cells = next(self._cells)
        except csv.Error as error:
            fault = _reason(error)
        taken, self._feed.taken = self._feed.taken, []
        length = sum(map(len, taken))
        blank = not cells and not fault
        if not blank and not fault and not self._header:
            if len(cells) != self._width:
                fault = f"wrong field count: {len(cells)}, the header has {self._width}"
            elif any(b"\x00" in line for line in taken):
                fault = "NUL in a cell"
        self._header = False
        return _Row(length, blank, fault)


def _reason(error: csv.Error) -> str:
    text = str(error)
    return "quote never closed" if "unexpected end of data" in text else f"not CSV: {text}"


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
                self.cut, self.rest = chunk.reason, tail
                return
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
            fix = "convert it to UTF-8"
            raise InputRefused(Fault(self._where, got, "UTF-8", fix)) from None

    @property
    def pending(self) -> int:
        return len(self._bytes)

    def take(self, count: int) -> bytes:
        """The first so many bytes that are held; they are held no longer."""
        data = bytes(self._bytes[:count])
        del self._bytes[:count]
        return data
