"""Text of strangers made inert and visible, for HTML.

Chat logs hold markup, terminal codes, and characters that turn the writing direction or show
nothing at all. On a page each of them must do nothing and be seen: `<` becomes an entity, an
escape character becomes the picture of one, a direction override becomes its boxed number.
"""

from __future__ import annotations

import html
import re
from typing import Final

_NONCHARACTERS: Final = "".join(
    chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)

#: Joiners are how emoji families and Persian words are written, so they count as invisible
#: only beside ASCII, where they can but hide a word from a filter.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb"
    f"\U000e0000-\U000e007f{_NONCHARACTERS}]"
    "|(?<=[!-~])[\u200c\u200d]|[\u200c\u200d](?=[!-~])"
)


def _name(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"U+{code:04X}"


def esc(text: str) -> str:
    """`text` as HTML for an element's content: no markup of its own, nothing invisible.

    Line feeds and tabs stay. Every other control, direction or invisible character becomes a
    small box with its picture or its code point, such as `␛` or `U+202E`.

    The text comes in pieces of any size: what is made of a piece does not depend on the next, but
    for a joiner, which is looked at together with its neighbours.
    """
    return _INVISIBLE.sub(
        lambda found: f'<span class="cp">{_name(found[0])}</span>', html.escape(text)
    )


def attr(text: str) -> str:
    """`text` as HTML for a double-quoted attribute; invisible characters as `[U+202E]`."""
    return html.escape(_INVISIBLE.sub(lambda found: f"[{_name(found[0])}]", text))
