"""Cutting a file of one record a line into blocks, without ever holding an endless line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import IO, Final

from aligncleaner.files.blocks import BLOCK, QUARANTINED, Block, Limits
from aligncleaner.files.compression import Cut

_LOOK: Final = 64 << 10


def from_disk(file: IO[bytes], path: str, start: int, limits: Limits) -> Iterator[Block]:
    """Blocks of a plain file as byte ranges: whoever takes one reads it himself.

    Only the surroundings of each cut are read here.
    """
    descriptor = file.fileno()
    size = os.fstat(descriptor).st_size
    while start < size:
        cut = min(start + BLOCK, size)
        end = _line_end(descriptor, cut, size, limits.max_line) if cut < size else size
        if end is not None:
            yield Block(start, end - start, path=path)
            start = end
            continue
        # The line across the cut is too long: give what stands before it, then skip it.
        begin = _line_start(descriptor, start, cut)
        if begin > start:
            yield Block(start, begin - start, path=path)
        end = _line_end(descriptor, cut, size, size) or size
        head = os.pread(descriptor, min(QUARANTINED, end - begin), begin)
        yield Block(begin, end - begin, data=head, fault=too_long(limits))
        start = end


def too_long(limits: Limits) -> str:
    """The reason of a record over the limit."""
    return f"longer than --max-line ({limits.max_line >> 20} MiB)"


def _line_end(descriptor: int, offset: int, size: int, within: int) -> int | None:
    """The offset after the first line end at or after `offset - 1`, null if it is too far."""
    position = offset - 1
    while position < size:
        found = os.pread(descriptor, _LOOK, position).find(b"\n")
        if found >= 0:
            return position + found + 1
        position += _LOOK
        if position < size and position - offset > within:
            return None
    return size


def _line_start(descriptor: int, floor: int, offset: int) -> int:
    """The offset after the last line end in [floor, offset), else `floor`."""
    while offset > floor:
        begin = max(floor, offset - _LOOK)
        found = os.pread(descriptor, offset - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        offset = begin
    return floor


def from_stream(chunks: Iterable[bytes | Cut], start: int, limits: Limits) -> Iterator[Block]:
    """Blocks of a stream (unpacked data, standard input), each with its bytes."""
    held = bytearray()
    skipped = 0  # bytes of an endless line that were let go, beyond those in `held`
    for chunk in chunks:
        if isinstance(chunk, Cut):
            yield from _broken_off(held, skipped, start, chunk.reason)
            return
        if skipped:
            end = chunk.find(b"\n") + 1
            if not end:
                skipped += len(chunk)
                continue
            length = len(held) + skipped + end
            yield Block(start, length, data=bytes(held), fault=too_long(limits))
            start, skipped = start + length, 0
            held = bytearray(chunk[end:])
        else:
            held += chunk
        if len(held) < BLOCK:
            continue
        cut = held.rfind(b"\n") + 1
        if cut:
            yield Block(start, cut, data=bytes(held[:cut]))
            start += cut
            del held[:cut]
        elif len(held) > max(limits.max_line, QUARANTINED):
            skipped = len(held) - QUARANTINED
            del held[QUARANTINED:]
    if skipped:
        yield Block(start, len(held) + skipped, data=bytes(held), fault=too_long(limits))
    elif held:
        yield Block(start, len(held), data=bytes(held))


def _broken_off(held: bytearray, skipped: int, start: int, reason: str) -> Iterator[Block]:
    """The whole lines before the cut, and what is left of the last one as unreadable."""
    cut = 0 if skipped else held.rfind(b"\n") + 1
    if cut:
        yield Block(start, cut, data=bytes(held[:cut]))
    rest = bytes(held[cut:])
    yield Block(start + cut, len(rest) + skipped, data=rest[:QUARANTINED], fault=reason)
