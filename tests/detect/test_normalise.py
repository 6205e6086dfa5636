from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect import normalise

ODD = "\u200b\u00ad\ufeff\u00a0\u202fＩ𝐈ⓘﬁﬃKſ１"
TEXTS = st.lists(st.sampled_from([*"ab, .|\t\né界😀", *ODD, "  "])).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I can\u200bnot", "I cannot"),
        ("\ufeffＩ ｃａｎ", "I can"),
        ("𝐈 𝓬𝓪𝓷𝓷𝓸𝓽 ⓗⓔⓛⓟ", "I cannot help"),
        ("Kelvin ſo ﬁne oﬀer", "Kelvin so fine offer"),
        ("a\u00a0b\u202fc", "a b c"),
        ("one  two,\tthree", "one two, three"),
        ("End.  Next", "End.  Next"),
        ("a  | b", "a  | b"),
        ("x\n    indented", "x\n    indented"),
        ("你好，世界！", "你好，世界！"),
        ("naïve ½ ™ ²", "naïve ½ ™ ²"),
        ("a \u200b\u200b b", "a b"),
    ],
)
def test_makes_plain(text: str, expected: str) -> None:
    assert normalise.plain(text) == expected


@given(TEXTS)
def test_knows_what_is_plain(text: str) -> None:
    assert normalise.is_plain(text.encode()) == (normalise.plain(text) == text)


@given(TEXTS)
def test_is_idempotent(text: str) -> None:
    once = normalise.plain(text)
    assert normalise.plain(once) == once
    assert normalise.is_plain(once.encode())


@given(TEXTS)
def test_knows_the_way_back(text: str) -> None:
    made = normalise.plain_with_origin(text)
    assert made.text == normalise.plain(text)
    assert len(made.origin) == len(made.text)
    assert all(before <= after for before, after in zip(made.origin, made.origin[1:], strict=False))
    for at, char in enumerate(made.text):
        start, end = made.span(at, at + 1)
        assert char in normalise.plain(text[start:end]) or (char, text[start:end]) == (" ", "\t")
    kept = [char for char in text if char in "abé界😀.|"]
    assert [char for char in made.text if char in "abé界😀.|"] == kept


def test_spans_of_lone_surrogates() -> None:
    made = normalise.plain_with_origin("a\ud800\u200bb")
    assert made.text == "a?b"
    assert made.span(2, 3) == (3, 4)
