"""What one worker does with one block: read, detect, judge, decide, and say what is to be kept.

`process` is a pure function of the block and the `Task`; it runs in this process or in another.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from hashlib import blake2b
from time import process_time
from types import ModuleType
from typing import Any, Final, NamedTuple

import orjson

from aligncleaner import repair
from aligncleaner.clean import findings
from aligncleaner.clean.ends import Ends, Fate, ends
from aligncleaner.clean.findings import Findings, Seen
from aligncleaner.detect.answers import Answers, collect
from aligncleaner.detect.cascade import Cascade
from aligncleaner.detect.evidence import Batch, Flag, by_row
from aligncleaner.files import delimited, records
from aligncleaner.files.blocks import QUARANTINED, Block, Limits, Span
from aligncleaner.files.records import Records
from aligncleaner.formats import Conversation, ReadOptions, Record, RecordFault, reader
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

    `lines` counts all of its records, `records` those that `share` and `limit` let in; `seconds`
    is what each stage took of the processor.
    """

    lines: int
    records: int
    repaired: int
    edits: list[Edit]
    removed: list[Removed]
    unread: list[Unread]
    findings: Findings
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
    state = _State(block, task, tabular=dialect is not None or block.rows is not None)
    if block.fault:
        raw = (block.data or b"")[:QUARANTINED]
        state.lines = state.records = 1
        state.unread.append(Unread(0, 0, block.length, block.fault, raw))
        state.findings.fates.append(Fate(0, None, "quarantined", None, block.fault))
    pieces = records.read(block, dialect, task.limits)
    while (piece := state.timed("read", next, pieces, None)) is not None:
        state.take(piece, tally, source)
    if tally is not None:
        state.count(tally, source)
    return Done(
        lines=state.lines,
        records=state.records,
        repaired=state.repaired,
        edits=sorted(state.edits, key=lambda edit: edit[0]),
        removed=sorted(state.removed),
        unread=state.unread,
        findings=state.findings,
        tally=tally,
        seconds=state.seconds,
    )


