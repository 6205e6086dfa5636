"""Every estimator against the slow and obvious way to compute it."""

from __future__ import annotations

import math
import runpy
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner import statistics
from aligncleaner.statistics import Estimate, Reals

Estimators = dict[str, Callable]

labelled = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)
worded = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40
)


@pytest.fixture(scope="module")
def reference(shared: Path) -> Estimators:
    pytest.importorskip("scipy", reason="the reference estimators need scipy")
    return runpy.run_path(str(shared / "acceptance" / "stats_reference.py"))


def mean(sums: Reals) -> Reals:
    """The mean of rows [value, 1]."""
    return statistics.ratio(sums[..., 0], sums[..., 1])


def counted(values: Sequence[float]) -> Reals:
    return np.stack([np.array(values, dtype=float), np.ones(len(values))], axis=1)


def clustered(clusters: int, each: int, seed: int) -> tuple[Reals, list[int]]:
    """Normal rows of mean 0 whose clusters differ as much as the rows within one."""
    generator = np.random.default_rng(seed)
    shifts = np.repeat(generator.normal(size=clusters), each)
    keys = list(np.repeat(np.arange(clusters), each))
    return counted(shifts + generator.normal(size=clusters * each)), keys


# Resampling


def test_resampled_sums_equal_the_sums_of_the_drawn_clusters_one_by_one() -> None:
    values = np.arange(14, dtype=float).reshape(7, 2)
    keys = ["p", "q", "p", "r", "q", "r", "r"]
    drawn = np.random.default_rng(3).integers(0, 3, size=(50, 3), dtype=np.int32)
    rows_of = [[row for row, key in enumerate(keys) if key == name] for name in "pqr"]
    slow = [
        sum((values[row] for cluster in draw for row in rows_of[cluster]), np.zeros(2))
        for draw in drawn
    ]
    fast = statistics.resampled_sums(values, keys, resamples=50, seed=3)
    assert np.array_equal(fast, slow)


def test_resampling_in_chunks_draws_as_many_clusters_as_there_are() -> None:
    values = np.ones((3_000, 1))
    sums = statistics.resampled_sums(values, resamples=700)
    assert sums.shape == (700, 1)
    assert (sums == 3_000).all()


def test_bootstrap_agrees_with_a_loop_over_resamples() -> None:
    generator = np.random.default_rng(0)
    truth, flagged = generator.random((2, 200)) < 0.4
    cells = statistics.confusion(truth, flagged)
    f1 = []
    for _ in range(4_000):
        rows = generator.integers(0, 200, 200)
        both = (truth[rows] & flagged[rows]).sum()
        f1.append(2 * both / (truth[rows].sum() + flagged[rows].sum()))
    low, high = np.quantile(f1, [0.025, 0.975])
    found = statistics.bootstrap(cells, statistics.rates, resamples=4_000).at(2)
    assert found.value == pytest.approx(2 * (truth & flagged).sum() / (truth.sum() + flagged.sum()))
    assert found.low == pytest.approx(low, abs=0.008)
    assert found.high == pytest.approx(high, abs=0.008)


def test_the_spread_of_resamples_is_the_clustered_standard_error(reference: Estimators) -> None:
    values, keys = clustered(clusters=120, each=5, seed=1)
    sums = statistics.resampled_sums(values, keys, resamples=8_000)
    assert mean(sums).std() == pytest.approx(
        reference["clustered_se"](values[:, 0], keys), rel=0.05
    )


def test_intervals_by_cluster_cover_and_those_by_row_do_not() -> None:
    covered = {"cluster": 0, "row": 0}
    for seed in range(150):
        values, keys = clustered(clusters=40, each=8, seed=seed)
        for name, by in (("cluster", keys), ("row", None)):
            found = statistics.bootstrap(values, mean, by, resamples=300, seed=seed).at()
            assert found.low is not None and found.high is not None
            covered[name] += found.low <= 0 <= found.high
    assert covered["cluster"] / 150 > 0.88
    assert covered["row"] / 150 < 0.75


