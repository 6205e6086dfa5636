from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect import sentences

PIECES = [*"aA1 .!?…\n\t\r\"')*-。！」é😀i", "e.g.", "Mr.", "...", "1. "]
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join)


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences.split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("He said “No.” Then he left.", ["He said “No.”", "Then he left."]),
        ('"I can\'t." (Really.) Yes', ['"I can\'t."', "(Really.)", "Yes"]),
        ("**Bold.** Plain.", ["**Bold.**", "Plain."]),
        ("Mr. Smith, e.g. J. Doe, vs. Dr. Who.", ["Mr. Smith, e.g. J. Doe, vs. Dr. Who."]),
        ("It is 3.14 in v1.2.3. Yes.", ["It is 3.14 in v1.2.3.", "Yes."]),
        ("See example.com for more. Bye.", ["See example.com for more.", "Bye."]),
        ("Well... maybe. Well... Maybe.", ["Well... maybe.", "Well...", "Maybe."]),
        ("So… yes. So… Yes.", ["So… yes.", "So…", "Yes."]),
        ("What?! No!!! Ok", ["What?!", "No!!!", "Ok"]),
        ("One line\nAnother\r\n\nThird", ["One line", "Another", "Third"]),
        ("- one. two\n* three\n1. four\n2) five", ["one.", "two", "three", "four", "five"]),
        ("## Head\n> quoted text\n  • item", ["Head", "quoted text", "item"]),
        ("我不能。你可以！「好。」是吗？", ["我不能。", "你可以！", "「好。」", "是吗？"]),
        ("Sorry!😀 Next.", ["Sorry!", "😀 Next."]),
        ("No.\u00a0Yes.", ["No.", "\u00a0Yes."]),
        ("", []),
        (" \n\t\n- \n", []),
        ("...", ["..."]),
    ],
)
def test_splits(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


@given(TEXTS)
def test_every_word_is_in_one_sentence(text: str) -> None:
    spans = sentences.split(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    inside = {at for start, end in spans for at in range(start, end)}
    assert all(at in inside for at, char in enumerate(text) if char.isalpha())
    assert all("\n" not in part and part == part.strip(" \t\r") for part in parts(text))


@given(TEXTS)
def test_bytes_and_code_points_agree(text: str) -> None:
    utf8 = text.encode()
    from_bytes = [utf8[start:end].decode() for start, end in sentences.split_utf8(utf8)]
    assert parts(text) == from_bytes


@pytest.mark.parametrize(
    "hostile",
    ["." * 10, "…", ".…", ".)", ". ", "\n", " ", "1. ", "-", "。", "e.g.", "A.", "..." + ")" * 9],
)
def test_takes_linear_time(hostile: str) -> None:
    text = hostile * (300_000 // len(hostile)) + "x"
    began = time.process_time()
    sentences.split(text)
    assert time.process_time() - began < 2
