"""The default policy: needless refusals and broken answers go, everything else stays."""

from __future__ import annotations

import pytest

from aligncleaner import policy
from aligncleaner.detect.evidence import Flag, Verdict

COMPLIES = Verdict("complies", 0.9, 0.04, 0.03, 0.03, 0.0, 0.0, 0.0, (), None, 1.0)


def verdict(outcome: str, over_refusal: float | None = None) -> Verdict:
    return COMPLIES._replace(outcome=outcome, over_refusal=over_refusal)


def flag(label: str, score: float = 0.9, start: int = 0, rule: str | None = "r") -> Flag:
    return Flag(0, "rules", "1", rule, label, None, None, score, start, start + 5)


@pytest.mark.parametrize(
    ("judged", "label", "action"),
    [
        (verdict("refuses", 0.9), "refuses", "drop_turn"),
        (verdict("refuses", 0.5), "refuses", "drop_turn"),
        (verdict("refuses", 0.49), "refuses", "tag"),
        (verdict("refuses", None), "refuses", "tag"),
        (verdict("partly_refuses", 1.0), "partly_refuses", "tag"),
        (verdict("malformed"), "malformed", "drop_turn"),
        (verdict("complies"), "hedge", "tag"),
        (verdict("complies"), "disclaimer", "tag"),
        (verdict("complies"), "moralizing", "tag"),
        (verdict("complies"), "refuses", "tag"),
    ],
)
def test_actions(judged: Verdict, label: str, action: str) -> None:
    assert policy.decide(judged, [flag(label)]).action == action


def test_an_answer_without_flags_is_kept_for_no_reason() -> None:
    assert policy.decide(COMPLIES, []) == policy.KEEP == ("keep", None, 0, 0)


def test_the_strongest_flag_of_the_outcome_decides() -> None:
    flags = [
        flag("hedge", 1.0, rule="hedge"),
        flag("refuses", 0.6, rule="weak"),
        flag("refuses", 0.8, 7, rule="strong"),
    ]
    assert policy.decide(verdict("refuses", 0.9), flags) == ("drop_turn", "strong", 7, 12)


def test_of_equally_strong_flags_the_first_decides() -> None:
    flags = [flag("refuses", 0.8, 30, rule="late"), flag("refuses", 0.8, 3, rule="early")]
    assert policy.decide(verdict("refuses", 0.9), flags).rule == "early"


def test_a_partial_refusal_is_told_by_refusing_flags() -> None:
    flags = [flag("hedge", 1.0, rule="hedge"), flag("refuses", 0.5, rule="refusal")]
    assert policy.decide(verdict("partly_refuses", 0.9), flags).rule == "refusal"


def test_a_detector_without_rules_is_named_itself() -> None:
    loop = flag("malformed", rule=None)._replace(detector="malformed")
    assert policy.decide(verdict("malformed"), [loop]).rule == "malformed"
