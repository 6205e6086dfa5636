"""Odd characters made plain before matching, with a way back to the original offsets.

Zero-width characters disappear; full-width, circled and mathematical letters and digits, a few
ligatures and exotic spaces become the ASCII they look like; a run of white space between two
words becomes one space. Few texts hold any of it: finding out must be almost free, changing it
need not be.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import re2

#: Soft hyphen; zero-width space, non-joiner, joiner, marks; word joiner; byte order mark.
_INVISIBLE: Final = (0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF)
_SPACES: Final = (0x00A0, *range(0x2000, 0x200B), 0x202F, 0x205F)
#: Where the letters and digits lie that NFKC turns into ASCII. Full-width punctuation is left
#: out on purpose: it is ordinary in Chinese and Japanese.
_LOOK_ALIKES: Final = (
    0x017F, *range(0x2102, 0x213A), *range(0x24B6, 0x24EA), *range(0xFB00, 0xFB07),
    *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B),
    *range(0x1D400, 0x1D800),
)  # fmt: skip

#: Two white-space characters or a tab between words, but not after the end of a sentence, in a
#: table or in the indentation of code, where runs are many and matter to no pattern.
_BEFORE_RUN: Final = r"[A-Za-z0-9,;:'\")\]\x{80}-\x{10ffff}]"
_AFTER_RUN: Final = r"[A-Za-z0-9'\"(\[\x{80}-\x{10ffff}]"
_RUN: Final = re.compile(
    r"(?<=[A-Za-z0-9,;:'\")\]\x80-\U0010ffff])(?: [ \t]++|\t[ \t]*+)"
    r"(?=[A-Za-z0-9'\"(\[\x80-\U0010ffff])"
)


class Plain(NamedTuple):
    """A text made plain.

    `origin[i]` is the code point of the original that code point `i` of `text` came from.
    """

    text: str
    origin: npt.NDArray[np.int64]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the code points `start` to `end` (not empty) of `text` stand in the original."""
        return int(self.origin[start]), int(self.origin[end - 1]) + 1


@functools.cache
def _table() -> dict[int, str]:
    table = dict.fromkeys(_INVISIBLE, "") | dict.fromkeys(_SPACES, " ")
    for point in _LOOK_ALIKES:
        plain = unicodedata.normalize("NFKC", chr(point))
        if plain.isascii() and plain.isalnum():
            table[point] = plain
    return table


@functools.cache
def exotic_regexes() -> tuple[str, str]:
    """Two regexes (for Hyperscan and re2); a text that neither matches is plain already."""
    ranges: list[list[int]] = []
    for point in sorted(_table()):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    odd = "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges)
    return f"[{odd}]", f"{_BEFORE_RUN}(?:  |\\t)[ \\t]*{_AFTER_RUN}"


@functools.cache
def _exotic() -> re2._Regexp:
    return re2.compile("|".join(exotic_regexes()))


def is_plain(text: bytes) -> bool:
    """Whether making this UTF-8 plain would leave it as it is."""
    return _exotic().search(text) is None


def plain(text: str) -> str:
    """`text` made plain."""
    return _RUN.sub(" ", text.translate(_table()))


def plain_with_origin(text: str) -> Plain:
    """`text` made plain, with the way back to its own offsets."""
    table = _table()
    exotic = np.array(sorted(table), dtype=np.uint32)
    widths = np.array([len(table[point]) for point in sorted(table)], dtype=np.int64)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    nearest = np.minimum(np.searchsorted(exotic, points), len(exotic) - 1)
    repeats = np.where(exotic[nearest] == points, widths[nearest], 1)
    origin = np.repeat(np.arange(len(points)), repeats)
    single = text.translate(table)
    kept = np.ones(len(single), dtype=bool)
    for run in _RUN.finditer(single):
        kept[run.start() + 1 : run.end()] = False
    return Plain(_RUN.sub(" ", single), origin[kept])
