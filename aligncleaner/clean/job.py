"""The cleaning of some inputs into one folder: the parent's side of the work.

Blocks go out to workers and come back in order; here their numbers become those of the whole
file, their tables are written, and the kept bytes are copied. An input that proves unreadable
when half of it is done (a wrong checksum at its end) takes all it gave with it: the run starts
again without it, so that the outputs never hold a part of a refused input.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import process_time
from typing import Final, NamedTuple

import orjson

from aligncleaner import schema
from aligncleaner.clean import kept, pool
from aligncleaner.clean.frames import placed
from aligncleaner.clean.occurrences import Occurrences
from aligncleaner.clean.tables import TableFile
from aligncleaner.clean.work import Done, Task, process
from aligncleaner.errors import Fault, InputRefused
from aligncleaner.files import columns, delimited
from aligncleaner.files.blocks import Block
from aligncleaner.files.compression import BROKEN_OFF
from aligncleaner.files.opened import Opened, opened
from aligncleaner.files.sources import Source
from aligncleaner.report.tally import Bounds, Tally

#: Below this many bytes of input, starting processes costs more than it saves.
_WORTH_WORKERS: Final = 16 << 20


class Piece(NamedTuple):
    """A block on its way to a worker: the number of its source and what is needed to read it."""

    source: int
    name: str
    dialect: delimited.Dialect | None
    block: Block
    bounds: Bounds | None


class Read(NamedTuple):
    """One input as it was read: for the manifest."""

    name: str
    format: str
    bytes: int
    sha256: str | None
    records: int


@dataclass
class Counts:
    """What became of everything. `records` is the funnel; `fates` counts the ledger's rows."""

    records: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    flags: int = 0
    seconds: defaultdict[str, float] = field(default_factory=partial(defaultdict, float))


@dataclass
class Result:
    """A finished run: counts, inputs read and refused, warnings, sha256 of each output."""

    counts: Counts
    read: list[Read]
    refused: list[Fault]
    warnings: list[str]
    outputs: dict[str, str]
    tally: Tally | None
    broken_off: bool = False  # whether packed data ended before its end: records are missing


class Wish(NamedTuple):
    """How to run.

    `stage` is the folder to write into, null to write nothing; `keep` asks for the kept records,
    `limit` for no more than so many records; `progress` is told the bytes of each block done.
    """

    stage: Path | None
    keep: bool
    workers: int
    limit: int | None
    progress: Callable[[int], None]


def run(sources: Sequence[Source], refused: Sequence[Fault], task: Task, wish: Wish) -> Result:
    """Clean `sources`. Inputs that cannot be read are left out and named in the result.

    Raises:
        InputRefused: if none can be read.
    """
    left, faults = list(sources), list(refused)
    while True:
        attempt = _Run(left, task, wish)
        try:
            return attempt.finish(faults)
        except InputRefused as error:
            # Which source was under way is the one whose blocks were being drawn.
            faults += error.faults
            del left[attempt.drawing]
            attempt.abandon()
            if not left:
                raise InputRefused(faults) from error


_NOTHING: Final = Block(0, 0, data=b"")


def _work(task: Task, piece: Piece) -> Done:
    return process(piece.block, piece.name, piece.dialect, task, piece.bounds)