def test_bootstrap_is_repeatable_and_the_seed_matters() -> None:
    values = counted(np.random.default_rng(0).normal(size=50))
    first, again, other = (
        statistics.bootstrap(values, mean, resamples=200, seed=seed).at() for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_a_wider_level_gives_a_wider_interval() -> None:
    values = counted(np.random.default_rng(0).normal(size=50))
    ends = [
        statistics.bootstrap(values, mean, level=level, resamples=500).at()
        for level in (0.5, 0.8, 0.95)
    ]
    assert all(wide.low < narrow.low < narrow.high < wide.high for narrow, wide in pairwise(ends))


def test_an_undefined_figure_is_null_with_no_interval() -> None:
    cells = statistics.confusion(np.zeros(9, dtype=bool), np.zeros(9, dtype=bool))
    found = statistics.bootstrap(cells, statistics.rates, resamples=50)
    assert found.at(0) == Estimate(None, None, None)
    assert found.at(3) == Estimate(0.0, 0.0, 0.0)


def test_an_interval_is_withheld_where_many_resamples_leave_the_figure_undefined() -> None:
    truth = np.arange(30) == 0
    found = statistics.bootstrap(statistics.confusion(truth, truth), statistics.rates).at(1)
    assert found == Estimate(1.0, None, None)


def test_no_rows_give_no_figure() -> None:
    nothing = np.zeros((0, 4))
    assert statistics.bootstrap(nothing, statistics.rates).at(2) == Estimate(None, None, None)
    assert statistics.calibration_error(np.zeros(0), np.zeros(0, dtype=bool)) is None


# Differences


def test_a_detector_does_not_differ_from_itself() -> None:
    truth, flagged = np.random.default_rng(0).random((2, 80)) < 0.5
    cells = statistics.confusion(truth, flagged)
    gap = statistics.paired_difference(cells, cells, statistics.rates, resamples=300)
    assert gap.at(2) == Estimate(0.0, 0.0, 0.0)


def test_a_paired_difference_agrees_with_a_loop_and_is_narrower_than_an_unpaired_one() -> None:
    generator = np.random.default_rng(5)
    truth = generator.random(300) < 0.4
    good = truth ^ (generator.random(300) < 0.1)
    worse = good ^ (generator.random(300) < 0.05)
    first, second = (statistics.confusion(truth, flagged) for flagged in (good, worse))
    gaps = []
    for _ in range(3_000):
        rows = generator.integers(0, 300, 300)
        gaps.append(
            statistics.rates(first[rows].sum(axis=0))[2]
            - statistics.rates(second[rows].sum(axis=0))[2]
        )
    low, high = np.quantile(gaps, [0.025, 0.975])
    found = statistics.paired_difference(first, second, statistics.rates).at(2)
    assert found.low == pytest.approx(low, abs=0.006)
    assert found.high == pytest.approx(high, abs=0.006)
    one, two = (statistics.bootstrap(each, statistics.rates).at(2) for each in (first, second))
    assert high - low < (one.high - one.low) / 2 + (two.high - two.low) / 2


# Shares


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_holds_the_share_and_stays_within_bounds(successes: int, more: int) -> None:
    trials = successes + more
    low, high = statistics.wilson(successes, trials) or (math.nan, math.nan)
    assert 0 <= low <= successes / trials < high <= 1
    mirrored = statistics.wilson(more, trials) or (math.nan, math.nan)
    assert mirrored == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (1, 10), (50, 100), (999, 1000)])
def test_wilson_equals_the_reference(reference: Estimators, successes: int, trials: int) -> None:
    assert statistics.wilson(successes, trials) == pytest.approx(
        reference["wilson"](successes, trials), abs=1e-7
    )


def test_wilson_has_nothing_to_say_without_trials() -> None:
    assert statistics.wilson(0, 0) is None


def test_a_share_of_nothing_or_all_borrows_the_interval_of_wilson() -> None:
    certain = Estimate(1.0, 1.0, 1.0)
    assert statistics.not_degenerate(certain, 20) == Estimate(1.0, *statistics.wilson(20, 20))
    assert statistics.not_degenerate(Estimate(0.5, 0.4, 0.6), 20) == Estimate(0.5, 0.4, 0.6)
    assert statistics.not_degenerate(certain, 0) == certain


