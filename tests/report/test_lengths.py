from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.report.lengths import EDGES, bin_of, lower_edge, median, shares


def test_edges_rise() -> None:
    assert list(EDGES) == sorted(set(EDGES))


@given(st.integers(0, 5_000_000))
def test_a_length_lies_in_its_bin(length: int) -> None:
    index = bin_of(length)
    assert 0 <= index <= len(EDGES)
    assert index == 0 or EDGES[index - 1] <= length
    assert index == len(EDGES) or length < EDGES[index]


@given(st.lists(st.integers(16, 900_000), min_size=1))
def test_the_median_is_good_to_a_seventh(lengths: list[int]) -> None:
    true = sorted(lengths)[(len(lengths) - 1) // 2]
    found = median(Counter(map(bin_of, lengths)))
    assert found is not None
    assert abs(found - true) <= true / 7


def test_medians_at_the_ends() -> None:
    assert median({}) is None
    assert median({0: 3}) == 0
    assert median({len(EDGES): 1}) == 1_000_000


def test_pairs_have_round_edges() -> None:
    found = shares([1] * (len(EDGES) + 1))
    edges = [lower_edge(pair) for pair in range(len(found))]
    assert sum(found) == pytest.approx(1)
    assert {0, 10, 100, 1_000, 10_000, 100_000} <= set(edges)
    assert lower_edge(len(found)) in (-1, *EDGES)
