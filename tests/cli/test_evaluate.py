"""`evaluate` on the labels of the bundled sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]
LABELS = Path(__file__).resolve().parents[2] / "aligncleaner" / "sample" / "labels.jsonl"


def test_figures_as_json_and_as_a_table(run: Run, tiny_rules: Path) -> None:
    options = ("--resamples", "20", "--rules", tiny_rules, "--detectors", "rules")
    ran = run("evaluate", LABELS, *options, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json()
    table = run("evaluate", LABELS, *options)
    assert table.code == 0
    for word in ("precision", "recall", "F1"):
        assert word in table.out


def test_a_file_without_labels_is_said_to_have_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text('{"foo": 1}\n')
    ran = run("evaluate", tmp_path / "gold.jsonl")
    assert (ran.code, ran.out) == (1, "")
    assert "gold.jsonl" in ran.err


def test_a_wrong_split_names_the_right_ones(run: Run) -> None:
    ran = run("evaluate", LABELS, "--split", "test")
    assert (ran.code, ran.out) == (2, "")
    assert "all, held_out or readable" in ran.err
