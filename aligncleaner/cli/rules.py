"""`aligncleaner rules list | show | test | lint`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aligncleaner.cli import options, terminal
from aligncleaner.errors import Fault, UsageError

if TYPE_CHECKING:
    from aligncleaner.detect.packs import Pack

app = typer.Typer(help="Look at, test and lint rule packs.", no_args_is_help=True)

Folders = Annotated[
    list[Path] | None,
    typer.Argument(help="Folders of rule packs; the bundled ones if none is given."),
]


@app.command("list")
def list_(folders: Folders = None, json: options.Json = False) -> None:
    """Every rule: what it flags, with what weight, and why it exists."""
    loaded = _load(folders)
    rows = [
        (
            rule.id,
            rule.label,
            rule.reason or rule.kind or "",
            rule.where,
            rule.weight,
            len(rule.any),
        )
        for pack in loaded
        for rule in pack.rules
    ]
    if json:
        _print_json([rule.model_dump() for pack in loaded for rule in pack.rules])
        return
    heads = ("rule", "label", "reason or kind", "where", "weight", "patterns")
    terminal.table(f"{len(rows)} rules in {len(loaded)} packs", heads, rows)


@app.command()
def show(
    rule: Annotated[str, typer.Argument(help="The rule's id, or the start of several.")],
    folders: Annotated[list[Path] | None, typer.Option("--rules", help="Folder of packs.")] = None,
    json: options.Json = False,
) -> None:
    """A rule in full: patterns, conditions, why, and its examples."""
    found = [r for pack in _load(folders) for r in pack.rules if r.id.startswith(rule)]
    if not found:
        fix = "see `aligncleaner rules list`"
        raise UsageError(Fault("rules show", f"no rule '{rule}'", "the id of a rule", fix))
    if json:
        _print_json([one.model_dump() for one in found])
        return
    for one in found:
        print(terminal.visible(f"{one.id}  ({one.label}, weight {one.weight})"))
        print(terminal.visible(f"  {one.why}"))
        for name in ("any", "all", "unless", "hit", "miss"):
            for text in getattr(one, name):
                print(terminal.visible(f"  {name:7} {text}"))
        print()


@app.command()
def test(folders: Folders = None, json: options.Json = False) -> None:  # noqa: PT028
    """Hold every rule against its own hit and miss examples."""
    from aligncleaner.detect.rules import test_examples

    loaded = _load(folders)
    faults = test_examples(loaded)
    examples = sum(len(rule.hit) + len(rule.miss) for pack in loaded for rule in pack.rules)
    _report(faults, f"{examples} examples, {len(faults)} wrong", json)


@app.command()
def lint(folders: Folders = None, json: options.Json = False) -> None:
    """Find patterns that repeat each other, are too slow, or say nothing."""
    from aligncleaner.detect.rules import lint as find

    loaded = _load(folders)
    faults = find(loaded)
    rules = sum(len(pack.rules) for pack in loaded)
    _report(faults, f"{rules} rules, {len(faults)} to look at", json)


def _load(folders: list[Path] | None) -> list[Pack]:
    from aligncleaner.detect import packs

    return packs.load(folders or None)


def _report(faults: list[Fault], summary: str, json: bool) -> None:
    if json:
        _print_json([fault._asdict() for fault in faults])
    else:
        for fault in faults:
            print(terminal.visible(str(fault)))
    terminal.say(summary)
    if faults:
        raise typer.Exit(1)


def _print_json(data: object) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() + "\n")
