"""What a rule asks of a sentence, compiled: the hit, its company, its place, number and span."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, cast

import re2

from aligncleaner.detect import patterns
from aligncleaner.detect.packs import Rule
from aligncleaner.detect.patterns import Pattern

#: How many code points the opening and the closing of an answer are.
MARGIN: Final = 300
#: Markup, quotes and white space that may stand before the very first words.
_BEFORE_WORDS: Final = re2.compile(r"""[\s*_#>~"'“”‘’«»•\-]*""")
_MAX_MEMORY: Final = 8 << 20

Span = tuple[int, int]


class Conditions:
    """The conditions of one rule. Texts are plain UTF-8, offsets are bytes of the row."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.any = _read(rule.any)
        self.all = _read(rule.all)
        self.counts = rule.at_least > 1
        self._is_simple = not (
            rule.all or rule.unless or rule.where != "anywhere" or rule.span == "hit" or self.counts
        )
        #: Matches where one of `any` does.
        self.regex = patterns.union(self.any)
        self._hit = _compiled(self.regex)
        self._all = [_compiled(pattern.regex) for pattern in self.all]
        self._unless = _compiled(patterns.union(_read(rule.unless))) if rule.unless else None

    def span(self, row: bytes, start: int, end: int) -> Span | None:
        """What to flag of a sentence that `regex` matches in; null if a condition fails."""
        if self._is_simple:
            return start, end
        sentence = row[start:end]
        if not self._has_company(row if self.rule.scope == "answer" else sentence):
            return None
        hit = self._hit.search(sentence)
        if hit is None or not self._is_in_place(row, start + hit.start()):
            return None
        return (start + hit.start(), start + hit.end()) if self.rule.span == "hit" else (start, end)

    def first_if_enough(self, row: bytes, sentences: Sequence[Span]) -> Span | None:
        """The first of the hit sentences if they hold `at_least` hits in all; else null."""
        count, first = 0, None
        for start, end in sentences:
            if self.span(row, start, end) is not None:
                first = first or (start, end)
                count += sum(1 for _ in self._hit.finditer(row[start:end]))
                if count >= self.rule.at_least:
                    return first
        return None

    def _has_company(self, text: bytes) -> bool:
        if self._unless and self._unless.search(text):
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


def _read(texts: Sequence[str]) -> list[Pattern]:
    return [patterns.read(text) for text in texts]


def _compiled(regex: str) -> re2._Regexp:
    options = re2.Options()
    options.longest_match = True
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    return re2.compile(regex, options)


def finder(regexes: Sequence[str]) -> Callable[[bytes], list[int] | None]:
    """A function from a text to the numbers of the regexes that match in it, null for none.

    It tells where nothing; that is why it is several times as fast as a search.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    found = re2.Set.SearchSet(options)
    for regex in regexes:
        found.Add(regex)
    found.Compile()
    return cast("Callable[[bytes], list[int] | None]", found.Match)
