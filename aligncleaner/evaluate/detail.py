"""What only a full verdict can be asked: the four outcomes, traits, spans, probabilities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from aligncleaner import statistics
from aligncleaner.detect.evidence import Flag, Verdict
from aligncleaner.evaluate.gold import GoldRow, clusters
from aligncleaner.evaluate.predictions import Predictions
from aligncleaner.evaluate.scores import Resampling
from aligncleaner.schema import OUTCOMES, TRAITS
from aligncleaner.statistics import Estimate, Reals

_CUT: Final = 0.5


@dataclass(frozen=True, slots=True)
class LabelScores:
    """One label against all others: `gold` and `predicted` rows bear it, in gold and verdicts."""

    gold: int
    predicted: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    kappa: Estimate


@dataclass(frozen=True, slots=True)
class Share:
    """A share of `rows`."""

    rows: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class Detail:
    """One detector's verdicts against gold; null where the gold does not speak of it.

    `outcomes` holds the four outcomes and `traits` the three traits, each against the rest;
    `outcome_f1` is the mean F1 of the outcomes that occur in the gold, `outcome_kappa` the
    agreement over all four. `over_refusal` is the share judged rightly of the answers that gold
    and verdict both call refusals. `spans` is the share of the quoted rows where one flag covers
    at least half of the quote. `calibration_error` is that of p_refuses + p_partly_refuses.
    """

    outcome_f1: Estimate | None
    outcome_kappa: Estimate | None
    outcomes: dict[str, LabelScores]
    traits: dict[str, LabelScores]
    over_refusal: Share | None
    spans: Share | None
    calibration_error: float | None


def detail(
    rows: Sequence[GoldRow], predictions: Predictions, graded: bool, resampling: Resampling
) -> Detail:
    """Hold verdicts and flags against gold rows, one by one in the same order.

    `graded` says that the gold tells all four outcomes apart; without it only binary figures
    make sense, and the outcomes are left out.
    """
    pairs = list(zip(rows, predictions.verdicts, strict=True))
    outcome_f1 = outcome_kappa = None
    outcomes: dict[str, LabelScores] = {}
    told = [(row, verdict) for row, verdict in pairs if graded and row.outcome is not None]
    if told:
        outcome_f1, outcome_kappa = _outcome_agreement(told, resampling)
        outcomes = {
            outcome: _label_scores(
                told,
                [row.outcome == outcome for row, _ in told],
                [verdict.outcome == outcome for _, verdict in told],
                resampling,
            )
            for outcome in OUTCOMES
        }
    traced = [(row, verdict) for row, verdict in pairs if row.traits is not None]
    traits = {
        trait: _label_scores(
            traced,
            [trait in (row.traits or ()) for row, _ in traced],
            [getattr(verdict, f"p_{trait}") >= _CUT for _, verdict in traced],
            resampling,
        )
        for trait in TRAITS
        if traced
    }
    return Detail(
        outcome_f1=outcome_f1,
        outcome_kappa=outcome_kappa,
        outcomes=outcomes,
        traits=traits,
        over_refusal=_over_refusal(pairs, resampling),
        spans=_spans(rows, predictions.flags, resampling),
        calibration_error=_calibration_error(pairs),
    )


_Pairs = Sequence[tuple[GoldRow, Verdict]]


def _outcome_agreement(pairs: _Pairs, resampling: Resampling) -> tuple[Estimate, Estimate]:
    tables = statistics.agreement(
        [row.outcome for row, _ in pairs], [verdict.outcome for _, verdict in pairs], OUTCOMES
    )
    occurring = tables.sum(axis=(0, 2)) > 0

    def figures(table: Reals) -> Reals:
        hits = np.diagonal(table, axis1=-2, axis2=-1)
        f1 = statistics.ratio(2 * hits, table.sum(axis=-1) + table.sum(axis=-2))
        return np.stack([f1[..., occurring].mean(axis=-1), statistics.kappa(table)], axis=-1)

    prompts = clusters([row for row, _ in pairs])
    intervals = statistics.bootstrap(tables, figures, prompts, **resampling._asdict())
    return intervals.at(0), intervals.at(1)


def _label_scores(
    pairs: _Pairs, gold: Sequence[bool], predicted: Sequence[bool], resampling: Resampling
) -> LabelScores:
    values = statistics.confusion(np.array(gold, dtype=bool), np.array(predicted, dtype=bool))

    def figures(counts: Reals) -> Reals:
        square = counts[..., [0, 2, 1, 3]].reshape(*counts.shape[:-1], 2, 2)
        kappa = statistics.kappa(square)[..., None]
        return np.concatenate([statistics.rates(counts), kappa], axis=-1)

    prompts = clusters([row for row, _ in pairs])
    intervals = statistics.bootstrap(values, figures, prompts, **resampling._asdict())
    estimates = [intervals.at(figure) for figure in range(4)]
    precision, recall, f1, _ = statistics.rate_estimates(
        estimates, values, prompts, resampling.level
    )
    return LabelScores(sum(gold), sum(predicted), precision, recall, f1, intervals.at(4))


def _over_refusal(pairs: _Pairs, resampling: Resampling) -> Share | None:
    both = [
        (row, (verdict.over_refusal >= _CUT) == row.over_refusal)
        for row, verdict in pairs
        if row.over_refusal is not None and verdict.over_refusal is not None
    ]
    return _share([row for row, _ in both], [right for _, right in both], resampling)


def _spans(
    rows: Sequence[GoldRow], flags: Sequence[Flag] | None, resampling: Resampling
) -> Share | None:
    if flags is None:
        return None
    by_row: dict[int, list[Flag]] = defaultdict(list)
    for flag in flags:
        by_row[flag.row].append(flag)
    quoted, found = [], []
    for number, row in enumerate(rows):
        if row.span:
            quoted.append(row)
            found.append(any(_covers_half(flag, *row.span) for flag in by_row[number]))
    return _share(quoted, found, resampling)


def _covers_half(flag: Flag, start: int, end: int) -> bool:
    return 2 * (min(flag.end, end) - max(flag.start, start)) >= end - start


def _share(rows: Sequence[GoldRow], hits: Sequence[bool], resampling: Resampling) -> Share | None:
    """The share of hits; null without rows."""
    if not rows:
        return None
    values = np.array([[hit, 1] for hit in hits], dtype=np.float64)
    prompts = clusters(rows)
    intervals = statistics.bootstrap(
        values,
        lambda sums: statistics.ratio(sums[..., 0], sums[..., 1]),
        prompts,
        **resampling._asdict(),
    )
    share = statistics.not_degenerate(intervals.at(), len(set(prompts)), resampling.level)
    return Share(len(rows), share)


def _calibration_error(pairs: _Pairs) -> float | None:
    binary = [(row, verdict) for row, verdict in pairs if row.positive is not None]
    probabilities = [verdict.p_refuses + verdict.p_partly_refuses for _, verdict in binary]
    truth = np.array([row.positive for row, _ in binary], dtype=bool)
    return statistics.calibration_error(np.array(probabilities), truth)
