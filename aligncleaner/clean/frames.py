"""The tables of a cleaning, built block by block from plain columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from aligncleaner import arrow, schema
from aligncleaner.detect.evidence import Flag, Verdict

_PROBABILITIES: Final = tuple(name for name in schema.VERDICTS.names if name.startswith("p_"))


class Places(NamedTuple):
    """Where a block's answers stand, as columns: ids, record numbers from 0, turns.

    `source` is the same for all of a block.
    """

    source: str
    ids: list[str]
    records: list[int]
    turns: list[int]

    def columns(self) -> list[pa.Array]:
        """answer_id, source, line (still counted from 0 in the block), turn."""
        return [
            arrow.text(self.ids),
            arrow.constant(self.source, len(self.ids)),
            arrow.numbers(np.fromiter(self.records, np.int64, len(self.records))),
            arrow.optional(self.turns, np.int32),
        ]

    def of(self, rows: Sequence[int]) -> Places:
        """The places of some rows."""
        return Places(
            self.source,
            [self.ids[row] for row in rows],
            [self.records[row] for row in rows],
            [self.turns[row] for row in rows],
        )


def verdicts(
    places: Places,
    usual: Verdict,
    others: dict[int, Verdict],
    langs: Sequence[str | None],
    models: Sequence[str | None],
    version: str,
) -> pa.RecordBatch:
    """One row an answer: the `usual` verdict but for the `others`, by number in the block."""
    count = len(places.ids)
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
        *places.columns(),
        arrow.text(outcomes),
        *map(filled, _PROBABILITIES),
        arrow.lists(lengths, reasons),
        arrow.numbers(over, known),
        filled("delivered_share"),
        arrow.text(langs),
        arrow.text(models),
        arrow.constant(version, count),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema.VERDICTS)


def flags(places: Places, found: Sequence[Flag], quotes: Sequence[str]) -> pa.RecordBatch:
    """One row a flag; `quotes[i]` are the words that `found[i]` points at."""
    columns = [
        *places.of([flag.row for flag in found]).columns(),
        arrow.text([flag.detector for flag in found]),
        arrow.text([flag.version for flag in found]),
        arrow.text([flag.rule for flag in found]),
        arrow.text([flag.label for flag in found]),
        arrow.text([flag.reason for flag in found]),
        arrow.text([flag.kind for flag in found]),
        arrow.optional([flag.score for flag in found], np.float32),
        arrow.optional([flag.start for flag in found], np.int32),
        arrow.optional([flag.end for flag in found], np.int32),
        arrow.text(quotes),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema.FLAGS)


class Fate(NamedTuple):
    """How one answer or answerless record ended.

    `answer` is its number in the block, null for a record without one; `record` the record's.
    """

    record: int
    answer: int | None
    fate: str
    decided_by: str | None
    words: str | None


def ledger(places: Places, others: Sequence[Fate]) -> pa.RecordBatch:
    """One row an answer, kept unless among the `others`, and one for each record without.

    Rows stand in the order of records.
    """
    count = len(places.ids)
    bare = [fate for fate in others if fate.answer is None]
    lines = places.records + [fate.record for fate in bare]
    fates = ["kept"] * count + [fate.fate for fate in bare]
    deciders = [None] * count + [fate.decided_by for fate in bare]
    words = [None] * count + [fate.words for fate in bare]
    for fate in others:
        if fate.answer is not None:
            fates[fate.answer] = fate.fate
            deciders[fate.answer], words[fate.answer] = fate.decided_by, fate.words
    columns = [
        arrow.text([*places.ids, *[None] * len(bare)]),
        arrow.constant(places.source, len(lines)),
        arrow.numbers(np.array(lines, np.int64)),
        arrow.optional([*places.turns, *[None] * len(bare)], np.int32),
        arrow.text(fates),
        arrow.text(deciders),
        arrow.text(words),
    ]
    batch = pa.RecordBatch.from_arrays(columns, schema=schema.LEDGER)
    if not bare:
        return batch
    order = np.argsort(np.array(lines), kind="stable").astype(np.int32)
    return batch.take(arrow.numbers(order))


def placed(batch: pa.RecordBatch, first: int, ids: Sequence[str | None] | None) -> pa.RecordBatch:
    """The same rows with their lines counted in the whole file.

    The block's record 0 stands on line `first`. The ids are replaced by `ids` unless that is null.
    """
    columns = batch.columns
    place = batch.schema.get_field_index("line")
    start = columns[place].offset
    lines = np.frombuffer(columns[place].buffers()[1], np.int64)[start : start + batch.num_rows]
    columns[place] = arrow.numbers(lines + first)
    if ids is not None:
        columns[0] = arrow.text(ids)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)
