"""Taking turns out of a conversation so that what is left is a conversation."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from aligncleaner.formats.conversation import Turn

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]', re.DOTALL)


def exchanges(turns: Sequence[Turn]) -> list[range]:
    """The conversation as exchanges.

    One is what the user says and everything until the user speaks again, tool calls and results
    included. A system prompt at the start belongs to none.
    """
    starts = [
        number
        for number, (role, _) in enumerate(turns)
        if role == "user" and (number == 0 or turns[number - 1][0] != "user")
    ]
    opening = next((n for n, (role, _) in enumerate(turns) if role != "system"), len(turns))
    if opening < len(turns) and (not starts or starts[0] > opening):
        starts.insert(0, opening)
    return [range(a, b) for a, b in pairwise([*starts, len(turns)])]


def turns_to_drop(turns: Sequence[Turn], answers: Collection[int]) -> set[int] | None:
    """The turns that go when these answers go, null if no answer would be left.

    They are the answers' whole exchanges, so that roles alternate as before and no tool call or
    result is left alone.
    """
    gone = {
        turn
        for exchange in exchanges(turns)
        if any(answer in exchange for answer in answers)
        for turn in exchange
    }
    left = any(
        role == "assistant" and text is not None and number not in gone
        for number, (role, text) in enumerate(turns)
    )
    return gone if left else None


def without_items(raw: bytes, key: str, numbers: Collection[int]) -> bytes:
    """The JSON object `raw` with those items taken out of the list under its top-level `key`.

    Every other byte is as it was. Where the key occurs twice the last one counts, as in parsing.
    """
    position = _value_of(raw, key)
    items = _items(raw, position)
    kept = [item for number, item in enumerate(items) if number not in numbers]
    out = [raw[: items[0][1]]]
    for place, (lead, start, end) in enumerate(kept):
        # Whatever comes to stand first takes the place of the first; the others keep their comma.
        out.append(raw[lead if place else start : end])
    out.append(raw[items[-1][2] :])
    return b"".join(out)


def _value_of(raw: bytes, key: str) -> int:
    """The offset of the list under the last top-level `key`."""
    depth, name, found = 0, None, -1
    for token in _TOKEN.finditer(raw):
        sign = raw[token.start() : token.start() + 1]
        if sign in (b"[", b"{"):
            if depth == 1 and sign == b"[" and name == key:
                found = token.start()
            depth += 1
        elif sign in (b"]", b"}"):
            depth -= 1
        elif depth == 1 and sign == b'"' and name is None:
            name = json.loads(token[0])
        if depth == 1 and sign == b",":
            name = None
    return found


def _items(raw: bytes, position: int) -> list[tuple[int, int, int]]:
    """(lead, start, end) of every item of the list that opens at `position`."""
    items = []
    depth, lead, start = 0, position + 1, -1
    for token in _TOKEN.finditer(raw, position):
        sign = raw[token.start() : token.start() + 1]
        if sign in (b"[", b"{"):
            depth += 1
            if depth == 2:
                start = token.start()
        elif sign in (b"]", b"}"):
            depth -= 1
            if depth == 1:
                items.append((lead, start, token.end()))
                lead = token.end()
            if depth == 0:
                break
    return items
