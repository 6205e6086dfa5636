"""The options that several commands share, and what they mean to the library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aligncleaner.errors import Fault, UsageError

if TYPE_CHECKING:
    from aligncleaner.detect.cascade import Setup
    from aligncleaner.files.blocks import Limits
    from aligncleaner.formats import ReadOptions

Inputs = Annotated[
    list[str], typer.Argument(help="Files, globs, folders (with --recursive), or - for stdin.")
]
RulesFolders = Annotated[
    list[Path] | None,
    typer.Option("--rules", help="Folder of rule packs instead of the bundled ones; repeatable."),
]
Format = Annotated[str, typer.Option(help="Chat format, or auto: each record by its own layout.")]
Map = Annotated[
    str | None,
    typer.Option("--map", help="Names of fields, e.g. prompt=question,answer=reply,model=bot."),
]
RoleMap = Annotated[
    str | None,
    typer.Option(
        "--role-map", help="Roles of the log in our words, e.g. critic=user,bot=assistant."
    ),
]
Detectors = Annotated[str, typer.Option(help="Which detectors look, separated by commas.")]
Engine = Annotated[
    str, typer.Option(help="Matching engine: auto, hyperscan or re2 (same flags, other speed).")
]
Recursive = Annotated[bool, typer.Option("--recursive", help="Search folders for chat logs.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
MaxLine = Annotated[int, typer.Option(help="Longest record that is read, in MiB.")]
MaxDepth = Annotated[int, typer.Option(help="Deepest nesting of JSON that is read.")]
MaxRatio = Annotated[float, typer.Option(help="How often its size a compressed input may fill.")]

ALL_DETECTORS = "rules,scope,malformed"


def pairs(option: str, text: str | None) -> dict[str, str]:
    """`a=b,c=d` as a mapping.

    Raises:
        UsageError: if a part is no such pair.
    """
    found = {}
    for part in (text or "").split(",") if text else ():
        key, sign, value = part.partition("=")
        if not (sign and key.strip() and value.strip()):
            raise UsageError(Fault(option, f"'{part}'", "name=value pairs separated by commas"))
        found[key.strip()] = value.strip()
    return found


def reading(format_: str, map_: str | None, role_map: str | None) -> ReadOptions:
    """How records are to be understood.

    Raises:
        UsageError: if a field or role is not one of ours.
    """
    from aligncleaner.formats import ReadOptions
    from aligncleaner.formats.conversation import ROLES

    fields, roles = pairs("--map", map_), pairs("--role-map", role_map)
    faults = [
        Fault("--map", f"'{name}'", "prompt, answer or model on the left")
        for name in fields
        if name not in ("prompt", "answer", "model")
    ]
    faults += [
        Fault("--role-map", f"'{role}'", f"one of {', '.join(ROLES)} on the right")
        for role in roles.values()
        if role not in ROLES
    ]
    if faults:
        raise UsageError(faults)
    return ReadOptions(format_, fields, {name.lower(): role for name, role in roles.items()})


def setup(rules: list[Path] | None, detectors: str, engine: str) -> Setup:
    """Which rules and detectors look.

    Raises:
        UsageError: if there is no such engine.
    """
    from aligncleaner.detect.cascade import Setup

    if engine not in ("auto", "hyperscan", "re2"):
        raise UsageError(Fault("--engine", f"'{engine}'", "auto, hyperscan or re2"))
    names = tuple(name.strip() for name in detectors.split(",") if name.strip())
    folders = tuple(rules) if rules else None
    return Setup(folders, names, engine)  # type: ignore[arg-type]


def limits(max_line: int, max_depth: int, max_ratio: float) -> Limits:
    """The bounds against hostile files; `max_line` in MiB.

    Raises:
        UsageError: if one is not above 0: nothing could be read.
    """
    from aligncleaner.files.blocks import Limits

    given = {"--max-line": max_line, "--max-depth": max_depth, "--max-ratio": max_ratio}
    faults = [
        Fault(option, f"{value:g}", "a number above 0")
        for option, value in given.items()
        if not value > 0
    ]
    if faults:
        raise UsageError(faults)
    return Limits(max_line << 20, max_depth, max_ratio)
