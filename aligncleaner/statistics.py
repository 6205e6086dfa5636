"""Intervals and agreement, from sums over rows.

Every figure of a detector (precision, F1, kappa, a share) is a function of sums over the rows it
was measured on. So one bootstrap serves them all: draw prompts with replacement, add up the rows
of the drawn prompts by one matrix product, and apply the function to all resamples at once.

Prompts are drawn, not rows: answers to one prompt resemble each other, and intervals that take
them as independent are too narrow (cluster bootstrap: Davison & Hinkley 1997, section 3.8).

In arrays NaN means "undefined" (0 / 0); an `Estimate` leaves the module with null in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import isfinite, prod, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Turns sums of shape (..., *row) into figures of shape (..., *figures), for any leading axes.
Statistic = Callable[[Reals], Reals]

#: An interval is withheld where more than this share of the resamples leaves the figure undefined.
_UNDEFINED_ALLOWED: Final = 0.1
#: Draws held in memory at once, 4 bytes each.
_DRAWS_AT_ONCE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; null where it is undefined or cannot be told."""

    value: float | None
    low: float | None
    high: float | None


class Intervals(NamedTuple):
    """Figures of one shape with the two ends of their intervals; NaN where undefined."""

    value: Reals
    low: Reals
    high: Reals

    def at(self, *index: int) -> Estimate:
        """The figure at `index` as an `Estimate`."""
        return Estimate(*(_known(float(part[index])) for part in self))


def _known(number: float) -> float | None:
    return number if isfinite(number) else None


# Resampling


