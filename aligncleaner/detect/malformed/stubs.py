"""Answers that hardly begin: empty, cut off, an error, an echo, a promise, a blank to fill in.

Only short answers are judged: a long one that breaks off at its end has delivered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, TypeAlias

from aligncleaner.detect.evidence import Batch
from aligncleaner.detect.malformed import cut_off
from aligncleaner.detect.malformed.symptom import Symptom

#: Longest answer, in code points, that can be a stub.
_LONGEST: Final = 300
#: Longest promise to answer.
_FEW_CHARACTERS: Final = 120
#: A long answer that opens with one of these can be an error page or a stack trace.
_ODD_OPENINGS: Final = ("<", "Traceback")
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
    score = cut_off.score(text, answer.endswith(" "), prompt)
    return ("cut_off", score) if score else None
