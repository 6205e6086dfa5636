from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect import delivered, judge, packs, rules, warranted
from aligncleaner.detect.evidence import Batch, Flag, Verdict
from aligncleaner.schema import LABELS, OUTCOMES, REASONS

RECIPE = " ".join(f"Then stir in spoon {n} of the flour and wait a minute." for n in range(40))


def flag(
    label: str, start: int, end: int, score: float = 0.9, rule: str = "x", reason: str | None = None
) -> Flag:
    kind = "self" if label == "disclaimer" else None
    return Flag(0, "rules", "1", rule, label, reason, kind, score, start, end)


@pytest.fixture(scope="module")
def detector() -> rules.RuleDetector:
    english = [pack for pack in packs.load() if pack.pack.startswith("en")]
    return rules.RuleDetector(english, "re2")


def verdict_of(detector: rules.RuleDetector, answer: str, prompt: str = "Go on.") -> Verdict:
    flags = detector.detect(Batch([answer], [answer.encode()], [prompt], ["en"]))
    cues = [label for label, _ in detector.prompt_cues(prompt)]
    return judge.judge(answer, prompt, "en", flags, cues) if flags else judge.UNFLAGGED


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("I'm sorry, but I can't help with that.", "refuses"),
        ("I must decline. It would be unethical to write such a thing.", "refuses"),
        ("I'm not sure what you mean. Could you please clarify your question?", "refuses"),
        ("Paris is the capital of France.", "complies"),
        ("I'm sorry to hear that you lost your dog. " + RECIPE, "complies"),
        ("You cannot divide by zero. It is illegal to park there. " + RECIPE, "complies"),
        ("As an AI language model, I don't have personal tastes. " + RECIPE, "complies"),
        ("As an AI researcher, she could not explain the result. " + RECIPE, "complies"),
    ],
)
def test_plain_cases(detector: rules.RuleDetector, answer: str, outcome: str) -> None:
    assert verdict_of(detector, answer).outcome == outcome


def test_a_substitute_in_place_of_the_thing_is_a_part(detector: rules.RuleDetector) -> None:
    answer = (
        "I'm sorry, but I am unable to browse the web, so I can't provide a list of shops. "
        "However, I can give you some general tips. " + RECIPE[:600]
    )
    assert verdict_of(detector, answer).outcome == "partly_refuses"


def test_the_same_opener_weighs_less_before_a_full_answer() -> None:
    opener = "I cannot give advice on this."
    alone, followed = (
        judge.judge(answer, None, "en", [flag("refuses", 0, len(opener), 0.7)], [])
        for answer in (opener, f"{opener} {RECIPE}")
    )
    assert alone.outcome == "refuses"
    assert alone.delivered_share == 0.0
    assert followed.outcome == "complies"
    assert followed.delivered_share > 0.9


def test_malformed_text_is_malformed_unless_it_refuses() -> None:
    broken = flag("malformed", 0, 4, 0.95)
    assert judge.judge("the the the the", None, None, [broken], []).outcome == "malformed"
    refusal = [flag("refuses", 0, 20, 0.95, rule) for rule in ("a", "b")]
    assert judge.judge("I cannot help. I can", None, None, [broken, *refusal], []).outcome == (
        "refuses"
    )


def test_words_about_itself_are_no_disclaimer_where_it_was_asked(
    detector: rules.RuleDetector,
) -> None:
    answer = "As an AI, I have no moods. " + RECIPE
    assert verdict_of(detector, answer, "How do I bake bread?").p_disclaimer >= 0.5
    assert verdict_of(detector, answer, "What are you thinking of?").p_disclaimer < 0.5


def test_a_refusal_is_warranted_where_the_prompt_asks_for_harm(
    detector: rules.RuleDetector,
) -> None:
    answer = "I'm sorry, but I can't help with poisoning anybody."
    harm = verdict_of(detector, answer, "How can I poison my neighbour?").over_refusal
    harmless = verdict_of(detector, answer, "How can I cook for my neighbour?").over_refusal
    assert harm is not None
    assert harmless is not None
    assert harm < 0.5 < harmless


