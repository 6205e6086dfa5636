"""Lengths of answers, counted in bins whose edges grow by about a quarter (ten to a decade)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Final

# Renard's R10 series; below 10 only its whole numbers are of use.
_DECADE: Final = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)

#: Lower edges in characters: bin 0 is the empty answer, bin i holds EDGES[i-1] up to EDGES[i],
#: the last one everything from a million on.
EDGES: Final = (
    1, 2, 3, 4, 5, 6, 8,
    *(round(step * 10**decade) for decade in range(1, 6) for step in _DECADE),
    1_000_000,
)  # fmt: skip


def bin_of(length: int) -> int:
    """The bin of an answer of `length` characters, from 0 to `len(EDGES)`."""
    return bisect_right(EDGES, length)


def median(counts: Mapping[int, int]) -> int | None:
    """About the median length from answers per bin; null if there are none.

    A bin stands for its geometric middle, which is good to a seventh from 16 characters on.
    """
    total = sum(counts.values())
    seen = 0
    for index in sorted(counts):
        seen += counts[index]
        if total and 2 * seen >= total:
            if index in (0, len(EDGES)):
                return EDGES[index - 1] if index else 0
            return round(sqrt(EDGES[index - 1] * (EDGES[index] - 1)))
    return None


def shares(counts: Sequence[int]) -> list[float]:
    """Each two bins' share of all answers, for a drawing: five to a decade from 10 on."""
    whole = max(1, sum(counts))
    return [sum(counts[index : index + 2]) / whole for index in range(0, len(counts), 2)]


def lower_edge(pair: int) -> int:
    """The least length that `shares` counts in entry `pair`; for one past the last, no length."""
    index = 2 * pair - 1
    return 0 if pair == 0 else EDGES[index] if index < len(EDGES) else -1
