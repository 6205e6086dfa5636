"""Answers cut off almost at once: in a sentence, in a bracket, in a word.

An answer may be one word and need no full stop, so its last characters are read, and where they
say nothing, what the prompt wanted.
"""

from __future__ import annotations

import re
from typing import Final

#: Longest that is judged by its last word, and longest that can be the first few words alone.
_FEW_CHARACTERS: Final = 120
_FIRST_CHARACTERS: Final = 24
_UNENDED: Final = frozenset(',([{&–-`"')

#: Words that nothing can end on, small as they stand here: "Thrive On" is a name.
_DANGLING: Final = frozenset(
    "the a an of and or nor that which who whose is are was were could would can will should may"
    " might must my your his their our but as if because when while than into between".split()
)
#: Words and units without a vowel.
_CLIPPED: Final = frozenset(
    "pm vs th st nd rd km kg mg mm cm ml hz khz mhz kb mb gb tv hmm shh ph m g l s h x y z".split()
)
#: Ends of words that make another word, so that its beginning may be one.
_SUFFIXES: Final = frozenset(
    "s es ed d ing y er r ly al ity ment ful ness n ier ies e t 's".split()
)
#: Openings of a sentence that has to go on.
_CLAUSE: Final = re.compile(
    r"(?:If|When|While|Since|Although|Because|Based|Given|Whether|Here(?:'s| is| are)?"
    r"|There(?:'s| is| are)?|To (?=[a-z])|As an?\b|The \w+ (?:of|is|are)"
    r"|I'm (?:a|an|not)|I am an?)\b"
)
_WORD: Final = re.compile(r"[^\W_]+")
_VOWELS: Final = frozenset("aeiouy")
#: One line of a few words: no code, no list, no formula.
_PLAIN_START: Final = re.compile(r"(?:[#*\"'(]|\d\. )*[^\W\d_]+(?:[ .'’:-]+[^\W_]+){0,4}[,:\"]?")
_FIRST_ITEM: Final = re.compile(r"(?:1[.)]|[-*•]) [^\n]*\Z")
_WANTS_LENGTH: Final = re.compile(
    r"\b(?:explain|describe|discuss|compare|why|how (?:do|does|did|can|could|would|should|to)"
    r"|essay|article|story|poem|lyrics|song|recipe|letter|e-?mail|script|program|function|code"
    r"|implement|algorithm|steps|list|tips|ideas|ways|plan|design|guide|instructions|review"
    r"|interview|summar\w+|what are|tell me|teach me|write an?|create|compose|draft|suggest"
    r"|recommend|itinerary|develop|prove|causes?)\b",
    re.IGNORECASE,
)
_WANTS_LITTLE: Final = re.compile(
    r"\A\W*who\b"
    r"|\b(?:classif\w+|categor\w+|yes or no|true or false|which (?:of|one)|choose|pick|select"
    r"|check (?:if|whether)|duplicates?|one word|single|sentiment|relevant|decide|synonyms?"
    r"|antonyms?|name for|titles?|mottos?|output|prints?|returns?"
    r"|slogans?|taglines?|capitali[sz]e|identify|invent|rate|what year|emojis?|label|rhymes?"
    r"|how (?:many|much|old|long|far|tall|do you say)|translate|rewrite|correct|part of speech"
    r"|answer with|write \"|abbreviation|called)\b",
    re.IGNORECASE,
)
_WANTS_DETAIL: Final = re.compile(
    r"step.by.step|\bdetail|\bessay|\bexplain|\bstory|\bstories|paragraphs?\b|\bscript|\breasons?\b",
    re.IGNORECASE,
)


def score(text: str, spaced: bool, prompt: str) -> float | None:
    """P(malformed) if `text` (stripped, not empty) stops in the middle of something, else null.

    `spaced`: white space followed it.
    """
    end = text[-1]
    if not end.isalnum() and end not in _UNENDED:
        return None
    few = len(text) <= _FEW_CHARACTERS
    last = text.rsplit(maxsplit=1)[-1]
    if _dangles(text, last) or (few and _open_bracket(text)):
        return 0.85 if few else 0.6
    if few and (_breaks_a_word_of(prompt, last) or _is_no_word(text, last)):
        return 0.8
    if len(text) <= _FIRST_CHARACTERS and _PLAIN_START.fullmatch(text):
        return _only_begins(text, spaced, prompt)
    return None


def _dangles(text: str, last: str) -> bool:
    words = len(text.rpartition("\n")[2].split())
    if last in _DANGLING:
        return words > 1
    # Lists of words or of closings of letters have commas at line ends, too.
    return (last[-1] in ",&" and (words > 4 or "\n" not in text)) or last[-1] in "([{"


def _open_bracket(text: str) -> bool:
    return any(text.count(a) > text.count(z) for a, z in ("()", "[]")) or (
        text.count('"') % 2 == 1 and not text.endswith('"')
    )


def _breaks_a_word_of(prompt: str, last: str) -> bool:
    begun = last.strip("\"'`*_(").casefold()
    if len(begun) < 3 or not begun.isalpha() or last.isupper():
        return False
    asked = prompt.casefold()
    if begun not in asked:
        return False
    words = set(_WORD.findall(asked))
    return begun not in words and any(
        word.startswith(begun) and word.removeprefix(begun) not in _SUFFIXES for word in words
    )


def _is_no_word(text: str, last: str) -> bool:
    """Whether the text ends on consonants alone, after a word."""
    before = text.rpartition("\n")[2].split()[:-1]
    return (
        bool(before)
        and before[-1].strip(",;:()\"'").isalpha()
        and len(last) < 5
        and last.isascii()
        and last.isalpha()
        and last.islower()
        and _VOWELS.isdisjoint(last)
        and last not in _CLIPPED
    )


def _only_begins(text: str, spaced: bool, prompt: str) -> float | None:
    if _CLAUSE.match(text):
        return 0.8
    if _WANTS_LITTLE.search(prompt) and not _WANTS_DETAIL.search(prompt):
        return None
    if _WANTS_LENGTH.search(prompt):
        return 0.85 if _FIRST_ITEM.match(text) else 0.7
    # What is cut to a number of characters often ends between two words; who finishes does not.
    return 0.7 if spaced else None
