"""From files and detectors to figures, tables and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from aligncleaner import evaluate
from aligncleaner.detect.evidence import Flag, Verdict
from aligncleaner.errors import GoldInvalid
from aligncleaner.evaluate import Evaluation, Predictions, Resampling, peers, tables
from aligncleaner.evaluate.gold import held_out
from aligncleaner.statistics import Estimate

MakeVerdict = Callable[..., Verdict]
FEW = Resampling(resamples=200)


@pytest.fixture
def predict(verdict: MakeVerdict) -> evaluate.Predict:
    """A detector that takes every "cannot" for a refusal and points at it."""

    def predict(prompts: Sequence[str | None], answers: Sequence[str]) -> Predictions:
        assert len(prompts) == len(answers)
        places = [answer.find("cannot") for answer in answers]
        flags = [
            Flag(number, "test", "1", None, "refuses", None, None, 1.0, place, place + 6)
            for number, place in enumerate(places)
            if place >= 0
        ]
        return Predictions(
            [verdict("refuses" if place >= 0 else "complies") for place in places], flags
        )

    return predict


@pytest.fixture
def gold_file(tmp_path: Path) -> Path:
    answers = [
        ("I cannot do that.", "refuses", (2, 8)),
        ("Iron cannot float.", "complies", None),
        ("Here you are: 42.", "complies", None),
        ("No.", "refuses", (0, 2)),
        ("[bold]cannot", "malformed", None),
    ]
    path = tmp_path / "[red]own.jsonl"
    records = [
        {
            "id": f"set{number % 2}/{number}",
            "prompt": f"prompt {number}",
            "response": answer,
            "outcome": outcome,
            "traits": [],
            "sure": 1 + number % 3,
            "stratum": "A" if number % 2 else "B",
            **({"start": span[0], "end": span[1]} if span else {}),
        }
        for number, (answer, outcome, span) in enumerate(answers * 6)
    ]
    path.write_text("\n".join(map(json.dumps, records)))
    return path


def run(path: Path, predict: evaluate.Predict, **options: Any) -> Evaluation:
    lists = {"not": peers.flagger(peers.PhraseList(match="sub", phrases=["not"]))}
    return evaluate.run([path], {"ours": predict}, lists, resampling=FEW, **options)


def test_detectors_and_lists_are_measured_on_the_same_rows(
    gold_file: Path, predict: evaluate.Predict
) -> None:
    evaluation = run(gold_file, predict, pools={"A": 10, "B": 1000})
    assert (evaluation.split, evaluation.resamples, evaluation.level) == ("all", 200, 0.95)
    (gold,) = evaluation.golds
    assert (gold.rows, gold.left_out, gold.proxy) == (30, 6, False)
    ours, peer = gold.detectors
    assert (ours.name, peer.name, peer.detail) == ("ours", "not", None)
    assert ours.groups[0].f1 == peer.groups[0].f1
    assert (ours.f1_lead, peer.f1_lead) == (None, Estimate(0.0, 0.0, 0.0))
    assert {group.by for group in ours.groups} == {"all", "source", "stratum", "sure", "natural"}
    assert ours.detail and ours.detail.spans and ours.detail.spans.share.value == 0.5


def test_a_split_or_a_condition_chooses_the_rows(
    gold_file: Path, predict: evaluate.Predict
) -> None:
    sizes = {split: run(gold_file, predict, split=split).golds[0].rows
             for split in ("all", "held_out", "readable")}  # fmt: skip
    assert sizes["held_out"] == sum(held_out(f"prompt {number}") for number in range(30))
    assert sizes["held_out"] + sizes["readable"] == sizes["all"] == 30
    kept = run(gold_file, predict, keep=lambda row: row.sure == 2)
    assert kept.golds[0].rows == 10


def test_natural_figures_need_every_pool(gold_file: Path, predict: evaluate.Predict) -> None:
    evaluation = run(gold_file, predict, pools={"A": 10, "Z": 10})
    groups = evaluation.golds[0].detectors[0].groups
    assert "natural" not in {group.by for group in groups}


def test_nothing_left_to_measure_on_is_an_error(gold_file: Path, predict: evaluate.Predict) -> None:
    with pytest.raises(GoldInvalid, match="no row of the split 'all'"):
        run(gold_file, predict, keep=lambda row: False)


def test_the_whole_evaluation_is_json(gold_file: Path, predict: evaluate.Predict) -> None:
    written = json.loads(orjson.dumps(run(gold_file, predict)))
    ours = written["golds"][0]["detectors"][0]
    assert ours["groups"][0]["good_answers_lost"]["value"] == 0.5
    assert ours["detail"]["outcomes"]["malformed"]["gold"] == 6


def test_the_same_seed_gives_the_same_figures(gold_file: Path, predict: evaluate.Predict) -> None:
    assert run(gold_file, predict) == run(gold_file, predict)


def test_tables_show_names_as_they_are(gold_file: Path, predict: evaluate.Predict) -> None:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(tables.render(run(gold_file, predict)))
    shown = captured.get()
    assert "[red]own.jsonl: 30 answers (all)" in shown
    assert "6 answers neither refuse nor comply" in shown
    for words in ("good answers lost", "F1 lead of ours", "stratum A", "malformed", "quotes half"):
        assert words in shown


def test_a_detector_alone_has_no_one_to_lead(gold_file: Path, predict: evaluate.Predict) -> None:
    alone = evaluate.run([gold_file], {"ours": predict}, resampling=FEW)
    console = Console(width=200)
    with console.capture() as captured:
        console.print(tables.render(alone))
    assert "good answers lost" in captured.get()
    assert "lead" not in captured.get()


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (None, "-"),
        (Estimate(None, None, None), "-"),
        (Estimate(0.5, None, None), ".500"),
        (Estimate(0.6321, 0.58, 0.6812), ".632 (.580-.681)"),
        (Estimate(1.0, 0.9655, 1.0), "1.000 (.966-1.000)"),
        (Estimate(0.0, 0.0, 0.1), ".000 (.000-.100)"),
        (Estimate(-0.02, -0.05, 0.01), "-.020 (-.050 to .010)"),
        (Estimate(0.9999, 0.5, 1.0), "1.000 (.500-1.000)"),
    ],
)
def test_cells_are_short_and_unambiguous(estimate: Estimate | None, text: str) -> None:
    assert tables.cell(estimate) == text
