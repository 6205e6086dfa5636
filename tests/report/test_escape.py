from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.report.escape import attr, esc

BOX = re.compile(r'<span class="cp">([A-Z0-9+]+)</span>')


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onload='x", "&quot; onload=&#x27;x"),
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[2J", '<span class="cp">ESC</span>[2J'),
        ("\x00\x07\x7f", "".join(f'<span class="cp">{n}</span>' for n in ("NUL", "BEL", "DEL"))),
        ("a\u202eb", 'a<span class="cp">U+202E</span>b'),
        ("can\u200bnot", 'can<span class="cp">U+200B</span>not'),
        ("he\u200dlp", 'he<span class="cp">U+200D</span>lp'),
        ("\ufeff\U0010ffff", '<span class="cp">U+FEFF</span><span class="cp">U+10FFFF</span>'),
        ("\U000e0041", '<span class="cp">U+E0041</span>'),
        ("\ud800", '<span class="cp">U+D800</span>'),
        ("&lt;", "&amp;lt;"),
    ],
)
def test_hostile_text_is_inert_and_visible(text: str, shown: str) -> None:
    assert esc(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",  # a family, joined
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian with a non-joiner
        "e\u0301 \u2764\ufe0f \u65e5\u672c\u8a9e \uac00",
    ],
)
def test_writing_that_needs_joiners_stays_whole(text: str) -> None:
    assert esc(text) == text


def test_attributes_hold_no_markup() -> None:
    assert attr('"><b>\u202e') == "&quot;&gt;&lt;b&gt;[U+202E]"


@given(st.text(st.characters(codec=None)))
def test_only_our_boxes_are_markup(text: str) -> None:
    bare = BOX.sub("", esc(text))
    assert "<" not in bare and ">" not in bare and '"' not in bare
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", bare)
    bare.encode("utf-8")


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"))))
def test_what_is_visible_reads_as_it_was(text: str) -> None:
    without_boxes = BOX.sub("", esc(text))
    assert set(html.unescape(without_boxes)) <= set(text)
    if "<span" not in esc(text):
        assert html.unescape(esc(text)) == text
