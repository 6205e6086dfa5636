"""What detectors read and what they say: the shapes that pass between them.

A batch is a few hundred answers as parallel lists, small enough to stay in the processor's
cache. A detector is any object with a `name`, a `version` and `detect(batch) -> flags`; one that
has nothing to say of an answer says nothing (abstaining is the absence of a flag).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Batch(NamedTuple):
    """Answers as parallel columns, all of one length n.

    `utf8[i]` is `answers[i]` encoded: byte-wise matchers need it and it is made only once.
    `prompts[i]` is the last user turn before the answer, null if there is none.
    `langs[i]` is the answer's language (ISO 639-1), null if too short to tell.
    """

    answers: Sequence[str]
    utf8: Sequence[bytes]
    prompts: Sequence[str | None]
    langs: Sequence[str | None]


class Flag(NamedTuple):
    """One piece of evidence about answer `row` of a batch.

    `start` and `end` count Unicode code points of the answer; the words between are the quote.
    """

    row: int
    detector: str
    version: str
    rule: str | None
    label: str
    reason: str | None
    kind: str | None
    score: float
    start: int
    end: int


class Verdict(NamedTuple):
    """What is believed of one answer. The four outcome probabilities sum to one.

    `reasons` are sorted and empty unless the answer refuses or partly refuses; `over_refusal`
    is null then too. `delivered_share` is the share of the answer's characters that stand outside
    refusing, disclaiming and lecturing sentences, in [0, 1].
    """

    outcome: str
    p_complies: float
    p_partly_refuses: float
    p_refuses: float
    p_malformed: float
    p_disclaimer: float
    p_hedge: float
    p_moralizing: float
    reasons: tuple[str, ...]
    over_refusal: float | None
    delivered_share: float


class Detector(Protocol):
    """Evidence from answers. `detect` is pure: same batch, same flags, ordered by row and start."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def detect(self, batch: Batch) -> list[Flag]: ...


def by_row(flags: Sequence[Flag]) -> dict[int, list[Flag]]:
    """The flags of each answer that has any, by its row."""
    rows: dict[int, list[Flag]] = {}
    for flag in flags:
        rows.setdefault(flag.row, []).append(flag)
    return rows
