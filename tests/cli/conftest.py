"""The command line called from within, as `aligncleaner` calls it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from aligncleaner import cli


class Ran(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ran]:
    """A function that runs a command line, given as its words, with bytes on standard input."""

    def call(*words: str | Path, stdin: bytes = b"") -> Ran:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["aligncleaner", *map(str, words)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            patch.setenv("COLUMNS", "100")
            capfdbinary.readouterr()
            try:
                cli.main()
                code = 0
            except SystemExit as ended:
                code = int(ended.code or 0)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Ran(code, out.decode(), err.decode())

    return call


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a log of four records in it: kept, dropped, repaired, bad."""
    monkeypatch.chdir(tmp_path)
    turns = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "I must decline."},
        {"role": "user", "content": "b"},
        {"role": "assistant", "content": "Yes."},
    ]
    records = [
        {"prompt": "p", "response": "Sure."},
        {"prompt": "p", "response": "I must decline."},
        {"messages": turns},
    ]
    log = "".join(json.dumps(record) + "\n" for record in records) + "nope\n"
    (tmp_path / "log.jsonl").write_text(log)
    return tmp_path


@pytest.fixture
def rules(tiny_rules: Path) -> tuple[str, str, str, str]:
    """The options for rules that know "I must decline." alone."""
    return ("--rules", str(tiny_rules), "--detectors", "rules")
