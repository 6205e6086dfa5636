"""What is known of a block's answers, gathered slice by slice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from aligncleaner.clean.ends import Ends, Fate
from aligncleaner.detect.answers import Answers
from aligncleaner.detect.evidence import Batch, Flag, Verdict
from aligncleaner.report.judged import Judged
from aligncleaner.report.tally import Tally


class Seen(NamedTuple):
    """What all stages saw in a slice of records; `numbers` are the records' own in their block."""

    numbers: Sequence[int]
    found: Answers
    batch: Batch
    flags: Sequence[Flag]
    verdicts: dict[int, Verdict]
    decided: Ends


class Findings(NamedTuple):
    """A block's answers as parallel columns, and what was found of them.

    `records` are the numbers, in the block and from 0, of the records that they stand in. Flags
    and `verdicts` name answers by their number in the block; answers without a verdict here have
    the usual one. `quotes` are the words that `flags` point at. `fates` are those of answers
    that are not simply kept, and of records without an answer.
    """

    ids: list[str]
    records: list[int]
    turns: list[int]
    langs: list[str | None]
    models: list[str | None]
    flags: list[Flag]
    quotes: list[str]
    verdicts: dict[int, Verdict]
    fates: list[Fate]

    def add(self, seen: Seen) -> None:
        """Take in a slice of records."""
        numbers, found, batch, flags, verdicts, decided = seen
        answers = len(self.ids)
        self.ids.extend(found.ids)
        self.records.extend([numbers[record] for record in found.records])
        self.turns.extend(found.turns)
        self.langs.extend(batch.langs)
        self.models.extend(found.models)
        for flag in flags:
            self.flags.append(flag._replace(row=answers + flag.row))
            self.quotes.append(found.answers[flag.row][flag.start : flag.end])
        for row, verdict in verdicts.items():
            self.verdicts[answers + row] = verdict
        for fate in decided.fates:
            answer = None if fate.answer is None else answers + fate.answer
            self.fates.append(fate._replace(record=numbers[fate.record], answer=answer))

    def fates_counted(self) -> Counter[str]:
        """How often each fate occurs, that of kept answers included."""
        counted = Counter(fate.fate for fate in self.fates)
        counted["kept"] += len(self.ids) - sum(fate.answer is not None for fate in self.fates)
        return counted


def nothing() -> Findings:
    """The findings of no answers."""
    return Findings([], [], [], [], [], [], [], {}, [])


def enter(tally: Tally, source: str, seen: Seen, usual: Verdict) -> None:
    """Enter the answers of a slice of records in the report's tally."""
    numbers, found, batch, flags, verdicts, decided = seen
    count = len(found.ids)
    fates: list[str] = ["kept"] * count
    deciders: list[str | None] = [None] * count
    for fate in decided.fates:
        if fate.answer is not None:
            fates[fate.answer], deciders[fate.answer] = fate.fate, fate.decided_by
    judged = [usual] * count
    for row, verdict in verdicts.items():
        judged[row] = verdict
    tally.add(
        Judged(
            ids=found.ids,
            sources=[source] * count,
            lines=[numbers[record] for record in found.records],
            turns=found.turns,
            answers=found.answers,
            prompts=found.prompts,
            langs=batch.langs,
            models=found.models,
            verdicts=judged,
            flags=flags,
            fates=fates,
            decided_by=deciders,
        )
    )
