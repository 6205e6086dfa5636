"""What is worth another look in rule packs that load without a fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import re2

from aligncleaner.detect import cues, patterns
from aligncleaner.detect.conditions import Conditions
from aligncleaner.detect.packs import Pack, Rule
from aligncleaner.errors import Fault

#: What a rule's cues may cost, in microseconds a megabyte of English answers; see `cues`.
MAX_COST = 1000.0


def lint(packs_: Sequence[Pack]) -> list[Fault]:
    """Patterns used twice, patterns that another of their rule covers, and slow rules."""
    faults: list[Fault] = []
    first_use: dict[tuple[str, str], str] = {}
    rules = [rule for pack in packs_ for rule in pack.rules]
    for rule in rules:
        faults += _repeated(rule, first_use)
        faults += _covered(rule)
    faults += _slow([Conditions(rule) for rule in rules if rule.on == "answer"])
    return faults


def _repeated(rule: Rule, first_use: dict[tuple[str, str], str]) -> Iterator[Fault]:
    """Patterns of `any` that this or another rule of the same label and conditions has too."""
    conditions = (rule.label, rule.on, rule.where, rule.all, rule.unless, rule.at_least)
    for text in rule.any:
        key = (patterns.translate(text), repr(conditions))
        other = first_use.setdefault(key, rule.id)
        if other != rule.id or rule.any.count(text) > 1:
            yield Fault(rule.id, f"the pattern {text!r:.80} is also in {other}", fix="drop one")


def _covered(rule: Rule) -> Iterator[Fault]:
    """Phrases in which another pattern of the same list always matches."""
    for texts in (rule.any, rule.unless):
        for phrase in (text for text in texts if not text.startswith("/")):
            for other in texts:
                if other != phrase and re2.search(patterns.translate(other), phrase):
                    got = f"the phrase {phrase!r:.60} is covered by {other!r:.60}"
                    yield Fault(rule.id, got, fix="drop the longer one")


def _slow(rules: Sequence[Conditions]) -> Iterator[Fault]:
    """Rules whose rarest words are common: each place where they stand has to be looked at."""
    chosen = cues.choose([(rule.any, rule.all_beside) for rule in rules])
    for rule, found in zip(rules, chosen, strict=True):
        cost = sum(cue.cost for cue in found)
        if cost > MAX_COST:
            worst = max(found, key=lambda cue: cue.cost)
            got = f"slow: about {cost:,.0f} microseconds a megabyte, for {worst.source!r:.80}"
            fix = "ask for rarer words side by side, in `any` or in `all`"
            yield Fault(rule.rule.id, got, f"at most {MAX_COST:,.0f}", fix)
