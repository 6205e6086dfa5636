"""Columns made without pandas are those that pyarrow makes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner import arrow

TEXTS = st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=5), max_size=12)


def assert_equal(made: pa.Array, expected: pa.Array) -> None:
    made.validate(full=True)
    assert made.equals(expected) and made.type == expected.type


@given(values=TEXTS)
def test_text(values: list[str | None]) -> None:
    assert_equal(arrow.text(values), pa.array(values, pa.string()))


@given(value=st.text(st.characters(codec="utf-8")), count=st.integers(0, 9))
def test_constant(value: str, count: int) -> None:
    assert_equal(arrow.constant(value, count), pa.array([value] * count, pa.string()))


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float32])
@given(values=st.lists(st.none() | st.integers(-1000, 1000), max_size=20))
def test_numbers_and_nulls(dtype: Any, values: list[int | None]) -> None:
    whole = np.array([value or 0 for value in values], dtype)
    valid = np.array([value is not None for value in values], bool)
    kind = arrow.numbers(whole).type
    assert_equal(arrow.numbers(whole), pa.array(whole.tolist(), kind))
    assert_equal(arrow.numbers(whole, valid), pa.array(values, kind))
    # Every other one: such a view of an array does not lie in one piece.
    assert_equal(arrow.numbers(whole[::2]), pa.array(whole[::2].tolist(), kind))


@given(values=st.lists(st.lists(st.text("ab", max_size=3), max_size=3), max_size=8))
def test_lists(values: list[list[str]]) -> None:
    lengths = np.array([len(value) for value in values], np.int32)
    made = arrow.lists(lengths, [text for value in values for text in value])
    assert_equal(made, pa.array(values, pa.list_(pa.string())))


def test_no_column_brings_pandas() -> None:
    program = (
        "import sys, numpy as np\n"
        "from aligncleaner import arrow\n"
        "arrow.text(['a']), arrow.constant('a', 2), arrow.numbers(np.zeros(2, np.int32))\n"
        "arrow.lists(np.array([1], np.int32), ['a'])\n"
        "sys.exit('pandas' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
