"""Fit the judge, and the weights of the rules, to labelled answers; print what to paste.

    python experiments/detection/fit_judge.py [--shared ../shared]

Reads the gold data of the shared folder, of it only the prompts that are not held out, and prints
how well the judge does on the half it was not fitted to, its coefficients, and the rules whose
weight is not what was measured. It changes no file.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from aligncleaner.detect import cascade, delivered, judge
from aligncleaner.detect.evidence import Batch, Flag, by_row
from aligncleaner.evaluate import gold
from aligncleaner.evaluate.gold import GoldRow

Reals = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Gold file -> what one of its rows weighs. Only wild.jsonl holds what chat logs hold.
FILES: Final = {"wild.jsonl": 1.0, "do_not_answer.jsonl": 0.3, "chatgpt_refusals.jsonl": 0.3}
#: The features of each decision; those that did not help were left out.
DECLINES: Final = (
    "evidence", "sentences", "late", "instead", "moralizing", "length", "share", "asks_live",
    "asks_self",
)  # fmt: skip
IN_PART: Final = ("left", "instead", "moralizing", "question")
#: Weight of the L2 penalty on coefficients of standardised features.
PENALTY: Final = 5.0
THRESHOLDS: Final = (0.35, 0.4, 0.45, 0.5, 0.55)
#: As many imagined hits of each label's usual share are added to a rule's own, so that a rule
#: with few hits keeps near to its kind.
IMAGINED: Final = 5
#: Traits whose rules are weighed by the answers in which no other rule sees the trait.
ALONE: Final = ("disclaimer", "moralizing")
USUAL_SHARE: Final = {
    "refuses": 0.7, "partly_refuses": 0.5, "disclaimer": 0.8, "hedge": 0.45, "moralizing": 0.6
}  # fmt: skip


class Example(NamedTuple):
    """A labelled answer with its flags. `features` is null where the judge looks at none."""

    file: str
    row: GoldRow
    flags: Sequence[Flag]
    cues: Sequence[str]
    features: tuple[float, ...] | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    examples = list(read(parser.parse_args().shared / "data" / "gold"))
    told = [example for example in examples if example.row.positive is not None]
    cross_validate(told)
    weighed = [example for example in told if example.features is not None]
    refuses = np.array([example.row.positive for example in weighed])
    show("_DECLINES", fitted(weighed, refuses, DECLINES))
    declining = [e for e in weighed if e.row.positive and e.file == "wild.jsonl"]
    in_part = np.array([example.row.outcome == "partly_refuses" for example in declining])
    show("_IN_PART", fitted(declining, in_part, IN_PART))
    print(f"P(declines) without features: {unweighed(told):.4f}")
    show_limits(told)
    compare_weights(examples)


def read(folder: Path, split: gold.Split = "readable") -> Iterator[Example]:
    """The English examples of a split, flagged by the whole cascade."""
    detectors = cascade.build()
    for file in FILES:
        rows = [row for row in gold.chosen(gold.read(folder / file).rows, split)
                if row.lang in ("en", None)]  # fmt: skip
        answers = [row.response for row in rows]
        prompts = [row.prompt for row in rows]
        utf8 = [answer.encode("utf-8", "replace") for answer in answers]
        batch = Batch(answers, utf8, prompts, detectors.languages(answers))
        flags = by_row(detectors.flags(batch))
        for number, row in enumerate(rows):
            found = flags.get(number, [])
            cues = detectors.cues(row.prompt, found)
            features = None
            if judge.may_decline(found):
                left = delivered.left(row.response, found)
                features = judge.features(row.response, found, cues, left)
            yield Example(file, row, found, cues, features)


def weights(examples: Sequence[Example]) -> Reals:
    """What each example counts: its file's weight over the root of its prompt's answers.

    A few prompts with very many answers would rule the fit otherwise.
    """
    answers = Counter(example.row.prompt for example in examples)
    return np.array([FILES[e.file] / answers[e.row.prompt] ** 0.5 for e in examples])


def fitted(
    examples: Sequence[Example], wanted: Bools, names: Sequence[str], penalty: float = PENALTY
) -> dict[str, float]:
    """Coefficients of a logistic regression with an L2 penalty, by name of the feature."""
    order = list(judge.FEATURES)
    columns = [order.index(name) for name in names]
    features = np.array([e.features for e in examples], dtype=float)[:, columns]
    scale = features.std(axis=0) + 1e-9
    inputs = np.column_stack([np.ones(len(features)), features / scale])
    weight = weights(examples)
    held = np.diag([0.0] + [penalty] * len(names))
    coefficients = np.zeros(inputs.shape[1])
    for _ in range(30):  # Newton's method; a dozen steps are enough
        p = 1 / (1 + np.exp(-inputs @ coefficients))
        slope = inputs.T @ (weight * (wanted - p)) - held @ coefficients
        bend = (inputs * (weight * p * (1 - p))[:, None]).T @ inputs + held
        coefficients += np.linalg.solve(bend, slope)
    return dict(zip(["base", *names], [coefficients[0], *coefficients[1:] / scale], strict=True))


def predicted(examples: Sequence[Example], model: dict[str, float]) -> Reals:
    """P(declines) of each example; 0 of those without features."""
    weight = np.array([model.get(name, 0.0) for name in judge.FEATURES])
    return np.array([
        0.0 if e.features is None else 1 / (1 + np.exp(-weight @ np.array(e.features)))
        for e in examples
    ])  # fmt: skip


def half(example: Example) -> int:
    """1 or 2: which half of the readable prompts the example is in."""
    return int(hashlib.sha256((example.row.prompt or "").encode()).hexdigest(), 16) % 3


def cross_validate(examples: Sequence[Example]) -> None:
    """Print how each half is told by the model of the other, at several thresholds."""
    p = np.zeros(len(examples))
    halves = np.array([half(example) for example in examples])
    for train, test in ((1, 2), (2, 1)):
        chosen = [e for e, h in zip(examples, halves, strict=True) if h == train and e.features]
        model = fitted(chosen, np.array([e.row.positive for e in chosen]), DECLINES)
        p = np.where(halves == test, predicted(examples, model), p)
    wanted = np.array([example.row.positive for example in examples])
    for file in FILES:
        of_file = np.array([example.file == file for example in examples])
        for threshold in THRESHOLDS:
            print(f"{file} from {threshold}: {scores(p[of_file] >= threshold, wanted[of_file])}")


def scores(flagged: Bools, wanted: Bools) -> str:
    """Precision, recall, F1 and good answers lost, in words."""
    hits = int((flagged & wanted).sum())
    precision, recall = hits / max(int(flagged.sum()), 1), hits / max(int(wanted.sum()), 1)
    f1 = 2 * hits / max(int(flagged.sum()) + int(wanted.sum()), 1)
    lost = (flagged & ~wanted).sum() / max(int((~wanted).sum()), 1)
    return f"P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}  good answers lost {100 * lost:.2f} %"


def unweighed(examples: Sequence[Example]) -> float:
    """The share that declines of the answers in wild.jsonl without features."""
    rest = [e.row.positive for e in examples if e.features is None and e.file == "wild.jsonl"]
    return sum(map(bool, rest)) / max(len(rest), 1)


def show_limits(examples: Sequence[Example]) -> None:
    """Print how often answers of wild.jsonl decline that name a limit, by its reason."""
    found: defaultdict[str, list[bool]] = defaultdict(list)
    for example in examples:
        if example.file == "wild.jsonl":
            limits = {f.reason for f in example.flags if f.label == "disclaimer" and f.reason}
            for reason in limits:
                found[reason].append(bool(example.row.positive))
    print("_LIMITS:", {reason: round(sum(g) / len(g), 2) for reason, g in sorted(found.items())})


def show(name: str, model: dict[str, float]) -> None:
    """Print a model as it stands in `judge`."""
    inside = ", ".join(f'"{feature}": {weight:.2g}' for feature, weight in model.items())
    print(f"{name}: Final[Mapping[str, float]] = {{{inside}}}")


def compare_weights(examples: Sequence[Example]) -> None:
    """Print each rule whose weight is not its measured P(label | hit), to the next .05.

    For disclaimers and moralizing only answers count in which no other rule sees the trait: the
    judge takes what rules say of a trait as independent.
    """
    hits: defaultdict[tuple[str, str, float], Reals] = defaultdict(lambda: np.zeros(2))
    for example in examples:
        found = {(f.rule, f.label, f.score) for f in example.flags if f.rule}
        for rule, label, weight in found:
            right = _is_right(example, label)
            alone = label not in ALONE or sum(label == other for _, other, _ in found) == 1
            if right is not None and alone:
                hits[rule, label, weight] += FILES[example.file] * np.array([1.0, right])
    for (rule, label, weight), (count, right_ones) in sorted(hits.items()):
        share = (right_ones + IMAGINED * USUAL_SHARE[label]) / (count + IMAGINED)
        measured = min(max(round(share * 20) / 20, 0.1), 0.95)
        if abs(measured - weight) > 0.01:
            print(f"{rule}: weight {weight} -> {measured:.2f} ({count:.0f} hits)")


def _is_right(example: Example, label: str) -> bool | None:
    """Whether a flag of that label is right; null where the gold does not tell."""
    if label in ("refuses", "partly_refuses"):
        return example.row.positive
    if label not in USUAL_SHARE or example.row.traits is None:
        return None
    if label == "disclaimer" and "asks_self" in example.cues:
        return None
    return label in example.row.traits


if __name__ == "__main__":
    main()
