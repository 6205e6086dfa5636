"""What reaches a terminal is inert, whatever a log holds."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.cli import terminal

OBEYED = {"Cc", "Cs"}
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = terminal.visible(text)
    shown.encode()
    for sign in shown:
        assert sign in "\t\n" or unicodedata.category(sign) not in OBEYED
        assert unicodedata.bidirectional(sign) not in BIDI
        assert sign not in "\u200b\u200e\u200f\u2028\u2029\ufeff\u061c"


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert terminal.visible(text) == text


def test_signs_have_pictures() -> None:
    assert terminal.visible("\x1b[2J\r\x7f\u202e\udcff") == "␛[2J␍␡\\u202e\\udcff"


def test_tables_hold_text_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table("Title", ("name", "count"), [("[red]\x1b[31m", 12345), ("b", 1)])
    out, err = capsys.readouterr()
    assert "[red]␛[31m" in out and "12,345" in out and err == ""
    terminal.table("", ("name",), [(None,)], stderr=True)
    assert capsys.readouterr().out == ""


def test_no_bar_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress_bar("cleaning") as progress:
        progress(1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with terminal.progress_bar("cleaning") as progress:
        progress(1, 2)
        progress(2, 0)
    assert "cleaning" in capsys.readouterr().err
