"""Cutting a JSON array of records into blocks, item by item, as a stream.

Only brackets and strings are looked at; whether an item is sound JSON is for the parser to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from aligncleaner.files.blocks import BLOCK, QUARANTINED, Block, Limits, Span
from aligncleaner.files.compression import Cut
from aligncleaner.files.extent import Extent, end_of_value
from aligncleaner.files.lines import too_long

_UTF8_BOM: Final = b"\xef\xbb\xbf"
_SPACE: Final = re.compile(rb"[ \t\r\n]*")


def from_stream(chunks: Iterable[bytes | Cut], opening: int, limits: Limits) -> Iterator[Block]:
    """Blocks of the items of one JSON array, framed by its brackets and what stands around them.

    `opening` is how many bytes stand before its bracket: 0 for a bare array (but for white
    space), more for one that is the member of an object; then what follows it is frame too.
    Every item's `lead` covers the comma and white space before it. A missing or doubled comma
    and data after the closing bracket are faulty records of their own; an item over the limit of
    a record or without an end is one too, let go as it comes and named after the item before it.
    """
    source = iter(chunks)
    held = _up_to_bracket(source, opening)
    opened = held.find(b"[", opening) + 1 or len(held)
    yield Block(0, opened, data=bytes(held[:opened]), frame=True)
    cutter = _Cutter(opened, limits, wrapped=opening > len(_UTF8_BOM))
    del held[:opened]
    ended, reason = False, "truncated JSON array"
    while not ended and not cutter.closed:
        chunk = next(source, None)
        if isinstance(chunk, bytes):
            held += chunk
            if len(held) < cutter.wanted:
                continue
        else:
            ended, reason = True, chunk.reason if chunk else reason
        yield from cutter.take(held)
    yield from cutter.finish(held, source, reason)


def _up_to_bracket(source: Iterator[bytes | Cut], opening: int) -> bytearray:
    head = bytearray()
    while b"[" not in head[opening:]:
        chunk = next(source, b"")
        if not chunk or isinstance(chunk, Cut):
            break
        head += chunk
    return head


class _Cutter:
    """Finds items in the bytes held so far; `wanted` is how many it needs to go on."""

    def __init__(self, start: int, limits: Limits, wrapped: bool) -> None:
        self.start = start
        self.wrapped = wrapped
        self.limits = limits
        self.wanted = BLOCK
        self.closed = False
        self.items = 0
        self._comma = True  # whether an item may stand here: after the bracket or a comma
        self._endless: _Endless | None = None

    def take(self, held: bytearray) -> Iterator[Block]:
        """Blocks of the whole items at the head of `held`, which are removed from it."""
        while held and not self.closed:
            if self._endless is not None:
                if not self._endless.take(held):
                    return
                yield self._let_endless_go(too_long(self.limits))
            spans, used, fault = self._scan(held)
            if spans:
                end = spans[-1][2]
                yield Block(self.start, end, data=bytes(held[:end]), spans=spans)
                self._let_go(held, end)
                used -= end
            if fault is not None:
                raw = bytes(held[: min(used, QUARANTINED)])
                yield Block(self.start, used, data=raw, fault=fault)
                self._let_go(held, used)
            elif not spans and self._endless is None:
                # An item longer than what is held: ask for twice as much, so that the
                # repeated scan stays linear in all.
                self.wanted = max(BLOCK, 2 * len(held))
                return

    def _let_go(self, held: bytearray, count: int) -> None:
        del held[:count]
        self.start += count
        self.wanted = BLOCK

    def _let_endless_go(self, fault: str) -> Block:
        assert self._endless is not None
        length, head = self._endless.length, bytes(self._endless.head)
        block = Block(self.start, length, data=head, fault=fault)
        self.start += length
        self.wanted = BLOCK
        self._endless = None
        return block

    def _scan(self, held: bytearray) -> tuple[list[Span], int, str | None]:
        """Items up to a block's worth, the bytes they use, and a fault that ends them."""
        spans: list[Span] = []
        lead = position = 0
        comma = self._comma
        while position < min(len(held), BLOCK) or not spans:
            position = _SPACE.match(held, position).end()  # type: ignore[union-attr]
            if position >= len(held):
                break
            sign = held[position : position + 1]
            if sign == b"," and not comma:
                comma = True
                position += 1
                continue
            if sign == b",":
                # Of two commas the first is the fault: the second parts the items around them.
                used = position if b"," in held[lead:position] else position + 1
                self._comma = used > position
                return spans, used, f"a comma without an item after item {self.items}"
            if sign == b"]" and comma and self.items:
                # The fault is the comma; the bracket stays for the frame.
                self._comma = False
                return spans, position, f"trailing comma after item {self.items}"
            if sign == b"]":
                self.closed = True
                break
            end = end_of_value(held, position)
            if end is None and len(held) - position <= self.limits.max_line:
                break
            self.items += 1
            self._comma = False
            if end is None:
                self._endless = _Endless(position - lead)
                self.wanted = BLOCK
                break
            if not comma:
                return spans, end, f"no comma between item {self.items - 1} and the next"
            comma = False
            spans.append((lead, position, end))
            lead = position = end
        return spans, lead, None

    def finish(
        self, held: bytearray, source: Iterator[bytes | Cut], reason: str
    ) -> Iterator[Block]:
        """The closing bracket as frame; what stands after it, or an unfinished item, as faults."""
        if self.closed:
            yield from self._close(held, source)
            return
        fault = f"{reason} after item {self.items}"
        if self._endless is not None:
            self._endless.length += len(held)  # at most half an escape
            yield self._let_endless_go(fault)
        else:
            if self.items and not held.strip(b" \t\r\n,"):
                fault = f"{reason}: no closing bracket"
            yield Block(self.start, len(held), data=bytes(held[:QUARANTINED]), fault=fault)
            self.start += len(held)
        # What is kept of it must be an array again.
        yield Block(self.start, 0, data=b"]", frame=True)

    def _close(self, held: bytearray, source: Iterator[bytes | Cut]) -> Iterator[Block]:
        for chunk in source:
            if isinstance(chunk, bytes):
                held += chunk
                if len(held) > self.limits.max_line:
                    break
        close = held.index(b"]") + 1
        if self.wrapped:
            # What stands around the array is frame to the end of its object.
            end = end_of_value(b"{" + held[close:], 0)
            close = len(held) if end is None else close + end - 1
        tail = bytes(held[close:])
        extra = tail.strip(b" \t\r\n") != b""
        yield Block(self.start, close, data=bytes(held[:close] if extra else held), frame=True)
        if extra:
            fault = "extra data after the array"
            yield Block(self.start + close, len(tail), data=tail[:QUARANTINED], fault=fault)


class _Endless:
    """An item too long to be held.

    `length` counts its bytes and the `lead` bytes before it, `head` has the first of them.
    """

    def __init__(self, lead: int) -> None:
        self.length = 0
        self.head = bytearray()
        self._lead = lead
        self._extent = Extent()

    def take(self, held: bytearray) -> bool:
        """Let go of what is the item's in `held`; whether it ends there."""
        used, ended = self._extent.reach(held, self._lead)
        self.head += held[: min(used, QUARANTINED - len(self.head))]
        self.length += used
        self._lead = 0
        del held[:used]
        return ended
