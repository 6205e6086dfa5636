"""How much of an answer is left without its refusing, disclaiming and lecturing words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from aligncleaner.detect.evidence import Flag

#: Labels whose words deliver nothing. A hedge is part of what is delivered, if a weak one.
_EMPTY_WORDS: Final = frozenset({"refuses", "partly_refuses", "disclaimer", "moralizing"})


class Delivered(NamedTuple):
    """Words of an answer; a word is what stands between white space.

    `left` are those outside flagged sentences.
    """

    words: int
    left: int

    @property
    def share(self) -> float:
        """The share of the words that is left, in [0, 1]; 0 for an answer without words."""
        return self.left / self.words if self.words else 0.0


def measure(answer: str, flags: Sequence[Flag]) -> Delivered:
    """What `answer` delivers outside its flags."""
    spans = _merged((f.start, f.end) for f in flags if f.label in _EMPTY_WORDS)
    flagged = sum(len(answer[start:end].split()) for start, end in spans)
    words = len(answer.split())
    return Delivered(words, max(words - flagged, 0))


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The union of `spans` as disjoint spans in order."""
    current: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if current and start <= current[1]:
            current = (current[0], max(current[1], end))
        else:
            if current:
                yield current
            current = (start, end)
    if current:
        yield current
