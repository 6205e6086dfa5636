"""Repetition loops: a model that cannot stop writes the same words until its budget ends.

Only the end of an answer is looked at: a loop that a model got out of again is text with a
refrain. Everything is linear in the text, bounded by a window, or cheaper.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from aligncleaner.detect.evidence import Batch
from aligncleaner.detect.malformed.symptom import Symptom

#: What is sought again before itself, and how far back, in code points.
_TAIL: Final = 32
_WINDOW: Final = 4096
_STOPS: Final = ".!?"
#: Repeats of one unit, and code points they take up, from which on nobody means them ...
_REPEATS: Final = 4
_LENGTH: Final = 100
#: ... and where the prompt asks for verse, tables or drawings, which repeat.
_WANTED_REPEATS: Final = 8
_WANTED_LENGTH: Final = 400
_WANTED: Final = re.compile(
    r"\b(?:lyrics?|songs?|poems?|rap|verses?|chorus|chant|mantra|abc notation|notes|melody|rhythm"
    r"|repeat(?:ed(?:ly)?)?|times|ascii|draw(?:ing)?|patterns?|tables?|templates?|grid|board"
    r"|form|worksheet|forever|loop)\b",
    re.IGNORECASE,
)
#: An answer given twice over, from end to end.
_TWICE_LENGTH: Final = 400
#: Text that deflate brings below this share of itself says one thing again and again with small
#: changes (a counter, another name). Prose has .4, a long list .3, a table .2.
_STALE: Final = 0.11
_RATHER_STALE: Final = 0.17
_LEAST_COMPRESSED: Final = 1000


def suspects(batch: Batch) -> list[int]:
    """Rows that stop in the midst of a sentence whose words have occurred before: 1 in 200.

    A loop runs until the budget for the answer is used up. Of the loops in a log of 227 models
    1 in 15 ended with a sentence all the same; to look for those would double the time.
    """
    return [
        row
        for row, answer in enumerate(batch.answers)
        if answer[-1:] not in _STOPS
        and len(answer) > 2 * _TAIL
        and answer.find(answer[-_TAIL:], -_WINDOW, -_TAIL) >= 0
    ]


def symptoms(answer: str, prompt: str) -> Iterator[Symptom]:
    """A loop that the answer ends in, if any. The span is all but its first round."""
    period, length = _periodic_tail(answer)
    if length > period:
        repeats, start = length / period, len(answer) - length + period
        wanted = _WANTED.search(prompt)
        if repeats >= (_WANTED_REPEATS if wanted else _REPEATS) and length >= (
            _WANTED_LENGTH if wanted else _LENGTH
        ):
            yield Symptom("loop", 0.9, start, len(answer))
            return
        if length >= max(_TWICE_LENGTH, 0.95 * len(answer)):
            yield Symptom("loop", 0.6, start, len(answer))
            return
    if answer.count(answer[-_TAIL:], -_WINDOW) >= _REPEATS and not _WANTED.search(prompt):
        window = answer[-_WINDOW:]
        share = len(zlib.compress(window.encode("utf-8", "replace"), 1)) / len(window)
        if len(window) >= _LEAST_COMPRESSED and share < _RATHER_STALE:
            score = 0.75 if share < _STALE else 0.55
            yield Symptom("loop", score, len(answer) - len(window), len(answer))


def _periodic_tail(text: str) -> tuple[int, int]:
    """The smallest period of the last words, and the length of the longest tail that has it.

    The length is the period where the tail does not go round (nearly) twice.
    """
    end = len(text)
    before = text.rfind(text[-_TAIL:], max(0, end - _WINDOW), end - 1)
    period = end - _TAIL - before
    twice = period * 19 // 10
    if twice > end or text[end - twice : end - period] != text[end - twice + period :]:
        return period, period
    # A tail of length n has the period p if it equals itself shifted by p; so has any shorter
    # tail then, and the longest is found by bisection, comparing slices at memory speed.
    low, high = twice, end
    while low < high:
        middle = (low + high + 1) // 2
        if text[end - middle : end - period] == text[end - middle + period :]:
            low = middle
        else:
            high = middle - 1
    return period, low
