"""`aligncleaner evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aligncleaner.cli import options
from aligncleaner.errors import Fault, UsageError


def evaluate(
    gold: Annotated[
        list[Path], typer.Argument(help="Labelled files; their layout is told by their fields.")
    ],
    peers: Annotated[
        Path | None, typer.Option(help="Phrase lists to measure beside it (JSON).")
    ] = None,
    rules: options.RulesFolders = None,
    detectors: options.Detectors = options.ALL_DETECTORS,
    engine: options.Engine = "auto",
    split: Annotated[
        str,
        typer.Option(help="Rows to use: all, held_out (the third that stays unread) or readable."),
    ] = "all",
    lang: Annotated[str | None, typer.Option(help="Only rows of this language.")] = None,
    resamples: Annotated[
        int, typer.Option(help="Bootstrap resamples behind each interval.")
    ] = 2000,
    json: options.Json = False,
) -> None:
    """Measure the detectors on labelled answers: precision, recall, F1, good answers lost."""
    from aligncleaner.detect import cascade
    from aligncleaner.evaluate import Resampling, predictor, run
    from aligncleaner.evaluate import peers as lists

    if split not in ("all", "held_out", "readable"):
        raise UsageError(Fault("--split", f"'{split}'", "all, held_out or readable"))
    built = cascade.build(options.setup(rules, detectors, engine))
    found = run(
        gold,
        {"aligncleaner": predictor(built)},
        lists.load(peers) if peers else {},
        split=split,  # type: ignore[arg-type]
        keep=lambda row: lang is None or row.lang == lang,
        resampling=Resampling(resamples),
    )
    if json:
        import sys

        import orjson

        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    from rich.console import Console

    from aligncleaner.evaluate.tables import render

    Console().print(render(found))
