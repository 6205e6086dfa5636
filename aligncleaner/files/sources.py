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
    """One input: `name` as the user gave it, `path` null for standard input.

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


def find(inputs: Sequence[str], recursive: bool = False) -> Found:
    """Expand globs and folders, and look at each file without opening it (a FIFO would block)."""
    paths: list[str] = []
    refused: list[Fault] = []
    for given in inputs:
        if given == STDIN or not os.path.isdir(given):
            matches = sorted(glob.glob(given, recursive=True)) if _is_glob(given) else [given]
            paths += matches
            if not matches:
                refused.append(Fault(given, "no file matches", fix="check the pattern"))
        elif recursive:
            inside = list(_below(Path(given)))
            paths += inside
            if not inside:
                expected = f"files ending in {', '.join(ENDINGS)} (.gz and .zst too)"
                refused.append(Fault(given, "the folder holds no chat logs", expected))
        else:
            fix = "pass --recursive or a glob"
            refused.append(Fault(given, "is a directory", "a file", fix))
    names = list(dict.fromkeys(paths))
    top = _common_folder([name for name in names if name != STDIN])
    sources = []
    for name in names:
        if name == STDIN:
            sources.append(Source(STDIN, None, "stdin.jsonl", 0))
            continue
        fault, size = _look(name)
        if fault:
            refused.append(fault)
        else:
            relative = os.path.relpath(os.path.abspath(name), top)
            sources.append(Source(name, Path(name), relative, size))
    return Found(sources, refused)


def _is_glob(given: str) -> bool:
    return not os.path.lexists(given) and any(sign in given for sign in "*?[")


def _below(folder: Path) -> Iterable[str]:
    for path in sorted(folder.rglob("*")):
        suffixes = [s for s in path.suffixes if s not in _PACKED]
        if suffixes and suffixes[-1] in ENDINGS and not path.is_dir():
            yield str(path)


def _common_folder(names: Sequence[str]) -> str:
    folders = [os.path.dirname(os.path.abspath(name)) for name in names]
    return os.path.commonpath(folders) if folders else os.curdir


def _look(name: str) -> tuple[Fault | None, int]:
    """The fault of a path that cannot be opened as a regular file, and its size in bytes."""
    try:
        found = os.stat(name)
    except FileNotFoundError:
        dangling = " (dangling link)" if os.path.islink(name) else ""
        return Fault(name, f"not found{dangling}", "an existing file"), 0
    except PermissionError:
        return Fault(name, "permission denied", "a readable file"), 0
    except (OSError, ValueError) as error:
        loop = "symlink loop" if os.path.islink(name) else str(error)
        return Fault(name, loop, "an existing file"), 0
    if not stat.S_ISREG(found.st_mode):
        if stat.S_ISDIR(found.st_mode):
            return Fault(name, "is a directory", "a file", "pass --recursive or a glob"), 0
        return Fault(name, "not a regular file", "a file on disk", "use - for a pipe"), 0
    if not os.access(name, os.R_OK):
        return Fault(name, "permission denied", "a readable file"), 0
    return None, found.st_size