class _State:
    """The records of a block so far: how many, and what becomes of their bytes."""

    def __init__(self, block: Block, task: Task, tabular: bool) -> None:
        self.lines = 0
        self.records = 0
        self.repaired = 0
        self.edits: list[Edit] = []
        self.removed: list[Removed] = []
        self.unread: list[Unread] = []
        self.findings = findings.nothing()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._block = block
        self._task = task
        self._tabular = tabular
        self._format = task.allowed[0]

    def timed(self, stage: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a stage and add what it took to its account (`--profile`)."""
        begin = process_time()
        result = function(*arguments)
        self.seconds[stage] += process_time() - begin
        return result

    def take(self, piece: Records, tally: Tally | None, source: str) -> None:
        """Carry one slice of records through all stages."""
        numbers: Sequence[int] = range(self.lines, self.lines + len(piece.parsed))
        self.lines += len(piece.parsed)
        if self._task.share is not None or self._task.limit is not None:
            piece, numbers = self._chosen(piece, numbers)
        cascade = self._task.cascade
        conversations, repairable = self.timed("layout", self._conversations, piece.parsed)
        found: Answers = self.timed("answers", collect, conversations)
        langs = self.timed("language", cascade.languages, found.answers)
        batch = Batch(found.answers, found.utf8, found.prompts, langs)
        flags: list[Flag] = self.timed("detect", cascade.flags, batch)
        flags_of = by_row(flags)
        verdicts = self.timed("judge", cascade.verdicts, batch, flags_of)
        decided = self.timed("decide", ends, conversations, found, flags_of, verdicts, repairable)
        self._edit(piece, numbers, conversations, decided)
        seen = Seen(numbers, found, batch, flags, verdicts, decided)
        if tally is not None:
            self.timed("report", findings.enter, tally, source, seen, cascade.usual)
        self.timed("gather", self.findings.add, seen)
        self.records += len(conversations)

    def _chosen(self, piece: Records, numbers: Sequence[int]) -> tuple[Records, list[int]]:
        """The records that `share` and `limit` let in; the others leave the file unread."""
        spans: list[Span] = []
        parsed: list[Record | RecordFault] = []
        chosen: list[int] = []
        share, limit = self._task.share, self._task.limit
        for number, span, record in zip(numbers, piece.spans, piece.parsed, strict=True):
            _, start, end = span
            raw = piece.buffer[start:end] if piece.buffer else repr(record).encode()
            room = limit is None or self.records + len(spans) < limit
            if room and (share is None or _lot(raw) < share):
                spans.append(span)
                parsed.append(record)
                chosen.append(number)
            else:
                self._drop(piece, span)
        return Records(piece.buffer, piece.base, spans, parsed), chosen

    def _conversations(
        self, parsed: Sequence[Record | RecordFault]
    ) -> tuple[list[Conversation | RecordFault], list[bool]]:
        """The turns of each record, and whether it can lose some of them and stay a record."""
        conversations: list[Conversation | RecordFault] = []
        repairable = []
        allowed, options, current = self._task.allowed, self._task.options, self._format
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
        self,
        piece: Records,
        numbers: Sequence[int],
        conversations: Sequence[Conversation | RecordFault],
        decided: Ends,
    ) -> None:
        """Turn what was decided into edits of the bytes (or rows) of the slice."""
        for number, turns in decided.gone.items():
            record = piece.parsed[number]
            assert not isinstance(record, RecordFault)
            _, start, end = piece.spans[number]
            raw = bytes(piece.buffer[start:end])
            if turns is None:
                line = _as_json(record) if self._tabular else _on_one_line(raw)
                self.removed.append(Removed(numbers[number], line))
                self._drop(piece, piece.spans[number])
                continue
            self.repaired += 1
            module = reader(record, self._task.allowed)
            key = module.TURNS_KEY
            new = (
                repair.without_items(raw, key, turns)
                if piece.buffer
                else {key: module.without(record, turns)[key]}
            )
            self.edits.append((piece.base + start, piece.base + end, new))
        for number, conversation in enumerate(conversations):
            if isinstance(conversation, RecordFault):
                _, start, end = piece.spans[number]
                raw = bytes(piece.buffer[start:end]) or _as_json(piece.parsed[number])
                unread = Unread(
                    numbers[number],
                    piece.base + start,
                    len(raw),
                    conversation.reason,
                    raw[:QUARANTINED],
                )
                self.unread.append(unread)
                self._drop(piece, piece.spans[number])

    def _drop(self, piece: Records, span: Span) -> None:
        lead, _, end = span
        if piece.buffer and self._block.spans is None:
            # A line goes with its line end; in an array the separator before it goes.
            end += piece.buffer[end : end + 1] == b"\n"
        self.edits.append((piece.base + lead, piece.base + end, None))

    def count(self, tally: Tally, source: str) -> None:
        """Enter the block's records in the report's tally."""
        tally.add_records(
            kept=self.records - len(self.removed) - self.repaired - len(self.unread),
            repaired=self.repaired,
            removed=len(self.removed),
            answerless=sum(fate.fate == "no_answer" for fate in self.findings.fates),
        )
        for record, offset, length, reason, raw in self.unread:
            place = self._block.start + offset
            tally.add_quarantined(source, record, place, reason, raw, length)


def _lot(raw: bytes | bytearray) -> float:
    """A number in [0, 1) that is the record's own, as good as drawn by lot."""
    return int.from_bytes(blake2b(raw, digest_size=6).digest()) / 2**48


def _as_json(record: Record | RecordFault) -> bytes:
    """A row as JSON on one line; nothing of a row that has no values."""
    return b"" if isinstance(record, RecordFault) else orjson.dumps(record, default=str)


_BETWEEN_TOKENS: Final = re.compile(rb'("(?:[^"\\]++|\\.)*+")|\s+', re.DOTALL)


def _on_one_line(raw: bytes) -> bytes:
    """JSON without the white space between its tokens if that holds line ends.

    Numbers, the order of keys and escapes stay as they were.
    """
    text = raw.strip()
    return _BETWEEN_TOKENS.sub(rb"\1", text) if b"\n" in text or b"\r" in text else text
