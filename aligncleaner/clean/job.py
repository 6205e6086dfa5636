"""The cleaning of some inputs into one folder: the parent's side of the work.

Blocks go out to workers and come back in order; here their numbers become those of the whole
file, their tables are written, and the kept bytes are copied. An input that proves unreadable
when half of it is done (a wrong checksum at its end) takes all it gave with it: the run starts
again without it, so that the outputs never hold a part of a refused input.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import process_time
from typing import Final, NamedTuple

from aligncleaner.clean import pool
from aligncleaner.clean.outputs import Outputs
from aligncleaner.clean.work import Done, Task, process
from aligncleaner.errors import Fault, InputRefused
from aligncleaner.files import delimited
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


def _work(task: Task, piece: Piece) -> Done:
    return process(piece.block, piece.name, piece.dialect, task, piece.bounds)


class _Run:
    """One attempt at a run: it succeeds for all of its sources or not at all."""

    def __init__(self, sources: Sequence[Source], task: Task, wish: Wish) -> None:
        self.drawing = 0
        self._sources = sources
        self._task = task
        self._wish = wish
        self._result = Result(Counts(), [], [], [], {}, Tally.empty() if task.report else None)
        self._outputs: Outputs | None = None
        self._opened: dict[int, Opened] = {}
        self._current = -1
        self._lines = 0  # of the current source, and those records of them that were taken
        self._records = 0

    def finish(self, refused: list[Fault]) -> Result:
        """Do all of it.

        Raises:
            InputRefused: if the source numbered `drawing` cannot be read.
        """
        if self._wish.stage is not None:
            several = len(self._sources) > 1
            self._outputs = Outputs(self._wish.stage, self._task.cascade, self._wish.keep, several)
        size = sum(source.size for source in self._sources)
        alone = size < _WORTH_WORKERS or self._wish.limit is not None
        work = self._work_up_to_limit if self._wish.limit else partial(_work, self._task)
        seconds = self._result.counts.seconds
        workers = 1 if alone else self._wish.workers
        with self._outputs or nullcontext():
            for piece, done in pool.in_order(work, self._pieces(), workers):
                begin = process_time()
                self._take(piece, done)
                seconds["write"] += process_time() - begin
                self._wish.progress(piece.block.length)
            self._go_to(len(self._sources))
            if self._outputs:
                self._outputs.finish()
                self._result.outputs = self._outputs.digests
        self._result.refused = refused
        return self._result

    def abandon(self) -> None:
        """Empty the stage for another attempt."""
        if self._outputs:
            self._outputs.abandon()

    def _pieces(self) -> Iterator[Piece]:
        tally = self._result.tally
        for number, source in enumerate(self._sources):
            self.drawing = number
            with opened(source, self._task.allowed, self._task.limits) as here:
                self._opened[number] = here
                for block in here.blocks:
                    if self._left() == 0 and not block.frame:
                        if here.container == "array":
                            continue  # its closing bracket is still to come
                        break
                    bounds = tally.bounds() if tally else None
                    yield Piece(number, source.name, here.dialect, block, bounds)
                self._result.warnings += here.warnings

    def _left(self) -> int | None:
        """How many records the limit still lets in, null without a limit."""
        limit = self._wish.limit
        return None if limit is None else max(0, limit - self._result.counts.records.total())

    def _work_up_to_limit(self, piece: Piece) -> Done:
        """One block of a run with a limit, which goes block by block in this process."""
        return _work(self._task._replace(limit=self._left()), piece)

    def _go_to(self, number: int) -> None:
        """Close the source under way and those after it that gave no block; begin `number`."""
        while self._current < number:
            if self._current >= 0:
                here = self._opened.pop(self._current)
                digest = self._outputs.end(here) if self._outputs else None
                container = f"{here.container}.{here.packing}" if here.packing else here.container
                name, size = here.source.name, here.source.size
                self._result.read.append(Read(name, container, size, digest, self._records))
            self._current += 1
            self._lines = self._records = 0
            if self._outputs and self._current < len(self._sources):
                self._outputs.begin(self._opened[self._current])

    def _take(self, piece: Piece, done: Done) -> None:
        """Put one block's results where they belong."""
        self._go_to(piece.source)
        first = self._lines + 1
        self._lines += done.lines
        self._records += done.records
        counts = self._result.counts
        gone, unread = len(done.removed), len(done.unread)
        counts.records["kept"] += done.records - gone - unread - done.repaired
        counts.records["repaired"] += done.repaired
        counts.records["removed"] += gone
        counts.records["quarantined"] += unread
        counts.answers += len(done.findings.ids)
        counts.flags += len(done.findings.flags)
        counts.fates.update(done.findings.fates_counted())
        for stage, seconds in done.seconds.items():
            counts.seconds[stage] += seconds
        if self._result.tally is not None and done.tally is not None:
            done.tally.move(first)
            self._result.tally.merge(done.tally)
        self._result.broken_off |= any(BROKEN_OFF in unread.reason for unread in done.unread)
        if self._outputs:
            self._outputs.write(piece.name, piece.block, done, first)
