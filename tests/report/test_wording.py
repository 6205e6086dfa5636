from __future__ import annotations

from typing import Any

import pytest

from aligncleaner.report import wording
from aligncleaner.report.build import figures
from aligncleaner.report.tally import Tally
from aligncleaner.schema import FATES, OUTCOMES, REASONS, TRAITS


def test_every_word_of_the_taxonomy_is_explained() -> None:
    assert set(wording.OUTCOMES) == set(OUTCOMES)
    assert set(wording.TRAITS) == set(TRAITS)
    assert set(wording.REASONS) == set(REASONS)
    assert set(wording.FATES) == set(FATES) - {"no_answer", "quarantined"}


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, ""),
        (0, 9, "0 %"),
        (1, 5_000, "< 0.1 %"),
        (1, 300, "0.3 %"),
        (16, 100, "16 %"),
        (995, 1_000, "99.5 %"),
        (9_999, 10_000, "> 99.9 %"),
        (7, 7, "100 %"),
    ],
)
def test_shares(part: int, whole: int, shown: str) -> None:
    assert wording.share(part, whole) == shown


@pytest.mark.parametrize(
    ("ends", "quarantined", "sentence"),
    [
        ({}, 0, "No records were read."),
        (
            {"kept": 1},
            0,
            "Of 1 record, 1 is kept unchanged, 0 repaired, 0 removed and 0 could not be read.",
        ),
        (
            {"kept": 21, "repaired": 2, "removed": 3},
            4,
            "Of 30 records, 21 are kept unchanged, 2 repaired, 3 removed and 4 could not be read.",
        ),
    ],
)
def test_the_funnel_in_a_sentence(ends: dict[str, Any], quarantined: int, sentence: str) -> None:
    tally = Tally.empty()
    tally.add_records(**ends)
    for byte in range(quarantined):
        tally.add_quarantined("log.jsonl", byte, byte, "cut off", b"", 0)
    assert wording.funnel(figures(tally, {})) == sentence
