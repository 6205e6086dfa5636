"""What is known of a block's answers, gathered slice by slice and in the end given as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from aligncleaner.clean import frames
from aligncleaner.clean.ends import Ends
from aligncleaner.clean.frames import Fate, Places
from aligncleaner.detect.answers import Answers
from aligncleaner.detect.cascade import Cascade
from aligncleaner.detect.evidence import Batch, Flag, Verdict
from aligncleaner.report.judged import Judged
from aligncleaner.report.tally import Tally


class Tables(NamedTuple):
    """A block's tables, lines counted from 0, ids before occurrences are told apart.

    `ids` are those of the rows of `verdicts`; `flag_rows` the answers, by their number in the
    block, that the rows of `flags` belong to; `fates` counts the rows of `ledger`.
    """

    ids: list[str]
    flag_rows: list[int]
    verdicts: pa.RecordBatch
    flags: pa.RecordBatch
    ledger: pa.RecordBatch
    fates: Counter[str]


class Findings:
    """Everything found in a block so far, numbered in the block."""

    def __init__(self, source: str, cascade: Cascade, tally: Tally | None) -> None:
        self.tally = tally
        self.fates: list[Fate] = []
        self._cascade = cascade
        self._places = Places(source, [], [], [])
        self._flags: list[Flag] = []
        self._quotes: list[str] = []
        self._verdicts: dict[int, Verdict] = {}
        self._langs: list[str | None] = []
        self._models: list[str | None] = []

    def add(
        self,
        records: int,
        found: Answers,
        batch: Batch,
        flags: Sequence[Flag],
        verdicts: dict[int, Verdict],
        decided: Ends,
    ) -> None:
        """Take in a slice whose first record is number `records` of the block."""
        places = self._places
        answers = len(places.ids)
        lines = [records + number for number in found.records]
        places.ids.extend(found.ids)
        places.records.extend(lines)
        places.turns.extend(found.turns)
        self._langs.extend(batch.langs)
        self._models.extend(found.models)
        for flag in flags:
            self._flags.append(flag._replace(row=answers + flag.row))
            self._quotes.append(found.answers[flag.row][flag.start : flag.end])
        for row, verdict in verdicts.items():
            self._verdicts[answers + row] = verdict
        for fate in decided.fates:
            answer = None if fate.answer is None else answers + fate.answer
            self.fates.append(fate._replace(record=records + fate.record, answer=answer))
        if self.tally is not None:
            self._count(lines, found, batch, flags, verdicts, decided)

    def _count(
        self,
        lines: list[int],
        found: Answers,
        batch: Batch,
        flags: Sequence[Flag],
        verdicts: dict[int, Verdict],
        decided: Ends,
    ) -> None:
        """Enter a slice's answers in the report's tally."""
        assert self.tally is not None
        count = len(found.ids)
        fates: list[str] = ["kept"] * count
        deciders: list[str | None] = [None] * count
        for fate in decided.fates:
            if fate.answer is not None:
                fates[fate.answer], deciders[fate.answer] = fate.fate, fate.decided_by
        judged = [self._cascade.usual] * count
        for row, verdict in verdicts.items():
            judged[row] = verdict
        self.tally.add(
            Judged(
                ids=found.ids,
                sources=[self._places.source] * count,
                lines=lines,
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

    def tables(self) -> Tables:
        """All of it."""
        places, cascade = self._places, self._cascade
        fates = Counter(fate.fate for fate in self.fates)
        fates["kept"] = len(places.ids) - sum(fate.answer is not None for fate in self.fates)
        return Tables(
            ids=places.ids,
            flag_rows=[flag.row for flag in self._flags],
            verdicts=frames.verdicts(
                places, cascade.usual, self._verdicts, self._langs, self._models, cascade.version
            ),
            flags=frames.flags(places, self._flags, self._quotes),
            ledger=frames.ledger(places, self.fates),
            fates=fates,
        )
