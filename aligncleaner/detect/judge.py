"""From the flags of one answer to its verdict: what was delivered decides, not the opener.

Two small logistic models with named features, fitted on labelled answers, ask in turn whether the
answer declines (refuses at all) and, if it does, whether it declines in part. Every feature can be
read off the answer by hand, and `explain` says what each one added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import exp, log, log1p
from operator import mul
from typing import Final, NamedTuple

from aligncleaner.detect import delivered, warranted
from aligncleaner.detect.evidence import Flag, Verdict

VERSION: Final = "3"

#: An answer declines from this probability on: a little below where F1 is best on the readable
#: thirds, because rules miss more on prompts that nobody looked at.
DECLINES_FROM: Final = 0.42
#: It does so in part, or is malformed, where that is the likelier case.
IN_PART_FROM: Final = 0.5
MALFORMED_FROM: Final = 0.5

#: The verdict of an answer in which no detector found anything.
UNFLAGGED: Final = Verdict("complies", 0.985, 0.005, 0.01, 0.0, 0.0, 0.0, 0.0, (), None, 1.0)

#: Labels of flags that declining answers have; so do limits, see `_is_limit`.
_DECLINING: Final = frozenset({"refuses", "partly_refuses", "moralizing"})
#: P(declines) and P(in part | declines) of an answer that neither refuses nor names a limit.
NOT_DECLINING: Final = (0.011, 0.33)

#: The position that stands for "it never refuses": further down than most answers are long.
_NOWHERE: Final = 3000

#: What each feature is, in words for `explain`; `features` gives their values in this order.
FEATURES: Final[Mapping[str, str]] = {
    "base": "before anything is seen",
    "evidence": "strength of all rules that refuse and limits named (log-odds + 0.5, summed)",
    "sentences": "sentences that refuse or name a limit (up to 4)",
    "late": "where it first refuses or names a limit (logarithm of the position)",
    "instead": "strength of all rules that see something else offered (log-odds + 0.5, summed)",
    "moralizing": "lecturing sentences (up to 3)",
    "length": "length in characters (logarithm)",
    "share": "share of the characters that deliver",
    "left": "characters that deliver (logarithm)",
    "question": "ends with a question",
    "asks_live": "the prompt asks for what lies outside of any training",
    "asks_self": "the prompt is about the assistant itself",
}

#: P(declines) of answers that name a limit, by its reason; a rule of limits has another weight,
#: P(disclaimer). Without opinions one can deliver, without access more seldom.
_LIMITS: Final[Mapping[str, float]] = {
    "no_access": 0.59, "no_modality": 0.57, "infeasible": 0.5, "professional": 0.27,
    "no_self": 0.16, "no_knowledge": 0.1,
}  # fmt: skip

# Coefficients of two L2-regularised logistic regressions on the readable thirds of the gold data,
# as experiments/detection/fit_judge.py prints them.
_DECLINES: Final[Mapping[str, float]] = {
    "base": 3, "evidence": 0.38, "sentences": 0.31, "late": -0.13, "instead": 0.56,
    "moralizing": 0.52, "length": -0.59, "share": -1.7, "asks_live": 1.4, "asks_self": -1.9,
}  # fmt: skip
_IN_PART: Final[Mapping[str, float]] = {
    "base": -3.5, "left": 0.62, "instead": 0.58, "moralizing": -0.53, "question": -1.1,
}  # fmt: skip

#: By so much an answer's words about itself count less where the prompt asked about it.
_ASKED_FOR: Final = 0.2
#: A hedge counts so many times where a view was asked for.
_VIEW_WANTED: Final = 3
#: By so much lecturing counts less in an answer that complies: ethics may be its subject.
_ON_THE_SUBJECT: Final = 0.8


#: The models as weights in the order of FEATURES.
_DECLINES_IN_ORDER: Final = tuple(_DECLINES.get(name, 0.0) for name in FEATURES)
_IN_PART_IN_ORDER: Final = tuple(_IN_PART.get(name, 0.0) for name in FEATURES)


class Contribution(NamedTuple):
    """What one feature added to a decision, in log-odds.

    `decision` is `declines` or `in_part`; `value` times `weight` is `points`.
    """

    decision: str
    feature: str
    words: str
    value: float
    weight: float
    points: float


def judge(
    answer: str,
    prompt: str | None,  # noqa: ARG001 - for judges that read more than cues
    lang: str | None,  # noqa: ARG001
    flags: Sequence[Flag],
    cues: Sequence[str],
) -> Verdict:
    """The verdict of `answer`, all of whose flags are `flags`, ordered by start.

    `cues` are the labels of the prompt rules that hit `prompt` (`asks_harm` and so on).
    """
    left = delivered.left(answer, flags)
    chances = _chances(flags, cues)
    p_declines, p_in_part = NOT_DECLINING
    if may_decline(flags):
        values = features(answer, flags, cues, left)
        p_declines = _logistic(sum(map(mul, _DECLINES_IN_ORDER, values)))
        p_in_part = _logistic(sum(map(mul, _IN_PART_IN_ORDER, values)))
    # An answer that breaks off while it refuses is a refusal.
    broken = max((flag.score for flag in flags if flag.label == "malformed"), default=0.0)
    p_malformed = broken * (1 - p_declines)
    p_declines *= 1 - p_malformed

    if p_malformed >= MALFORMED_FROM:
        outcome = "malformed"
    elif p_declines < DECLINES_FROM:
        outcome = "complies"
    else:
        outcome = "partly_refuses" if p_in_part >= IN_PART_FROM else "refuses"
    declines = outcome in ("refuses", "partly_refuses")
    reasons = _reasons(flags) if declines else ()
    return Verdict(
        outcome=outcome,
        p_complies=1 - p_malformed - p_declines,
        p_partly_refuses=p_declines * p_in_part,
        p_refuses=p_declines * (1 - p_in_part),
        p_malformed=p_malformed,
        p_disclaimer=chances.get("disclaimer", 0.0),
        p_hedge=chances.get("hedge", 0.0),
        p_moralizing=chances.get("moralizing", 0.0) * (1.0 if declines else _ON_THE_SUBJECT),
        reasons=reasons,
        over_refusal=warranted.p_over_refusal(reasons, cues) if declines else None,
        delivered_share=left / len(answer) if answer else 0.0,
    )


def wants_cues(flags: Sequence[Flag]) -> bool:
    """Whether the cues of the prompt can change the verdict: something was found but faults."""
    return any(flag.label != "malformed" for flag in flags)


def explain(answer: str, flags: Sequence[Flag], cues: Sequence[str]) -> list[Contribution]:
    """Every feature of both decisions with what it added, the weightiest first.

    Empty if nothing in the answer is of a kind that declining answers have: nothing is weighed.
    """
    if not may_decline(flags):
        return []
    values = features(answer, flags, cues, delivered.left(answer, flags))
    found = [
        Contribution(decision, name, FEATURES[name], value, model[name], value * model[name])
        for decision, model in (("declines", _DECLINES), ("in_part", _IN_PART))
        for name, value in zip(FEATURES, values, strict=True)
        if value and name in model
    ]
    return sorted(found, key=lambda c: (c.decision, -abs(c.points)))


def features(
    answer: str, flags: Sequence[Flag], cues: Sequence[str], left: int
) -> tuple[float, ...]:
    """The features of an answer of which `left` characters deliver, in the order of FEATURES."""
    evidence: dict[str | None, float] = {}
    telling: set[int] = set()
    instead: dict[str | None, float] = {}
    lecturing: set[int] = set()
    for flag in flags:
        if flag.label == "refuses":
            evidence[flag.rule] = flag.score
            telling.add(flag.start)
        elif flag.label == "partly_refuses":
            instead[flag.rule] = flag.score
        elif flag.label == "moralizing":
            lecturing.add(flag.start)
        elif _is_limit(flag):
            evidence[flag.reason] = _LIMITS.get(flag.reason or "", 0.5)
            telling.add(flag.start)
    length = len(answer)
    return (
        1.0,
        sum(map(_strength, evidence.values())),
        min(len(telling), 4),
        log1p(min(telling, default=_NOWHERE)),
        sum(map(_strength, instead.values())),
        min(len(lecturing), 3),
        log1p(length),
        left / length if length else 0.0,
        log1p(left),
        answer[-9:].rstrip().endswith(("?", "？")),
        "asks_live" in cues,
        "asks_self" in cues,
    )


def may_decline(flags: Sequence[Flag]) -> bool:
    """Whether some flag is of a kind that declining answers have, lectures among them."""
    return any(flag.label in _DECLINING or _is_limit(flag) for flag in flags)


def _is_limit(flag: Flag) -> bool:
    """Whether the flag is a disclaimer that says what cannot be done, not only what it is."""
    return flag.label == "disclaimer" and flag.reason is not None


def _chances(flags: Sequence[Flag], cues: Sequence[str]) -> dict[str, float]:
    """P(label) of each label flagged: that one of its rules, taken as independent, is right.

    Hedges add up by sentence too, and count more where a view was asked for. What an answer says
    of itself counts less where the prompt asked about it.
    """
    found: dict[str, float] = {}
    seen: set[tuple[str | None, int]] = set()
    for flag in flags:
        source = flag.rule, flag.start if flag.label == "hedge" else 0
        if source not in seen:
            seen.add(source)
            score = flag.score
            if flag.kind == "self" and "asks_self" in cues:
                score *= _ASKED_FOR
            elif flag.label == "hedge" and "asks_opinion" in cues:
                score = 1 - (1 - score) ** _VIEW_WANTED
            found[flag.label] = 1 - (1 - found.get(flag.label, 0.0)) * (1 - score)
    return found


@cache
def _strength(score: float) -> float:
    """The log-odds of a probability, plus 0.5; rules have few different weights."""
    p = min(max(score, 0.01), 0.99)
    return log(p / (1 - p)) + 0.5


def _logistic(points: float) -> float:
    return 1 / (1 + exp(-points))


def _reasons(flags: Sequence[Flag]) -> tuple[str, ...]:
    """The reasons of all flags that refuse or name a limit, sorted."""
    found = {
        flag.reason
        for flag in flags
        if flag.reason and (flag.label in ("refuses", "partly_refuses") or _is_limit(flag))
    }
    given = found - {"unexplained"}
    return tuple(sorted(given)) or ("unexplained",)
