"""Text that came apart: broken encodings, tails in another script, words run together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aligncleaner.detect.evidence import Batch
from aligncleaner.detect.malformed.symptom import Symptom

_TAIL: Final = 200
_LONGEST_WORD: Final = 30
_STOPS: Final = ".!?"
#: Fewer spaces than this in the tail of a text in Latin script: code, a link, or no words left.
_FEW_SPACES: Final = 10
_RUN_TOGETHER: Final = re.compile(r"(?<![/#@.\w-])[A-Za-z][a-z]{29,}")

_REPLACED: Final = "\ufffd"
#: UTF-8 that was read as Windows-1252: two or three odd letters for each that was not ASCII.
_MOJIBAKE: Final = re.compile(
    "[\u00c2\u00c3][\u0080-\u00bf\u2018-\u203a]|\u00e2\u20ac[\u0080-\u00bf\u2018-\u2122\u0153]"
    "|\u00f0\u0178"
)
_OTHER_SCRIPT: Final = re.compile(
    "[\u0400-\u052f\u0590-\u06ff\u0900-\u0d7f\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff"
    "\uac00-\ud7af]"
)
#: A prompt that speaks of languages gets answers in several.
_ABOUT_LANGUAGES: Final = re.compile(
    r"translat|languag|bilingual|multilingual|alphabet|kanji|hiragana|pinyin|hangul|chinese"
    r"|mandarin|cantonese|japan|korea|russia|ukrain|arab|hebrew|hindi|sanskrit|persia|thai|bengal"
    r"|tamil|greek|cyrillic|quran|transliterat|pronounce|emoji|unicode",
    re.IGNORECASE,
)
#: Letters of another script in the last 200 code points, from which on the tail is in it.
_FOREIGN: Final = 20


def suspects(batch: Batch) -> list[int]:
    """Rows with a tail in another script or without spaces, or with odd characters: 1 in 100."""
    return [
        row
        for row, answer in enumerate(batch.answers)
        if (answer[-1:] not in _STOPS and answer.count(" ", -_TAIL) < _FEW_SPACES)
        or (not answer.isascii() and _odd(answer))
    ]


def _odd(answer: str) -> bool:
    return (
        _REPLACED in answer
        or "\u00c3" in answer
        or "\u00e2\u20ac" in answer
        or _OTHER_SCRIPT.search(answer, max(0, len(answer) - _LONGEST_WORD)) is not None
    )


def symptoms(answer: str, prompt: str) -> Iterator[Symptom]:
    """Everything that came apart in the answer, each kind once."""
    tail = max(0, len(answer) - _TAIL)
    if not answer.isascii():
        yield from _broken_encoding(answer, prompt)
        yield from _foreign_tail(answer, prompt, tail)
    if tail and answer.count(" ", tail) < _FEW_SPACES:
        words = list(_RUN_TOGETHER.finditer(answer, tail))
        if words:
            yield Symptom("garbled", 0.75, words[0].start(), words[-1].end())


def _broken_encoding(answer: str, prompt: str) -> Iterator[Symptom]:
    first = answer.find(_REPLACED)
    if first >= 0 and _REPLACED not in prompt:
        count = answer.count(_REPLACED)
        score = 0.7 if count > 9 else 0.4
        yield Symptom("garbled", score, first, answer.rfind(_REPLACED) + 1)
    broken = list(_MOJIBAKE.finditer(answer))
    if len(broken) > 1 and not _MOJIBAKE.search(prompt):
        yield Symptom("garbled", 0.7, broken[0].start(), broken[-1].end())


def _foreign_tail(answer: str, prompt: str, tail: int) -> Iterator[Symptom]:
    letters = [match.start() for match in _OTHER_SCRIPT.finditer(answer, tail)]
    opening = answer[: min(_TAIL, tail)]
    if (
        len(letters) >= _FOREIGN
        and tail >= _TAIL // 4
        and sum(map(str.isalpha, opening)) > len(opening) / 2
        and not _OTHER_SCRIPT.search(opening)
        and not _OTHER_SCRIPT.search(prompt)
        and not _ABOUT_LANGUAGES.search(prompt)
    ):
        first = _OTHER_SCRIPT.search(answer)
        yield Symptom("garbled", 0.9, first.start() if first else tail, len(answer))
