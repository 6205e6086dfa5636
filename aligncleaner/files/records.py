"""From a block to its records: the bytes of each and what they parse to.

The fast path parses a slice of lines in one go; at the first line that orjson refuses, the
slice is read again by the careful path. Both yield the same records.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import orjson

from aligncleaner.files import careful, columns, delimited
from aligncleaner.files.blocks import Block, Limits, Span
from aligncleaner.files.lines import too_long
from aligncleaner.formats.conversation import Record, RecordFault, kind_of

#: Bytes read and parsed at a time: what stays in the processor's cache (measured: 1.6 times as
#: fast as 8 MiB at a time).
SLICE: Final = 512 << 10


class Records(NamedTuple):
    """Some records of a block, in order.

    buffer   the bytes they lie in, valid until the next slice is drawn
    base     the offset of the buffer in the block
    spans    where each lies in the buffer
    parsed   each one's object, or why it cannot be read
    """

    buffer: bytes | bytearray
    base: int
    spans: Sequence[Span]
    parsed: list[Record | RecordFault]


def read(block: Block, dialect: delimited.Dialect | None, limits: Limits) -> Iterator[Records]:
    """The records of a block, about half a megabyte at a time; none of a frame or a fault."""
    if block.frame or block.fault:
        return
    if block.rows is not None:
        rows = columns.records(block.rows)
        yield Records(b"", 0, [(i, i, i + 1) for i in range(len(rows))], rows)
    elif block.spans is not None:
        yield from _spanned(block, block.spans, dialect, limits)
    elif block.data is not None:
        yield from _lines_of(block.data, limits)
    else:
        yield from _lines_on_disk(block, limits)


def _spanned(
    block: Block, spans: Sequence[Span], dialect: delimited.Dialect | None, limits: Limits
) -> Iterator[Records]:
    data = block.data or b""
    begin = 0
    while begin < len(spans):
        floor = spans[begin][0]
        end = begin + 1
        while end < len(spans) and spans[end][2] - floor <= SLICE:
            end += 1
        here = spans[begin:end]
        if dialect is None:
            parsed = [_parse(data[start:stop], limits) for _, start, stop in here]
        else:
            parsed = _rows(data[here[0][1] : here[-1][2]], dialect, limits)
        yield Records(data, 0, here, parsed)
        begin = end


def _rows(data: bytes, dialect: delimited.Dialect, limits: Limits) -> list[Record | RecordFault]:
    lines = (line + "\n" for line in data.decode("utf-8").split("\n"))
    rows = (row for row in delimited.parse(lines, dialect, limits) if row)
    return [dict(zip(dialect.columns, row, strict=True)) for row in rows]


def _lines_of(data: bytes, limits: Limits) -> Iterator[Records]:
    view = memoryview(data)
    begin = 0
    while begin < len(data):
        end = (
            data.rfind(b"\n", begin, begin + SLICE) + 1 if len(data) - begin > SLICE else len(data)
        )
        if end == 0:
            end = data.find(b"\n", begin + SLICE) + 1 or len(data)
        spans = _line_spans(data, begin, end)
        yield _parsed(data, view, 0, spans, limits)
        begin = end


def _lines_on_disk(block: Block, limits: Limits) -> Iterator[Records]:
    """Reads a byte range into one buffer over and over: fresh memory costs more than parsing."""
    assert block.path is not None
    buffer = bytearray(SLICE)
    done = held = 0  # bytes of the block dealt with, and bytes in the buffer after those
    descriptor = os.open(block.path, os.O_RDONLY)
    try:
        while done < block.length:
            with memoryview(buffer) as view:
                end = min(len(buffer), block.length - done)
                while held < end:
                    got = os.preadv(descriptor, [view[held:end]], block.start + done + held)
                    if not got:
                        return  # the file has shrunk under us; what was read are whole lines
                    held += got
                last = done + held == block.length
                cut = held if last else buffer.rfind(b"\n", 0, held) + 1
                if cut:
                    yield _parsed(buffer, view, done, _line_spans(buffer, 0, cut), limits)
            if cut:
                buffer[: held - cut] = buffer[cut:held]
                done += cut
                held -= cut
            else:  # a line longer than the buffer
                buffer.extend(bytes(len(buffer)))
    finally:
        os.close(descriptor)


def _line_spans(data: bytes | bytearray, begin: int, end: int) -> list[Span]:
    spans: list[Span] = []
    find = data.find
    while begin < end:
        stop = find(b"\n", begin, end)
        if stop < 0:
            stop = end
        spans.append((begin, begin, stop))
        begin = stop + 1
    return spans


def _parsed(
    data: bytes | bytearray, view: memoryview, base: int, spans: list[Span], limits: Limits
) -> Records:
    loads = orjson.loads
    sound = True
    parsed: list[Any] = []
    try:
        parsed = [loads(view[begin:end]) for _, begin, end in spans]
    except orjson.JSONDecodeError:
        sound = False
    else:
        for place, record in enumerate(parsed):
            if record.__class__ is not dict:
                sound = False
                break
            if not _is_flat(record) and _nests_deeper(record, limits.max_depth):
                parsed[place] = _too_deep(limits)
        if len(data) > limits.max_line:
            sound = False  # some line may be too long: look at each
    if not sound:
        spans = [span for span in spans if data[span[1] : span[2]].strip(b" \t\r\n")]
        parsed = [_parse(bytes(data[begin:end]), limits) for _, begin, end in spans]
    return Records(data, base, spans, parsed)


def _is_flat(record: Record) -> bool:
    """Whether a record is no more than a list of turns beside scalars: what nearly all are.

    Looking at values costs half as much as counting the brackets in the bytes.
    """
    for value in record.values():
        kind = value.__class__
        if kind is dict:
            return False
        if kind is list:
            for item in value:
                if item.__class__ is not dict:
                    return False
                for inner in item.values():
                    if inner.__class__ is list or inner.__class__ is dict:
                        return False
    return True


def _nests_deeper(value: object, limit: int) -> bool:
    level: list[Any] = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if outer.__class__ is dict else outer)
            if inner.__class__ is dict or inner.__class__ is list
        ]
        if not level:
            return False
    return True


def _too_deep(limits: Limits) -> RecordFault:
    return RecordFault(f"nesting deeper than {limits.max_depth} (--max-depth)")


def _parse(raw: bytes, limits: Limits) -> Record | RecordFault:
    """One record: quickly if it is sound, carefully if it is not."""
    if len(raw) > limits.max_line:
        return RecordFault(too_long(limits))
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = None
    try:
        if value is None:
            return careful.parse(raw, limits.max_depth)
        if not isinstance(value, dict):
            return RecordFault(f"record is {kind_of(value)}, not an object")
        if _nests_deeper(value, limits.max_depth):
            return _too_deep(limits)
    except RecordFault as fault:
        return fault
    return value
