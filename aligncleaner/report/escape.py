"""Text of strangers made inert and visible, for HTML.

Chat logs hold markup, terminal codes, and characters that turn the writing direction or show
nothing at all. On a page each of them must do nothing and be seen: `<` becomes an entity, an
escape character a boxed `ESC`, a direction override its boxed code point.
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


# Letters rather than Unicode's control pictures, which few fonts hold.
_CONTROLS: Final = (
    "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI "
    "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
).split()


def _name(character: str) -> str:
    code = ord(character)
    if code < len(_CONTROLS):
        return _CONTROLS[code]
    return "DEL" if code == 0x7F else f"U+{code:04X}"


def esc(text: str) -> str:
    """`text` as HTML for an element's content: no markup of its own, nothing invisible.

    Line feeds and tabs stay. Every other control, direction or invisible character becomes a
    small box with its name or its code point, such as `ESC` or `U+202E`.

    A joiner is judged by its neighbours within `text`, so it passes where a piece of a longer
    text ends beside it; there it does no more than glue letters.
    """
    return _INVISIBLE.sub(
        lambda found: f'<span class="cp">{_name(found[0])}</span>', html.escape(text)
    )


def attr(text: str) -> str:
    """`text` as HTML for a double-quoted attribute; invisible characters as `[U+202E]`."""
    return html.escape(_INVISIBLE.sub(lambda found: f"[{_name(found[0])}]", text))
