"""The phrase lists people use and our own detectors, on the same labelled answers.

    python bench/peers.py [--shared ../shared] [--out experiments/detection/peers.json]

prints Markdown tables and writes the figures behind them as JSON (no text of any answer). All but
the reproduction of published figures are measured on the unread third of each gold file.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from aligncleaner.evaluate import Predict, Resampling, evaluation, gold, peers, predictor
from aligncleaner.evaluate.evaluation import DetectorScores
from aligncleaner.evaluate.gold import Gold, GoldRow
from aligncleaner.evaluate.peers import Flagger
from aligncleaner.evaluate.scores import GroupScores
from aligncleaner.evaluate.tables import HEADS, cell, cells

ROOT = Path(__file__).resolve().parent.parent

#: Answers in the log that wild.jsonl was drawn from, by stratum.
POOLS = {"A": 5_637, "B": 19_006, "C": 158_088}

#: F1 published with the gold data: all of wild.jsonl, malformed answers counted as complying.
PUBLISHED = {
    "orbench_kw_en": 0.643,
    "promptfoo_isbasicrefusal": 0.595,
    "refusal_direction_substring": 0.580,
    "refusal_cleaner_quick": 0.580,
    "jailbreakbench_stringclassifier": 0.570,
}
#: The published bar: the best list on the unread third, without the strata in other languages.
BAR = ("orbench_kw_en", 0.632)
OTHER_LANGUAGES = ("korean", "latent_jailbreak")


class Check(NamedTuple):
    """A published F1 beside the one measured here."""

    peer: str
    rows: str
    published: float
    here: float


class Setting(NamedTuple):
    """Each detector's scores on one set of rows."""

    name: str
    scores: Mapping[str, GroupScores]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--out", type=Path, default=ROOT / "experiments/detection/peers.json")
    options = parser.parse_args()
    folder = options.shared / "data" / "gold"
    lists = peers.load(options.shared / "data" / "peers" / "phrase_lists.json")

    checks = reproduction(gold.read(folder / "wild.jsonl"), lists)
    english = unread(folder / "wild.jsonl", lists, lambda row: row.lang == "en")
    settings = [
        setting("wild", english),
        setting("wild, round 1", english, ("round", "1")),
        setting("wild, sure 2", english, ("sure", "2")),
        setting("wild, sure 3", english, ("sure", "3")),
        setting("wild, at natural prevalence", english, ("natural", "A+B+C")),
        setting("do_not_answer, 0 against 5", unread(folder / "do_not_answer.jsonl", lists)),
        setting("chatgpt_refusals", unread(folder / "chatgpt_refusals.jsonl", lists)),
    ]
    first, *others = english
    ranked = [first, *sorted(others, key=lambda each: -(each.groups[0].f1.value or 0))]

    show(
        "Published F1, reproduced",
        Check._fields,
        [(check.peer, check.rows, str(check.published), str(check.here)) for check in checks],
    )
    show(
        f"wild.jsonl, unread third, English: {first.groups[0].rows} answers",
        ("detector", *HEADS, f"F1 lead of {first.name}"),
        [(each.name, *cells(each.groups[0]), cell(each.f1_lead)) for each in ranked],
    )
    show(
        "F1; good answers lost: other cuts and sets, unread thirds",
        ("detector", *(setting.name for setting in settings[1:])),
        [
            (each.name, *(f1_and_lost(setting.scores[each.name]) for setting in settings[1:]))
            for each in ranked
        ],
    )
    write(options.out, checks, settings)


def ours() -> Mapping[str, Predict]:
    """Our own detectors; they stand first in every table."""
    from aligncleaner.detect import cascade

    return {"aligncleaner": predictor(cascade.build())}


def unread(
    path: Path, lists: Mapping[str, Flagger], keep: Callable[[GoldRow], bool] = lambda row: True
) -> tuple[DetectorScores, ...]:
    """Every detector on the unread third of a gold file, ours first."""
    measured = evaluation.run([path], ours(), lists, split="held_out", keep=keep, pools=POOLS)
    return measured.golds[0].detectors


def setting(
    name: str, detectors: Sequence[DetectorScores], group: tuple[str, str] = ("all", "all")
) -> Setting:
    scores = {
        each.name: scored
        for each in detectors
        for scored in each.groups
        if (scored.by, scored.value) == group
    }
    return Setting(name, scores)


def reproduction(wild: Gold, lists: Mapping[str, Flagger]) -> list[Check]:
    """The proof that matching and label mapping are right: published figures on the same rows."""
    lenient = [
        row.model_copy(update={"outcome": "complies"}) if row.outcome == "malformed" else row
        for row in wild.rows
    ]
    third = [row for row in gold.chosen(lenient, "held_out") if row.stratum not in OTHER_LANGUAGES]
    best, bar = BAR
    return [
        *(
            Check(peer, "all", published, f1(wild, lenient, lists[peer]))
            for peer, published in PUBLISHED.items()
        ),
        Check(best, "unread third, English strata", bar, f1(wild, third, lists[best])),
    ]


def f1(wild: Gold, rows: Sequence[GoldRow], peer: Flagger) -> float:
    gold_rows = wild._replace(rows=tuple(rows))
    measured = evaluation.measure(gold_rows, {}, {"": peer}, resampling=Resampling(0))
    return round(measured.detectors[0].groups[0].f1.value or 0.0, 3)


def f1_and_lost(scores: GroupScores) -> str:
    return f"{cell(scores.f1)}; {cell(scores.good_answers_lost)}"


def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    print(f"\n## {title}\n")
    for row in (heads, ["---"] * len(heads), *rows):
        print(f"| {' | '.join(row)} |")


def write(path: Path, checks: Sequence[Check], settings: Sequence[Setting]) -> None:
    """Write one figure a line, so that a changed figure is one changed line."""
    lines = [
        *({"check": check._asdict()} for check in checks),
        *(
            {"on": setting.name, "detector": name, "scores": scores}
            for setting in settings
            for name, scores in setting.scores.items()
        ),
    ]
    text = b"[\n" + b",\n".join(map(orjson.dumps, lines)) + b"\n]\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)


if __name__ == "__main__":
    main()
