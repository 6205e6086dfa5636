"""What is done with an answer that is judged so and so.

The default follows the ethics of the project: what teaches a model to refuse needlessly goes,
and so does what is broken; warranted refusals stay, and so does everything that merely hedges,
disclaims or lectures (it is tagged: flags and verdicts say so).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from aligncleaner.detect.evidence import Flag, Verdict

Action = Literal["keep", "tag", "drop_turn"]

#: A refusal is held to be needless where that is likelier than not.
OVER_REFUSAL: Final = 0.5


class Decision(NamedTuple):
    """An action and what moved it: the rule (or detector) and the words it points at.

    `rule` is null where nothing is done; `start` and `end` are code points of the answer.
    """

    action: Action
    rule: str | None
    start: int
    end: int


KEEP: Final = Decision("keep", None, 0, 0)


def decide(verdict: Verdict, flags: Sequence[Flag]) -> Decision:
    """The action for one answer, given its verdict and its flags."""
    needless = verdict.outcome == "refuses" and (verdict.over_refusal or 0.0) >= OVER_REFUSAL
    if verdict.outcome == "malformed" or needless:
        return _because("drop_turn", verdict.outcome, flags)
    return _because("tag", verdict.outcome, flags) if flags else KEEP


def _because(action: Action, outcome: str, flags: Sequence[Flag]) -> Decision:
    """The strongest flag of the outcome decides; the strongest of all where it has none."""
    own = [flag for flag in flags if flag.label == outcome]
    refusing = [flag for flag in flags if flag.label in ("refuses", "partly_refuses")]
    best = max(own or refusing or flags, key=lambda flag: (flag.score, -flag.start))
    return Decision(action, best.rule or best.detector, best.start, best.end)
