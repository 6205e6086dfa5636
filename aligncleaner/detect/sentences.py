"""Where sentences start and end, in UTF-8 bytes, found locally and in linear time.

A sentence ends at a line end (unless the line is merely wrapped), after `.`, `!`, `?` or an
ellipsis before white space, and after their full-width kin anywhere; closing quotes and brackets
belong to the sentence they close. Abbreviations, initials and numbers do not end one. The marker
of a list item is part of no sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_LINE_END: Final = 0x0A
#: What marks a list item, a heading or a quoted line, before its first word.
_MARKER: Final = rb"[ \t\r]{0,40}(?:(?:[-*+#>]{1,6}|\xe2\x80\xa2|\d{1,3}[.)])[ \t]{1,9}){0,3}"
_ELLIPSIS: Final = rb"\xe2\x80\xa6"
_WIDE_STOP: Final = rb"(?:\xe3\x80\x82|\xef\xbc[\x81\x9f]|\xef\xbd\xa1)"
_CLOSING: Final = rb"(?:[\"')\]*_}]|\xe2\x80[\x99\x9d]|\xc2\xbb)*+"
_WIDE_CLOSING: Final = (
    rb"(?:\xe3\x80[\x89\x8b\x8d\x8f\x91]|\xef\xbc\x89|[\"')\]*]|\xe2\x80[\x99\x9d])*+"
)
#: Words before a full stop that ends no sentence.
_ABBREVIATIONS: Final = (
    rb"[A-Z]", rb"[Ee]\.g", rb"[Ii]\.e", rb"[Ee]g", rb"[DMJS]r", rb"[Mm]s", rb"[Mm]rs",
    rb"[Pp]rof", rb"St", rb"[Vv]s", rb"[Ff]ig", rb"[Cc]f", rb"[Aa]pprox",
)  # fmt: skip
_NOT_ABBREVIATED: Final = b"".join(rb"(?<!\b" + word + rb"\.)" for word in _ABBREVIATIONS)
#: A run of stops is tried from its first one only: otherwise a long run would cost its square.
_BOUNDARY: Final = re.compile(
    rb"[\n.!?\xe2\xe3\xef](?:"
    # a line end, unless both sides show that the line was only wrapped
    rb"(?<=\n)(?:(?![a-z])|(?<![a-z,;]\n)(?<![a-z,;]\r\n))" + _MARKER + rb"|"
    # stops before white space; an ellipsis before a small letter is a pause
    rb"(?:(?<=[.!?])(?<![.!?][.!?])(?<!" + _ELLIPSIS + rb"[.!?])"
    rb"|(?<=\xe2)\x80\xa6(?<![.!?]" + _ELLIPSIS + rb")(?<!" + _ELLIPSIS * 2 + rb"))"
    rb"(?:[.!?]|" + _ELLIPSIS + rb")*+" + _NOT_ABBREVIATED
    + rb"(?!(?:(?<=\.\.\.)|(?<=" + _ELLIPSIS + rb"))\s[a-z])"
    + _CLOSING + rb"(?=\s|\xc2\xa0|\xf0|\Z)|"
    # full-width stops
    rb"(?:(?<=\xe3)\x80\x82|(?<=\xef)(?:\xbc[\x81\x9f]|\xbd\xa1))"
    rb"(?:" + _WIDE_STOP + rb"|[.!?])*+" + _WIDE_CLOSING + rb")"
)  # fmt: skip
_LEADING: Final = re.compile(_MARKER)
_BLANK: Final = b" \t\r\n\f\v"


class Sentence(NamedTuple):
    """A sentence's bytes `start` to `end`, trimmed; what follows it starts at `after`."""

    start: int
    end: int
    after: int


def split(text: str) -> list[tuple[int, int]]:
    """The sentences of `text` in order, each as (start, end) in code points."""
    utf8 = text.encode("utf-8", "replace")
    if text.isascii():
        return [(start, end) for start, end, _ in split_utf8(utf8)]
    found, byte, point = [], 0, 0
    for start, end, _ in split_utf8(utf8):
        first = point + len(utf8[byte:start].decode())
        byte, point = end, first + len(utf8[start:end].decode())
        found.append((first, point))
    return found


def split_utf8(text: bytes) -> Iterator[Sentence]:
    """The sentences of the UTF-8 `text` in order; blank ones are left out."""
    at = _first(text)
    while at < len(text):
        sentence = _next(text, at)
        if sentence.start < sentence.end:
            yield sentence
        at = sentence.after


def around(text: bytes, offset: int, floor: int = 0) -> Sentence:
    """The sentence of the UTF-8 `text` that holds, or lies nearest before, byte `offset`.

    `floor` is 0 or the `after` of an earlier sentence, no later than `offset`: going through
    offsets in rising order with it costs no more in all than the length of the text. Where
    `offset` falls between two sentences, the result does not contain it.
    """
    at = floor or _first(text)
    line_end = text.rfind(b"\n", at, offset + 1)
    while line_end >= 0:
        boundary = _BOUNDARY.match(text, line_end)
        if boundary:
            at = boundary.end()
            break
        line_end = text.rfind(b"\n", at, line_end)
    sentence = _next(text, at)
    while sentence.after <= offset:
        sentence = _next(text, sentence.after)
    return sentence


def _first(text: bytes) -> int:
    """Where the first sentence starts."""
    marker = _LEADING.match(text)
    return marker.end() if marker else 0


def _next(text: bytes, at: int) -> Sentence:
    boundary = _BOUNDARY.search(text, at)
    if boundary is None:
        end = after = len(text)
    else:
        end = after = boundary.end()
        if text[boundary.start()] == _LINE_END:
            end = boundary.start()
    words = text[at:end]
    blank = len(words) - len(words.lstrip(_BLANK))
    return Sentence(at + blank, max(end - len(words) + len(words.rstrip(_BLANK)), at + blank), after)
