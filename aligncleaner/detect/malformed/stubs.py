"""Answers that hardly begin: empty, cut off, an error, an echo, a promise, a blank to fill in.

Only short answers are judged (a long one that breaks off at its end has delivered), and mostly
by their last characters: an answer may be one word, but it does not end on "and the".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, TypeAlias

from aligncleaner.detect.evidence import Batch
from aligncleaner.detect.malformed.symptom import Symptom

#: Longest answer, in code points, that can be a stub.
_LONGEST: Final = 300
#: A long answer that opens with one of these can be an error page or a stack trace.
_ODD_OPENINGS: Final = ("<", "Traceback")
#: Longest that can be the first characters of an answer, and no more.
_FIRST_CHARACTERS: Final = 24
_FEW_CHARACTERS: Final = 120

_ERROR: Final = re.compile(
    r"\W*(?:"
    r"(?:internal server|gateway|network|api|server|runtime|request) error\b"
    r"|error(?: code)?:? ?\d{3}\b|error:|\"error\"|openai\.\w+error|\d{3} (?:bad|internal|too many)"
    r"|rate limit (?:reached|exceeded)|too many requests"
    r"|service (?:is )?(?:temporarily )?unavailable"
    r"|(?:the )?(?:request|connection|operation)(?: has)? timed out|traceback \(most recent call"
    r"|upstream connect error|an? (?:unexpected |unknown )?error (?:has )?occurred"
    r"|(?:sorry, )?something went wrong|you exceeded your current quota"
    r"|this model'?s maximum context length"
    r"|(?:your|the) (?:input|prompt|request) (?:is|was|has been) (?:filtered|blocked|flagged)"
    r"|<!doctype html|<html[^>]*>\s*<head>\s*<title>\s*[45]\d\d"
    r"|(?:<no ?(?:in|out)put>|null|undefined|nan|\[object object\])\W*\Z"
    r")",
    re.IGNORECASE,
)
_ABOUT_ERRORS: Final = re.compile(
    r"error|exception|traceback|html|web ?page|status code|\bhttp|debug|\blogs?\b|stack trace|null",
    re.IGNORECASE,
)

_PROMISE: Final = re.compile(
    r"\W*(?:sure(?: thing)?|certainly|absolutely|of course|ok(?:ay)?|no problem|got it|gladly"
    r"|(?:yes|sure|certainly|of course|absolutely)?\W*"
    r"(?:i can help(?: you)?(?: with (?:that|this))?"
    r"|i(?:'d| would) be (?:happy|glad) to(?: help(?: you)?(?: with (?:that|this))?)?"
    r"|let me (?:help(?: you)?(?: with (?:that|this))?|think(?: about (?:it|that|this))?|check)"
    r"|(?:one|just a) moment(?: please)?|please wait))\W*",
    re.IGNORECASE,
)
_THANKS: Final = re.compile(r"\b(?:thanks?|thank you|thx|bye|great|good)\b", re.IGNORECASE)

#: Words that nothing can end on, small as they stand here: "Thrive On" is a name.
_DANGLING: Final = frozenset(
    "the a an of and or nor that which who whose is are was were could would can will should may"
    " might must my your his their our but as if because when while than into between".split()
)
#: All words of English of one or two letters that can end a sentence, and some units.
_SHORT_WORDS: Final = frozenset(
    "a i an of to in on is it he we me my no so up us or if as at be by do go am pm ok hi oh ye ah"
    " vs th st nd rd etc km kg mg mm cm ml hz kb mb gb tv uk eu hmm shh".split()
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
    r"|antonyms?|name for|titles?|mottos?"
    r"|slogans?|taglines?|capitali[sz]e|identify|invent|rate|what year|emojis?|label|rhymes?"
    r"|how (?:many|much|old|long|far|tall|do you say)|translate|rewrite|correct|part of speech"
    r"|answer with|write \"|abbreviation|called)\b",
    re.IGNORECASE,
)
_WANTS_DETAIL: Final = re.compile(
    r"step.by.step|\bdetail|\bessay|\bexplain|\bstory|\bstories|paragraphs?\b|\bscript|\breasons?\b",
    re.IGNORECASE,
)

_BLANK: Final = re.compile(
    r"\[(?:insert|your|enter|add|name|player|company|city|date|topic|number|answer|text|title)\d*\b"
    r"[^\]\n]{0,40}\]|<(?:insert|your)\b[^>\n]{0,40}>|\{\{[^{}\n]{1,40}\}\}"
    r"|(?<![\\\w{])\{[a-z_]{2,30}\}",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"\b(?:who|what|when|where|which|whose|names? of|tell me"
    r"|how (?:many|much|old|long|far|tall))\b",
    re.IGNORECASE,
)
_WANTS_BLANKS: Final = re.compile(
    r"letter|e-?mail|message|template|form\b|post|introduc|write|draft|code|announce|fill|bracket"
    r"|placeholder|format|variable|curl|regex|function|say|\[|\{|<",
    re.IGNORECASE,
)
_WANTS_ECHO: Final = re.compile(
    r"\b(?:repeat|say|echo|copy|print|write|type|translate|correct|proofread|fix|edit|rewrite"
    r"|paraphrase|capitali[sz]e|format|convert|extract|quote|cite|sing|lyrics|read|output)\b",
    re.IGNORECASE,
)


def suspects(batch: Batch) -> list[int]:
    """Rows that are short, no longer than their prompt, or open like an error: 1 in 7."""
    return [
        row
        for row, (answer, prompt) in enumerate(zip(batch.answers, batch.prompts, strict=True))
        if len(answer) <= _LONGEST
        or (prompt and len(answer) <= len(prompt))
        or answer.startswith(_ODD_OPENINGS)
    ]


#: The rule and its score.
_Found: TypeAlias = tuple[str, float] | None


def symptoms(answer: str, prompt: str) -> Iterator[Symptom]:
    """What keeps the answer from being one. At most one symptom, the plainest."""
    text = answer.strip()
    found = _error(text, prompt) or _echo(text, prompt)
    if not found and len(text) <= _LONGEST:
        found = (
            _empty(text)
            or _promise(text, prompt)
            or _blank(text, prompt)
            or _cut_off(text, answer, prompt)
        )
    if found:
        start = answer.find(text) if text else 0
        yield Symptom(*found, start, start + len(text) if text else len(answer))


def _error(text: str, prompt: str) -> _Found:
    if _ERROR.match(text) and not _ABOUT_ERRORS.search(prompt):
        return "error_text", 0.9
    return None


def _echo(text: str, prompt: str) -> _Found:
    if abs(len(text) - len(prompt)) > 20 or len(text) < 20:
        return None
    same = _letters(text) == _letters(prompt)
    return ("echo", 0.95) if same and not _WANTS_ECHO.search(prompt) else None


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _empty(text: str) -> _Found:
    if text[:1].isalnum():
        return None
    if not text.strip("\u200b\u200c\u200d\ufeff"):
        return "empty", 0.99
    # Signs that mean something (emoji, arithmetic, ticks) are no punctuation.
    if all(unicodedata.category(sign)[0] in "PZC" for sign in text):
        return "empty", 0.75
    return None


def _promise(text: str, prompt: str) -> _Found:
    if (
        len(text) <= _FEW_CHARACTERS
        and _PROMISE.fullmatch(text)
        and not _THANKS.search(prompt[-_FEW_CHARACTERS:])
    ):
        return "promise", 0.75
    # "Here is a recipe:" and nothing; a form to fill in has a colon on every line.
    if ":" in text[-4:] and text.count(":") == 1:
        last = text.rstrip("\"'`*_\u201c\n ").rpartition("\n")[2]
        if last.endswith(":") and len(last.split()) > 3:
            return "promise", 0.85
    return None


def _blank(text: str, prompt: str) -> _Found:
    blank = _BLANK.search(text)
    if not blank or _WANTS_BLANKS.search(prompt):
        return None
    if len(blank.group()) > len(text) / 2:
        return "placeholder", 0.85
    # Braces inside a text are mostly code; brackets where a name or number was asked are not.
    asked = _QUESTION.search(prompt) and not blank.group().startswith("{")
    return ("placeholder", 0.65) if asked else None


def _cut_off(text: str, answer: str, prompt: str) -> _Found:
    """Whether the text stops in the middle of a sentence, of a bracket or of a word."""
    end = text[-1]
    if end.isalpha() or end in ',([{&–-`"' or end.isdigit():
        few = len(text) <= _FEW_CHARACTERS
        last = text.rsplit(maxsplit=1)[-1]
        if _dangles(text, last) or (few and _open_bracket(text)):
            return "cut_off", 0.85 if few else 0.6
        if few and _breaks_a_word_of(prompt, last):
            return "cut_off", 0.8
        if few and _is_no_word(text, last):
            return "cut_off", 0.8
        if len(text) <= _FIRST_CHARACTERS and _PLAIN_START.fullmatch(text):
            return _only_begins(text, answer, prompt)
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
    """Whether the text ends on one or two letters, or on consonants, that are no word."""
    before = text.rpartition("\n")[2].split()[:-1]
    if not (before and before[-1].strip(",;:()\"'").isalpha() and last.isascii()):
        return False
    return (
        last.isalpha()
        and last.islower()
        and last not in _SHORT_WORDS
        and (len(last) < 3 or (len(last) < 5 and _VOWELS.isdisjoint(last)))
    )


def _only_begins(text: str, answer: str, prompt: str) -> _Found:
    if _CLAUSE.match(text):
        return "cut_off", 0.8
    if _WANTS_LITTLE.search(prompt) and not _WANTS_DETAIL.search(prompt):
        return None
    if _WANTS_LENGTH.search(prompt):
        return "cut_off", 0.85 if _FIRST_ITEM.match(text) else 0.7
    # What is cut to a number of characters often ends between two words; who finishes does not.
    return ("cut_off", 0.7) if answer.endswith(" ") else None
