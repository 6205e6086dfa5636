"""How much of an answer is left without its refusing, disclaiming and lecturing words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aligncleaner.detect.evidence import Flag

#: Labels whose words deliver nothing. A hedge is part of what is delivered, if a weak one.
_EMPTY_WORDS: Final = frozenset({"refuses", "partly_refuses", "disclaimer", "moralizing"})


def left(answer: str, flags: Sequence[Flag]) -> int:
    """How many characters (code points) of `answer` stand outside the flags that deliver nothing.

    `flags` are ordered by start. Characters need no look at the text, where words would, and hold
    for scripts without spaces.
    """
    flagged = reached = 0
    for flag in flags:
        if flag.end > reached and flag.label in _EMPTY_WORDS:
            flagged += flag.end - max(flag.start, reached)
            reached = flag.end
    return len(answer) - flagged