class _Run:
    """One attempt at a run: it succeeds for all of its sources or not at all."""

    def __init__(self, sources: Sequence[Source], task: Task, wish: Wish) -> None:
        self.sources = sources
        self.task = task
        self.wish = wish
        self.drawing = 0
        self.several = len(sources) > 1
        self.result = Result(Counts(), [], [], [], {}, Tally.empty() if task.report else None)
        self._opened: dict[int, Opened] = {}
        self._occurrences = Occurrences()
        self._files = ExitStack()
        self._tables: dict[str, TableFile] = {}
        self._removed: kept.Hashing | None = None
        self._quarantine: kept.Hashing | None = None
        self._current = -1
        self._lines = 0
        self._kept: kept.KeptText | columns.KeptRows | None = None
        self._kept_out: kept.Hashing | None = None

    def finish(self, refused: list[Fault]) -> Result:
        """Do all of it.

        Raises:
            InputRefused: if the source numbered `drawing` cannot be read.
        """
        size = sum(source.size for source in self.sources)
        workers = self.wish.workers if size >= _WORTH_WORKERS and self.wish.limit is None else 1
        with self._files:
            self._start()
            work = partial(_work, self.task) if self.wish.limit is None else self._work_up_to_limit
            for piece, done in pool.in_order(work, self._pieces(), workers):
                begin = process_time()
                self._take(piece, done)
                self.result.counts.seconds["write"] += process_time() - begin
                self.wish.progress(piece.block.length)
            self._end_source()
            self._end()
        self.result.refused = refused
        return self.result

    def abandon(self) -> None:
        """Empty the stage for another attempt."""
        if self.wish.stage:
            for path in sorted(self.wish.stage.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()

    def _pieces(self) -> Iterator[Piece]:
        for number, source in enumerate(self.sources):
            self.drawing = number
            with opened(source, self.task.allowed, self.task.limits) as here:
                self._opened[number] = here
                self.result.warnings += here.warnings
                for block in here.blocks:
                    tally = self.result.tally
                    bounds = tally.bounds() if tally else None
                    yield Piece(number, source.name, here.dialect, block, bounds)

    def _work_up_to_limit(self, piece: Piece) -> Done:
        """One block of a run with a limit, which goes block by block in this process."""
        assert self.wish.limit is not None
        left = self.wish.limit - self.result.counts.records.total()
        if piece.block.fault and left < 1:
            return _work(self.task._replace(limit=0), piece._replace(block=_NOTHING))
        return _work(self.task._replace(limit=left), piece)

    def _start(self) -> None:
        if self.wish.stage is None:
            return
        for name, columns_ in (("verdicts", schema.VERDICTS), ("flags", schema.FLAGS)):
            self._tables[name] = TableFile(self.wish.stage / f"{name}.parquet", columns_)
        if self.wish.keep:
            self._tables["ledger"] = TableFile(self.wish.stage / "ledger.parquet", schema.LEDGER)
            self._removed = self._new_file("removed.jsonl")
        self._quarantine = self._new_file("quarantine.jsonl")

    def _new_file(self, name: str) -> kept.Hashing:
        assert self.wish.stage is not None
        path = self.wish.stage / name
        path.parent.mkdir(parents=True, exist_ok=True)
        out = self._files.enter_context(path.open("wb", buffering=0))
        return kept.Hashing(out, name)

    def _begin_source(self, number: int) -> None:
        self._end_source()
        self._current, self._lines = number, 0
        if self.wish.stage is None or not self.wish.keep:
            return
        here = self._opened[number]
        name = f"kept/{here.source.relative}" if self.several else _kept_name(here)
        self._kept_out = self._new_file(name)
        if here.container == "parquet":
            self._kept = columns.KeptRows(self._kept_out, here.schema)
        else:
            self._kept = kept.KeptText(self._kept_out, here)

    def _end_source(self) -> None:
        if self._current < 0:
            return
        here = self._opened.pop(self._current)
        digest = None
        if self._kept is not None and self._kept_out is not None:
            self._kept.close()
            self._note_output(self._kept_out)
            if isinstance(self._kept, kept.KeptText) and self._kept.hashed == here.source.size:
                digest = self._kept.source_digest.hexdigest()
        if digest is None and here.source.path is not None and self.wish.stage is not None:
            with here.source.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        container = f"{here.container}.{here.packing}" if here.packing else here.container
        read = Read(here.source.name, container, here.source.size, digest, self._lines)
        self.result.read.append(read)
        self._kept = self._kept_out = None

    def _note_output(self, out: kept.Hashing) -> None:
        self.result.outputs[out.name] = out.hexdigest()

    def _take(self, piece: Piece, done: Done) -> None:
        """Put one block's results where they belong."""
        while self._current < piece.source:
            self._begin_source(self._current + 1)
        first = self._lines + 1
        self._lines += done.records
        counts = self.result.counts
        gone, unread = len(done.removed), len(done.unread)
        counts.records.update(
            kept=done.records - gone - unread - done.repaired,
            repaired=done.repaired, removed=gone, quarantined=unread,
        )  # fmt: skip
        counts.answers += len(done.ids)
        counts.flags += done.flags.num_rows
        for stage, seconds in done.seconds.items():
            counts.seconds[stage] += seconds
        counts.fates.update(done.fates)
        if self.result.tally is not None and done.tally is not None:
            done.tally.move(first)
            self.result.tally.merge(done.tally)
        self.result.broken_off |= any(BROKEN_OFF in unread.reason for unread in done.unread)
        if self.wish.stage is None:
            return
        self._write_tables(done, first)
        self._write_records(piece, done, first)
        if isinstance(self._kept, columns.KeptRows):
            self._kept.write(piece.block.rows, [(start, new) for start, _, new in done.edits])
        elif self._kept is not None:
            self._kept.write(piece.block, done.edits)

    def _write_tables(self, done: Done, first: int) -> None:
        tables = {"verdicts": done.verdicts, "flags": done.flags, "ledger": done.ledger}
        ids: dict[str, Sequence[str | None] | None] = dict.fromkeys(tables)
        if renamed := self._occurrences.number(done.ids):
            final = [renamed.get(place, name) for place, name in enumerate(done.ids)]
            answers = iter(final)
            entries = (name is not None for name in done.ledger.column(0).to_pylist())
            ids = {
                "verdicts": final,
                "flags": [final[row] for row in done.flag_rows],
                "ledger": [next(answers) if is_answer else None for is_answer in entries],
            }
        for name, table in self._tables.items():
            table.add(placed(tables[name], first, ids[name]))

    def _write_records(self, piece: Piece, done: Done, first: int) -> None:
        name = orjson.dumps(piece.name)
        if self._removed is not None:
            for record, raw in done.removed:
                self._removed.write(
                    b'{"source":%b,"line":%d,"record":%b}\n' % (name, first + record, raw)
                )
        for record, offset, length, reason, raw in done.unread:
            assert self._quarantine is not None
            entry = {
                "source": piece.name, "line": first + record, "offset": piece.block.start + offset,
                "length": length, "reason": reason, "raw": base64.b64encode(raw).decode(),
            }  # fmt: skip
            self._quarantine.write(orjson.dumps(entry) + b"\n")

    def _end(self) -> None:
        if self.wish.stage is None:
            return
        for name, table in self._tables.items():
            table.close()
            with (self.wish.stage / f"{name}.parquet").open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self.result.outputs[f"{name}.parquet"] = digest
        for out in (self._removed, self._quarantine):
            if out is not None:
                self._note_output(out)


def _kept_name(here: Opened) -> str:
    """`kept` with the endings of the input: `log.2024.jsonl.gz` gives `kept.jsonl.gz`."""
    name = here.source.path.name if here.source.path else "stdin.jsonl"
    packed = ""
    for ending in (".gz", ".zst"):
        if name.endswith(ending):
            name, packed = name.removesuffix(ending), ending
    return f"kept{Path(name).suffix}{packed}"
