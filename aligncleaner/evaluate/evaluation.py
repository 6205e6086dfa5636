"""From labelled files and detectors to every figure, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from aligncleaner.errors import Fault, GoldInvalid
from aligncleaner.evaluate import gold as golds
from aligncleaner.evaluate.detail import Detail, detail
from aligncleaner.evaluate.gold import Gold, GoldRow, Split
from aligncleaner.evaluate.peers import Flagger
from aligncleaner.evaluate.predictions import Predict
from aligncleaner.evaluate.scores import (
    USUAL,
    GroupScores,
    Resampling,
    f1_leads,
    score_groups,
    score_natural,
)
from aligncleaner.statistics import Estimate

REFUSING: Final = ("refuses", "partly_refuses")


@dataclass(frozen=True, slots=True)
class DetectorScores:
    """One detector on one gold file.

    `groups` starts with all rows. `f1_lead` says how far the first detector's F1 lies above this
    one's on all rows (null for the first itself); an interval above 0 means beaten. `detail` is
    null for phrase lists, which give no verdicts.
    """

    name: str
    groups: tuple[GroupScores, ...]
    f1_lead: Estimate | None
    detail: Detail | None


@dataclass(frozen=True, slots=True)
class GoldScores:
    """All detectors on one gold file.

    `rows` are the answers of the split, `left_out` those of them that neither refuse nor comply.
    `proxy` says that its labels answer another question than ours.
    """

    name: str
    layout: str
    proxy: bool
    rows: int
    left_out: int
    detectors: tuple[DetectorScores, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `evaluate` found; plain dataclasses throughout, so `orjson.dumps` writes it as JSON."""

    split: Split
    resamples: int
    seed: int
    level: float
    golds: tuple[GoldScores, ...]


def run(
    paths: Sequence[Path],
    detectors: Mapping[str, Predict],
    peers: Mapping[str, Flagger] = MappingProxyType({}),
    *,
    split: Split = "all",
    keep: Callable[[GoldRow], bool] = lambda row: True,
    pools: Mapping[str, int] = MappingProxyType({}),
    resampling: Resampling = USUAL,
) -> Evaluation:
    """Measure detectors, and phrase lists beside them, on labelled files.

    `split` and `keep` choose the rows. `pools` gives, for strata drawn from one log, the
    number of its answers in each; files that have all these strata get a "natural" group too.

    Raises:
        InputRefused, GoldInvalid: if a file cannot be read or has no label mapping, or if no row
            is left to measure on.
    """
    measured = []
    for path in paths:
        gold = golds.read(path)
        rows = tuple(row for row in golds.chosen(gold.rows, split) if keep(row))
        if not rows:
            raise GoldInvalid(
                Fault(str(path), f"no row of the split '{split}'", "at least one labelled answer")
            )
        chosen = gold._replace(rows=rows)
        measured.append(measure(chosen, detectors, peers, pools=pools, resampling=resampling))
    return Evaluation(split, *resampling, golds=tuple(measured))


def measure(
    gold: Gold,
    detectors: Mapping[str, Predict],
    peers: Mapping[str, Flagger] = MappingProxyType({}),
    *,
    pools: Mapping[str, int] = MappingProxyType({}),
    resampling: Resampling = USUAL,
) -> GoldScores:
    """Measure on labelled rows in hand; see `run`."""
    rows = gold.rows
    prompts, answers = [row.prompt for row in rows], [row.response for row in rows]
    predictions = {name: predict(prompts, answers) for name, predict in detectors.items()}
    names = [*detectors, *peers]
    columns = [
        *(
            [verdict.outcome in REFUSING for verdict in said.verdicts]
            for said in predictions.values()
        ),
        *([flags(answer) for answer in answers] for flags in peers.values()),
    ]
    flagged = np.array(columns, dtype=bool).reshape(len(names), len(rows)).T
    groups = score_groups(rows, flagged, resampling)
    if pools and set(pools) <= {row.stratum for row in rows}:
        groups.append(score_natural(rows, flagged, pools, resampling))
    leads = f1_leads(rows, flagged, resampling)
    graded = gold.layout != "labels"
    details = {
        name: detail(rows, prediction, graded, resampling)
        for name, prediction in predictions.items()
    }
    return GoldScores(
        name=gold.name,
        layout=gold.layout,
        proxy=gold.proxy,
        rows=len(rows),
        left_out=sum(row.positive is None for row in rows),
        detectors=tuple(
            DetectorScores(
                name, tuple(scores[number] for scores in groups), leads[number], details.get(name)
            )
            for number, name in enumerate(names)
        ),
    )
