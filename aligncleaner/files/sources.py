"""From what the user typed to the files that will be read, each looked at before it is opened."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from aligncleaner.errors import Fault

STDIN: Final = "-"
#: What a folder is searched for with `--recursive`.
ENDINGS: Final = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
_PACKED: Final = (".gz", ".zst")


class Source(NamedTuple):
    """One input: `name` as the user gave it (see `shown`), `path` null for standard input.

    `relative` is where its kept records go below `kept/` when there are several inputs.
    """

    name: str
    path: Path | None
    relative: str
    size: int


class Found(NamedTuple):
    """The inputs that can be opened, and what is wrong with the others."""

    sources: list[Source]
    refused: list[Fault]


def find(inputs: Sequence[str], recursive: bool = False, apart: Path | None = None) -> Found:
    """Expand globs and folders, and look at each file without opening it (a FIFO would block).

    A file named twice is read once. Standard input comes last: should another input be refused
    midway, the others are read again, which it cannot be. Folders are not searched below `apart`,
    where an earlier output may lie, nor in what is hidden.
    """
    paths: list[str] = []
    refused: list[Fault] = []
    for given in inputs:
        if given == STDIN or not os.path.isdir(given):
            matches = sorted(glob.glob(given, recursive=True)) if _is_glob(given) else [given]
            paths += matches
            if not matches:
                refused.append(Fault(shown(given), "no file matches", fix="check the pattern"))
        elif recursive:
            inside = list(_below(Path(given), apart))
            paths += inside
            if not inside:
                expected = f"files ending in {', '.join(ENDINGS)} (.gz and .zst too)"
                refused.append(Fault(shown(given), "the folder holds no chat logs", expected))
        else:
            fix = "pass --recursive or a glob"
            refused.append(Fault(shown(given), "is a directory", "a file", fix))
    names: dict[str, str] = {}
    for name in paths:
        if name != STDIN:
            names.setdefault(os.path.abspath(name), name)
    top = _common_folder(names)
    sources = []
    for place, name in names.items():
        fault, size = _look(name)
        if fault:
            refused.append(fault)
        else:
            relative = shown(os.path.relpath(place, top))
            sources.append(Source(shown(name), Path(name), relative, size))
    if STDIN in paths:
        relative = "stdin.jsonl"
        while any(source.relative == relative for source in sources):
            relative = f"_{relative}"
        sources.append(Source(STDIN, None, relative, 0))
    return Found(sources, refused)


def shown(name: str) -> str:
    """A file's name as text that can be stored: bytes that are not UTF-8 are written out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _is_glob(given: str) -> bool:
    return not os.path.lexists(given) and any(sign in given for sign in "*?[")


def _below(folder: Path, apart: Path | None) -> Iterable[str]:
    for path in sorted(folder.rglob("*")):
        suffixes = [s for s in path.suffixes if s not in _PACKED]
        if not suffixes or suffixes[-1] not in ENDINGS or path.is_dir():
            continue
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and not (apart and path.resolve().is_relative_to(apart.resolve())):
            yield str(path)


def _common_folder(places: Iterable[str]) -> str:
    folders = [os.path.dirname(place) for place in places]
    return os.path.commonpath(folders) if folders else os.curdir


def _look(name: str) -> tuple[Fault | None, int]:
    """The fault of a path that cannot be opened as a regular file, and its size in bytes."""
    where = shown(name)
    try:
        found = os.stat(name)
    except FileNotFoundError:
        dangling = " (dangling link)" if os.path.islink(name) else ""
        return Fault(where, f"not found{dangling}", "an existing file"), 0
    except PermissionError:
        return Fault(where, "permission denied", "a readable file"), 0
    except (OSError, ValueError) as error:
        loop = "symlink loop" if os.path.islink(name) else str(error)
        return Fault(where, loop, "an existing file"), 0
    if not stat.S_ISREG(found.st_mode):
        if stat.S_ISDIR(found.st_mode):
            return Fault(where, "is a directory", "a file", "pass --recursive or a glob"), 0
        return Fault(where, "not a regular file", "a file on disk", "use - for a pipe"), 0
    if not os.access(name, os.R_OK):
        return Fault(where, "permission denied", "a readable file"), 0
    return None, found.st_size
