"""What a rule asks of a sentence that it hits, beyond the hit: company, place, number and span."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import re2

from aligncleaner.detect import patterns
from aligncleaner.detect.packs import Rule
from aligncleaner.detect.patterns import Pattern

#: How many code points the opening and the closing of an answer are.
MARGIN: Final = 300
#: Markup, quotes and white space that may stand before the very first words.
_BEFORE_WORDS: Final = re2.compile(r"""[\s*_#>~"'“”‘’«»•\-]*""")


def _compile(read: Sequence[Pattern]) -> re2._Regexp:
    options = re2.Options()
    options.longest_match = True
    options.log_errors = False
    options.max_mem = 32 << 20
    return re2.compile(_union(read), options)


def _union(read: Sequence[Pattern]) -> str:
    """One regex that matches where any of the patterns does."""
    return "|".join(f"(?:{pattern.regex})" for pattern in read)


class Conditions:
    """The conditions of one rule, compiled. Texts are plain UTF-8, offsets bytes of the row."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.any = [patterns.read(text) for text in rule.any]
        #: Matches where any of them does.
        self.regex = _union(self.any)
        self._hit = _compile(self.any)
        self._all = [_compile([patterns.read(text)]) for text in rule.all]
        self._unless = _compile([patterns.read(text) for text in rule.unless])
        self.counts = rule.at_least > 1
        #: Whether every hit sentence is flagged whole, with nothing else to look at.
        self.none = not (
            rule.all or rule.unless or rule.where != "anywhere" or rule.span == "hit" or self.counts
        )

    def search_set(self):
        s = re2.Set.SearchSet()
        s.Add(self.regex)
        s.Compile()
        return s.Match

    def span(self, row: bytes, start: int, end: int) -> tuple[int, int] | None:
        """What to flag of a sentence that is hit; null if a condition fails."""
        if self.none:
            return start, end
        sentence = row[start:end]
        if not self._has_company(row if self.rule.scope == "answer" else sentence):
            return None
        hit = self._hit.search(sentence)
        if hit is None or not self._is_in_place(row, start + hit.start()):
            return None
        return (start + hit.start(), start + hit.end()) if self.rule.span == "hit" else (start, end)

    def first_if_enough(
        self, row: bytes, found: Sequence[tuple[int, int]]
    ) -> tuple[int, int] | None:
        """The first of the hit sentences if they hold `at_least` hits in all; else null."""
        count, first = 0, None
        for start, end in found:
            if self.span(row, start, end) is not None:
                first = first or (start, end)
                count += sum(1 for _ in self._hit.finditer(row[start:end]))
                if count >= self.rule.at_least:
                    return first
        return None

    def _has_company(self, text: bytes) -> bool:
        if self.rule.unless and self._unless.search(text):
            return False
        return all(needed.search(text) for needed in self._all)

    def _is_in_place(self, row: bytes, at: int) -> bool:
        """Whether a hit that starts at byte `at` stands where the rule says."""
        match self.rule.where:
            case "opening":
                return at < MARGIN or len(row[:at].decode()) < MARGIN
            case "closing":
                return len(row) - at <= MARGIN or len(row[at:].decode()) <= MARGIN
            case "start":
                before = _BEFORE_WORDS.match(row)
                return at == (before.end() if before else 0)
        return True
