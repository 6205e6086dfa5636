"""The careful parser says exactly what is wrong with a record, and where."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.files import careful
from aligncleaner.formats.conversation import RecordFault

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
)
OBJECTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=10,
    ),
    max_size=4,
)


def nesting(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(nesting, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(nesting, value), default=0)
    return 0


@given(value=OBJECTS, ascii_only=st.booleans())
def test_sound_objects_are_read_as_json_reads_them(value: dict[str, Any], ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert careful.parse(raw, 99) == value
    assert careful.depth(raw) == nesting(value)


@pytest.mark.parametrize(
    ("raw", "reason", "byte"),
    [
        (b'{"a":"x\x00"}', "NUL bytes", 7),
        (b'{"a":"caf\xe9"}', "invalid UTF-8 at byte 9", 9),
        (b'{"a":"\xed\xa0\x80"}', "invalid UTF-8 at byte 6", 6),
        (b'{"a":"\\ud800"}', "a lone surrogate cannot be stored as UTF-8", None),
        (b'{"a":NaN}', "NaN is not JSON", None),
        (b'{"a":-Infinity}', "-Infinity is not JSON", None),
        (b'{"a":1e999}', "number out of range (1e999)", None),
        (b'{"a":-1e999}', "number out of range (-1e999)", None),
        (b'{"a":' + b"7" * 5000 + b"}", "number too long (5000 digits, at most 4300)", None),
        (b'{"a":[[[]]]}', "nesting deeper than 3 (--max-depth)", None),
        (b"[" * 200_000, "nesting deeper than 3 (--max-depth)", None),
        (b"null", "record is null, not an object", None),
        (b"true", "record is true or false, not an object", None),
        (b"3", "record is a number, not an object", None),
        (b"-2.5", "record is a number, not an object", None),
        (b'"x"', "record is text, not an object", None),
        (b"[]", "record is a list, not an object", None),
        (b'{"a":1} {"b":2}', "extra data after the object (several JSON values on a line", 8),
        (b'{"a":1}\r{"b":2}', "extra data after the object (several JSON values on a line", 8),
        (b'{"a":1} // note', "extra data after the object", 8),
        (b'{"a":"open', "truncated JSON", 5),
        (b'{"a":', "truncated JSON", 5),
        (b'{"a":[1,', "truncated JSON", 8),
        ('{"é":"ü'.encode(), "truncated JSON", 6),
        (b"// comment", "not JSON", 0),
        (b"", "truncated JSON", 0),
        (b'{"a" 1}', "not JSON: expecting ':' delimiter at byte 5", 5),
        (b"{'a':1}", "not JSON: expecting property name enclosed in double quotes at byte 1", 1),
    ],
)
def test_faults_say_what_and_where(raw: bytes, reason: str, byte: int | None) -> None:
    with pytest.raises(RecordFault) as caught:
        careful.parse(raw, 3)
    assert caught.value.reason.startswith(reason)
    assert caught.value.byte == byte


def test_numbers_keep_all_their_digits() -> None:
    digits = "9" * 400
    assert careful.parse(f'{{"n":{digits},"m":-{digits}}}'.encode(), 3) == {
        "n": int(digits),
        "m": -int(digits),
    }


def test_a_number_is_never_text() -> None:
    """An answer that is a long number is no text, however long."""
    record = careful.parse(b'{"response":12345678901234567890123}', 3)
    assert not isinstance(record["response"], str)


def test_of_two_equal_keys_the_last_counts() -> None:
    assert careful.parse(b'{"a":1,"a":2}', 3) == {"a": 2}


@pytest.mark.parametrize(
    "raw",
    [b'"' + b"\\" * 1_000_000, b'{"' * 300_000, b'"a' * 500_000, b"[" * 1_000_000],
    ids=["backslashes", "quotes", "strings", "brackets"],
)
def test_hostile_text_takes_time_in_proportion_to_its_length(raw: bytes) -> None:
    begin = time.process_time()
    careful.depth(raw)
    assert time.process_time() - begin < 2
