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

#: An answer declines from this probability on: where F1 was best on the readable thirds.
DECLINES_FROM: Final = 0.45
#: It does so in part, or is malformed, where that is the likelier case.
IN_PART_FROM: Final = 0.5
MALFORMED_FROM: Final = 0.5

#: The verdict of an answer in which no detector found anything.
UNFLAGGED: Final = Verdict("complies", 0.985, 0.005, 0.01, 0.0, 0.0, 0.0, 0.0, (), None, 1.0)

#: P(declines) and P(in part | declines) of an answer that neither refuses nor names a limit.
_NOT_DECLINING: Final = (0.015, 0.33)

#: The position that stands for "it never refuses": further down than most answers are long.
_NOWHERE: Final = 3000

#: What each feature is, in words for `explain`.
FEATURES: Final[Mapping[str, str]] = {
    "base": "before anything is seen",
    "strongest": "strength of the strongest refusing rule (log-odds + 1)",
    "second": "strength of the second refusing rule (log-odds + 1)",
    "sentences": "sentences that refuse or name a limit (up to 4)",
    "late": "where it first refuses or names a limit (logarithm of the position)",
    "instead": "rules that see something else offered in place of what was asked (up to 2)",
    "asks_back": "asks for more, or calls the prompt unclear",
    "no_self": "speaks of having no opinions, feelings or body",
    "moralizing": "lecturing sentences (up to 3)",
    "words": "length in words (logarithm)",
    "share": "share of the words that deliver",
    "left": "words that deliver (logarithm)",
    "question": "ends with a question",
    "asks_harm": "the prompt asks for something harmful",
    "asks_self": "the prompt is about the assistant itself",
}

# Coefficients of two L2-regularised logistic regressions on the readable thirds of the gold data,
# rounded. A row weighs 1 (sources other than wild.jsonl: 0.3) over the square root of how often its
# prompt occurs, so that a few prompts with many answers do not rule the first.
_DECLINES: Final[Mapping[str, float]] = {
    "base": 1.9, "strongest": 0.4, "second": 0.52, "sentences": 0.36, "late": -0.12,
    "instead": 0.3, "asks_back": -0.43, "no_self": -0.5, "moralizing": 0.35, "words": -0.5,
    "share": -1.8, "question": -0.66, "asks_harm": 0.17, "asks_self": -2.1,
}  # fmt: skip
_IN_PART: Final[Mapping[str, float]] = {
    "base": -3.5, "left": 0.83, "instead": 0.9, "moralizing": -0.56, "question": -0.7,
}  # fmt: skip

#: By so much an answer's words about itself count less where the prompt asked about it.
_ASKED_FOR: Final = 0.2


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
    """The verdict of `answer`, all of whose flags are `flags`.

    `cues` are the labels of the prompt rules that hit `prompt` (`asks_harm` and so on).
    """
    delivered = measure(answer, flags)
    p_declines, p_in_part = _NOT_DECLINING
    if any(_may_decline(flag) for flag in flags):
        values = _features(answer, flags, delivered, cues)
        p_declines, p_in_part = _probability(_DECLINES, values), _probability(_IN_PART, values)
    # An answer that breaks off while it refuses is a refusal.
    p_malformed = _best(flags, "malformed") * (1 - p_declines)
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
        p_disclaimer=_p_disclaimer(flags, cues),
        p_hedge=_best(flags, "hedge"),
        p_moralizing=_best(flags, "moralizing"),
        reasons=reasons,
        over_refusal=warranted.p_over_refusal(reasons, cues) if declines else None,
        delivered_share=delivered.share,
    )


def wants_cues(flags: Sequence[Flag]) -> bool:
    """Whether the cues of the prompt can change the verdict: the answer may decline or disclaim.

    Hedges and malformed text alone say nothing of the assistant, and no prompt makes them do so.
    """
    return any(flag.label not in ("hedge", "malformed") for flag in flags)


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
        "late": log1p(min((flag.start for flag in telling), default=_NOWHERE)),
        "instead": min(len({f.rule for f in flags if f.label == "partly_refuses"}), 2),
        "asks_back": float(any(flag.reason == "missing_input" for flag in refusing)),
        "no_self": float(any(flag.reason == "no_self" for flag in telling)),
        "moralizing": min(len({f.start for f in flags if f.label == "moralizing"}), 3),
        "words": log1p(delivered.words),
        "share": delivered.share,
        "left": log1p(delivered.left),
        "question": float(answer.rstrip()[-1:] in ("?", "？")),
        **{cue: float(cue in cues) for cue in ("asks_harm", "asks_self")},
    }


def _may_decline(flag: Flag) -> bool:
    """Whether the flag is of a kind that declining answers have, lectures among them."""
    return flag.label in ("refuses", "partly_refuses", "moralizing") or _is_limit(flag)


def _is_limit(flag: Flag) -> bool:
    """Whether the flag is a disclaimer that says what cannot be done, not only what it is."""
    return flag.label == "disclaimer" and flag.reason is not None


def _p_disclaimer(flags: Sequence[Flag], cues: Sequence[str]) -> float:
    """The strongest disclaimer; of itself an answer may speak where the prompt asked about it."""
    asked_for = _ASKED_FOR if "asks_self" in cues else 1.0
    return max(
        (
            flag.score * (asked_for if flag.kind == "self" else 1.0)
            for flag in flags
            if flag.label == "disclaimer"
        ),
        default=0.0,
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
