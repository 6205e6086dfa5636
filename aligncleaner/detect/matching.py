"""Which rule hits which sentence: two matchers that give the same answer.

A rule hits a sentence if one of its `any` patterns matches in the sentence's text alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt
import re2

from aligncleaner.detect import cues, normalise, patterns, sentences
from aligncleaner.detect.conditions import Conditions, finder, options
from aligncleaner.detect.patterns import Pattern
from aligncleaner.detect.regex_syntax import Refused
from aligncleaner.errors import Fault, UsageError

Engine = Literal["auto", "hyperscan", "re2"]
#: Where a cue was seen is kept as one integer: its end, shifted by so many bits, and its number.
_BITS: Final = 24
_NUMBER: Final = (1 << _BITS) - 1

Integers = npt.NDArray[np.int64]


class Hit(NamedTuple):
    """Rule number `rule` hits the sentence at bytes `start` to `end` of row number `row`."""

    row: int
    start: int
    end: int
    rule: int


class Scan(NamedTuple):
    """What a matcher saw in some rows.

    `hits` come each once and in order; those of a rule with `at_least` may be left out where
    they are too few. `odd` are the rows that are not plain: there, hits may be missing.
    """

    hits: list[Hit]
    odd: set[int]


class Matcher(Protocol):
    """Finds hits in rows of UTF-8."""

    def scan(self, rows: Sequence[bytes]) -> Scan: ...


def best(rules: Sequence[Conditions], engine: Engine) -> Matcher:
    """The matcher of that name; `auto` is Hyperscan where it is installed and takes the rules.

    Raises:
        UsageError: Hyperscan is asked for, and is not installed or does not take the rules.
    """
    if engine == "re2" or not rules:
        return Re2Matcher(rules)
    try:
        return HyperscanMatcher(rules)
    except (ModuleNotFoundError, Refused) as problem:
        if engine == "hyperscan":
            fault = Fault("engine hyperscan", str(problem), fix="use the engine re2")
            raise UsageError(fault) from None
        return Re2Matcher(rules)


class Re2Matcher:
    """A filter of re2 says which rules hit a line; each of those looks at its sentences."""

    def __init__(self, rules: Sequence[Conditions]) -> None:
        self._hits = [rule.hits for rule in rules]
        self._filter = re2.Filter()
        for rule in rules:
            self._filter.Add(patterns.union(rule.any), options(rule.any))
        if rules:
            self._filter.Compile()

    def scan(self, rows: Sequence[bytes]) -> Scan:
        hits: list[Hit] = []
        for row, text in enumerate(rows if self._hits else ()):
            start = 0
            for line in text.split(b"\n"):
                if line and (numbers := self._filter.Match(line)):
                    hits += [
                        Hit(row, start + first, start + end, number)
                        for first, end in sentences.split_line(line)
                        for number in sorted(numbers)
                        if self._hits[number](line[first:end])
                    ]
                start += len(line) + 1
        return Scan(hits, {row for row, text in enumerate(rows) if not normalise.is_plain(text)})


class HyperscanMatcher:
    """One scan over all rows reports cues; re2 looks at the lines that hold one.

    No sentence crosses a line end, so rows are simply joined by line ends: a match across two
    rows is a false cue and nothing worse.
    """

    def __init__(self, rules: Sequence[Conditions]) -> None:
        from aligncleaner.detect import database

        # Cues are numbered by what they look for; rules with `at_least` have one number each.
        numbers: dict[str | int, int] = {}
        expressions: dict[tuple[int, str], None] = {}
        members: defaultdict[int, dict[tuple[int, tuple[Pattern, ...]], None]] = defaultdict(dict)
        chosen = cues.choose([(rule.any, rule.all_beside) for rule in rules])
        for rule, found in enumerate(chosen):
            for cue in found:
                key = rule if rules[rule].counts else cue.regex
                number = numbers.setdefault(key, len(numbers))
                expressions[number, cue.regex] = None
                members[number][rule, cue.wanted] = None
        self._odd = len(numbers)
        odd = "(*UTF8)" + normalise.ODD_CHARACTERS
        self._database = database.compiled([*expressions, (self._odd, odd)])
        self._hits = [rule.hits for rule in rules]
        self._rules = [[rule for rule, _ in members[number]] for number in range(self._odd)]
        self._finders = [
            finder([wanted for _, wanted in members[number]]) for number in range(self._odd)
        ]
        least = [rules[of[0]].rule.at_least for of in self._rules]
        self._at_least = np.array([*least, 1])

    def scan(self, rows: Sequence[bytes]) -> Scan:
        joined = b"\n".join(rows)
        ends = np.cumsum([len(text) + 1 for text in rows])
        odd = set(np.searchsorted(ends, normalise.space_runs(joined)).tolist())
        seen: list[int] = []
        add = seen.append

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add(end << _BITS | number)

        self._database.scan(joined, match_event_handler=note)
        if not seen:
            return Scan([], odd)
        cues_seen = np.unique(np.array(seen))
        at = cues_seen[cues_seen & _NUMBER == self._odd] >> _BITS
        odd.update(np.searchsorted(ends, at).tolist())
        hits = self._look(joined, ends.tolist(), self._enough(cues_seen, ends))
        return Scan(sorted(hits), odd)

    def _enough(self, seen: Integers, ends: Integers) -> list[int]:
        """The cues without those of rules with `at_least` that are too few in their row.

        A row has at least as many cues of a rule as it has hits that do not overlap.
        """
        numbers = seen & _NUMBER
        needed = self._at_least[numbers]
        if needed.max() > 1:
            owners = np.searchsorted(ends, seen >> _BITS) << _BITS | numbers
            _, group, count = np.unique(owners, return_inverse=True, return_counts=True)
            seen = seen[count[group] >= needed]
        return cast("list[int]", seen[seen & _NUMBER != self._odd].tolist())

    def _look(self, joined: bytes, ends: Sequence[int], seen: Sequence[int]) -> set[Hit]:
        """What the sentences around the cues `seen` (end << _BITS | number, rising) really hold."""
        hits: set[Hit] = set()
        line, line_start, line_end = b"", 0, -1
        in_line: dict[int, list[int] | None] = {}
        spans: list[sentences.Span] = []
        done: set[tuple[int, int]] = set()
        for cue in seen:
            number, end = cue & _NUMBER, cue >> _BITS
            if end > line_end:
                line_start = joined.rfind(b"\n", 0, end) + 1
                line_end = joined.find(b"\n", end)
                if line_end < 0:
                    line_end = len(joined)
                line = joined[line_start:line_end]
                in_line, spans, done = {}, [], set()
            if number not in in_line:
                in_line[number] = self._finders[number](line)
            if (members := in_line[number]) is None:
                continue
            spans = spans or sentences.split_line(line)
            index = bisect_left(spans, (end - line_start, 0)) - 1
            if index < 0 or end - line_start > spans[index][1] or (number, index) in done:
                continue
            done.add((number, index))
            first, last = spans[index]
            row = bisect_left(ends, end)
            offset = line_start - (ends[row - 1] if row else 0)
            for rule in {self._rules[number][member] for member in members}:
                if self._hits[rule](line[first:last]):
                    hits.add(Hit(row, offset + first, offset + last, rule))
        return hits
