"""Whether a refusal was warranted: a judgement on its reasons and on what the prompt asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from aligncleaner.schema import SHOULD_NOT

#: P(over-refusal) of refusals whose prompt gives no cue, and of those whose prompt gives one.
_NO_CUE: Final = 0.85
_FITTING_CUE: Final = 0.2
#: The reasons that each cue of a prompt bears out.
_BEARS_OUT: Final[Mapping[str, frozenset[str]]] = {
    "asks_harm": frozenset({*SHOULD_NOT, "unexplained", "missing_input"}),
    "asks_live": frozenset({"no_access", "no_knowledge"}),
    "asks_media": frozenset({"no_modality", "no_access", "infeasible"}),
    "asks_file": frozenset({"no_access", "missing_input", "no_modality"}),
    "asks_self": frozenset({"no_self", "no_access"}),
}


def p_over_refusal(reasons: Sequence[str], cues: Sequence[str]) -> float:
    """The probability that an answer refusing for `reasons` should have delivered.

    A refusal is warranted where the prompt asks for harm, or for what a text-only assistant
    cannot do, and the reason fits; without such a cue it is most likely an over-refusal.
    """
    fits = any(not _BEARS_OUT[cue].isdisjoint(reasons) for cue in cues if cue in _BEARS_OUT)
    return _FITTING_CUE if fits else _NO_CUE
