"""`aligncleaner clean`, `detect` and `demo`."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aligncleaner.cli import options, terminal
from aligncleaner.errors import Fault, UsageError

if TYPE_CHECKING:
    from aligncleaner.clean.cleaning import Cleaning, Wanted

_PARTIAL = 1

Workers = Annotated[int | None, typer.Option(help="Processes; by default one a processor.")]
Limit = Annotated[int | None, typer.Option(help="Read no more than so many records.")]
Sample = Annotated[float | None, typer.Option(help="Read only this share of the records (0-1).")]
Profile = Annotated[bool, typer.Option("--profile", help="Say what each stage cost.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the output of an earlier run.")]


def clean(
    inputs: options.Inputs,
    out: Annotated[str, typer.Option("-o", "--out", help="Folder to write, or - for stdout.")],
    rules: options.RulesFolders = None,
    format: options.Format = "auto",
    map: options.Map = None,
    role_map: options.RoleMap = None,
    detectors: options.Detectors = options.ALL_DETECTORS,
    engine: options.Engine = "auto",
    recursive: options.Recursive = False,
    workers: Workers = None,
    limit: Limit = None,
    sample: Sample = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, but write nothing.")] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="Leave out the report.")] = False,
    force: Force = False,
    max_line: options.MaxLine = 64,
    max_depth: options.MaxDepth = 64,
    max_ratio: options.MaxRatio = 200,
    profile: Profile = False,
    json: options.Json = False,
) -> None:
    """Judge every answer and write what is kept, what is removed, and why."""
    from aligncleaner.clean.cleaning import Wanted

    wanted = Wanted(
        report=not no_report, force=force, dry_run=dry_run, recursive=recursive, limit=limit,
        sample=sample, workers=workers,
    )  # fmt: skip
    _run(
        inputs, out, wanted, json, profile,
        setup=options.setup(rules, detectors, engine),
        reading=options.reading(format, map, role_map),
        limits=options.limits(max_line, max_depth, max_ratio),
    )  # fmt: skip


def detect(
    inputs: options.Inputs,
    out: Annotated[str, typer.Option("-o", "--out", help="Folder to write.")],
    rules: options.RulesFolders = None,
    format: options.Format = "auto",
    map: options.Map = None,
    role_map: options.RoleMap = None,
    detectors: options.Detectors = options.ALL_DETECTORS,
    engine: options.Engine = "auto",
    recursive: options.Recursive = False,
    workers: Workers = None,
    limit: Limit = None,
    sample: Sample = None,
    force: Force = False,
    max_line: options.MaxLine = 64,
    max_depth: options.MaxDepth = 64,
    max_ratio: options.MaxRatio = 200,
    profile: Profile = False,
    json: options.Json = False,
) -> None:
    """Write flags and verdicts of every answer, and nothing else."""
    from aligncleaner.clean.cleaning import Wanted

    wanted = Wanted(
        keep=False, report=False, force=force, recursive=recursive, limit=limit, sample=sample,
        workers=workers,
    )  # fmt: skip
    _run(
        inputs, out, wanted, json, profile,
        setup=options.setup(rules, detectors, engine),
        reading=options.reading(format, map, role_map),
        limits=options.limits(max_line, max_depth, max_ratio),
    )  # fmt: skip


def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to write.")] = Path("demo-out"),
    json: options.Json = False,
) -> None:
    """Clean the bundled sample of 300 conversations and name the report."""
    from importlib import resources

    from aligncleaner.clean.cleaning import Wanted

    place = out.resolve()
    sample = resources.files("aligncleaner") / "sample" / "logs"
    # Named from beside it, the sample is `logs/...` in all tables, wherever it is installed.
    with resources.as_file(sample) as logs, contextlib.chdir(logs.parent):
        _run([logs.name], str(place), Wanted(force=True, recursive=True), json)
    terminal.say(f"\nOpen {out / 'report.html'} in a browser to see what went and why.")


def _run(
    inputs: list[str], out: str, wanted: Wanted, json: bool, profile: bool = False, **how: Any
) -> None:
    """Clean as told; `how` is handed on to the library's function."""
    from aligncleaner.clean.cleaning import clean

    if json and out == "-":
        fix = "name a folder with --out"
        raise UsageError(Fault("--json", "the records go to standard output", "a folder", fix))
    command = ["aligncleaner", *sys.argv[1:]]
    with terminal.progress_bar("cleaning") as progress:
        done = clean(inputs, out, wanted=wanted, command=command, progress=progress, **how)
    summarise(done, out, profile)
    if json:
        import orjson

        sys.stdout.write(orjson.dumps(done.manifest, option=orjson.OPT_INDENT_2).decode() + "\n")
    if done.partial:
        raise typer.Exit(_PARTIAL)


def summarise(done: Cleaning, out: str, profile: bool) -> None:
    """The summary on standard error: warnings, refused inputs, the funnel, where it lies."""
    result = done.result
    for warning in result.warnings:
        terminal.say(f"warning: {warning}")
    for fault in result.refused:
        terminal.say(f"refused: {fault}")
    records = result.counts.records
    total = records.total()
    rows = [("in", total, _share(total, total))]
    rows += [(name, records[name], _share(records[name], total))
             for name in ("kept", "repaired", "removed", "quarantined")]  # fmt: skip
    terminal.table("Records", ("", "records", "share"), rows, stderr=True)
    fates = result.counts.fates
    answers = result.counts.answers
    rows = [(fate, count, _share(count, answers)) for fate, count in fates.most_common()]
    title = f"Answers: {answers:,}, flags: {result.counts.flags:,}"
    terminal.table(title, ("fate", "rows", "share"), rows, stderr=True)
    if profile:
        spent = sorted(done.seconds.items(), key=lambda item: -item[1])
        stages = [(name, f"{seconds:.2f}") for name, seconds in spent]
        terminal.table("Seconds of one processor", ("stage", "seconds"), stages, stderr=True)
    if out != "-":
        terminal.say(
            f"Written to {out}" if done.manifest["outputs"] else "Nothing written (dry run)"
        )


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else "-"
