"""Cutting a JSON array of records into blocks, item by item, as a stream.

Only brackets and strings are looked at; whether an item is sound JSON is for the parser to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from aligncleaner.files.blocks import BLOCK, QUARANTINED, Block, Limits, Span
from aligncleaner.files.compression import TRAILING, Cut
from aligncleaner.files.lines import too_long

_UTF8_BOM: Final = b"\xef\xbb\xbf"
#: A string, closed or not yet (then the group is empty), or a bracket. Possessive: linear time.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{}]', re.DOTALL)
_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_SCALAR: Final = re.compile(rb'[^\s,\[\]{}"]+')


def from_stream(chunks: Iterable[bytes | Cut], opening: int, limits: Limits) -> Iterator[Block]:
    """Blocks of the items of one JSON array, framed by its brackets and what stands around them.

    `opening` is how many bytes stand before its bracket: 0 for a bare array (but for white
    space), more for one that is the member of an object; then what follows it is frame too.
    Every item's `lead` covers the comma and white space before it. A missing or doubled comma
    and data after the closing bracket are faulty records of their own; an item that never ends
    is one too, named after the item before it.
    """
    source = iter(chunks)
    held = _up_to_bracket(source, opening)
    opened = held.find(b"[", opening) + 1 or len(held)
    yield Block(0, opened, data=bytes(held[:opened]), frame=True)
    cutter = _Cutter(opened, limits, wrapped=opening > len(_UTF8_BOM))
    del held[:opened]
    ended, reason = False, "truncated JSON array"
    while not ended:
        try:
            chunk = next(source)
        except StopIteration:
            ended = True
        else:
            if isinstance(chunk, Cut):
                ended = chunk.reason != TRAILING
                reason = chunk.reason if ended else reason
                continue
            held += chunk
            if len(held) < cutter.wanted:
                continue
        yield from cutter.take(held)
        if cutter.closed:
            break
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

    def take(self, held: bytearray) -> Iterator[Block]:
        """Blocks of the whole items at the head of `held`, which are removed from it."""
        while not self.closed:
            spans, used, fault = self._scan(held)
            if spans:
                end = spans[-1][2]
                yield Block(self.start, end, data=bytes(held[:end]), spans=spans)
                self._let_go(held, end)
                used -= end
            if fault is not None:
                yield Block(
                    self.start, used, data=bytes(held[: min(used, QUARANTINED)]), fault=fault
                )
                self._let_go(held, used)
            elif not spans:
                # An item longer than what is held: ask for twice as much, so that the
                # repeated scan stays linear in all.
                self.wanted = max(BLOCK, 2 * len(held))
                return
            if not held:
                return

    def _let_go(self, held: bytearray, count: int) -> None:
        del held[:count]
        self.start += count
        self.wanted = BLOCK

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
                self._comma = True
                return spans, position + 1, f"a comma without an item after item {self.items}"
            if sign == b"]" and comma and self.items:
                # The fault is the comma; the bracket stays for the frame.
                self._comma = False
                return spans, position, f"trailing comma after item {self.items}"
            if sign == b"]":
                self.closed = True
                break
            end = item_end(held, position)
            if end is None:
                if len(held) - position > self.limits.max_line:
                    return spans, len(held), too_long(self.limits)
                break
            self.items += 1
            self._comma = False
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
        if not self.closed:
            rest = bytes(held).strip(b" \t\r\n,")
            if rest or self.items == 0:
                fault = f"{reason} after item {self.items}"
                yield Block(self.start, len(held), data=bytes(held[:QUARANTINED]), fault=fault)
            else:
                yield Block(
                    self.start, len(held), data=bytes(held), fault=f"{reason}: no closing bracket"
                )
            # What is kept of it must be an array again.
            yield Block(self.start + len(held), 0, data=b"]", frame=True)
            return
        for chunk in source:
            if isinstance(chunk, bytes):
                held += chunk
                if len(held) > self.limits.max_line:
                    break
        close = held.index(b"]") + 1
        tail = bytes(held[close:])
        extra = not self.wrapped and tail.strip(b" \t\r\n") != b""
        yield Block(
            self.start, close, data=bytes(held[:close]) + (b"" if extra else tail), frame=True
        )
        if extra:
            fault = "extra data after the array"
            yield Block(self.start + close, len(tail), data=tail[:QUARANTINED], fault=fault)


def item_end(held: bytearray, position: int) -> int | None:
    """The offset after the JSON value that starts at `position`, null if it goes on."""
    if held[position] not in b'{["':
        scalar = _SCALAR.match(held, position)
        end = scalar.end() if scalar else position + 1
        return end if end < len(held) else None
    depth = 0
    for token in _TOKEN.finditer(held, position):
        sign = held[token.start()]
        if sign == 0x22:  # a string
            if not token[1]:
                return None
        elif sign in b"[{":
            depth += 1
        else:
            depth -= 1
        if depth <= 0:
            return token.end()
    return None
