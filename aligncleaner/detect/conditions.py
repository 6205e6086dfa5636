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
#: What re2 may use for one automaton, in bytes: a set that is short of memory finds nothing.
_MEMORY: Final = 4 << 20
_MEMORY_PER_POSITION: Final = 4 << 10

Span = tuple[int, int]
Finder = Callable[[bytes], list[int] | None]


class Conditions:
    """The conditions of one rule. Texts are plain UTF-8, offsets are bytes of the row."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.any = _read(rule.any)
        self.counts = rule.at_least > 1
        needed, unwanted = _read(rule.all), _read(rule.unless)
        #: The patterns of `all` if they must match in the sentence that is hit.
        self.all_beside = [] if rule.scope == "answer" or self.counts else needed
        #: Whether one of `any` matches in a text, told by anything but null.
        self.hits = finder([self.any])
        self._company = finder([[one] for one in needed] + ([unwanted] if unwanted else []))
        self._right_company = list(range(len(needed)))
        self._hit = _search(self.any)

    def span(self, row: bytes, start: int, end: int) -> Span | None:
        """What to flag of a sentence that one of `any` matches in; null if a condition fails."""
        rule, sentence = self.rule, row[start:end]
        if rule.all or rule.unless:
            found = self._company(row if rule.scope == "answer" else sentence)
            if sorted(found or ()) != self._right_company:
                return None
        if rule.where == "anywhere" and rule.span == "sentence":
            return start, end
        hit = self._hit.search(sentence)
        if hit is None or not self._is_in_place(row, start + hit.start()):
            return None
        return (start + hit.start(), start + hit.end()) if rule.span == "hit" else (start, end)

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


def finder(groups: Sequence[Sequence[Pattern]]) -> Finder:
    """A function from a text to the numbers of the groups that match in it, null for none.

    A group matches where one of its patterns does. Where in the text that is, is not told; for
    that, it is several times as fast as a search.
    """
    found = re2.Set.SearchSet(options([one for group in groups for one in group]))
    for group in groups:
        found.Add(patterns.union(group))
    found.Compile()
    return cast("Finder", found.Match)


def _read(texts: Sequence[str]) -> list[Pattern]:
    return [patterns.read(text) for text in texts]


def _search(read: Sequence[Pattern]) -> re2._Regexp:
    """A search for the leftmost and there longest match of one of the patterns."""
    longest = options(read)
    longest.longest_match = True
    return re2.compile(patterns.union(read), longest)


def options(read: Sequence[Pattern]) -> re2.Options:
    """How to compile the patterns with re2: silently, and with as much memory as they need."""
    found = re2.Options()
    found.log_errors = False
    found.max_mem = _MEMORY + _MEMORY_PER_POSITION * sum(one.positions for one in read)
    return found
