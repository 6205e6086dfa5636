"""Odd characters made plain before matching, with a way back to the original offsets.

Zero-width characters disappear; full-width, circled and mathematical letters and digits, a few
ligatures and exotic spaces become the ASCII they look like; a run of white space between two
words becomes one space. Few texts hold any of it: finding out must be almost free, changing it
need not be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import re2

#: Soft hyphen; zero-width space, non-joiner, joiner, marks; word joiner; byte order mark.
_INVISIBLE: Final = (0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF)
_SPACES: Final = (0x00A0, *range(0x2000, 0x200B), 0x202F, 0x205F)
_LIGATURES: Final = range(0xFB00, 0xFB07)
#: Where the letters and digits lie that NFKC turns into ASCII. Full-width punctuation is left
#: out on purpose: it is ordinary in Chinese and Japanese.
_LOOK_ALIKES: Final = (
    0x017F, *range(0x2102, 0x213A), *range(0x24B6, 0x24EA), *_LIGATURES,
    *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B),
    *range(0x1D400, 0x1D800),
)  # fmt: skip

#: Two or more white-space characters, or a tab, between words; but not after the end of a
#: sentence, in a table or in the indentation of code, where runs are many and tell nothing.
_BEFORE: Final = r"[A-Za-z0-9,;:'\")\]\x80-\U0010ffff]"
_AFTER: Final = r"(?=[A-Za-z0-9'\"(\[\x80-\U0010ffff])"
_RUN: Final = re.compile(rf"(?: (?<={_BEFORE} )[ \t]++|\t(?<={_BEFORE}\t)[ \t]*+){_AFTER}")
#: The same in UTF-8, but for the byte before the run, which is looked up in the table.
_RUN_UTF8: Final = re.compile(rb"(?: [ \t]++|\t[ \t]*+)(?=[A-Za-z0-9'\"(\[\x80-\xff])")
_BEFORE_RUN: Final = np.zeros(256, dtype=bool)
_BEFORE_RUN[[*b"0123456789,;:'\")]", *range(0x41, 0x5B), *range(0x61, 0x7B)]] = True
_BEFORE_RUN[0x80:] = True


class Plain(NamedTuple):
    """A text made plain.

    `origin[i]` is the code point of the original that code point `i` of `text` came from.
    """

    text: str
    origin: npt.NDArray[np.int64]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the code points `start` to `end` (not empty) of `text` stand in the original."""
        return int(self.origin[start]), int(self.origin[end - 1]) + 1


def _table() -> dict[int, str]:
    """What each odd character becomes, by code point."""
    table = dict.fromkeys(_INVISIBLE, "") | dict.fromkeys(_SPACES, " ")
    for point in _LOOK_ALIKES:
        plain = unicodedata.normalize("NFKC", chr(point))
        if plain.isascii() and plain.isalnum() and (len(plain) == 1 or point in _LIGATURES):
            table[point] = plain
    return dict(sorted(table.items()))


def _class_of(points: Iterable[int]) -> str:
    """A character class of Hyperscan and re2."""
    ranges: list[list[int]] = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "[" + "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges) + "]"


_TABLE: Final = _table()
_ODD: Final = np.array(list(_TABLE), dtype=np.uint32)
_WIDTHS: Final = np.array([len(plain) for plain in _TABLE.values()])
_REPLACEMENTS: Final = np.array([
    [ord(char) for char in plain.ljust(max(_WIDTHS))] for plain in _TABLE.values()
], dtype=np.uint32)  # fmt: skip
#: The characters that are changed, as a class for Hyperscan and re2.
ODD_CHARACTERS: Final = _class_of(_TABLE)
_ODD_UTF8: Final = re2.compile(ODD_CHARACTERS)


def is_plain(text: bytes) -> bool:
    """Whether making this UTF-8 plain would leave its characters and white space as they are."""
    if not text.isascii() and _ODD_UTF8.search(text):
        return False
    return (b"  " not in text and b"\t" not in text) or not space_runs(text)


def space_runs(text: bytes) -> list[int]:
    """The byte offsets in UTF-8 text of the runs of white space that become one space."""
    codes = np.frombuffer(text, dtype=np.uint8)
    # pairs of spaces are found two bytes at a time, from even offsets and from odd ones
    at = [
        np.flatnonzero(np.frombuffer(text, np.uint16, (len(text) - odd) // 2, odd) == 0x2020) * 2
        + odd
        for odd in (0, 1)
        if len(text) > odd + 1
    ]
    if b"\t" in text:
        at.append(np.flatnonzero(codes == 0x09))
    starts = np.concatenate(at) if at else np.array([], dtype=np.int64)
    starts = starts[_BEFORE_RUN[codes[starts - 1]] & (starts > 0)]
    return [start for start in starts.tolist() if _RUN_UTF8.match(text, start)]


def plain(text: str) -> str:
    """`text` made plain."""
    return plain_with_origin(text).text


def plain_with_origin(text: str) -> Plain:
    """`text` made plain, with the way back to its own offsets."""
    single, origin = text, np.arange(len(text))
    if not text.isascii():
        points = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
        beyond = np.flatnonzero(points > 0x7F)
        nearest = np.minimum(np.searchsorted(_ODD, points[beyond]), len(_ODD) - 1)
        is_odd = _ODD[nearest] == points[beyond]
        at, found = beyond[is_odd], nearest[is_odd]
        widths = np.ones(len(points), dtype=np.int64)
        widths[at] = _WIDTHS[found]
        origin = np.repeat(origin, widths)
        points = np.repeat(points, widths)
        starts = (np.cumsum(widths) - widths)[at]
        for place in range(_REPLACEMENTS.shape[1]):
            wide = _WIDTHS[found] > place
            points[starts[wide] + place] = _REPLACEMENTS[found[wide], place]
        single = points.tobytes().decode("utf-32-le")
    kept = np.ones(len(single), dtype=bool)
    parts, end = [], 0
    for run in _RUN.finditer(single):
        parts += [single[end : run.start()], " "]
        end = run.end()
        kept[run.start() + 1 : end] = False
    return Plain("".join([*parts, single[end:]]), origin[kept])
