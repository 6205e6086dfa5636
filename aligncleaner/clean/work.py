"""What one worker does with one block: read, detect, judge, decide, and say what is to be kept.

`process` is a pure function of the block and the `Task`; it runs in this process or in another.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from time import process_time
from types import ModuleType
from typing import Any, Final, NamedTuple

import orjson
import pyarrow as pa

from aligncleaner import repair
from aligncleaner.clean import frames
from aligncleaner.clean.ends import Ends, ends
from aligncleaner.clean.frames import Fate, Places
from aligncleaner.detect.answers import Answers, collect
from aligncleaner.detect.cascade import Cascade
from aligncleaner.detect.evidence import Batch, Flag, Verdict, by_row
from aligncleaner.files import delimited, records
from aligncleaner.files.blocks import QUARANTINED, Block, Limits, Span
from aligncleaner.files.records import Records
from aligncleaner.formats import Conversation, ReadOptions, Record, RecordFault, reader
from aligncleaner.report.judged import Judged
from aligncleaner.report.tally import Bounds, Tally

#: (start, end, what stands there instead, null for nothing): bytes, or for tables a row's values.
Edit = tuple[int, int, Any]


class Task(NamedTuple):
    """What all blocks of a run have in common.

    `share` is the sampled part, null for all; `limit` the most records to take of a block.
    """

    cascade: Cascade
    allowed: Sequence[ModuleType]
    options: ReadOptions
    limits: Limits
    share: float | None
    report: bool
    limit: int | None = None


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

    `flag_rows` are the answers that the rows of `flags` belong to; `seconds` what each stage took.
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


def process(
    block: Block,
    source: str,
    dialect: delimited.Dialect | None,
    task: Task,
    bounds: Bounds | None = None,
) -> Done:
    """All that is to be known of one block.

    `source` names its file in the tables; `bounds` spares the report's tally samples that the
    blocks before have already shut out.
    """
    tally = Tally.empty(bounds) if task.report else None
    tabular = dialect is not None or block.rows is not None
    state = _State(block, source, task, tally, tabular)
    if block.fault:
        raw = (block.data or b"")[:QUARANTINED]
        state.records = 1
        state.unread.append(Unread(0, 0, block.length, block.fault, raw))
        state.fates.append(Fate(0, None, "quarantined", None, block.fault))
        return state.done()
    pieces = records.read(block, dialect, task.limits)
    while (piece := state.timed("read", next, pieces, None)) is not None:
        state.take(piece)
    return state.done()


class _State:
    """What has been found in a block so far."""

    def __init__(
        self, block: Block, source: str, task: Task, tally: Tally | None, tabular: bool
    ) -> None:
        self.block = block
        self.task = task
        self.tabular = tabular
        self.records = 0
        self.repaired = 0
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
        self.tally = tally
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._format = task.allowed[0]

    def timed(self, stage: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a stage and add what it took to its account (`--profile`)."""
        begin = process_time()
        result = function(*arguments)
        self.seconds[stage] += process_time() - begin
        return result

    def take(self, piece: Records) -> None:
        """Carry one slice of records through all stages."""
        if self.task.share is not None or self.task.limit is not None:
            piece = self._chosen(piece)
        cascade = self.task.cascade
        conversations, repairable = self.timed("layout", self._conversations, piece.parsed)
        found: Answers = self.timed("answers", collect, conversations)
        langs = self.timed("language", cascade.languages, found.answers)
        batch = Batch(found.answers, found.utf8, found.prompts, langs)
        flags: list[Flag] = self.timed("detect", cascade.flags, batch)
        flags_of = by_row(flags)
        verdicts = self.timed("judge", cascade.verdicts, batch, flags_of)
        decided = self.timed("decide", ends, conversations, found, flags_of, verdicts, repairable)
        self._edit(piece, conversations, decided)
        if self.tally is not None:
            self.timed("report", self._count, found, batch, flags, verdicts, decided)
        self._keep(found, batch, flags, verdicts, decided)
        self.records += len(conversations)

    def _chosen(self, piece: Records) -> Records:
        """The records that `share` and `limit` let in; the others leave the file unread."""
        spans: list[Span] = []
        parsed: list[Record | RecordFault] = []
        share, limit = self.task.share, self.task.limit
        for span, record in zip(piece.spans, piece.parsed, strict=True):
            _, start, end = span
            raw = piece.buffer[start:end] if piece.buffer else repr(record).encode()
            room = limit is None or self.records + len(spans) < limit
            if room and (share is None or zlib.crc32(raw) < share * 2**32):
                spans.append(span)
                parsed.append(record)
            else:
                self._drop(piece, span)
        return Records(piece.buffer, piece.base, spans, parsed)

    def _conversations(
        self, parsed: Sequence[Record | RecordFault]
    ) -> tuple[list[Conversation | RecordFault], list[bool]]:
        """The turns of each record, and whether it can lose some of them and stay a record."""
        conversations: list[Conversation | RecordFault] = []
        repairable = []
        allowed, options, current = self.task.allowed, self.task.options, self._format
        for record in parsed:
            try:
                if isinstance(record, RecordFault):
                    raise record
                if not current.recognises(record):
                    current = reader(record, allowed)
                conversations.append(current.read(record, options))
            except RecordFault as fault:
                conversations.append(fault)
            repairable.append(hasattr(current, "TURNS_KEY"))
        self._format = current
        return conversations, repairable

    def _edit(
        self, piece: Records, conversations: Sequence[Conversation | RecordFault], decided: Ends
    ) -> None:
        """Turn what was decided into edits of the bytes (or rows) of the slice."""
        for number, turns in decided.gone.items():
            record = piece.parsed[number]
            assert not isinstance(record, RecordFault)
            _, start, end = piece.spans[number]
            raw = bytes(piece.buffer[start:end])
            if turns is None:
                line = orjson.dumps(record, default=str) if self.tabular else _on_one_line(raw)
                self.removed.append(Removed(self.records + number, line))
                self._drop(piece, piece.spans[number])
                continue
            self.repaired += 1
            module = reader(record, self.task.allowed)
            new = (
                repair.without_items(raw, module.TURNS_KEY, turns)
                if piece.buffer
                else module.without(record, turns)
            )
            self.edits.append((piece.base + start, piece.base + end, new))
        for number, conversation in enumerate(conversations):
            if isinstance(conversation, RecordFault):
                _, start, end = piece.spans[number]
                raw = bytes(piece.buffer[start : min(end, start + QUARANTINED)])
                place, length = piece.base + start, end - start
                unread = Unread(self.records + number, place, length, conversation.reason, raw)
                self.unread.append(unread)
                self._drop(piece, piece.spans[number])

    def _drop(self, piece: Records, span: Span) -> None:
        lead, _, end = span
        if piece.buffer and self.block.spans is None:
            # A line goes with its line end; in an array the separator before it goes.
            end += piece.buffer[end : end + 1] == b"\n"
        self.edits.append((piece.base + lead, piece.base + end, None))

    def _count(
        self,
        found: Answers,
        batch: Batch,
        flags: Sequence[Flag],
        verdicts: dict[int, Verdict],
        decided: Ends,
    ) -> None:
        """Enter the slice's answers in the report's tally."""
        count = len(found.ids)
        fates: list[str] = ["kept"] * count
        deciders: list[str | None] = [None] * count
        for fate in decided.fates:
            if fate.answer is not None:
                fates[fate.answer], deciders[fate.answer] = fate.fate, fate.decided_by
        usual = self.task.cascade.usual
        judged = Judged(
            ids=found.ids,
            sources=[self.places.source] * count,
            lines=[self.records + number for number in found.records],
            turns=found.turns,
            answers=found.answers,
            prompts=found.prompts,
            langs=batch.langs,
            models=found.models,
            verdicts=[verdicts.get(row, usual) for row in range(count)],
            flags=flags,
            fates=fates,
            decided_by=deciders,
        )
        assert self.tally is not None
        self.tally.add(judged)

    def _keep(
        self,
        found: Answers,
        batch: Batch,
        flags: Sequence[Flag],
        verdicts: dict[int, Verdict],
        decided: Ends,
    ) -> None:
        """Add the slice's findings to the block's, numbered in the block."""
        answers, records_ = len(self.places.ids), self.records
        self.places.ids.extend(found.ids)
        self.places.records.extend([records_ + number for number in found.records])
        self.places.turns.extend(found.turns)
        self.langs.extend(batch.langs)
        self.models.extend(found.models)
        for flag in flags:
            self.flags.append(flag._replace(row=answers + flag.row))
            self.quotes.append(found.answers[flag.row][flag.start : flag.end])
        for row, verdict in verdicts.items():
            self.verdicts[answers + row] = verdict
        for fate in decided.fates:
            answer = None if fate.answer is None else answers + fate.answer
            self.fates.append(fate._replace(record=records_ + fate.record, answer=answer))

    def done(self) -> Done:
        """The block's tables and edits."""
        begin = process_time()
        cascade, places = self.task.cascade, self.places
        fates = Counter(fate.fate for fate in self.fates)
        fates["kept"] = len(places.ids) - sum(fate.answer is not None for fate in self.fates)
        if self.tally is not None:
            self.tally.add_records(
                kept=self.records - len(self.removed) - self.repaired - len(self.unread),
                repaired=self.repaired,
                removed=len(self.removed),
                answerless=fates["no_answer"],
            )
            for record, offset, length, reason, raw in self.unread:
                place = self.block.start + offset
                self.tally.add_quarantined(places.source, record, place, reason, raw, length)
        done = Done(
            records=self.records,
            repaired=self.repaired,
            edits=sorted(self.edits, key=lambda edit: edit[0]),
            removed=sorted(self.removed),
            unread=self.unread,
            ids=list(places.ids),
            flag_rows=[flag.row for flag in self.flags],
            verdicts=frames.verdicts(
                places, cascade.usual, self.verdicts, self.langs, self.models, cascade.version
            ),
            flags=frames.flags(places, self.flags, self.quotes),
            ledger=frames.ledger(places, self.fates),
            fates=fates,
            tally=self.tally,
            seconds=self.seconds,
        )
        self.seconds["tables"] += process_time() - begin
        return done


_BETWEEN_TOKENS: Final = re.compile(rb'("(?:[^"\\]++|\\.)*+")|\s+', re.DOTALL)


def _on_one_line(raw: bytes) -> bytes:
    """JSON without the white space between its tokens if that holds line ends.

    Numbers, the order of keys and escapes stay as they were.
    """
    text = raw.strip()
    return _BETWEEN_TOKENS.sub(rb"\1", text) if b"\n" in text or b"\r" in text else text
