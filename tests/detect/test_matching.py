from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect import matching, normalise, sentences
from aligncleaner.detect.conditions import Conditions
from aligncleaner.detect.matching import Hit, HyperscanMatcher, Re2Matcher
from aligncleaner.detect.packs import Rule
from aligncleaner.errors import UsageError

WORDS = ["i", "cannot", "can't", "help", "with", "this", "sorry", "may", "might", "perhaps"]
PATTERNS = [
    "i cannot help",
    "i can't",
    "sorry",
    "may",
    "/(?:i|we) (?:can(?:no|')t|may) (?:\\w+ ){0,2}help/",
    "/sorry[^.!?]{0,40}\\bbut\\b/",
    "/(?:perhaps|might|may)\\b/",
    "/i .{0,60}help/",
    "/help(?:s|ing)?,? /",
    "/né? pas/",
    "我不能",
    "/(?:我|你).{0,10}帮/",
    "/c.?n.?t/",
    "/[a-z]+ with (?:this)?/",
    "/[.!] i/",
]
GLUE = [" ", " ", " ", "  ", "\t", "\n", ". ", "! ", ", ", "。", "\u00a0", "\u200b", "\r\n", "- "]
EXTRA = [
    "CANNOT",
    "can’t",
    "ｃａｎｎｏｔ",
    "né",
    "pas",
    "我不能",
    "帮你",
    "but",
    "Helping",
    "\x1e",
    "😀",
]
TEXTS = st.lists(st.tuples(st.sampled_from(WORDS + EXTRA), st.sampled_from(GLUE)), max_size=14).map(
    lambda pairs: "".join(word + glue for word, glue in pairs)
)
PLAIN_TEXTS = TEXTS.map(normalise.plain)


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Databases of made-up rules do not push real ones out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def rule(number: int = 0, **fields: object) -> Rule:
    whole = {
        "id": f"xx.r{number}",
        "label": "refuses",
        "weight": 0.9,
        "why": "a test",
        "hit": ["a", "b", "c"],
        "miss": ["d", "e", "f"],
    }
    return Rule.model_validate(whole | fields)


def reference(rules: Sequence[Rule], rows: Sequence[bytes]) -> list[Hit]:
    """Every sentence of every row held against every pattern."""
    return [
        Hit(row, start, end, number)
        for row, text in enumerate(rows)
        for start, end in sentences.split_utf8(text)
        for number, one in enumerate(rules)
        if any(re2.search(p.regex, text[start:end]) for p in Conditions(one).any)
    ]


RULES = st.lists(
    st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3), min_size=1, max_size=5
).map(lambda lists: [rule(number, any=texts) for number, texts in enumerate(lists)])


@given(RULES, st.lists(PLAIN_TEXTS, max_size=5))
def test_both_matchers_find_what_the_reference_finds(rules: list[Rule], texts: list[str]) -> None:
    conditions = [Conditions(one) for one in rules]
    rows = [text.encode() for text in texts]
    expected = reference(rules, rows)
    assert Re2Matcher(conditions).scan(rows) == (expected, set())
    assert HyperscanMatcher(conditions).scan(rows) == (expected, set())


@given(st.lists(TEXTS, max_size=5))
def test_both_matchers_tell_the_rows_that_are_not_plain(texts: list[str]) -> None:
    conditions = [Conditions(rule(any=["sorry"]))]
    expected = {row for row, text in enumerate(texts) if normalise.plain(text) != text}
    rows = [text.encode() for text in texts]
    assert Re2Matcher(conditions).scan(rows).odd == expected
    assert HyperscanMatcher(conditions).scan(rows).odd == expected


@given(st.sampled_from(PATTERNS), st.sampled_from(PATTERNS), st.lists(PLAIN_TEXTS, max_size=4))
def test_a_cue_may_come_from_all(any_of: str, needed: str, texts: list[str]) -> None:
    one = Conditions(rule(any=[any_of], all=[needed]))
    rows = [text.encode() for text in texts]
    held = {
        (row, one.span(rows[row], start, end))
        for row, start, end, _ in Re2Matcher([one]).scan(rows).hits
    }
    seen = {
        (row, one.span(rows[row], start, end))
        for row, start, end, _ in HyperscanMatcher([one]).scan(rows).hits
    }
    assert {pair for pair in held if pair[1]} == {pair for pair in seen if pair[1]}


def test_no_rules_and_no_rows() -> None:
    assert Re2Matcher([]).scan([b"a"]) == ([], set())
    assert matching.best([], "auto").scan([b"a"]) == ([], set())
    assert HyperscanMatcher([Conditions(rule(any=["a"]))]).scan([]) == ([], set())


def test_rows_do_not_run_together() -> None:
    one = [Conditions(rule(any=["/cannot.{0,20}help/", "i cannot help"]))]
    rows = [b"i cannot", b"help", b"", b"i cannot help"]
    for matcher in (Re2Matcher(one), HyperscanMatcher(one)):
        assert matcher.scan(rows).hits == [Hit(3, 0, 13, 0)]


def test_a_pattern_that_can_never_match_is_left_out() -> None:
    rules = [Conditions(rule(any=[r"/a\bb/", "i cannot"]))]
    assert len(HyperscanMatcher(rules).scan([b"ab. I cannot."]).hits) == 1


def test_the_engine_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [Conditions(rule(any=["a"]))]
    assert isinstance(matching.best(rules, "auto"), HyperscanMatcher)
    assert isinstance(matching.best(rules, "re2"), Re2Matcher)
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    monkeypatch.delitem(sys.modules, "aligncleaner.detect.database", raising=False)
    monkeypatch.delattr("aligncleaner.detect.database", raising=False)
    assert isinstance(matching.best(rules, "auto"), Re2Matcher)
    with pytest.raises(UsageError, match="hyperscan"):
        matching.best(rules, "hyperscan")


@pytest.mark.parametrize("hostile", ["may ", "i cannot. ", "i cannot\n", "\u200b", "a  b ", "i "])
def test_a_flood_of_cues_takes_linear_time(hostile: str) -> None:
    rules = [Conditions(rule(number, any=[text])) for number, text in enumerate(PATTERNS)]
    rules.append(Conditions(rule(99, any=["may"], at_least=3)))
    matcher = HyperscanMatcher(rules)
    row = (hostile * (400_000 // len(hostile))).encode()
    began = time.process_time()
    matcher.scan([row])
    assert time.process_time() - began < 5
