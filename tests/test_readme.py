"""The README's session is a real one: its commands run, and print what it says they print.

A ```console block below `<!-- runnable -->` is run from top to bottom, all of them in one folder.
White space and durations may differ, and a line `...` stands for any lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^<!-- runnable -->\n+```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DURATION = re.compile(r"\b\d+(\.\d+)? ?(ms|s|min|MB/s)(?!\w)")


class Step(NamedTuple):
    """One command and the lines it is said to print."""

    command: str
    output: list[str]


def steps(text: str) -> list[Step]:
    """The commands (after `$ `, and `> ` where they go on) and their outputs."""
    found: list[Step] = []
    for line in "".join(BLOCK.findall(text)).splitlines():
        if line.startswith("$ "):
            found.append(Step(line[2:], []))
        elif line.startswith("> ") and not found[-1].output:
            found[-1] = Step(f"{found[-1].command}\n{line[2:]}", [])
        else:
            found[-1].output.append(line)
    return found


def plain(line: str) -> str:
    return " ".join(DURATION.sub("TIME", line).split())


def missing(expected: list[str], printed: str) -> list[str]:
    """The expected lines that do not come, in order, in what was printed."""
    lines = iter([plain(line) for line in printed.splitlines()])
    wanted = [plain(line) for line in expected if line.strip() not in ("", "...")]
    return [line for line in wanted if not any(line == other for other in lines)]


def test_the_readme_session_runs_as_written(tmp_path: Path) -> None:
    session = steps((ROOT / "README.md").read_text(encoding="utf-8"))
    assert session, "the README has no runnable session"
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb",
    }  # fmt: skip
    if not (Path(sys.executable).parent / "aligncleaner").exists():
        pytest.skip("aligncleaner is not installed beside this Python")
    for step in session:
        run = subprocess.run(
            step.command, shell=True, cwd=tmp_path, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert run.returncode == 0, f"{step.command}\n{run.stdout}"
        assert missing(step.output, run.stdout) == [], f"{step.command}\n{run.stdout}"


def test_steps_are_told_from_their_output() -> None:
    block = "```console\n$ a <<E\n> b\n> E\none\n> two\n$ c\n```\n"
    text = f"<!-- runnable -->\n{block}\n{block}"
    assert steps(text) == [Step("a <<E\nb\nE", ["one", "> two"]), Step("c", [])]


def test_lines_must_come_in_order() -> None:
    assert missing(["a 3", "...", "took 2.5 s"], "x\na   3\ny\ntook 10 s") == []
    assert missing(["b", "a"], "a\nb") == ["a"]
