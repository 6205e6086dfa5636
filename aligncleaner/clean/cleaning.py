"""Clean chat logs: the one call behind `aligncleaner clean` and `aligncleaner detect`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from time import perf_counter
from typing import Any, Final, NamedTuple

import orjson

from aligncleaner import formats
from aligncleaner.clean import folder, pool
from aligncleaner.clean.job import Result, Wish, run
from aligncleaner.clean.manifest import digest, manifest, version
from aligncleaner.clean.work import Task
from aligncleaner.detect import cascade
from aligncleaner.errors import Fault, InputRefused, UsageError
from aligncleaner.files import sources
from aligncleaner.files.blocks import Limits
from aligncleaner.formats import ReadOptions

STDOUT: Final = "-"


class Wanted(NamedTuple):
    """What to do besides reading: all have the command line's meaning and default.

    `keep` false writes flags and verdicts only; `report` false leaves the report out; `sample`
    is a share of the records in (0, 1]; `workers` null takes every processor.
    """

    keep: bool = True
    report: bool = True
    force: bool = False
    dry_run: bool = False
    recursive: bool = False
    limit: int | None = None
    sample: float | None = None
    workers: int | None = None


class Cleaning(NamedTuple):
    """A finished cleaning: its result, its manifest, and what each stage took.

    `seconds` are those of one processor, summed over processes; "all" is the time on the clock.
    """

    result: Result
    manifest: dict[str, Any]
    seconds: dict[str, float]

    @property
    def partial(self) -> bool:
        """Whether an input was refused or broke off."""
        return bool(self.result.refused) or self.result.broken_off


def clean(
    inputs: Sequence[str],
    out: str | Path | None,
    *,
    setup: cascade.Setup = cascade.Setup(),
    reading: ReadOptions = ReadOptions(),
    limits: Limits = Limits(),
    wanted: Wanted = Wanted(),
    command: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Cleaning:
    """Judge every answer of `inputs` and write what is kept, what is removed, and why, to `out`.

    `out` is a folder that appears whole or not at all; `-` sends the kept records of a single
    input to standard output and writes nothing else. `progress` is called with the bytes done and
    those in all.

    Raises:
        UsageError: an option has no such value.
        InputRefused: none of the inputs can be read (one among several is only left out).
        OutputExists: `out` is there and `force` is not set.
        OutputFailed: `out` cannot be written; nothing is left behind.
        PackInvalid: a rule pack is at fault.
    """
    begin = perf_counter()
    _check(wanted, out)
    command = [sources.shown(word) for word in command]
    to_stdout = out == STDOUT and not wanted.dry_run
    place = None if wanted.dry_run or out is None else Path(out)
    if place is not None and not to_stdout:
        folder.refuse_if_there(place, wanted.force)
    allowed = formats.wanted(reading)
    found = sources.find(inputs, wanted.recursive, apart=None if to_stdout else place)
    if not found.sources:
        raise InputRefused(found.refused or Fault("inputs", "none given", "files to read"))
    if place is not None and not to_stdout:
        _refuse_inputs_below(place, found.sources)
    if to_stdout and len(found.sources) > 1:
        got = f"standard output for {len(found.sources)} inputs"
        raise UsageError(Fault("--out", got, "one input", "name a folder to write"))
    total = sum(source.size for source in found.sources)
    built = cascade.build(setup)
    task = Task(built, allowed, reading, limits, wanted.sample, wanted.report)
    done = 0

    def advance(length: int) -> None:
        nonlocal done
        done += length
        progress(done, total)

    workers = wanted.workers or pool.default_workers()
    staging = folder.temporary() if to_stdout else folder.staged(place) if place else nullcontext()
    with staging as stage:
        wish = Wish(stage, wanted.keep, workers, wanted.limit, advance)
        result = run(found.sources, found.refused, task, wish)
        if to_stdout and stage is not None:
            _send(stage)
        if stage is not None and wanted.report and not to_stdout:
            result.outputs.update(_write_report(stage, result, command))
        account = manifest(result, built, command)
        if stage is not None:
            text = orjson.dumps(account, option=orjson.OPT_INDENT_2) + b"\n"
            (stage / "manifest.json").write_bytes(text)
    seconds = {**result.counts.seconds, "all": perf_counter() - begin}
    return Cleaning(result, account, seconds)


def _check(wanted: Wanted, out: str | Path | None) -> None:
    faults = []
    if out == STDOUT and not wanted.keep:
        faults.append(Fault("--out", "standard output", "a folder: there are several tables"))
    if wanted.sample is not None and not 0 < wanted.sample <= 1:
        faults.append(Fault("--sample", str(wanted.sample), "a share above 0 and up to 1"))
    if wanted.limit is not None and wanted.limit < 1:
        faults.append(Fault("--limit", str(wanted.limit), "a number of records, 1 or more"))
    if wanted.workers is not None and wanted.workers < 1:
        faults.append(Fault("--workers", str(wanted.workers), "a number of processes, 1 or more"))
    if faults:
        raise UsageError(faults)


def _refuse_inputs_below(out: Path, inputs: Sequence[sources.Source]) -> None:
    """Refuse to replace a folder that something is read from: it would be gone afterwards."""
    faults = [
        Fault(source.name, f"lies in {out}, which would be replaced", "an input elsewhere")
        for source in inputs
        if source.path and source.path.resolve().is_relative_to(out.resolve())
    ]
    if faults:
        raise UsageError(faults)


def _send(stage: Path) -> None:
    """Copy the kept records to standard output."""
    for path in sorted(stage.glob("kept*")):
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _write_report(stage: Path, result: Result, command: Sequence[str]) -> dict[str, str]:
    """Write report.json and report.html; their sha256 by name."""
    from aligncleaner.report import build, page

    assert result.tally is not None
    about = {
        "version": version(),
        "inputs": ", ".join(read.name for read in result.read),
        "command": " ".join(command),
    }
    figures = build.figures(result.tally, about)
    pages = {
        "report.json": orjson.dumps(figures, option=orjson.OPT_INDENT_2) + b"\n",
        "report.html": page.render(figures).encode("utf-8"),
    }
    for name, data in pages.items():
        (stage / name).write_bytes(data)
    return {name: digest(data) for name, data in pages.items()}
