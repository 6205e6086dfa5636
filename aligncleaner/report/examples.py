"""One answer as a reader needs to see it: where it stands, what was asked, the words that count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypedDict

from aligncleaner.detect.evidence import Flag

#: An answer up to this many characters is shown whole, a longer one as windows around its spans.
WHOLE: Final = 2_000
#: Characters shown either side of where a span starts and ends.
MARGIN: Final = 240
#: Characters of a long prompt shown from its beginning and from its end.
PROMPT_HEAD: Final = 400
PROMPT_TAIL: Final = 160
#: An answer with more spans shows those of the highest score.
SPANS: Final = 40


class Span(TypedDict):
    """A flag's words: `start` and `end` in code points of the whole answer."""

    start: int
    end: int
    label: str
    rule: str
    reason: str | None


class Window(TypedDict):
    """A stretch of the answer from code point `start` on."""

    start: int
    text: str


class Example(TypedDict):
    """One answer of a group. `prompt` is shortened with ` … `; null if there was none."""

    answer_id: str
    source: str
    line: int
    turn: int
    model: str | None
    lang: str | None
    outcome: str
    reasons: list[str]
    over_refusal: float | None
    fate: str
    decided_by: str | None
    prompt: str | None
    length: int
    windows: list[Window]
    spans: list[Span]


def spans(flags: Iterable[Flag]) -> list[Span]:
    """The flags' spans in order of place, the best `SPANS` of them."""
    best = sorted(flags, key=lambda flag: (-flag.score, flag.start, flag.end, flag.label))[:SPANS]
    return [
        Span(
            start=flag.start,
            end=flag.end,
            label=flag.label,
            rule=flag.rule or flag.detector,
            reason=flag.reason,
        )
        for flag in sorted(best, key=lambda flag: (flag.start, flag.end, flag.label))
    ]


def windows(answer: str, marked: Iterable[Span]) -> list[Window]:
    """The parts of an answer worth showing, about `WHOLE` characters in all, in order.

    Windows stand around both ends of each span, the earliest spans first; the opening is always
    shown, and windows that touch are one.
    """
    if len(answer) <= WHOLE:
        return [Window(start=0, text=answer)]
    stretches: list[list[int]] = [[0, MARGIN]]
    left = WHOLE - MARGIN
    for place in sorted({place for span in marked for place in (span["start"], span["end"])}):
        start, end = max(0, place - MARGIN), min(len(answer), place + MARGIN)
        if start <= stretches[-1][1]:
            left -= max(0, end - stretches[-1][1])
            stretches[-1][1] = max(stretches[-1][1], end)
        else:
            left -= end - start
            stretches.append([start, end])
        if left <= 0:
            break
    return [Window(start=start, text=answer[start:end]) for start, end in stretches]


def shortened(prompt: str | None) -> str | None:
    """A prompt's beginning and end."""
    if prompt is None or len(prompt) <= PROMPT_HEAD + PROMPT_TAIL:
        return prompt
    return f"{prompt[:PROMPT_HEAD]} … {prompt[-PROMPT_TAIL:]}"
