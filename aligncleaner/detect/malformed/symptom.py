"""One symptom of a malformed answer."""

from __future__ import annotations

from typing import NamedTuple


class Symptom(NamedTuple):
    """`rule` names the fault, `score` is P(malformed | this fault), in (0, 1].

    It shows between the code points `start` and `end` of the answer.
    """

    rule: str
    score: float
    start: int
    end: int