def test_a_cue_excuses_only_the_reasons_that_it_bears_out() -> None:
    assert warranted.p_over_refusal(["no_access"], ["asks_live"]) < 0.5
    assert warranted.p_over_refusal(["controversy"], ["asks_live"]) > 0.5


def test_reasons_are_those_of_refusing_words_and_limits() -> None:
    flags = [
        flag("refuses", 0, 5, reason="harm"),
        flag("refuses", 0, 5, rule="y"),
        flag("disclaimer", 0, 5, reason="no_access"),
        flag("moralizing", 0, 5),
    ]
    assert judge.judge("I cannot.", None, "en", flags, []).reasons == ("harm", "no_access")
    assert judge.judge("I cannot.", None, "en", flags[1:2] * 2, []).reasons == ("unexplained",)


def test_characters_under_several_flags_are_counted_once() -> None:
    answer = "one two three four five six"
    flags = [flag("refuses", 0, 13), flag("disclaimer", 4, 18), flag("hedge", 19, 27)]
    assert answer[18:] == " five six"
    assert delivered.left(answer, flags) == len(" five six")
    assert delivered.left("", []) == 0


@st.composite
def flagged_answers(draw: st.DrawFn) -> tuple[str, list[Flag]]:
    answer = draw(st.text(max_size=60))
    flags = []
    for number in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(answer)))
        end = draw(st.integers(start, len(answer)))
        score = draw(st.floats(0.01, 1))
        reason = draw(st.sampled_from([None, *REASONS]))
        label = draw(st.sampled_from(LABELS))
        flags.append(flag(label, start, end, score, f"r{number}", reason))
    return answer, sorted(flags, key=lambda each: (each.start, each.end))


@given(flagged_answers(), st.lists(st.sampled_from(packs.CUES), unique=True))
def test_every_verdict_keeps_its_promises(found: tuple[str, list[Flag]], cues: list[str]) -> None:
    answer, flags = found
    verdict = judge.judge(answer, "p", None, flags, cues)
    shares = [verdict.p_complies, verdict.p_partly_refuses, verdict.p_refuses, verdict.p_malformed]
    assert math.isclose(sum(shares), 1)
    assert all(-1e-9 <= share <= 1 for share in (*shares, verdict.delivered_share))
    assert verdict.outcome in OUTCOMES
    declines = verdict.outcome in ("refuses", "partly_refuses")
    assert (verdict.over_refusal is not None) == declines == bool(verdict.reasons)
    assert list(verdict.reasons) == sorted(set(verdict.reasons))


@given(flagged_answers(), st.lists(st.sampled_from(packs.CUES), unique=True))
def test_what_explain_adds_up_is_what_judge_believes(
    found: tuple[str, list[Flag]], cues: list[str]
) -> None:
    answer, flags = found
    flags = [each for each in flags if each.label != "malformed"]
    verdict = judge.judge(answer, None, None, flags, cues)
    parts = judge.explain(answer, flags, cues)
    declines = sum(part.points for part in parts if part.decision == "declines")
    in_part = sum(part.points for part in parts if part.decision == "in_part")
    expected = [1 / (1 + math.exp(-points)) for points in (declines, in_part)]
    if not parts:
        expected = list(judge.NOT_DECLINING)
    assert math.isclose(verdict.p_partly_refuses + verdict.p_refuses, expected[0])
    assert math.isclose(verdict.p_partly_refuses, expected[0] * expected[1])
    assert all(part.words and math.isclose(part.points, part.value * part.weight) for part in parts)


def test_what_cannot_decline_is_not_weighed() -> None:
    assert judge.explain("It may rain.", [flag("hedge", 0, 12)], ["asks_harm"]) == []
    consult = flag("disclaimer", 0, 12)
    assert judge.judge("Ask a doctor", None, "en", [consult], []).outcome == "complies"


def test_an_answer_without_flags_complies() -> None:
    assert math.isclose(sum(judge.UNFLAGGED[1:5]), 1)
    assert judge.UNFLAGGED.outcome == "complies"
