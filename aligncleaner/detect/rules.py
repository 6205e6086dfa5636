"""The rule detector: flags from rule packs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from aligncleaner.detect import matching, normalise, packs
from aligncleaner.detect.conditions import Conditions, Span
from aligncleaner.detect.evidence import Batch, Flag
from aligncleaner.detect.lint import lint
from aligncleaner.detect.matching import Engine
from aligncleaner.detect.packs import Pack, Rule
from aligncleaner.errors import Fault

__all__ = ["Engine", "Found", "RuleDetector", "RuleSearch", "lint", "test_examples"]


class Found(NamedTuple):
    """A rule holds for code points `start` to `end` of row number `row`."""

    row: int
    start: int
    end: int
    rule: Rule


class RuleSearch:
    """Some rules and the matcher that looks for them."""

    def __init__(self, rules: Sequence[Rule], engine: Engine) -> None:
        self._rules = [Conditions(rule) for rule in rules]
        self._matcher = matching.best(self._rules, engine)

    def find(self, texts: Sequence[str], utf8: Sequence[bytes]) -> list[Found]:
        """Where rules hold, ordered by row and start; one entry a rule and sentence."""
        rows = list(utf8)
        hits, odd = self._matcher.scan(rows)
        plains = {row: normalise.plain_with_origin(texts[row]) for row in sorted(odd)}
        if plains:
            rows_again = [plain.text.encode("utf-8", "replace") for plain in plains.values()]
            numbers = list(plains)
            for row, text in zip(numbers, rows_again, strict=True):
                rows[row] = text
            hits = [hit for hit in hits if hit.row not in odd]
            again = self._matcher.scan(rows_again).hits
            hits += [hit._replace(row=numbers[hit.row]) for hit in again]
        found = []
        for row, start, end, number in sorted(self._spans(rows, hits)):
            if not rows[row].isascii():
                first = len(rows[row][:start].decode())
                start, end = first, first + len(rows[row][start:end].decode())
            if row in plains:
                start, end = plains[row].span(start, end)
            found.append(Found(row, start, end, self._rules[number].rule))
        return found

    def _spans(
        self, rows: Sequence[bytes], hits: Sequence[matching.Hit]
    ) -> list[tuple[int, int, int, int]]:
        """(row, start, end, rule number) of what the hits flag, in bytes."""
        spans = []
        counted: defaultdict[tuple[int, int], list[Span]] = defaultdict(list)
        for row, start, end, number in hits:
            rule = self._rules[number]
            if rule.counts:
                counted[row, number].append((start, end))
            elif span := rule.span(rows[row], start, end):
                spans.append((row, *span, number))
        for (row, number), sentences in counted.items():
            if span := self._rules[number].first_if_enough(rows[row], sentences):
                spans.append((row, *span, number))
        return spans


class RuleDetector:
    """Flags from rule packs; see `evidence.Detector`."""

    name = "rules"

    def __init__(self, packs_: Sequence[Pack], engine: Engine = "auto") -> None:
        self.version = packs.rules_hash(packs_)[:12]
        rules = [rule for pack in packs_ for rule in pack.rules]
        self._scoped = {rule.id for rule in rules if rule.needs_scope}
        self._answer = RuleSearch([rule for rule in rules if rule.on == "answer"], engine)
        self._prompt = RuleSearch([rule for rule in rules if rule.on == "prompt"], "re2")

    def needs_scope(self, rule_id: str) -> bool:
        """Whether flags of this rule hold only in the assistant's own words (`detect.scope`)."""
        return rule_id in self._scoped

    def detect(self, batch: Batch) -> list[Flag]:
        """The flags of all rules `on: answer`, ordered by row and start."""
        return [
            Flag(row, self.name, self.version, rule.id, rule.label, rule.reason, rule.kind,
                 rule.weight, start, end)
            for row, start, end, rule in self._answer.find(batch.answers, batch.utf8)
        ]  # fmt: skip

    def prompt_cues(self, text: str) -> list[tuple[str, str]]:
        """The cues that a prompt gives, as (label, rule id), each rule once."""
        found = self._prompt.find([text], [text.encode("utf-8", "replace")])
        return list(dict.fromkeys((at.rule.label, at.rule.id) for at in found))


def test_examples(packs_: Sequence[Pack]) -> list[Fault]:
    """What is wrong with the rules' own examples: a `hit` not flagged, a `miss` flagged.

    Each example is held against its own rule alone, as an answer to no prompt.
    """
    from aligncleaner.detect.scope import filter_flags

    faults = []
    for rule in (rule for pack in packs_ for rule in pack.rules):
        search = RuleSearch([rule], "re2")
        texts = [*rule.hit, *rule.miss]
        nulls = [None] * len(texts)
        batch = Batch(texts, [text.encode() for text in texts], nulls, nulls)
        flags = [
            Flag(row, "rules", "", rule.id, rule.label, rule.reason, rule.kind, 1.0, start, end)
            for row, start, end, _ in search.find(batch.answers, batch.utf8)
        ]
        if rule.on == "answer" and rule.needs_scope:
            flags = filter_flags(batch, flags, lambda _: True)
        flagged = {flag.row for flag in flags}
        for row, text in enumerate(texts):
            if (row in flagged) != (row < len(rule.hit)):
                got = "a miss that is flagged" if row in flagged else "a hit that is not flagged"
                faults.append(Fault(rule.id, f"{got}: {text!r:.120}", fix="change one of them"))
    return faults