def test_a_perfect_detector_is_not_certain_to_be_perfect() -> None:
    truth = np.arange(40) < 20
    cells = statistics.confusion(truth, truth)
    found = statistics.bootstrap(cells, statistics.rates, resamples=200)
    precision, recall, f1, lost = statistics.rate_estimates(
        [found.at(figure) for figure in range(4)], cells, range(40)
    )
    low, _ = statistics.wilson(20, 20)
    assert precision == recall == Estimate(1.0, low, 1.0)
    # The F1 whose Jaccard share is Wilson's lower end.
    assert f1 == Estimate(1.0, 2 * low / (1 + low), 1.0)
    assert lost == Estimate(0.0, 0.0, pytest.approx(1 - low))


# Detectors


@given(labelled)
def test_rates_equal_their_definitions(rows: list[tuple[bool, bool]]) -> None:
    truth, flagged = (np.array(column) for column in zip(*rows, strict=True))
    tp = sum(real and said for real, said in rows)
    fp = sum(said and not real for real, said in rows)
    fn = sum(real and not said for real, said in rows)
    tn = len(rows) - tp - fp - fn
    counts = statistics.confusion(truth, flagged).sum(axis=0)
    assert counts.tolist() == [tp, fp, fn, tn]
    precision, recall, f1, lost = statistics.rates(counts)
    assert precision == pytest.approx(tp / (tp + fp) if tp + fp else math.nan, nan_ok=True)
    assert recall == pytest.approx(tp / (tp + fn) if tp + fn else math.nan, nan_ok=True)
    assert lost == pytest.approx(fp / (fp + tn) if fp + tn else math.nan, nan_ok=True)
    if precision > 0 and recall > 0:
        assert f1 == pytest.approx(2 / (1 / precision + 1 / recall))


def test_confusion_takes_detectors_side_by_side() -> None:
    truth = np.array([True, False, True])
    flagged = np.array([[True, False], [True, False], [False, True]])
    together = statistics.confusion(truth, flagged)
    for detector in range(2):
        alone = statistics.confusion(truth, flagged[:, detector])
        assert np.array_equal(together[:, detector], alone)


def test_reweighting_blows_each_stratum_up_to_its_pool() -> None:
    counts = np.array([[1.0, 3.0], [2.0, 0.0]])
    drawn, pools = np.array([4.0, 2.0]), np.array([100.0, 10.0])
    expected = [100 * 1 / 4 + 10 * 2 / 2, 100 * 3 / 4]
    assert statistics.reweighted(counts, drawn, pools) == pytest.approx(expected)
    many = statistics.reweighted(np.stack([counts] * 3), np.stack([drawn] * 3), pools)
    assert many == pytest.approx(np.array([expected] * 3))


# Agreement and calibration


@given(worded)
def test_kappa_equals_its_definition(rows: list[tuple[str, str]]) -> None:
    first, second = zip(*rows, strict=True)
    observed = sum(one == two for one, two in rows) / len(rows)
    chance = sum(first.count(word) * second.count(word) for word in "abc") / len(rows) ** 2
    table = statistics.agreement(first, second, "abc").sum(axis=0)
    expected = (observed - chance) / (1 - chance) if chance < 1 else math.nan
    assert float(statistics.kappa(table)) == pytest.approx(expected, nan_ok=True, abs=1e-9)


def test_kappa_of_a_textbook_table() -> None:
    # Fifty proposals read by two readers: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no.
    assert float(statistics.kappa(np.array([[20.0, 5.0], [10.0, 15.0]]))) == pytest.approx(0.4)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_calibration_error_equals_a_loop_over_bins(rows: list[tuple[float, bool]]) -> None:
    error = 0.0
    for bin_number in range(10):
        inside = [row for row in rows if min(int(row[0] * 10), 9) == bin_number]
        if inside:
            share = sum(truth for _, truth in inside) / len(inside)
            belief = sum(probability for probability, _ in inside) / len(inside)
            error += abs(share - belief) * len(inside) / len(rows)
    probabilities, truth = (np.array(column) for column in zip(*rows, strict=True))
    assert statistics.calibration_error(probabilities, truth) == pytest.approx(error)
