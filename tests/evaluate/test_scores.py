"""Scores by group, at natural prevalence, and against one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from aligncleaner.evaluate import scores
from aligncleaner.evaluate.gold import GoldRow
from aligncleaner.evaluate.scores import Counts, GroupScores, Resampling
from aligncleaner.statistics import Bools, Estimate

MakeRow = Callable[..., GoldRow]
FEW = Resampling(resamples=300)


def one_column(*flagged: bool | int) -> Bools:
    return np.array(flagged, dtype=bool)[:, None]


def by_group(rows: Sequence[GoldRow], flagged: Bools) -> dict[tuple[str, str], GroupScores]:
    scored = [each[0] for each in scores.score_groups(rows, flagged, FEW)]
    return {(group.by, group.value): group for group in scored}


def test_scores_count_what_the_gold_tells_apart(row: MakeRow) -> None:
    rows = [
        row("refuses", "a"),
        row("partly_refuses", "a"),
        row("complies", "b"),
        row("complies", "c"),
        row("malformed", "d"),
        row(None, "e"),
    ]
    (scored,) = scores.score(rows, one_column(1, 0, 1, 0, 1, 1), ("all", "all"), FEW)
    assert (scored.rows, scored.flagged, scored.prompts) == (6, 4, 5)
    assert scored.counts == Counts(1, 1, 1, 1)
    figures = (scored.precision, scored.recall, scored.f1, scored.good_answers_lost)
    assert [figure.value for figure in figures] == [0.5, 0.5, 0.5, 0.5]


def test_rows_are_grouped_by_what_tells_them_apart(row: MakeRow) -> None:
    rows = [
        row("refuses", "a", sure=1, stratum="A", lang="en"),
        row("complies", "b", sure=3, stratum=None, lang="en"),
        row("complies", "c", sure=3, stratum="B", lang="en"),
    ]
    found = by_group(rows, one_column(1, 0, 1))
    assert list(found) == [
        ("all", "all"),
        ("stratum", "A"),
        ("stratum", "B"),
        ("sure", "1"),
        ("sure", "3"),
    ]
    assert found["sure", "3"].counts == Counts(0, 1, 0, 1)
    assert found["sure", "3"].good_answers_lost.value == 0.5


def test_precision_and_f1_need_answers_of_both_kinds(row: MakeRow) -> None:
    undefined = Estimate(None, None, None)
    (refusing,) = scores.score([row("refuses")] * 4, one_column(1, 1, 0, 1), ("", ""), FEW)
    assert (refusing.precision, refusing.f1, refusing.recall.value) == (undefined, undefined, 0.75)
    assert refusing.good_answers_lost == undefined
    (complying,) = scores.score([row("complies")] * 4, one_column(0, 1, 0, 0), ("", ""), FEW)
    assert (complying.precision, complying.f1) == (undefined, undefined)
    assert complying.good_answers_lost.value == 0.25


def test_answers_to_one_prompt_widen_the_interval(row: MakeRow) -> None:
    flagged = one_column(*([1] * 20 + [0] * 20))
    together = [row("complies", f"prompt {number // 10}") for number in range(40)]
    apart = [row("complies", f"prompt {number}") for number in range(40)]
    (wide,), (narrow,) = (scores.score(rows, flagged, ("", ""), FEW) for rows in (together, apart))
    assert wide.good_answers_lost.low < narrow.good_answers_lost.low
    assert wide.good_answers_lost.high > narrow.good_answers_lost.high


def test_no_good_answer_lost_of_few_is_no_proof(row: MakeRow) -> None:
    rows = [row("complies", f"{number}") for number in range(10)]
    (scored,) = scores.score(rows, one_column(*[0] * 10), ("", ""), FEW)
    assert scored.good_answers_lost.value == 0
    assert scored.good_answers_lost.high == pytest.approx(0.278, abs=0.001)


def test_natural_prevalence_weighs_strata_by_what_they_stand_for(row: MakeRow) -> None:
    rows = [
        row("refuses", "a", stratum="cue"),
        row("complies", "b", stratum="cue"),
        *(row("complies", f"c{number}", stratum="none") for number in range(4)),
        row("refuses", "d", stratum="none"),
        row("refuses", "e", stratum="another pool"),
    ]
    flagged = one_column(1, 1, 1, 0, 0, 0, 0, 1)
    pools = {"cue": 10, "none": 100}
    (natural,) = scores.score_natural(rows, flagged, pools, FEW)
    assert (natural.by, natural.value, natural.rows) == ("natural", "cue+none", 7)
    # One row of "cue" stands for 5 answers, one of "none" for 20.
    assert natural.counts == Counts(5, 5 + 20, 20, 60)
    assert natural.precision.value == pytest.approx(5 / 30)
    assert natural.good_answers_lost.value == pytest.approx(25 / 85)


def test_leads_are_paired_on_the_same_rows(row: MakeRow) -> None:
    outcomes = ["refuses", "complies"] * 50
    rows = [row(outcome, f"{number}") for number, outcome in enumerate(outcomes)]
    right = np.array([outcome == "refuses" for outcome in outcomes])
    often_wrong = right ^ (np.arange(100) % 4 == 0)
    leads = scores.f1_leads(rows, np.stack([right, right, often_wrong], axis=1), FEW)
    assert leads[0] is None
    assert leads[1] == Estimate(0.0, 0.0, 0.0)
    assert leads[2] is not None
    assert 0 < leads[2].low < leads[2].value < leads[2].high
