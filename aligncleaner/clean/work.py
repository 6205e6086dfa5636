"""What one worker does with one block: read, detect, judge, decide, and say what is to be kept.

`process` is a pure function of the block and the `Task`; it runs in this process or in another.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from time import perf_counter
from types import ModuleType
from typing import Any, Final, NamedTuple

import orjson
import pyarrow as pa

from aligncleaner import policy, repair
from aligncleaner.clean import frames
from aligncleaner.clean.frames import Fate, Places
from aligncleaner.detect.answers import Answers, collect
from aligncleaner.detect.cascade import Cascade
from aligncleaner.detect.evidence import Batch, Flag, Verdict
from aligncleaner.files import delimited, records
from aligncleaner.files.blocks import QUARANTINED, Block, Limits
from aligncleaner.files.records import Records
from aligncleaner.formats import Conversation, ReadOptions, Record, RecordFault, reader
from aligncleaner.report.judged import Judged
from aligncleaner.report.tally import Tally

Edit = tuple[int, int, Any]


class Task(NamedTuple):
    """What all blocks of a run have in common. `share` is the sampled part, null for all."""

    cascade: Cascade
    allowed: Sequence[ModuleType]
    options: ReadOptions
    limits: Limits
    share: float | None
    report: bool


class Unread(NamedTuple):
    """A record that could not be read: its number in the block, where, why, and its bytes."""

    record: int
    offset: int
    length: int
    reason: str
    raw: bytes


class Removed(NamedTuple):
    """A dropped record: its number in the block, and itself as JSON on one line."""

    record: int
    json: bytes


class Done(NamedTuple):
    """What became of a block. Record numbers and byte offsets count from its start.

    edits  (start, end, new bytes or null to drop); for tables (row, row + 1, new values or null)
    """

    records: int
    repaired: int
    edits: list[Edit]
    removed: list[Removed]
    unread: list[Unread]
    ids: list[str]
    flag_rows: list[int]
    verdicts: pa.RecordBatch
    flags: pa.RecordBatch
    ledger: pa.RecordBatch
    fates: Counter[str]
    tally: Tally | None
    seconds: dict[str, float]


def process(block: Block, source: str, dialect: delimited.Dialect | None, task: Task) -> Done:
    """All that is to be known of one block. `source` names its file in the tables."""
    state = _State(block, source, task, tabular=dialect is not None or block.rows is not None)
    if block.fault:
        unread = Unread(0, 0, block.length, block.fault, (block.data or b"")[:QUARANTINED])
        state.records = 1
        state.quarantine(unread)
        return state.done()
    pieces = records.read(block, dialect, task.limits)
    while (piece := state.timed("read", next, pieces, None)) is not None:
        state.take(piece)
    return state.done()


class _State:
    """What has been found in a block so far."""

    def __init__(self, block: Block, source: str, task: Task, tabular: bool) -> None:
        self.block = block
        self.source = source
        self.task = task
        self.tabular = tabular
        self.records = 0
        self.repaired = 0
        self.answerless = 0
        self.edits: list[Edit] = []
        self.removed: list[Removed] = []
        self.unread: list[Unread] = []
        self.fates: list[Fate] = []
        self.places = Places(source, [], [], [])
        self.flags: list[Flag] = []
        self.quotes: list[str] = []
        self.verdicts: dict[int, Verdict] = {}
        self.langs: list[str | None] = []
        self.models: list[str | None] = []
        self.tally = Tally.empty() if task.report else None
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._format = task.allowed[0]

    def timed(self, stage: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a stage and add what it took to its account (`--profile`)."""
        begin = perf_counter()
        result = function(*arguments)
        self.seconds[stage] += perf_counter() - begin
        return result

    def take(self, piece: Records) -> None:
        """Carry one slice of records through all stages."""
        if self.task.share is not None:
            piece = self._sampled(piece, self.task.share)
        conversations = self.timed("layout", self._conversations, piece.parsed)
        found = self.timed("answers", collect, conversations)
        batch, flags, verdicts = self.timed("detect", self._detect, found)
        self.timed("decide", self._decide, piece, conversations, found, batch, flags, verdicts)

    def _sampled(self, piece: Records, share: float) -> Records:
        """The records whose bytes' checksum falls in the share; the others leave the file."""
        spans, parsed = [], []
        for span, record in zip(piece.spans, piece.parsed, strict=True):
            lead, start, end = span
            raw = piece.buffer[start:end] if piece.buffer else repr(record).encode()
            if zlib.crc32(raw) < share * 2**32:
                spans.append(span)
                parsed.append(record)
            else:
                self._drop(piece, span)
        return Records(piece.buffer, piece.base, spans, parsed)

    def _conversations(
        self, parsed: Sequence[Record | RecordFault]
    ) -> list[Conversation | RecordFault]:
        conversations: list[Conversation | RecordFault] = []
        allowed, options, current = self.task.allowed, self.task.options, self._format
        for record in parsed:
            if isinstance(record, RecordFault):
                conversations.append(record)
                continue
            try:
                if not current.recognises(record):
                    current = reader(record, allowed)
                conversations.append(current.read(record, options))
            except RecordFault as fault:
                conversations.append(fault)
        self._format = current
        return conversations

    def _detect(self, found: Answers) -> tuple[Batch, list[Flag], dict[int, Verdict]]:
        cascade = self.task.cascade
        langs = cascade.languages(found.answers)
        batch = Batch(found.answers, found.utf8, found.prompts, langs)
        flags = cascade.flags(batch)
        return batch, flags, cascade.verdicts(batch, flags)

    def _decide(
        self,
        piece: Records,
        conversations: Sequence[Conversation | RecordFault],
        found: Answers,
        batch: Batch,
        flags: Sequence[Flag],
        verdicts: dict[int, Verdict],
    ) -> None:
        """Keep, repair, remove or quarantine each record of the slice, and note the rest."""
        by_row: defaultdict[int, list[Flag]] = defaultdict(list)
        for flag in flags:
            by_row[flag.row].append(flag)
        decisions = {}
        to_drop: defaultdict[int, list[int]] = defaultdict(list)
        for row, verdict in verdicts.items():
            decision = policy.decide(verdict, by_row[row])
            if decision.action == "drop_turn":
                decisions[row] = decision
                to_drop[found.records[row]].append(row)
        first = len(self.places.ids)
        fates = ["kept"] * len(found.ids)
        deciders: list[str | None] = [None] * len(found.ids)
        rows_of = _rows_by_record(found.records, to_drop)
        for number, rows in to_drop.items():
            fate_of = self._drop_answers(piece, number, conversations[number], found, rows)
            for row in rows_of[number]:
                fate = fate_of(found.turns[row])
                if fate is None:
                    continue
                why = decisions.get(row) or decisions[rows[0]]
                words = batch.answers[row][why.start : why.end] if row in decisions else (
                    f"goes with turn {found.turns[rows[0]]}")  # fmt: skip
                fates[row], deciders[row] = fate, why.rule
                record = self.records + number
                self.fates.append(Fate(record, first + row, fate, why.rule, words))
        answered = set(found.records)
        for number, conversation in enumerate(conversations):
            if conversation.__class__ is RecordFault:
                self._quarantine_record(piece, number, conversation)
            elif number not in answered:
                self.answerless += 1
                self.fates.append(Fate(self.records + number, None, "no_answer", None, None))
        self._note(found, batch, flags, verdicts, fates, deciders)
        self.records += len(conversations)

    def _drop_answers(
        self,
        piece: Records,
        number: int,
        conversation: Conversation | RecordFault,
        found: Answers,
        rows: Sequence[int],
    ) -> Callable[[int], str | None]:
        """Take those answers out of a record, or the whole of it; tells each turn's fate."""
        assert isinstance(conversation, Conversation)
        gone = repair.turns_to_drop(conversation.turns, [found.turns[row] for row in rows])
        lead, start, end = piece.spans[number]
        record = piece.parsed[number]
        assert not isinstance(record, RecordFault)
        module = reader(record, self.task.allowed)
        if gone is None or not hasattr(module, "TURNS_KEY"):
            line = _as_json(record) if self.tabular else _on_one_line(piece.buffer[start:end])
            self.removed.append(Removed(self.records + number, line))
            self._drop(piece, piece.spans[number])
            return lambda turn: "conversation_dropped"
        self.repaired += 1
        if piece.buffer:
            raw = repair.without_items(bytes(piece.buffer[start:end]), module.TURNS_KEY, gone)
            self.edits.append((piece.base + start, piece.base + end, raw))
        else:
            self.edits.append((start, end, module.without(record, gone)))
        return lambda turn: "turn_dropped" if turn in gone else None

    def _drop(self, piece: Records, span: tuple[int, int, int]) -> None:
        lead, _, end = span
        if piece.buffer and self.block.spans is None:
            # A line goes with its line end; in an array the separator before it goes.
            after = piece.buffer.find(b"\n", end)
            end = after + 1 if 0 <= after and not piece.buffer[end:after].strip() else end
        self.edits.append((piece.base + lead, piece.base + end, None))

    def _quarantine_record(self, piece: Records, number: int, fault: Any) -> None:
        lead, start, end = piece.spans[number]
        raw = bytes(piece.buffer[start : min(end, start + QUARANTINED)])
        if not piece.buffer:
            raw = b""
        self.quarantine(
            Unread(self.records + number, piece.base + start, end - start, fault.reason, raw)
        )
        self._drop(piece, piece.spans[number])

    def quarantine(self, unread: Unread) -> None:
        """Note a record that could not be read."""
        self.unread.append(unread)
        self.fates.append(Fate(unread.record, None, "quarantined", None, unread.reason))

    def _note(
        self,
        found: Answers,
        batch: Batch,
        flags: Sequence[Flag],
        verdicts: dict[int, Verdict],
        fates: list[str],
        deciders: list[str | None],
    ) -> None:
        first = len(self.places.ids)
        self.places.ids.extend(found.ids)
        self.places.records.extend([self.records + number for number in found.records])
        self.places.turns.extend(found.turns)
        self.langs.extend(batch.langs)
        self.models.extend(found.models)
        for flag in flags:
            self.flags.append(flag._replace(row=first + flag.row))
            self.quotes.append(batch.answers[flag.row][flag.start : flag.end])
        for row, verdict in verdicts.items():
            self.verdicts[first + row] = verdict
        if self.tally is not None:
            self._tally(found, batch, flags, verdicts, fates, deciders)

    def _tally(
        self,
        found: Answers,
        batch: Batch,
        flags: Sequence[Flag],
        verdicts: dict[int, Verdict],
        fates: list[str],
        deciders: list[str | None],
    ) -> None:
        usual = self.task.cascade.usual
        judged = Judged(
            found.ids,
            [self.source] * len(found.ids),
            [self.records + number for number in found.records],
            found.turns,
            found.answers,
            found.prompts,
            batch.langs,
            found.models,
            [verdicts.get(row, usual) for row in range(len(found.ids))],
            flags,
            fates,
            deciders,
        )
        assert self.tally is not None
        self.timed("report", self.tally.add, judged)

    def done(self) -> Done:
        """The block's tables and edits."""
        begin = perf_counter()
        cascade = self.task.cascade
        places = self.places
        if self.tally is not None:
            removed = len(self.removed)
            kept = self.records - removed - self.repaired - len(self.unread)
            self.tally.add_records(
                kept=kept, repaired=self.repaired, removed=removed, answerless=self.answerless
            )
            for record, offset, length, reason, raw in self.unread:
                place = self.block.start + offset
                self.tally.add_quarantined(self.source, record, place, reason, raw, length)
        self.edits.sort(key=lambda edit: edit[0])
        self.fates.sort(key=lambda fate: fate.record)
        done = Done(
            self.records,
            self.repaired,
            self.edits,
            self.removed,
            self.unread,
            places.ids,
            [flag.row for flag in self.flags],
            frames.verdicts(
                places, cascade.usual, self.verdicts, self.langs, self.models, cascade.version
            ),
            frames.flags(places, self.flags, self.quotes),
            frames.ledger(places, self.fates),
            self._fates_counted(),
            self.tally,
            self.seconds,
        )
        self.seconds["tables"] += perf_counter() - begin
        return done

    def _fates_counted(self) -> Counter[str]:
        counted = Counter(fate.fate for fate in self.fates)
        counted["kept"] += len(self.places.ids) - sum(f.answer is not None for f in self.fates)
        return counted


def _rows_by_record(records_of: Sequence[int], wanted: Any) -> dict[int, list[int]]:
    """The rows of each wanted record."""
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for row, record in enumerate(records_of if wanted else ()):
        if record in wanted:
            rows[record].append(row)
    return rows


_BETWEEN_TOKENS: Final = re.compile(rb'("(?:[^"\\]++|\\.)*+")|\s+', re.DOTALL)


def _on_one_line(raw: bytes | bytearray) -> bytes:
    """JSON without the white space between its tokens if that holds line ends; numbers, key
    order and escapes stay as they were."""
    text = bytes(raw).strip()
    return _BETWEEN_TOKENS.sub(rb"\1", text) if b"\n" in text or b"\r" in text else text


def _as_json(row: Record) -> bytes:
    """A table's row as JSON; values that JSON has no form for as text."""
    return orjson.dumps(row, default=str)
