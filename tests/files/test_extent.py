"""A JSON value ends where the parser says it ends, in however many pieces it comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.files.extent import Extent, end_of_value

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab"\\[]{},: é', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('a"\\[{', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
REST = st.sampled_from([",", "]", " ", ', {"next": 1}]', '"', "{"])


@given(value=VALUES, before=st.sampled_from(["", " ", '[{"a": 1}, ']), rest=REST)
def test_values_end_where_the_parser_says(value: Any, before: str, rest: str) -> None:
    text = json.dumps(value)
    raw = (before + text + rest).encode()
    assert end_of_value(raw, len(before)) == len(before) + len(text)


@given(value=VALUES)
def test_a_value_cut_short_has_no_end(value: Any) -> None:
    raw = json.dumps(value).encode()
    assert all(end_of_value(raw[:length], 0) is None for length in range(1, len(raw)))


@given(value=VALUES, rest=REST, cuts=st.lists(st.integers(1, 9), min_size=1))
def test_pieces_make_no_difference(value: Any, rest: str, cuts: list[int]) -> None:
    text = json.dumps(value)
    raw = (text + rest).encode()
    extent, held, followed, drawn = Extent(), bytearray(), 0, 0
    ended = False
    while not ended:
        assert drawn < len(raw)
        size = cuts[drawn % len(cuts)]
        held += raw[drawn : drawn + size]
        drawn += size
        used, ended = extent.reach(held, 0)
        followed += used
        del held[:used]
    assert followed == len(text)


@pytest.mark.parametrize(("raw", "end"), [(b"} ", 1), (b"],", 1), (b"}", None), (b"12", None)])
def test_strays_and_open_scalars(raw: bytes, end: int | None) -> None:
    assert end_of_value(raw, 0) == end
