"""`aligncleaner clean`, `detect` and `demo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aligncleaner.cli import options, terminal

if TYPE_CHECKING:
    from aligncleaner.clean.cleaning import Cleaning

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
    _run(
        inputs, out, rules=rules, format=format, map=map, role_map=role_map, detectors=detectors,
        engine=engine, max_line=max_line, max_depth=max_depth, max_ratio=max_ratio, profile=profile,
        json=json, recursive=recursive, workers=workers, limit=limit, sample=sample,
        dry_run=dry_run, report=not no_report, force=force, keep=True,
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
    _run(
        inputs, out, rules=rules, format=format, map=map, role_map=role_map, detectors=detectors,
        engine=engine, max_line=max_line, max_depth=max_depth, max_ratio=max_ratio, profile=profile,
        json=json, recursive=recursive, workers=workers, limit=limit, sample=sample,
        dry_run=False, report=False, force=force, keep=False,
    )  # fmt: skip


def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to write.")] = Path("demo-out"),
    json: options.Json = False,
) -> None:
    """Clean the bundled sample of 300 conversations and name the report."""
    from importlib import resources

    with resources.as_file(resources.files("aligncleaner") / "sample" / "logs") as logs:
        _run([str(logs)], str(out), recursive=True, force=True, json=json)
    terminal.say(f"\nOpen {out / 'report.html'} in a browser to see what went and why.")


def _run(inputs: list[str], out: str, **given: Any) -> None:
    from aligncleaner.clean.cleaning import Wanted, clean

    about = {"json", "profile", "rules", "format", "map", "role_map", "detectors", "engine",
             "max_line", "max_depth", "max_ratio"}  # fmt: skip
    with terminal.progress_bar("cleaning") as progress:
        done = clean(
            inputs,
            out,
            setup=options.setup(
                given.get("rules"),
                given.get("detectors", options.ALL_DETECTORS),
                given.get("engine", "auto"),
            ),
            reading=options.reading(
                given.get("format", "auto"), given.get("map"), given.get("role_map")
            ),
            limits=options.limits(
                given.get("max_line", 64), given.get("max_depth", 64), given.get("max_ratio", 200)
            ),
            wanted=Wanted(**{key: value for key, value in given.items() if key not in about}),
            command=["aligncleaner", *sys.argv[1:]],
            progress=progress,
        )
    summarise(done, out, given.get("profile", False))
    if given.get("json"):
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
