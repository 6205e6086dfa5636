"""Judged answers made up for the report's tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from aligncleaner.detect.evidence import Flag, Verdict
from aligncleaner.report.judged import Judged

COMPLIES = Verdict("complies", 0.9, 0.04, 0.03, 0.03, 0.0, 0.0, 0.0, (), None, 1.0)

Answer = dict[str, Any]


def make_verdict(**fields: Any) -> Verdict:
    """A complying verdict with some fields changed."""
    return COMPLIES._replace(**fields)


def make_judged(answers: Sequence[Answer]) -> Judged:
    """Columns from answers given as dicts.

    Keys are `answer`, `prompt`, `lang`, `model`, `verdict`, `flags` (without their rows), `fate`,
    `decided_by`, `line`, `id`; all have defaults.
    """
    judged = Judged([], [], [], [], [], [], [], [], [], [], [], [])
    columns: list[list[Any]] = [list(column) for column in judged]
    judged = Judged(*columns)
    for row, given in enumerate(answers):
        answer, prompt = given.get("answer", "Yes."), given.get("prompt", "Is it?")
        line = given.get("line", row + 1)
        digest = hashlib.sha256(f"{prompt}\0{answer}\0{line}".encode("utf-8", "surrogatepass"))
        values = (
            given.get("id", digest.hexdigest()[:32]),
            given.get("source", "log.jsonl"),
            line,
            given.get("turn", 1),
            answer,
            prompt,
            given.get("lang", "en"),
            given.get("model"),
            given.get("verdict", COMPLIES),
        )
        for column, value in zip(columns, values, strict=False):
            column.append(value)
        columns[9] += [flag._replace(row=row) for flag in given.get("flags", ())]
        columns[10].append(given.get("fate", "kept"))
        columns[11].append(given.get("decided_by"))
    return judged


def make_flag(label: str, start: int, end: int, **fields: Any) -> Flag:
    """A flag of row 0, to be moved by `make_judged`."""
    rule = fields.pop("rule", f"en_test.{label}")
    flag = Flag(0, "rules", "1", rule, label, None, None, 0.9, start, end)
    return flag._replace(**fields)


@pytest.fixture(scope="session")
def judged() -> Callable[[Sequence[Answer]], Judged]:
    return make_judged


@pytest.fixture(scope="session")
def verdict() -> Callable[..., Verdict]:
    return make_verdict


@pytest.fixture(scope="session")
def flag() -> Callable[..., Flag]:
    return make_flag
