"""An evaluation as tables: on the screen with rich, or as plain cells for any other layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from aligncleaner.evaluate.detail import Detail, LabelScores, Share
from aligncleaner.evaluate.evaluation import DetectorScores, Evaluation, GoldScores
from aligncleaner.evaluate.scores import GroupScores
from aligncleaner.statistics import Estimate

#: The heads of `cells`.
HEADS = ("precision", "recall", "F1", "good answers lost")
_NOTHING = "-"


def cell(estimate: Estimate | None) -> str:
    """A figure and its interval in three decimals: ".632 (.580-.681)"; "-" where undefined."""
    if estimate is None or estimate.value is None:
        return _NOTHING
    if estimate.low is None or estimate.high is None:
        return _decimals(estimate.value)
    low, high = _decimals(estimate.low), _decimals(estimate.high)
    # "-.05--.01" cannot be read: where an end is negative, the two are told apart by a word.
    between = " to " if estimate.low < 0 else "-"
    return f"{_decimals(estimate.value)} ({low}{between}{high})"


def _decimals(number: float) -> str:
    text = f"{number:.3f}"
    return text.replace("0.", ".", 1) if abs(number) < 1 and not text.endswith("1.000") else text


def cells(scores: GroupScores) -> tuple[str, ...]:
    """Precision, recall, F1 and good answers lost, as text; heads are `HEADS`."""
    figures = (scores.precision, scores.recall, scores.f1, scores.good_answers_lost)
    return tuple(cell(figure) for figure in figures)


def render(evaluation: Evaluation) -> RenderableType:
    """Everything for the screen: per file all detectors, then groups and details of ours.

    The groups of phrase lists are left to the JSON output.
    """
    return Group(*(table for gold in evaluation.golds for table in _tables(gold, evaluation)))


def _tables(gold: GoldScores, evaluation: Evaluation) -> Iterator[RenderableType]:
    yield _overview(gold, evaluation)
    ours = [scores for scores in gold.detectors if scores.detail] or gold.detectors[:1]
    for scores in ours:
        if len(scores.groups) > 1:
            yield _by_group(scores)
        if scores.detail:
            yield from _details(scores.name, scores.detail)


def _overview(gold: GoldScores, evaluation: Evaluation) -> Table:
    title = f"{gold.name}: {gold.rows} answers ({evaluation.split.replace('_', ' ')})"
    if gold.proxy:
        title += ", proxy labels"
    first, *others = gold.detectors
    others.sort(key=lambda scores: -(scores.groups[0].f1.value or 0))
    heads = ["detector", *HEADS, f"F1 lead of {first.name}"]
    rows = [
        [scores.name, *cells(scores.groups[0]), cell(scores.f1_lead)] for scores in (first, *others)
    ]
    if not others:
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    table = _table(title, heads, rows)
    table.caption = (
        f"{gold.left_out} answers neither refuse nor comply and are left out; intervals: "
        f"{evaluation.level:.0%}, {evaluation.resamples} resamples of prompts"
    )
    return table


def _by_group(scores: DetectorScores) -> Table:
    heads = ("group", "answers", "flagged", *HEADS)
    rows = [
        (f"{group.by} {group.value}", str(group.rows), str(group.flagged), *cells(group))
        for group in scores.groups[1:]
    ]
    return _table(f"{scores.name} by group", heads, rows)


def _details(name: str, detail: Detail) -> Iterator[Table]:
    labels = {**detail.outcomes, **detail.traits}
    if labels:
        heads = ("label", "gold", "predicted", *HEADS[:3], "kappa")
        rows = [(label, *_label_cells(scores)) for label, scores in labels.items()]
        yield _table(f"{name} by label", heads, rows)
    figures = {
        "mean F1 of the outcomes": cell(detail.outcome_f1),
        "kappa of the outcomes": cell(detail.outcome_kappa),
        "over-refusals judged rightly": _share_cell(detail.over_refusal),
        "quotes half covered by a flag": _share_cell(detail.spans),
        "calibration error": _NOTHING
        if detail.calibration_error is None
        else _decimals(detail.calibration_error),
    }
    known = [(figure, text) for figure, text in figures.items() if text != _NOTHING]
    if known:
        yield _table(f"{name} beyond yes and no", ("figure", "value"), known)


def _share_cell(share: Share | None) -> str:
    return f"{cell(share.share)} of {share.rows}" if share else _NOTHING


def _label_cells(scores: LabelScores) -> tuple[str, ...]:
    figures = (scores.precision, scores.recall, scores.f1, scores.kappa)
    return str(scores.gold), str(scores.predicted), *(cell(figure) for figure in figures)


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    # Names come from files: as Text they are shown as they are, not read as markup.
    table = Table(title=Text(title), title_justify="left", caption_justify="left")
    for number, head in enumerate(heads):
        table.add_column(Text(head), justify="right" if number else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
