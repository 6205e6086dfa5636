"""`rules list | show | test | lint` and `formats`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def bad_rules(tiny_rules: Path, tmp_path: Path) -> Path:
    """The small pack with a hit that it does not hit."""
    text = (tiny_rules / "tiny.yaml").read_text().replace("hit: [I must decline.", "hit: [I must.")
    (tmp_path / "tiny.yaml").write_text(text)
    return tmp_path


def test_list(run: Run, tiny_rules: Path) -> None:
    ran = run("rules", "list", tiny_rules)
    assert (ran.code, ran.err) == (0, "")
    assert "1 rules in 1 packs" in ran.out
    assert "tiny.declines" in ran.out
    (rule,) = run("rules", "list", tiny_rules, "--json").json()
    assert (rule["id"], rule["weight"]) == ("tiny.declines", 0.99)


def test_show(run: Run, tiny_rules: Path) -> None:
    ran = run("rules", "show", "tiny", "--rules", tiny_rules)
    assert ran.code == 0
    for part in ("tiny.declines", "refuses", "i must decline", "So I must decline.", "Nobody"):
        assert part in ran.out
    (rule,) = run("rules", "show", "tiny.declines", "--rules", tiny_rules, "--json").json()
    assert rule["hit"][0] == "I must decline."


def test_show_of_no_rule(run: Run, tiny_rules: Path) -> None:
    ran = run("rules", "show", "nothing", "--rules", tiny_rules)
    assert (ran.code, ran.out) == (2, "")
    assert "aligncleaner rules list" in ran.err


def test_examples_are_held_against_their_rules(run: Run, tiny_rules: Path) -> None:
    ran = run("rules", "test", tiny_rules)
    assert (ran.code, ran.out) == (0, "")
    assert "6 examples, 0 wrong" in ran.err


def test_a_wrong_example_is_named(run: Run, bad_rules: Path) -> None:
    ran = run("rules", "test", bad_rules)
    assert ran.code == 1
    assert "tiny.declines: a hit that is not flagged: 'I must.'" in ran.out
    assert "6 examples, 1 wrong" in ran.err
    (fault,) = run("rules", "test", bad_rules, "--json").json()
    assert fault["where"] == "tiny.declines"


def test_lint(run: Run, tiny_rules: Path) -> None:
    ran = run("rules", "lint", tiny_rules)
    assert ran.code == 0
    assert "1 rules, 0 to look at" in ran.err
    assert run("rules", "lint", tiny_rules, "--json").json() == []


@pytest.mark.parametrize("command", ["list", "test", "lint"])
def test_no_packs(run: Run, tmp_path: Path, command: str) -> None:
    ran = run("rules", command, tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert "no rule packs; expected a folder with *.yaml files" in ran.err


def test_the_bundled_rules_are_the_default(run: Run) -> None:
    assert len(run("rules", "list", "--json").json()) > 20


def test_formats(run: Run) -> None:
    ran = run("formats")
    assert (ran.code, ran.err) == (0, "")
    listed = run("formats", "--json").json()
    assert {one["name"] for one in listed} >= {"messages", "sharegpt", "alpaca", "pairs"}
    for one in listed:
        assert one["name"] in ran.out and one["example"] in ran.out
