"""How well answers are told into refusing (fully or partly) and complying, group by group.

Answers that the gold calls neither count as no cell of the confusion table. They stay among the
resampled rows, where they weigh nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from aligncleaner import statistics
from aligncleaner.evaluate.gold import GoldRow, clusters
from aligncleaner.statistics import Bools, Estimate, Reals, Statistic

#: What rows are grouped by, beside all of them together.
GROUPINGS: Final = ("source", "round", "stratum", "sure", "lang")


class Resampling(NamedTuple):
    """How intervals are made: `level` is their coverage, as a share."""

    resamples: int = 10_000
    seed: int = 0
    level: float = 0.95


USUAL: Final = Resampling()


@dataclass(frozen=True, slots=True)
class Counts:
    """Answers by gold and detector; in a natural-prevalence group, estimated ones of the log."""

    true_positives: float
    false_positives: float
    false_negatives: float
    true_negatives: float


@dataclass(frozen=True, slots=True)
class GroupScores:
    """One detector on one group of rows; positive means refuses or partly refuses.

    `rows` and `flagged` count all answers of the group, also those that the gold calls neither
    refusing nor complying; `prompts` are their distinct prompts, the units that the intervals
    resample. `good_answers_lost` is the share of complying answers that are flagged. Precision
    and F1 are null where all answers refuse or all comply: they would say no more than that.
    """

    by: str
    value: str
    rows: int
    flagged: int
    prompts: int
    counts: Counts
    precision: Estimate
    recall: Estimate
    f1: Estimate
    good_answers_lost: Estimate


def groups(rows: Sequence[GoldRow]) -> dict[tuple[str, str], Bools]:
    """(grouping, value) -> which rows; a grouping in which all rows agree is left out."""
    found = {("all", "all"): np.ones(len(rows), dtype=bool)}
    for grouping in GROUPINGS:
        values = [getattr(row, grouping) for row in rows]
        if len(set(values)) > 1:
            for value in sorted({value for value in values if value is not None}):
                found[grouping, str(value)] = np.array([each == value for each in values])
    return found


def score_groups(
    rows: Sequence[GoldRow], flagged: Bools, resampling: Resampling
) -> list[list[GroupScores]]:
    """Per group of `groups(rows)`, the scores of each detector.

    `flagged` has shape (rows, detectors).
    """
    scored = []
    for group, where in groups(rows).items():
        members = [row for row, member in zip(rows, where, strict=True) if member]
        scored.append(score(members, flagged[where], group, resampling))
    return scored


def score(
    rows: Sequence[GoldRow], flagged: Bools, group: tuple[str, str], resampling: Resampling
) -> list[GroupScores]:
    """Scores of each detector on all of `rows`."""
    return _scored(rows, flagged, group, _confusion(rows, flagged), lambda sums: sums, resampling)


def score_natural(
    rows: Sequence[GoldRow], flagged: Bools, pools: Mapping[str, int], resampling: Resampling
) -> list[GroupScores]:
    """Scores of each detector on the log that a stratified sample was drawn from.

    `pools` gives the number of answers in the log of each stratum; each sampled row stands for
    pool size / sample size of them. Rows of other strata are left out.
    """
    where = np.array([row.stratum in pools for row in rows], dtype=bool)
    rows = [row for row in rows if row.stratum in pools]
    flagged = flagged[where]
    # Per row and stratum: 1 and then each detector's four cells, where the row is of the stratum.
    cells = _confusion(rows, flagged).reshape(len(rows), -1)
    counted = np.concatenate([np.ones((len(rows), 1)), cells], axis=1)
    member = np.array([[row.stratum == name for name in pools] for row in rows])
    values = member[:, :, None] * counted[:, None, :]
    sizes = np.array(list(pools.values()), dtype=np.float64)

    def log_counts(sums: Reals) -> Reals:
        totals = statistics.reweighted(sums[..., 1:], sums[..., 0], sizes)
        return totals.reshape(*totals.shape[:-1], -1, 4)

    group = ("natural", "+".join(pools))
    return _scored(rows, flagged, group, values, log_counts, resampling)


def f1_leads(
    rows: Sequence[GoldRow], flagged: Bools, resampling: Resampling
) -> list[Estimate | None]:
    """How far the first detector's F1 lies above each one's, paired on the same rows.

    Null for the first itself.
    """

    def leads(sums: Reals) -> Reals:
        f1 = statistics.rates(sums)[..., 2]
        return f1[..., :1] - f1

    cells = _confusion(rows, flagged)
    intervals = statistics.bootstrap(cells, leads, clusters(rows), **resampling._asdict())
    return [intervals.at(other) if other else None for other in range(flagged.shape[1])]


def _confusion(rows: Sequence[GoldRow], flagged: Bools) -> Reals:
    """(rows, detectors, 4); all zero for rows that are neither refusing nor complying."""
    truth = np.array([bool(row.positive) for row in rows], dtype=bool)
    known = np.array([row.positive is not None for row in rows], dtype=bool)
    cells: Reals = statistics.confusion(truth, flagged) * known[:, None, None]
    return cells


def _scored(
    rows: Sequence[GoldRow],
    flagged: Bools,
    group: tuple[str, str],
    values: Reals,
    counts: Statistic,
    resampling: Resampling,
) -> list[GroupScores]:
    """`counts` turns sums of `values` (rows, ...) into confusion counts (..., detectors, 4)."""
    prompts = clusters(rows)
    intervals = statistics.bootstrap(
        values, lambda sums: statistics.rates(counts(sums)), prompts, **resampling._asdict()
    )
    cells = _confusion(rows, flagged)
    scores = []
    for detector, totals in enumerate(counts(values.sum(axis=0))):
        precision, recall, f1, lost = statistics.rate_estimates(
            [intervals.at(detector, figure) for figure in range(4)],
            cells[:, detector],
            prompts,
            resampling.level,
        )
        tp, fp, fn, tn = map(float, totals)
        if not (tp + fn and fp + tn):
            precision = f1 = Estimate(None, None, None)
        scores.append(
            GroupScores(
                *group,
                rows=len(rows),
                flagged=int(flagged[:, detector].sum()),
                prompts=len(set(prompts)),
                counts=Counts(tp, fp, fn, tn),
                precision=precision,
                recall=recall,
                f1=f1,
                good_answers_lost=lost,
            )
        )
    return scores
