"""Which rule hits which sentence: two matchers that give the same answer.

A rule hits a sentence if one of its `any` patterns matches in the sentence's text alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import re2

from aligncleaner.detect import normalise, sentences
from aligncleaner.detect.conditions import Conditions


class Hit(NamedTuple):
    """Rule number `rule` hits the sentence at bytes `start` to `end` of row number `row`."""

    row: int
    start: int
    end: int
    rule: int


class Scan(NamedTuple):
    """What a matcher saw in some rows.

    `exotic` are the rows that must be made plain and looked at again; `hits` are those in the
    other rows, each once and in order. Of a rule with `at_least`, hits may be left out where
    they are too few.
    """

    hits: list[Hit]
    exotic: set[int]


class Matcher(Protocol):
    """Finds hits in rows of UTF-8."""

    def scan(self, rows: Sequence[bytes]) -> Scan: ...


def best(rules: Sequence[Conditions], engine: str) -> Matcher:
    """The matcher of that name; `auto` is Hyperscan where it is installed.

    Raises:
        ModuleNotFoundError: Hyperscan is asked for and not installed.
    """
    if engine == "re2" or not rules:
        return Re2Matcher(rules)
    try:
        return HyperscanMatcher(rules)
    except ModuleNotFoundError:
        if engine == "hyperscan":
            raise
        return Re2Matcher(rules)


class Re2Matcher:
    """A set of re2 looks at each row, then at each sentence of the rows that it hit."""

    def __init__(self, rules: Sequence[Conditions]) -> None:
        options = re2.Options()
        options.max_mem = 256 << 20
        self._set = re2.Set.SearchSet(options)
        for rule in rules:
            self._set.Add(rule.regex)
        self._set.Compile()

    def scan(self, rows: Sequence[bytes]) -> Scan:
        match = self._set.Match
        exotic = {row for row, text in enumerate(rows) if not normalise.is_plain(text)}
        hits = [
            Hit(row, start, end, rule)
            for row, text in enumerate(rows)
            if row not in exotic and match(text)
            for start, end, _ in sentences.split_utf8(text)
            for rule in sorted(match(text[start:end]) or ())
        ]
        return Scan(hits, exotic)


class HyperscanMatcher:
    """One scan over all rows says near which bytes a rule hits; re2 looks at those sentences."""

    def __init__(self, rules: Sequence[Conditions]) -> None:
        from aligncleaner.detect import database

        self._rules = rules
        expressions = [
            (number, pattern.cue) for number, rule in enumerate(rules) for pattern in rule.any
        ]
        self._exotic = len(rules)
        expressions.append((self._exotic, normalise.exotic_class()))
        self._database = database.compiled(expressions)
        self._checks = [rule.search_set() for rule in rules]

    def scan(self, rows: Sequence[bytes]) -> Scan:
        separator = normalise.ROW_SEPARATOR.encode()
        exotic = set()
        joined = separator.join(rows)
        if joined.count(separator) >= len(rows):
            exotic = {row for row, text in enumerate(rows) if separator in text}
            rows = [b"" if row in exotic else text for row, text in enumerate(rows)]
            joined = separator.join(rows)
        events: list[int] = []
        add = events.append

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add(end << 16 | number)

        self._database.scan(joined, match_event_handler=note)
        if not events:
            return Scan([], exotic)
        events.sort()
        ends = np.cumsum([len(text) + 1 for text in rows]) - 1
        where = np.array(events) >> 16
        owners = np.searchsorted(ends, where)
        hits = []
        row, row_start, text = -1, 0, b""
        sentence = sentences.Sentence(0, 0, 0)
        done: set[int] = set()
        for event, owner in zip(events, owners.tolist(), strict=True):
            number = event & 0xFFFF
            if number == self._exotic:
                exotic.add(owner)
                continue
            if owner != row:
                row, text = owner, rows[owner]
                row_start = int(ends[owner]) - len(text)
                sentence = sentences.Sentence(0, 0, 0)
            last = (event >> 16) - row_start - 1
            if last >= sentence.after:
                sentence = sentences.around(text, last, sentence.after)
                words = text[sentence.start : sentence.end]
                done.clear()
            if number not in done:
                done.add(number)
                if self._checks[number](words):
                    hits.append(Hit(owner, sentence.start, sentence.end, number))
        return Scan(sorted(h for h in hits if h[0] not in exotic), exotic)
