"""From the flags of one answer to its verdict: what was delivered decides, not the opener.

Two small logistic models with named features, fitted on labelled answers, ask in turn whether the
answer declines (refuses at all) and, if it does, whether it declines in part. Every feature can be
read off the answer by hand, and `explain` says what each one added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log, log1p
from typing import Final, NamedTuple

from aligncleaner.detect import warranted
from aligncleaner.detect.delivered import Delivered, measure
from aligncleaner.detect.evidence import Flag, Verdict

VERSION: Final = "1"

#: An answer declines from this probability on, and is malformed from this one on.
DECLINES_FROM: Final = 0.5
MALFORMED_FROM: Final = 0.5

#: The verdict of an answer in which no detector found anything.
UNFLAGGED: Final = Verdict("complies", 0.98, 0.01, 0.01, 0.0, 0.0, 0.0, 0.0, (), None, 1.0)

#: The position that stands for "it never refuses": further down than most answers are long.
_NOWHERE: Final = 3000

#: What each feature is, in words for `explain`.
FEATURES: Final[Mapping[str, str]] = {
    "base": "before anything is seen",
    "strongest": "log-odds of the strongest refusing rule",
    "second": "log-odds of the second refusing rule",
    "sentences": "sentences that refuse or name a limit (up to 4)",
    "limit": "names something that it cannot reach, know or be",
    "late": "where it first refuses or names a limit (logarithm of the position)",
    "instead": "rules for something else in place of what was asked (up to 2)",
    "asks_back": "asks for more, or calls the prompt unclear",
    "no_self": "speaks of having no opinions, feelings or body",
    "moralizing": "lecturing sentences (up to 3)",
    "words": "length in words (logarithm)",
    "share": "share of the words that delivers",
    "left": "words that deliver (logarithm)",
    "question": "ends with a question",
    "asks_harm": "the prompt asks for something harmful",
    "asks_live": "the prompt asks for live data or the future",
    "asks_self": "the prompt is about the assistant itself",
}

_DECLINES: Final[Mapping[str, float]] = {
    "base": 0.0, "strongest": 0.4, "second": 0.5, "sentences": 0.4, "limit": 0.4, "opens": 0.8,
    "instead": 0.7, "asks_back": -0.4, "moralizing": 0.45, "words": -0.6, "share": -2.0,
    "after": 0.1, "asks_live": 1.4, "asks_self": -1.5,
}  # fmt: skip
_IN_PART: Final[Mapping[str, float]] = {
    "base": -6.0, "instead": 0.7, "words": 0.9, "share": 2.5, "moralizing": -0.4,
}  # fmt: skip


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
    prompt: str | None,
    lang: str | None,
    flags: Sequence[Flag],
    cues: Sequence[str],
) -> Verdict:
    """The verdict of `answer`, all of whose flags are `flags`.

    `cues` are the labels of the prompt rules that hit `prompt` (`asks_harm` and so on).
    """
    delivered = measure(answer, flags)
    values = _features(answer, flags, delivered, cues)
    p_declines = _probability(_DECLINES, values) if _speaks_of_itself(flags) else 0.01
    p_in_part = _probability(_IN_PART, values)
    # An answer that breaks off while it refuses is a refusal.
    p_malformed = _best(flags, "malformed") * (1 - p_declines)
    p_declines *= 1 - p_malformed

    if p_malformed >= MALFORMED_FROM:
        outcome = "malformed"
    elif p_declines < DECLINES_FROM:
        outcome = "complies"
    else:
        outcome = "partly_refuses" if p_in_part >= 0.5 else "refuses"  # noqa: PLR2004
    declines = outcome in ("refuses", "partly_refuses")
    reasons = _reasons(flags) if declines else ()
    return Verdict(
        outcome=outcome,
        p_complies=1 - p_malformed - p_declines,
        p_partly_refuses=p_declines * p_in_part,
        p_refuses=p_declines * (1 - p_in_part),
        p_malformed=p_malformed,
        p_disclaimer=_best(flags, "disclaimer"),
        p_hedge=_best(flags, "hedge"),
        p_moralizing=_best(flags, "moralizing"),
        reasons=reasons,
        over_refusal=warranted.p_over_refusal(reasons, cues) if declines else None,
        delivered_share=delivered.share,
    )


def explain(answer: str, flags: Sequence[Flag], cues: Sequence[str]) -> list[Contribution]:
    """Every feature of both decisions with what it added, the weightiest first."""
    values = _features(answer, flags, measure(answer, flags), cues)
    found = [
        Contribution(decision, name, FEATURES[name], values[name], weight, values[name] * weight)
        for decision, model in (("declines", _DECLINES), ("in_part", _IN_PART))
        for name, weight in model.items()
        if values[name]
    ]
    return sorted(found, key=lambda c: (c.decision, -abs(c.points)))


def _features(
    answer: str, flags: Sequence[Flag], delivered: Delivered, cues: Sequence[str]
) -> dict[str, float]:
    refusing = [flag for flag in flags if flag.label == "refuses"]
    telling = refusing + [flag for flag in flags if _is_limit(flag)]
    strengths = sorted({flag.rule: flag.score for flag in refusing}.values(), reverse=True)
    odds = [log(max(p, 0.01) / max(1 - p, 0.01)) + 1 for p in strengths[:2]] + [0.0, 0.0]
    return {
        "base": 1.0,
        "strongest": odds[0],
        "second": odds[1],
        "sentences": min(len({flag.start for flag in telling}), 4),
        "limit": float(len(telling) > len(refusing)),
        "late": log1p(min((flag.start for flag in telling), default=_NOWHERE)),
        "instead": min(len({f.rule for f in flags if f.label == "partly_refuses"}), 2),
        "asks_back": float(any(flag.reason == "missing_input" for flag in refusing)),
        "no_self": float(any(flag.reason == "no_self" for flag in telling)),
        "moralizing": min(len({f.start for f in flags if f.label == "moralizing"}), 3),
        "words": log1p(delivered.words),
        "share": delivered.share,
        "left": log1p(delivered.left),
        "question": float(answer.rstrip()[-1:] in ("?", "？")),
        **{cue: float(cue in cues) for cue in ("asks_harm", "asks_live", "asks_self")},
    }


def _is_limit(flag: Flag) -> bool:
    """Whether the flag is a disclaimer that says what cannot be done, not only what it is."""
    return flag.label == "disclaimer" and flag.reason is not None


def _speaks_of_itself(flags: Sequence[Flag]) -> bool:
    """Whether anything but hedges, counsel and malformed text was flagged."""
    return any(
        flag.label in ("refuses", "partly_refuses", "moralizing") or _is_limit(flag)
        for flag in flags
    )


def _probability(model: Mapping[str, float], values: Mapping[str, float]) -> float:
    return 1 / (1 + exp(-sum(weight * values[name] for name, weight in model.items())))


def _best(flags: Sequence[Flag], label: str) -> float:
    return max((flag.score for flag in flags if flag.label == label), default=0.0)


def _reasons(flags: Sequence[Flag]) -> tuple[str, ...]:
    """The reasons of all flags that refuse or name a limit, sorted."""
    found = {
        flag.reason
        for flag in flags
        if flag.reason and (flag.label in ("refuses", "partly_refuses") or _is_limit(flag))
    }
    given = found - {"unexplained"}
    return tuple(sorted(given)) or ("unexplained",)
