"""A block's findings as rows of the tables of `schema`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aligncleaner import arrow, schema
from aligncleaner.clean.findings import Findings
from aligncleaner.detect.evidence import Verdict

_PROBABILITIES: Final = tuple(name for name in schema.VERDICTS.names if name.startswith("p_"))


class Frames:
    """The tables of one block.

    `ids` are the final ids of its answers; its record 0 stands on line `first` of `source`.
    """

    def __init__(self, findings: Findings, ids: Sequence[str], source: str, first: int) -> None:
        self._found = findings
        self._source = source
        self._ids = arrow.text(ids)
        self._lines = np.array(findings.records, np.int64) + first
        self._turns = np.array(findings.turns, np.int32)
        self._first = first

    def verdicts(self, usual: Verdict, version: str) -> pa.RecordBatch:
        """One row an answer: the `usual` verdict but where the findings have another."""
        found, count = self._found, len(self._found.ids)
        others = found.verdicts
        rows = np.fromiter(others, np.int64, len(others))

        def filled(name: str) -> pa.Array:
            values = np.full(count, getattr(usual, name), np.float32)
            values[rows] = [getattr(verdict, name) for verdict in others.values()]
            return arrow.numbers(values)

        outcomes = [usual.outcome] * count
        over = np.zeros(count, np.float32)
        known = np.zeros(count, bool)
        lengths = np.zeros(count, np.int32)
        reasons: list[str] = []
        for row in sorted(others):
            verdict = others[row]
            outcomes[row] = verdict.outcome
            lengths[row] = len(verdict.reasons)
            reasons += verdict.reasons
            if verdict.over_refusal is not None:
                over[row], known[row] = verdict.over_refusal, True
        columns = [
            self._ids,
            arrow.constant(self._source, count),
            arrow.numbers(self._lines),
            arrow.numbers(self._turns),
            arrow.text(outcomes),
            *map(filled, _PROBABILITIES),
            arrow.lists(lengths, reasons),
            arrow.numbers(over, known),
            filled("delivered_share"),
            arrow.text(found.langs),
            arrow.text(found.models),
            arrow.constant(version, count),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema.VERDICTS)

    def flags(self) -> pa.RecordBatch:
        """One row a flag."""
        flags = self._found.flags
        rows: npt.NDArray[np.int32] = np.array([flag.row for flag in flags], np.int32)
        columns = [
            self._ids.take(arrow.numbers(rows)),
            arrow.constant(self._source, len(flags)),
            arrow.numbers(self._lines[rows]),
            arrow.numbers(self._turns[rows]),
            arrow.text([flag.detector for flag in flags]),
            arrow.text([flag.version for flag in flags]),
            arrow.text([flag.rule for flag in flags]),
            arrow.text([flag.label for flag in flags]),
            arrow.text([flag.reason for flag in flags]),
            arrow.text([flag.kind for flag in flags]),
            arrow.numbers(np.array([flag.score for flag in flags], np.float32)),
            arrow.numbers(np.array([flag.start for flag in flags], np.int32)),
            arrow.numbers(np.array([flag.end for flag in flags], np.int32)),
            arrow.text(self._found.quotes),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema.FLAGS)

    def ledger(self) -> pa.RecordBatch:
        """One row an answer, and one for each record without, in the order of records."""
        count = len(self._found.ids)
        fates = ["kept"] * count
        deciders: list[str | None] = [None] * count
        words: list[str | None] = [None] * count
        bare = []
        for fate in self._found.fates:
            if fate.answer is None:
                bare.append(fate)
            else:
                fates[fate.answer] = fate.fate
                deciders[fate.answer], words[fate.answer] = fate.decided_by, fate.words
        columns = [
            self._ids,
            arrow.constant(self._source, count),
            arrow.numbers(self._lines),
            arrow.numbers(self._turns),
            arrow.text(fates),
            arrow.text(deciders),
            arrow.text(words),
        ]
        batch = pa.RecordBatch.from_arrays(columns, schema=schema.LEDGER)
        if not bare:
            return batch
        nothing = [None] * len(bare)
        lines = np.array([fate.record for fate in bare], np.int64) + self._first
        columns = [
            arrow.text(nothing),
            arrow.constant(self._source, len(bare)),
            arrow.numbers(lines),
            arrow.numbers(np.zeros(len(bare), np.int32), np.zeros(len(bare), bool)),
            arrow.text([fate.fate for fate in bare]),
            arrow.text([fate.decided_by for fate in bare]),
            arrow.text([fate.words for fate in bare]),
        ]
        both = pa.concat_batches([batch, pa.RecordBatch.from_arrays(columns, schema=schema.LEDGER)])
        order = np.argsort(np.concatenate([self._lines, lines]), kind="stable").astype(np.int32)
        return both.take(arrow.numbers(order))
