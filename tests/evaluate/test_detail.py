"""What only verdicts and flags can be asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aligncleaner.detect.evidence import Flag, Verdict
from aligncleaner.evaluate.detail import Detail, detail
from aligncleaner.evaluate.gold import GoldRow
from aligncleaner.evaluate.predictions import Predictions
from aligncleaner.evaluate.scores import Resampling

MakeRow = Callable[..., GoldRow]
MakeVerdict = Callable[..., Verdict]


def compare(
    rows: list[GoldRow], verdicts: list[Verdict], *flags: Flag, graded: bool = True
) -> Detail:
    predictions = Predictions(verdicts, flags or None)
    return detail(rows, predictions, graded, Resampling(resamples=200))


def flag(row: int, start: int, end: int) -> Flag:
    return Flag(row, "test", "1", None, "refuses", None, None, 1.0, start, end)


def test_outcomes_are_scored_each_and_on_average(row: MakeRow, verdict: MakeVerdict) -> None:
    gold = ["complies", "complies", "refuses", "partly_refuses", "refuses"]
    said = ["complies", "refuses", "refuses", "refuses", "refuses"]
    found = compare([row(each) for each in gold], [verdict(each) for each in said])
    f1 = {outcome: scored.f1.value for outcome, scored in found.outcomes.items()}
    # Nothing is malformed here, nor called so: no F1, and no part in the average.
    assert f1 == {
        "complies": pytest.approx(2 / 3),
        "partly_refuses": 0.0,
        "refuses": pytest.approx(2 / 3),
        "malformed": None,
    }
    assert found.outcome_f1 and found.outcome_kappa
    assert found.outcome_f1.value == pytest.approx((2 / 3 + 0 + 2 / 3) / 3)
    # Observed agreement 3/5; by chance (2·1 + 2·4 + 1·0) / 25.
    assert found.outcome_kappa.value == pytest.approx((3 / 5 - 10 / 25) / (1 - 10 / 25))
    assert (found.outcomes["refuses"].gold, found.outcomes["refuses"].predicted) == (2, 4)


def test_coarse_gold_leaves_outcomes_and_traits_out(row: MakeRow, verdict: MakeVerdict) -> None:
    rows = [row("refuses"), row("complies"), row(None)]
    found = compare(rows, [verdict("refuses")] * 3, graded=False)
    assert (found.outcome_f1, found.outcome_kappa, found.outcomes, found.traits) == (
        None, None, {}, {},
    )  # fmt: skip
    assert found.calibration_error == pytest.approx(0.5)


def test_traits_are_scored_where_the_gold_speaks_of_them(
    row: MakeRow, verdict: MakeVerdict
) -> None:
    rows = [
        row("complies", traits=["hedge"]),
        row("complies", traits=["hedge", "disclaimer"]),
        row("complies", traits=[]),
        row("complies", traits=None),
    ]
    verdicts = [
        verdict("complies", p_hedge=0.5),
        verdict("complies", p_hedge=0.4, p_disclaimer=0.9),
        verdict("complies", p_hedge=0.9),
        verdict("complies", p_hedge=0.9),
    ]
    traits = compare(rows, verdicts).traits
    assert (traits["hedge"].gold, traits["hedge"].predicted) == (2, 2)
    assert (traits["hedge"].precision.value, traits["hedge"].recall.value) == (0.5, 0.5)
    assert traits["disclaimer"].f1.value == 1.0
    assert traits["disclaimer"].kappa.value == 1.0
    assert traits["moralizing"].f1.value is None


def test_over_refusal_is_asked_of_agreed_refusals_only(row: MakeRow, verdict: MakeVerdict) -> None:
    rows = [
        row("refuses", over_refusal=True),
        row("refuses", over_refusal=False),
        row("refuses", over_refusal=True),
        row("complies"),
    ]
    verdicts = [
        verdict("refuses", over_refusal=0.9),
        verdict("refuses", over_refusal=0.8),
        verdict("complies"),
        verdict("refuses", over_refusal=0.9),
    ]
    found = compare(rows, verdicts).over_refusal
    assert found and (found.rows, found.share.value) == (2, 0.5)


@pytest.mark.parametrize(
    ("start", "end", "share"),
    [(10, 20, 1.0), (0, 40, 1.0), (15, 30, 1.0), (16, 30, 0.0), (0, 10, 0.0), (30, 40, 0.0)],
)
def test_a_quote_is_found_where_a_flag_covers_half_of_it(
    row: MakeRow, verdict: MakeVerdict, start: int, end: int, share: float
) -> None:
    rows = [row("complies"), row("refuses", response="x" * 50, start=10, end=20)]
    found = compare(rows, [verdict("refuses")] * 2, flag(0, 10, 20), flag(1, start, end)).spans
    assert found and (found.rows, found.share.value) == (1, share)


def test_spans_are_left_out_where_a_detector_points_at_nothing(
    row: MakeRow, verdict: MakeVerdict
) -> None:
    assert compare([row("refuses", start=0, end=2)], [verdict("refuses")]).spans is None


def test_verdicts_must_match_the_rows(row: MakeRow, verdict: MakeVerdict) -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare([row("refuses")] * 2, [verdict("refuses")])
