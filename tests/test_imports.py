"""Imports run downwards only, and the command line starts without anything heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "aligncleaner"

#: The rooms from the ground up. A room imports from itself and from the floors below it.
FLOORS = (
    ("errors",),
    ("arrow", "config", "schema", "statistics"),
    ("formats",),
    ("files", "detect"),
    ("policy", "repair", "report"),
    ("clean", "evaluate", "explain"),
    ("cli",),
    ("__main__",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

HEAVY = {
    "duckdb", "fasttext", "hyperscan", "jinja2", "numpy", "pandas", "polars", "pyarrow", "re2",
    "sklearn", "spacy", "streamlit", "torch",
}  # fmt: skip


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """The lines and rooms of every import from the package, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        within = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        for name in [f"{within}{alias.name}" for alias in node.names]:
            parts = name.split(".")
            if parts[0] == "aligncleaner" and len(parts) > 1 and parts[1] != "__version__":
                yield node.lineno, parts[1]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def test_every_room_has_its_floor() -> None:
    assert {room_of(path) for path in MODULES} == set(FLOOR)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downwards(path: Path) -> None:
    room = room_of(path)
    upwards = [
        f"{path.name}:{line} imports {target}"
        for line, target in imported(path)
        if target != room and FLOOR[target] >= FLOOR[room]
    ]
    assert upwards == []


def test_the_package_itself_imports_nothing() -> None:
    assert list(imported(PACKAGE / "__init__.py")) == []


def test_help_starts_without_heavy_imports() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "aligncleaner", "--help"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0]
        for line in run.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "aligncleaner" in loaded
    assert loaded & HEAVY == set()
