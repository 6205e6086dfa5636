"""`explain`: in words for people, in JSON for programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Rules = tuple[str, ...]


def test_an_answer_in_words(run: Run, here: Path, rules: Rules) -> None:
    ran = run("explain", "log.jsonl:2", *rules)
    assert (ran.code, ran.err) == (0, "")
    for part in (
        "log.jsonl:2:1  refuses",
        "prompt   p",
        "answer   I must decline.",
        "tiny.declines",
        "characters 0-15",
        "Nobody else says it",
        "log-odds",
        "By default it goes.",
    ):
        assert part in ran.out


def test_an_answer_without_flags(run: Run, here: Path, rules: Rules) -> None:
    ran = run("explain", "log.jsonl:1:1", *rules)
    assert "log.jsonl:1:1  complies" in ran.out
    assert "By default it stays." in ran.out
    assert "log-odds" not in ran.out


def test_all_answers_of_a_record_or_one(run: Run, here: Path, rules: Rules) -> None:
    assert [one["turn"] for one in run("explain", "log.jsonl:3", "--json", *rules).json()] == [1, 3]
    assert [one["turn"] for one in run("explain", "log.jsonl:3:3", "--json", *rules).json()] == [3]


def test_json_holds_all_that_the_words_say(run: Run, here: Path, rules: Rules) -> None:
    (one,) = run("explain", "log.jsonl:2", "--json", *rules).json()
    assert one["flags"][0]["quote"] == "I must decline."
    assert one["why"] == {"tiny.declines": "Nobody else says it, so tests know what it hits."}
    assert one["decision"]["action"] == "drop_turn"
    assert one["verdict"]["outcome"] == "refuses"
    assert {"decision", "feature", "value", "weight", "points"} <= set(one["contributions"][0])


def test_a_pipe_is_explained_too(run: Run, here: Path, rules: Rules) -> None:
    log = b'{"prompt":"p","response":"Sure."}\n'
    ran = run("explain", *rules, "--", "-:1", stdin=log)
    assert ran.out.startswith("-:1:1  complies")


def test_long_texts_are_cut(run: Run, here: Path, rules: Rules) -> None:
    (here / "long.jsonl").write_text('{"prompt":"%s","response":"a\\n\\nb"}\n' % ("x" * 5000))
    ran = run("explain", "long.jsonl:1", *rules)
    assert max(map(len, ran.out.splitlines())) < 250
    assert "answer   a b" in ran.out


@pytest.mark.parametrize(
    ("place", "part"),
    [
        ("log.jsonl", "expected FILE:LINE or FILE:LINE:TURN"),
        ("log.jsonl:x", "expected FILE:LINE or FILE:LINE:TURN"),
        ("log.jsonl:²", "expected FILE:LINE or FILE:LINE:TURN"),
        (":3", "expected FILE:LINE or FILE:LINE:TURN"),
        ("log.jsonl:0", "the file has 4 records; expected 1 to 4"),
        ("log.jsonl:9", "the file has 4 records; expected 1 to 4"),
        ("log.jsonl:4", "not JSON; expected a sound record"),
        ("log.jsonl:3:2", "no answer at turn 2; expected one of its turns (1, 3)"),
        ("none.jsonl:1", "not found"),
    ],
)
def test_places_that_are_none(run: Run, here: Path, place: str, part: str, rules: Rules) -> None:
    ran = run("explain", place, *rules)
    assert (ran.code, ran.out) == (2, "")
    assert part in ran.err


def test_a_file_that_is_no_log(run: Run, here: Path, rules: Rules) -> None:
    (here / "page.jsonl").write_text("<html></html>")
    ran = run("explain", "page.jsonl:1", *rules)
    assert ran.code == 1
    assert "looks like HTML" in ran.err
