"""Telling apart answers that are the same word for word, in the same conversation.

The first keeps its bare id; the second gets `-2` behind it, and so on in the order they are met.
So every row has an id of its own, duplicates stay visible, and an appended log changes none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class Occurrences:
    """Counts ids over a whole run in eight bytes an answer.

    Ids are remembered by their first 64 bits, in sorted arrays that double in size: a set of
    strings would take ten times the memory.
    """

    def __init__(self) -> None:
        self._levels: list[npt.NDArray[np.uint64]] = []
        self._counts: dict[str, int] = {}

    def number(self, ids: list[str]) -> dict[int, str]:
        """The new ids of those that were met before, by their place in `ids`."""
        if not ids:
            return {}
        prefixes = np.frombuffer(bytes.fromhex("".join(ids)), ">u8")[::2].astype(np.uint64)
        order = np.argsort(prefixes, kind="stable")
        ordered = prefixes[order]
        again = np.zeros(len(ids), bool)
        again[order[1:]] = ordered[1:] == ordered[:-1]
        for level in self._levels:
            nearest = np.minimum(np.searchsorted(level, prefixes), len(level) - 1)
            again |= level[nearest] == prefixes
        self._remember(ordered)
        renamed: dict[int, str] = {}
        places: list[int] = np.flatnonzero(again).tolist()
        for place in places:
            count = self._counts.get(ids[place], 1) + 1
            self._counts[ids[place]] = count
            renamed[place] = f"{ids[place]}-{count}"
        return renamed

    def _remember(self, ordered: npt.NDArray[np.uint64]) -> None:
        while self._levels and len(self._levels[-1]) <= 2 * len(ordered):
            ordered = np.sort(np.concatenate([self._levels.pop(), ordered]))
        self._levels.append(ordered)
