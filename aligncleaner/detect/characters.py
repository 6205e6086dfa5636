"""Sets of characters, as ranges of code points, and what the pattern language calls by a name."""

from __future__ import annotations

import functools
from typing import Final

#: Sorted, disjoint, inclusive ranges of code points.
Ranges = tuple[tuple[int, int], ...]

#: Only scripts without upper and lower case have ranges longer than this.
_LONG: Final = 0x3000


def ranges_of(*points: int | tuple[int, int]) -> Ranges:
    """Single code points and inclusive ranges of them, put in order and joined where they meet."""
    pairs = sorted((point, point) if isinstance(point, int) else point for point in points)
    merged: list[tuple[int, int]] = []
    for low, high in pairs:
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def all_but(ranges: Ranges) -> Ranges:
    """Every code point outside `ranges`, surrogates left out."""
    unwanted = ranges_of(*ranges, (0xD800, 0xDFFF))
    found, start = [], 0
    for low, high in unwanted:
        if low > start:
            found.append((start, low - 1))
        start = high + 1
    if start <= 0x10FFFF:
        found.append((start, 0x10FFFF))
    return tuple(found)


@functools.lru_cache(maxsize=4096)
def cases(point: int) -> Ranges:
    """The code point with its simple upper and lower case forms."""
    char, forms = chr(point), {point}
    for other in (char.lower(), char.upper(), char.upper().lower()):
        if len(other) == 1:
            forms.add(ord(other))
    return ranges_of(*forms)


def with_cases(ranges: Ranges) -> Ranges:
    """The ranges and every other case of their code points."""
    points: list[tuple[int, int]] = list(ranges)
    for low, high in ranges:
        if high - low > _LONG:
            continue
        for point in range(low, high + 1):
            points.extend(cases(point))
    return ranges_of(*points)


SPACES: Final = ranges_of(*map(ord, " \t\r\n\u00a0"))
APOSTROPHES: Final = ranges_of(*map(ord, "'’ʼ‘´`"))
DIGITS: Final = ranges_of((0x30, 0x39))
WORD: Final = ranges_of((0x30, 0x39), (0x41, 0x5A), 0x5F, (0x61, 0x7A))
NOT_LINE_END: Final = all_but(ranges_of(0x0A, 0x0D))
