from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect import normalise, packs, patterns, rules, sentences
from aligncleaner.detect.evidence import Batch
from aligncleaner.detect.packs import Pack, Rule
from aligncleaner.detect.rules import RuleDetector

PIECES = [*["i ", "can", "not", "cannot ", "help ", "may ", "might ", "sorry", "but "] * 2, "No",
          ", ", ". ", "! ", "\n", "- ", "> ", "*", '"', "  ", "\t", "\u200b", "\u00a0", "’", "é",
          "。", "ｍａｙ ", "\x1e", "😀", "x" * 150, "é" * 120]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=16).map("".join)
PATTERNS = ["i cannot", "sorry", "may", "might", "no", "but", "é", "/m(?:ay|ight)/", "/may[ ,]/",
            "/can(?:not)?/", "/i .{0,20}help/", "/[^.]{0,5}help/"]  # fmt: skip
LISTS = st.lists(st.sampled_from(PATTERNS), max_size=2)
FIELDS = st.fixed_dictionaries({
    "any": st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3),
    "all": LISTS,
    "unless": LISTS,
    "scope": st.sampled_from(["sentence", "answer"]),
    "where": st.sampled_from(["anywhere", "anywhere", "opening", "closing", "start"]),
    "span": st.sampled_from(["sentence", "hit"]),
    "at_least": st.just(1),
})  # fmt: skip
COUNTED = st.fixed_dictionaries({
    "any": st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3),
    "all": LISTS,
    "unless": LISTS,
    "scope": st.sampled_from(["sentence", "answer"]),
    "at_least": st.integers(2, 4),
})  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Databases of made-up rules do not push real ones out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def rule(number: int = 0, **fields: Any) -> Rule:
    whole = {"id": f"xx.r{number}", "label": "refuses", "weight": 0.5, "why": "a test",
             "hit": ["a", "b", "c"], "miss": ["d", "e", "f"]}  # fmt: skip
    return Rule.model_validate(whole | fields)


def pack(*found: Rule) -> Pack:
    return Pack(pack="xx", language="en", version=1, about="a test", rules=found)


def batch(*texts: str) -> Batch:
    nulls = [None] * len(texts)
    return Batch(texts, [text.encode() for text in texts], nulls, nulls)


def flagged(one: Rule, text: str, engine: rules.Engine = "auto") -> list[str]:
    found = RuleDetector([pack(one)], engine).detect(batch(text))
    return [text[flag.start : flag.end] for flag in found]


def longest(texts: Sequence[str]) -> Any:
    options = re2.Options()
    options.longest_match = True
    return re2.compile("|".join(f"(?:{patterns.translate(t)})" for t in texts), options)


def holds(one: Rule, text: str, start: int, end: int) -> tuple[int, int] | None:
    """What one sentence's hit flags of a plain text, by the words of the format."""
    hit = longest(one.any).search(text[start:end])
    stretch = text if one.scope == "answer" else text[start:end]
    if hit is None or not all(longest([needed]).search(stretch) for needed in one.all):
        return None
    if one.unless and longest(one.unless).search(stretch):
        return None
    at = start + hit.start()
    before = re.match(r"""[ \t\n\r\f*_#>~"'“”‘’«»•-]*""", text)
    in_place = {
        "anywhere": True,
        "opening": at < 300,
        "closing": len(text) - at <= 300,
        "start": before is not None and before.end() == at,
    }
    if not in_place[one.where]:
        return None
    return (at, start + hit.end()) if one.span == "hit" else (start, end)


def reference(found: Sequence[Rule], text: str) -> set[tuple[str, int, int]]:
    made = normalise.plain_with_origin(text)
    flags = set()
    for one in found:
        spans = [
            (span, longest(one.any).findall(made.text[start:end]))
            for start, end in sentences.split(made.text)
            if (span := holds(one, made.text, start, end))
        ]
        if one.at_least > 1:
            count = sum(len(hits) for _, hits in spans)
            spans = spans[:1] if count >= one.at_least else []
        flags |= {(one.id, *made.span(*span)) for span, _ in spans}
    return flags


@given(st.lists(FIELDS | COUNTED, min_size=1, max_size=4), st.lists(TEXTS, max_size=4))
def test_both_engines_flag_what_the_reference_flags(
    fields: list[dict[str, Any]], texts: list[str]
) -> None:
    found = [rule(number, **one) for number, one in enumerate(fields)]
    expected = [reference(found, text) for text in texts]
    for engine in ("hyperscan", "re2"):
        flags = RuleDetector([pack(*found)], engine).detect(batch(*texts))
        assert [(flag.row, flag.start) for flag in flags] == sorted(
            (flag.row, flag.start) for flag in flags
        )
        for row, wanted in enumerate(expected):
            got = [(flag.rule, flag.start, flag.end) for flag in flags if flag.row == row]
            assert len(got) == len(set(got))
            assert set(got) == wanted


