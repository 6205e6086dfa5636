from __future__ import annotations

import re

import hyperscan
import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect import cues, normalise, patterns
from aligncleaner.detect.patterns import translate
from aligncleaner.detect.regex_syntax import Refused

#: Building blocks of patterns and of texts that such patterns may match.
ATOMS = [*"abK '.", "is", "é", "你", r"\w", r"\d", r"\s", r"\W", r"\S", r"\.", r"\b", r"\x{e9}",
         "[ab]", "[^a]", "[^a-zé ]", "[à-ý']", "(?:a|b )", "(a|is)"]  # fmt: skip
COUNTS = ["", "", "", "?", "{2}", "{0,2}", "{1,3}", "*?", "+"]
REGEXES = st.lists(
    st.tuples(st.sampled_from(ATOMS), st.sampled_from(COUNTS)), min_size=1, max_size=5
).map(lambda parts: "/" + "".join(atom + count for atom, count in parts) + "/")
LETTERS = [*"abcisKS é你É’'`´.,\n0_😀|", "\u212a", "ſ", "ß", "İ", "ı"]
TEXTS = st.lists(st.sampled_from(LETTERS), max_size=12).map("".join)


def python_regex(translated: str) -> re.Pattern[str]:
    """The same regex for Python's own engine, the third opinion."""
    spelt = re.sub(r"\\x\{(\w+)\}", lambda m: f"\\U{int(m[1], 16):08x}", translated)
    return re.compile(spelt, re.ASCII)


def hyperscan_sees(regex: str, text: str, flags: int) -> bool:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(expressions=[regex.encode()], ids=[0], flags=flags)
    except hyperscan.error as problem:
        if "never match" in str(problem):
            return False
        raise
    seen: list[int] = []
    database.scan(text.encode(), match_event_handler=lambda *event: seen.append(event[2]))
    return bool(seen)


@given(REGEXES, TEXTS)
def test_means_the_same_in_every_engine(source: str, text: str) -> None:
    try:
        translated = translate(source)
    except Refused:
        return
    expected = python_regex(translated).search(text) is not None
    assert (re2.search(translated, text) is not None) == expected
    assert hyperscan_sees(translated, text, hyperscan.HS_FLAG_UTF8) == expected


@given(REGEXES, TEXTS)
def test_a_cue_is_seen_in_every_match(source: str, text: str) -> None:
    try:
        pattern = patterns.read(source)
    except Refused:
        return
    for line in text.split("\n"):
        if re2.search(pattern.regex, line):
            (found,) = cues.choose([([pattern], [])])
            assert any(hyperscan_sees(cue.regex, line, 0) for cue in found)


@pytest.mark.parametrize("low", range(0x80, 0x30000, 0x4000))
def test_case_is_the_same_in_every_engine(low: int) -> None:
    letters = [chr(point) for point in range(low, low + 0x4000) if chr(point).isalpha()]
    cased = [letter for letter in letters if letter.lower() != letter or letter.upper() != letter]
    cased = [letter for letter in cased if normalise.is_plain(letter.encode())]
    text = "\n".join(cased)
    for letter in cased[:: max(1, len(cased) // 60)]:
        translated = translate(f"/{letter}/")
        seen = {match.group() for match in re2.compile(translated).finditer(text)}
        assert seen == set(python_regex(translated).findall(text))
        assert letter in seen


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("i cannot help", "Sorry, I CANNOT help."),
        ("can't", "I can’t"),
        ("/can'?t/", "cant"),
        ("c++ code", "some C++ code"),
        ("/colou?r of .{0,10}sky/", "The color of the blue sky"),
        ("/a{2,3}b/", "aab"),
        ("/[a-c]+x/", "ABCX"),
        (r"/\bwe\b/", "and we do"),
        ("/é/", "É"),
        ("不能", "我不能帮你"),
        ("/[ /]x/", "a/x"),
        (r"/\$\^\x41\u0042/", "$^ab"),
        ("ｃａｎ ｎｏｔ", "can not"),
    ],
)
def test_matches(pattern: str, text: str) -> None:
    assert re2.search(translate(pattern), text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("can", "cannot"),
        ("i can", "mi can"),
        ("/a.b/", "a\nb"),
        ("/a.b/", "a\rb"),
        (r"/\d/", "٣"),
        (r"/\w/", "é"),
        ("c++", "c"),
    ],
)
def test_does_not_match(pattern: str, text: str) -> None:
    assert not re2.search(translate(pattern), text)


