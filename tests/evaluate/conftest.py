"""Labelled rows to try things on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aligncleaner.detect.evidence import Verdict
from aligncleaner.evaluate.gold import GoldRow

MakeRow = Callable[..., GoldRow]
MakeVerdict = Callable[..., Verdict]


@pytest.fixture(scope="session")
def row() -> MakeRow:
    """`row(outcome, prompt, **fields)`: a labelled row with everything else at rest."""

    def make(outcome: str | None, prompt: str | None = None, **fields: Any) -> GoldRow:
        usual = {"id": "1", "response": "An answer of some words.", "source": "test"}
        return GoldRow.model_validate({**usual, "outcome": outcome, "prompt": prompt, **fields})

    return make


@pytest.fixture(scope="session")
def verdict() -> MakeVerdict:
    """`verdict(outcome, **fields)`: a verdict that is sure of its outcome and sees no trait."""

    def make(outcome: str, **fields: Any) -> Verdict:
        outcomes = {
            f"p_{each}": float(each == outcome)
            for each in ("complies", "partly_refuses", "refuses", "malformed")
        }
        traits = {f"p_{each}": 0.0 for each in ("disclaimer", "hedge", "moralizing")}
        rest = {"reasons": (), "over_refusal": None, "delivered_share": 1.0}
        return Verdict(**{"outcome": outcome, **outcomes, **traits, **rest, **fields})

    return make