def test_a_flag_says_what_the_rule_says() -> None:
    one = rule(any=["i cannot"], reason="harm", weight=0.75)
    detector = RuleDetector([pack(one)])
    (flag,) = detector.detect(batch("Hello.", "Well! 1. I can’t say: i cannot. Bye."))
    assert (flag.row, flag.rule, flag.label, flag.reason, flag.kind, flag.score) == (
        1, "xx.r0", "refuses", "harm", None, 0.75,
    )  # fmt: skip
    assert (flag.detector, flag.version) == ("rules", detector.version)
    assert packs.rules_hash([pack(one)]).startswith(detector.version)


@pytest.mark.parametrize("engine", ["hyperscan", "re2"])
@pytest.mark.parametrize(
    ("fields", "text", "expected"),
    [
        ({}, "Yes. I cannot help. No.", ["I cannot help."]),
        ({}, "- I CANNOT, my friend\n- I can", ["I CANNOT, my friend"]),
        ({}, "Ｉ can\u200bnot. Fine", ["Ｉ can\u200bnot."]),
        ({}, "é I  cannot.\nI\tcannot!", ["é I  cannot.", "I\tcannot!"]),
        ({}, "I. Cannot", []),
        ({"span": "hit"}, "But I cannot help.", ["I cannot"]),
        ({"all": ["help"]}, "I cannot. I cannot help.", ["I cannot help."]),
        ({"all": ["help"], "scope": "answer"}, "I cannot. Help!", ["I cannot."]),
        ({"unless": ["zero"]}, "I cannot divide by zero. I cannot.", ["I cannot."]),
        ({"unless": ["zero"], "scope": "answer"}, "By zero? I cannot.", []),
        ({"where": "opening"}, "x" * 298 + ". I cannot. I cannot.", []),
        ({"where": "opening"}, "é" * 297 + ". I cannot. I cannot.", ["I cannot."]),
        ({"where": "closing"}, "I cannot. " + "é" * 291, []),
        ({"where": "closing"}, "I cannot. " + "é" * 290, ["I cannot."]),
        ({"where": "start"}, '\n> **"I cannot** do.', ['**"I cannot** do.']),
        ({"where": "start"}, "Sorry, I cannot.", []),
        ({"any": ["may", "might"], "at_least": 3}, "May. A may or might. May.", ["May."]),
        ({"any": ["may", "might"], "at_least": 3}, "May. A may.", []),
    ],
)
def test_conditions(
    engine: rules.Engine, fields: dict[str, Any], text: str, expected: list[str]
) -> None:
    assert flagged(rule(**({"any": ["i cannot"]} | fields)), text, engine) == expected


def test_prompt_rules_give_cues_and_no_flags() -> None:
    cue = rule(1, on="prompt", label="asks_harm", any=["poison", "/kill .{0,20}him/"])
    detector = RuleDetector([pack(rule(any=["i cannot"]), cue)])
    assert detector.detect(batch("How do I poison him?")) == []
    assert detector.prompt_cues("Poison?\nHow do I poi\u200bson him?") == [("asks_harm", "xx.r1")]
    assert detector.prompt_cues("") == []
    assert detector.prompt_cues("I cannot \ud800") == []


def test_tells_which_rules_need_the_assistants_own_words() -> None:
    detector = RuleDetector([pack(rule(any=["a"]), rule(1, any=["b"], first_person=False))])
    assert detector.needs_scope("xx.r0")
    assert not detector.needs_scope("xx.r1")


def test_an_empty_batch_and_no_packs() -> None:
    assert RuleDetector([]).detect(batch("I cannot")) == []
    assert RuleDetector([pack(rule(any=["a"]))]).detect(batch()) == []


def test_examples_are_held_against_their_rule() -> None:
    good = rule(any=["i cannot"], hit=["I cannot."] * 3, miss=["I can."] * 3)
    assert rules.test_examples([pack(good)]) == []
    bad = rule(any=["i cannot"], hit=["I can."] * 3, miss=["I can.", "I can.", "I cannot."])
    told = [str(fault) for fault in rules.test_examples([pack(bad)])]
    assert sum("a hit that is not flagged: 'I can.'" in one for one in told) == 3
    assert sum("a miss that is flagged: 'I cannot.'" in one for one in told) == 1


def test_the_bundled_packs_pass_their_own_examples() -> None:
    assert rules.test_examples(packs.load()) == []


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ([rule(any=["i cannot", "i cannot"])], "also in"),
        ([rule(any=["i cannot"]), rule(1, any=["I cannot"])], "also in xx.r0"),
        ([rule(any=["i cannot help", "i cannot"])], "covered by 'i cannot'"),
        ([rule(any=["/can(?:no|')t/", "i cannot"])], "covered by"),
        ([rule(any=["the", "/(?:the|of) and/"])], "slow"),
        ([rule(any=["/[a-z]{3}/"])], "slow"),
    ],
)
def test_lint_finds(found: list[Rule], word: str) -> None:
    assert word in "\n".join(map(str, rules.lint([pack(*found)])))


def test_lint_is_silent_about_good_rules() -> None:
    good = [
        rule(any=["i cannot help", "i can't assist"]),
        rule(1, any=["/i (?:cannot|can't) (?:\\w+ )?endorse/"]),
        rule(2, any=["the"], all=["endorse"]),
        rule(3, any=["i cannot help"], where="opening"),
    ]
    assert rules.lint([pack(*good)]) == []