@pytest.mark.parametrize(
    ("pattern", "feature"),
    [
        ("/a(?=b)/", "look-ahead"),
        ("/a(?!b)/", "look-ahead"),
        ("/(?<=a)b/", "look-behind"),
        ("/(?<!a)b/", "look-behind"),
        (r"/(a)\1/", "back-reference"),
        (r"/(?P<x>a)(?P=x)/", "named group"),
        ("/(?<x>a)/", "named group"),
        ("/(?>a)b/", "atomic"),
        ("/a++/", "possessive"),
        ("/a?+/", "possessive"),
        ("/a{1,2}+/", "possessive"),
        ("/(a)(?(1)b|c)/", "conditional"),
        ("/(?R)a/", "recursion"),
        ("/(?1)a/", "recursion"),
        ("/(?i)a/", "inline flag"),
        ("/(?i:a)/", "inline flag"),
        ("/(?#x)a/", "comment"),
        ("/(*UTF8)a/", "control verb"),
        ("/^a/", "anchor"),
        ("/a$/", "anchor"),
        (r"/\Aa/", "anchor"),
        (r"/a\z/", "anchor"),
        (r"/a\B/", "non-edge"),
        (r"/\p{L}/", "property"),
        (r"/\Qa\E/", "quoting"),
        ("/[[:alpha:]]/", "POSIX"),
        (r"/[\b]/", "backspace"),
        ("/a.{0,81}b/", "over 80"),
        ("/a.*b/", "without end"),
        ("/a[^.]+b/", "without end"),
        ("/(?:a.)*b/", "without end"),
        ("/a*/", "empty"),
        (r"/\b/", "empty"),
        ("/a|b?/", "empty"),
        ("//", "closing"),
        ("/abc", "closing"),
        ("", "no words"),
        ("/(a/", "without its"),
        ("/a)/", "without its"),
        ("/[a/", "unfinished"),
        ("/a\\/", "unfinished"),
        ("/[z-a]/", "range"),
        ("/a{2,1}/", "below"),
        ("/a{x}/", "no {n}"),
        ("/a**/", "repeated repetition"),
        (r"/\b+a/", "repeated"),
        ("/+a/", "nothing to repeat"),
        (r"/\x{110000}/", "code point"),
        (r"/\ud800/", "code point"),
        (r"/\xzz/", "hexadecimal"),
        (r"/\x{12/", "unfinished"),
        (r"/\ya/", "escape"),
        ("a\x07b", "control character"),
        ("/" + "a" * 500 + "/", "over 500"),
        ("/(?:(?:a{1,80}){1,80}){1,80}/", "unfold"),
        ("/" + "(" * 30 + "a" + ")" * 30 + "/", "deeper"),
    ],
)
def test_refuses_by_name(pattern: str, feature: str) -> None:
    with pytest.raises(Refused, match=re.escape(feature)):
        translate(pattern)


@pytest.mark.parametrize("pattern", [r"/\bnein\b/", r"/ni\w+/"])
def test_ascii_words_are_refused_beyond_ascii(pattern: str) -> None:
    patterns.read(pattern)
    with pytest.raises(Refused, match="ASCII"):
        patterns.read(pattern, ascii_words=False)


@given(st.text(max_size=60))
def test_any_text_is_translated_or_refused(text: str) -> None:
    for source in (text, f"/{text}/"):
        try:
            pattern = patterns.read(source)
        except Refused:
            continue
        re2.compile(pattern.regex)
        assert cues.choose([([pattern], [])])[0]
