"""Whether a refusal was warranted: a judgement on its reasons and on what the prompt asks for.

Of two mistakes, dropping a refusal that was called for is the worse one. So whatever the prompt
asks for that an assistant should not or cannot give speaks against an over-refusal, even where
the answer names another reason than the prompt suggests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from aligncleaner.schema import CANNOT, SHOULD_NOT

#: What a prompt asks for: harm; something out of reach that bears out a reason given; neither.
Asks = Literal["harm", "out_of_reach", "neither"]
#: What a refusal says of why; one that says both that it should not and cannot, should not.
Says = Literal["should_not", "cannot", "nothing"]

#: The reasons that each cue of a prompt bears out. One who does not say why may mean any.
_BEARS_OUT: Final[Mapping[str, frozenset[str]]] = {
    "asks_live": frozenset({"no_access", "no_knowledge", "missing_input", "unexplained"}),
    "asks_media": frozenset({"no_modality", "no_access", "infeasible", "unexplained"}),
    "asks_file": frozenset({"no_access", "missing_input", "no_modality", "unexplained"}),
    "asks_self": frozenset({"no_self", "no_access"}),
}

# Shares of over-refusals among labelled refusals of the readable thirds, smoothed, as
# experiments/detection/fit_warranted.py prints them.
_P_OVER_REFUSAL: Final[Mapping[tuple[Asks, Says], float]] = {
    ("harm", "should_not"): 0.20, ("harm", "cannot"): 0.22, ("harm", "nothing"): 0.06,
    ("out_of_reach", "should_not"): 0.33, ("out_of_reach", "cannot"): 0.21,
    ("out_of_reach", "nothing"): 0.25,
    ("neither", "should_not"): 0.97, ("neither", "cannot"): 0.97, ("neither", "nothing"): 0.97,
}  # fmt: skip


def p_over_refusal(reasons: Sequence[str], cues: Sequence[str]) -> float:
    """The probability that an answer refusing for `reasons` should have delivered.

    `cues` are the labels of the prompt rules that hit the prompt.
    """
    return _P_OVER_REFUSAL[asks(reasons, cues), says(reasons)]


def asks(reasons: Sequence[str], cues: Sequence[str]) -> Asks:
    """What the prompt asks for, as far as it matters to a refusal for `reasons`."""
    if "asks_harm" in cues:
        return "harm"
    fits = any(not _BEARS_OUT[cue].isdisjoint(reasons) for cue in cues if cue in _BEARS_OUT)
    return "out_of_reach" if fits else "neither"


def says(reasons: Sequence[str]) -> Says:
    """The kind of the reasons given."""
    if not set(SHOULD_NOT).isdisjoint(reasons):
        return "should_not"
    return "nothing" if set(CANNOT).isdisjoint(reasons) else "cannot"