def resampled_sums(
    values: Reals,
    clusters: Sequence[Hashable] | None = None,
    *,
    resamples: int = 10_000,
    seed: int = 0,
) -> Reals:
    """Sums of rows over bootstrap resamples of whole clusters: shape (resamples, *row).

    `values` has shape (n, *row). `clusters` holds one key per row (here: its prompt); null makes
    every row its own cluster. As many clusters are drawn as there are, with replacement.
    """
    per_cluster = _cluster_sums(values, clusters)
    count = len(per_cluster)
    flat = per_cluster.reshape(count, prod(values.shape[1:]))
    sums = np.zeros((resamples, flat.shape[1]))
    if count:
        generator = np.random.default_rng(seed)
        chunk = max(1, _DRAWS_AT_ONCE // count)
        for start in range(0, resamples, chunk):
            size = min(chunk, resamples - start)
            sums[start : start + size] = _times_drawn(generator, size, count) @ flat
    return sums.reshape(resamples, *values.shape[1:])


def _cluster_sums(values: Reals, clusters: Sequence[Hashable] | None) -> Reals:
    if clusters is None:
        return values
    number: dict[Hashable, int] = {}
    codes = [number.setdefault(key, len(number)) for key in clusters]
    sums = np.zeros((len(number), *values.shape[1:]))
    np.add.at(sums, codes, values)
    return sums


def _times_drawn(generator: np.random.Generator, resamples: int, count: int) -> Reals:
    """How often each of `count` clusters is drawn in each resample: shape (resamples, count)."""
    draws = generator.integers(0, count, size=(resamples, count), dtype=np.int32)
    draws += np.arange(0, resamples * count, count, dtype=np.int32)[:, None]
    times = np.bincount(draws.ravel(), minlength=resamples * count)
    return times.reshape(resamples, count).astype(np.float64)


def bootstrap(
    values: Reals,
    statistic: Statistic,
    clusters: Sequence[Hashable] | None = None,
    *,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> Intervals:
    """A statistic of sums with percentile intervals (Efron & Tibshirani 1993, chapter 13).

    Figures computed in one call rest on the same resamples, so their differences, taken inside
    `statistic`, are paired. Resamples that leave a figure undefined are left out of its
    interval; where they are more than a tenth, the interval is NaN.
    """
    value = statistic(values.sum(axis=0))
    sums = resampled_sums(values, clusters, resamples=resamples, seed=seed)
    samples = statistic(sums).reshape(resamples, value.size)
    ends = np.array([_percentiles(column, level) for column in samples.T]).reshape(-1, 2)
    return Intervals(value, ends[:, 0].reshape(value.shape), ends[:, 1].reshape(value.shape))


def _percentiles(sample: Reals, level: float) -> tuple[float, float]:
    defined = sample[~np.isnan(sample)]
    if len(defined) < (1 - _UNDEFINED_ALLOWED) * len(sample) or not len(defined):
        return np.nan, np.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def paired_difference(
    first: Reals,
    second: Reals,
    statistic: Statistic,
    clusters: Sequence[Hashable] | None = None,
    *,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> Intervals:
    """`statistic(first) - statistic(second)` of two detectors on the same rows, each (n, *row)."""
    both = np.stack([first, second], axis=1)

    def difference(sums: Reals) -> Reals:
        # The axis of the two detectors stands before those of a row.
        one, other = np.moveaxis(sums, -first.ndim, 0)
        gap: Reals = statistic(one) - statistic(other)
        return gap

    return bootstrap(both, difference, clusters, resamples=resamples, seed=seed, level=level)


# Shares


def wilson(successes: float, trials: float, level: float = 0.95) -> tuple[float, float] | None:
    """Wilson's score interval for a share (Wilson 1927; advised by Brown, Cai & DasGupta 2001).

    With p = k / n: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n). Null without trials.
    """
    if trials <= 0:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / trials
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    reach = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    # The ends are 0 and 1 there by algebra, but not in floating point.
    low = 0.0 if successes == 0 else centre - reach
    high = 1.0 if successes == trials else centre + reach
    return low, high


def not_degenerate(share: Estimate, trials: int, level: float = 0.95) -> Estimate:
    """`share` with Wilson's interval in place of a bootstrap interval of no width.

    Where no row (or every row) is a success, all resamples agree, and the bootstrap claims to
    know the share exactly. `trials` counts the independent units: clusters, not rows.
    """
    if share.value not in (0.0, 1.0) or not trials:
        return share
    ends = wilson(share.value * trials, trials, level)
    return Estimate(share.value, *ends) if ends else share


# Binary detectors


def confusion(truth: Bools, flagged: Bools) -> Reals:
    """Per row 0 or 1 for [true positive, false positive, false negative, true negative].

    `truth` has shape (n,), `flagged` (n,) or (n, detectors); the result appends an axis of 4.
    """
    real = truth.reshape(truth.shape + (1,) * (flagged.ndim - truth.ndim))
    cells = (real & flagged, ~real & flagged, real & ~flagged, ~real & ~flagged)
    return np.stack(cells, axis=-1).astype(np.float64)


def rates(counts: Reals) -> Reals:
    """[precision, recall, F1, false positive rate] of confusion counts (..., 4); NaN for 0 / 0.

    Precision = TP / (TP + FP); recall = TP / (TP + FN); F1 = 2 TP / (2 TP + FP + FN), the
    harmonic mean of the two; false positive rate = FP / (FP + TN).
    """
    tp, fp, fn, tn = np.moveaxis(counts, -1, 0)
    tops = np.stack([tp, tp, 2 * tp, fp], axis=-1)
    bottoms = np.stack([tp + fp, tp + fn, 2 * tp + fp + fn, fp + tn], axis=-1)
    return ratio(tops, bottoms)


def ratio(top: Reals, bottom: Reals) -> Reals:
    """`top / bottom`, NaN (and no warning) where `bottom` is 0."""
    quotient: Reals = np.full(np.broadcast_shapes(top.shape, bottom.shape), np.nan)
    np.divide(top, bottom, out=quotient, where=bottom != 0)
    return quotient


def rate_estimates(
    estimates: Sequence[Estimate],
    cells: Reals,
    clusters: Sequence[Hashable],
    level: float = 0.95,
) -> tuple[Estimate, Estimate, Estimate, Estimate]:
    """The four `rates` of one detector, with no interval of no width; see `not_degenerate`.

    `cells` (n, 4) is the detector's `confusion` on the rows that `estimates` rest on.
    """
    tp, fp, fn, tn = cells.T.astype(bool)

    def repaired(estimate: Estimate, counting: Bools) -> Estimate:
        trials = len({key for key, counts in zip(clusters, counting, strict=True) if counts})
        return not_degenerate(estimate, trials, level)

    precision, recall, f1, lost = estimates
    # F1 is no share, but 2J / (1 + J) of one: J, the hits among all flagged or real rows.
    jaccard = repaired(f1, tp | fp | fn)
    if jaccard is not f1 and jaccard.low is not None and jaccard.high is not None:
        low, high = (2 * end / (1 + end) for end in (jaccard.low, jaccard.high))
        f1 = Estimate(f1.value, low, high)
    return repaired(precision, tp | fp), repaired(recall, tp | fn), f1, repaired(lost, fp | tn)


def reweighted(counts: Reals, sizes: Reals, pools: Reals) -> Reals:
    """Sums over strata, each blown up from the rows drawn from it to the pool it stands for.

    `counts` (..., strata, *row) holds sums per stratum, `sizes` (..., strata) the rows drawn in
    each and `pools` (strata,) the sizes of the pools. Result: (..., *row), the post-stratified
    total of sum over h of pool_h · count_h / size_h (Cochran 1977, chapter 5A).
    """
    weights = ratio(np.broadcast_to(pools, sizes.shape), sizes)
    extra = counts.ndim - weights.ndim
    weighted = counts * weights.reshape(weights.shape + (1,) * extra)
    total: Reals = weighted.sum(axis=weights.ndim - 1)
    return total


# Agreement and calibration


def kappa(table: Reals) -> Reals:
    """Cohen's kappa (1960) of agreement tables (..., labels, labels); NaN where undefined.

    (p_o - p_e) / (1 - p_e), with p_o the share on the diagonal and p_e what the two margins
    would give by chance. Undefined where both always give one and the same label.
    """
    total = table.sum(axis=(-2, -1))
    observed = ratio(np.trace(table, axis1=-2, axis2=-1), total)
    margins = (table.sum(axis=-1) * table.sum(axis=-2)).sum(axis=-1)
    expected = ratio(margins, total * total)
    return ratio(observed - expected, 1 - expected)


def agreement(
    first: Sequence[Hashable], second: Sequence[Hashable], labels: Sequence[Hashable]
) -> Reals:
    """Per row a (labels, labels) table with a 1 at (first's label, second's label)."""
    place = {label: number for number, label in enumerate(labels)}
    table = np.zeros((len(first), len(labels), len(labels)))
    rows = np.arange(len(first))
    table[rows, [place[label] for label in first], [place[label] for label in second]] = 1
    return table


def calibration_error(probabilities: Reals, truth: Bools, bins: int = 10) -> float | None:
    """Expected calibration error over equal-width bins (Naeini et al. 2015); null without rows.

    The mean over rows of |share true - mean probability| of the row's bin. Probabilities of
    exactly 1 belong to the last bin.
    """
    if not len(truth):
        return None
    place = np.minimum((probabilities * bins).astype(np.intp), bins - 1)
    gaps = np.bincount(place, weights=truth - probabilities, minlength=bins)
    return float(np.abs(gaps).sum() / len(truth))
