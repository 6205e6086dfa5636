"""Where sentences start and end, in UTF-8 bytes, found line by line and in linear time.

A sentence ends at a line end, after `.`, `!`, `?` or an ellipsis before white space, and after
their full-width kin anywhere; closing quotes and brackets belong to the sentence they close.
Abbreviations, initials and numbers do not end one. The marker of a list item, a heading or a
quoted line is part of no sentence.
"""

from __future__ import annotations

import re
from typing import Final

_MARKER: Final = re.compile(
    rb"[ \t\r]*+(?:(?:[-*+#>]{1,6}|\xe2\x80\xa2|\d{1,3}[.)])(?:[ \t]+|\Z)){0,3}+"
)
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
_STOP: Final = re.compile(
    rb"[.!?\xe2\xe3\xef](?:"
    # stops before white space or an emoji; an ellipsis before a small letter is a pause
    rb"(?:(?<=[.!?])(?<![.!?][.!?])(?<!" + _ELLIPSIS + rb"[.!?])"
    rb"|(?<=\xe2)\x80\xa6(?<![.!?]" + _ELLIPSIS + rb")(?<!" + _ELLIPSIS * 2 + rb"))"
    rb"(?:[.!?]|" + _ELLIPSIS + rb")*+" + _NOT_ABBREVIATED
    + rb"(?!(?:(?<=\.\.\.)|(?<=" + _ELLIPSIS + rb"))\s[a-z])"
    + _CLOSING + rb"(?=\s|\xc2\xa0|\xf0|\Z)|"
    # full-width stops
    rb"(?:(?<=\xe3)\x80\x82|(?<=\xef)(?:\xbc[\x81\x9f]|\xbd\xa1))"
    rb"(?:" + _WIDE_STOP + rb"|[.!?])*+" + _WIDE_CLOSING + rb")"
)  # fmt: skip
_BLANK: Final = b" \t\r\f\v"

#: Byte offsets of a sentence, trimmed: first, and one after the last.
Span = tuple[int, int]


def split(text: str) -> list[Span]:
    """The sentences of `text` in order, each as (start, end) in code points."""
    utf8 = text.encode("utf-8", "replace")
    spans = split_utf8(utf8)
    if text.isascii():
        return spans
    found, byte, point = [], 0, 0
    for start, end in spans:
        first = point + len(utf8[byte:start].decode())
        byte, point = end, first + len(utf8[start:end].decode())
        found.append((first, point))
    return found


def split_utf8(text: bytes) -> list[Span]:
    """The sentences of UTF-8 `text` in order."""
    found, start = [], 0
    for line in text.split(b"\n"):
        found += [(start + first, start + end) for first, end in split_line(line)]
        start += len(line) + 1
    return found


def split_line(line: bytes) -> list[Span]:
    """The sentences of one line; blank ones are left out."""
    marker = _MARKER.match(line)
    start = marker.end() if marker else 0
    ends = [stop.end() for stop in _STOP.finditer(line, start)]
    found = []
    for end in [*ends, len(line)]:
        words = line[start:end]
        if kept := words.strip(_BLANK):
            first = start + len(words) - len(words.lstrip(_BLANK))
            found.append((first, first + len(kept)))
        start = end
    return found
