"""Limits, samples, dry runs, forced runs, pipes: what each reads and what it writes."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aligncleaner.clean import cleaning
from aligncleaner.clean.cleaning import Wanted
from aligncleaner.detect.cascade import Setup
from aligncleaner.errors import InputRefused, OutputExists, UsageError
from aligncleaner.formats import ReadOptions

LINES = [b'{"prompt":"p%d","response":"Sure."}' % n for n in range(200)]
LOG = b"".join(line + b"\n" for line in LINES)
LOGS = {
    "log.jsonl": LOG,
    "log.json": b"[" + b",\n".join(LINES) + b"]\n",
    "log.csv": b"prompt,response\n" + b"".join(b"p%d,Sure.\n" % n for n in range(200)),
}
NO = b'{"prompt":"p","response":"I must decline."}\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with `log.jsonl` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.jsonl").write_bytes(LOG + NO)
    return tmp_path


@pytest.fixture
def clean(setup: Setup) -> Callable[..., Any]:
    """`cleaning.clean` with the small rules."""

    def run(inputs: list[str], out: str | None, **wanted: Any) -> Any:
        return cleaning.clean(inputs, out, setup=setup, wanted=Wanted(**wanted))

    return run


@pytest.mark.parametrize("pieces", [None, 300])
@pytest.mark.parametrize("name", LOGS)
def test_a_limit_reads_the_first_records(
    cleaned: Callable[..., Any], name: str, pieces: int | None
) -> None:
    output = cleaned({name: LOGS[name]}, limit=3, pieces=pieces)
    assert output.funnel == {"kept": 3, "repaired": 0, "removed": 0, "quarantined": 0}
    assert [row["line"] for row in output.table("verdicts")] == [1, 2, 3]
    assert output.manifest["inputs"][0]["records"] == 3
    if name == "log.json":
        assert json.loads(output.kept) == [json.loads(line) for line in LINES[:3]]
    else:
        assert LOGS[name].startswith(output.kept)


def test_a_limit_counts_over_all_inputs_and_all_ends(cleaned: Callable[..., Any]) -> None:
    output = cleaned({"a.jsonl": b"nope\n" + NO, "b.jsonl": LOG, "c.jsonl": LOG}, limit=4)
    assert output.funnel == {"kept": 2, "repaired": 0, "removed": 1, "quarantined": 1}
    assert [read["records"] for read in output.manifest["inputs"]] == [2, 2, 0]
    assert output.files["kept/b.jsonl"] == b"".join(line + b"\n" for line in LINES[:2])
    assert output.files["kept/c.jsonl"] == b""


def test_a_limit_over_all_records_changes_nothing(cleaned: Callable[..., Any]) -> None:
    assert cleaned({"log.jsonl": LOG}, limit=200).kept == LOG


def test_what_lies_beyond_the_limit_is_not_looked_at(cleaned: Callable[..., Any]) -> None:
    endless = b"x" * 3000 + b"\n"
    output = cleaned({"log.jsonl": LINES[0] + b"\n" + endless * 3}, limit=1, pieces=60)
    assert output.funnel["quarantined"] == 0


def test_an_endless_pipe_is_left_at_the_limit(
    clean: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endless:
        def __init__(self) -> None:
            self.rest = b""

        def read(self, size: int) -> bytes:
            while len(self.rest) < size:
                self.rest += LOG
            data, self.rest = self.rest[:size], self.rest[size:]
            return data

    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": Endless()}))
    done = clean(["-"], str(tmp_path / "out"), limit=5, report=False)
    assert done.result.counts.records["kept"] == 5


@pytest.mark.parametrize("pieces", [None, 300])
@pytest.mark.parametrize("name", LOGS)
def test_a_sample_is_the_same_each_time_and_says_which_lines(
    cleaned: Callable[..., Any], name: str, pieces: int | None
) -> None:
    output = cleaned({name: LOGS[name]}, sample=0.3, pieces=pieces)
    chosen = [row["line"] for row in output.table("verdicts")]
    assert chosen == [
        row["line"] for row in cleaned({name: LOGS[name]}, sample=0.3).table("ledger")
    ]
    assert 35 < len(chosen) < 85
    assert chosen == sorted(set(chosen)) and chosen[-1] > 150
    ids = {row["line"]: row["answer_id"] for row in cleaned({name: LOGS[name]}).table("verdicts")}
    assert [ids[line] for line in chosen] == [r["answer_id"] for r in output.table("verdicts")]
    assert output.manifest["inputs"][0]["records"] == len(chosen)


def test_a_larger_sample_holds_the_smaller(cleaned: Callable[..., Any]) -> None:
    small, large = (
        {row["line"] for row in cleaned({"log.jsonl": LOG}, sample=share).table("ledger")}
        for share in (0.2, 0.6)
    )
    assert small < large
    assert cleaned({"log.jsonl": LOG}, sample=1.0).kept == LOG


def test_a_dry_run_counts_and_writes_nothing(here: Path, clean: Callable[..., Any]) -> None:
    done = clean(["log.jsonl"], "out", dry_run=True)
    assert done.result.counts.records["removed"] == 1
    assert (done.manifest["outputs"], [path.name for path in here.iterdir()]) == ({}, ["log.jsonl"])


def test_a_dry_run_looks_at_no_earlier_output(here: Path, clean: Callable[..., Any]) -> None:
    (here / "out").mkdir()
    assert clean(["log.jsonl"], "out", dry_run=True).result.counts.answers == 201


def test_force_replaces_an_earlier_output_alone(here: Path, clean: Callable[..., Any]) -> None:
    clean(["log.jsonl"], "out", report=False)
    with pytest.raises(OutputExists, match="--force"):
        clean(["log.jsonl"], "out")
    (here / "log.jsonl").write_bytes(LOG)
    clean(["log.jsonl"], "out", report=False, force=True)
    assert (here / "out/kept.jsonl").read_bytes() == LOG
    assert sorted(path.name for path in here.iterdir()) == ["log.jsonl", "out"]


def test_force_may_fill_an_empty_folder(here: Path, clean: Callable[..., Any]) -> None:
    (here / "out").mkdir()
    clean(["log.jsonl"], "out", report=False, force=True)
    assert (here / "out/manifest.json").exists()


@pytest.mark.parametrize("kind", ["file", "link", "folder", "another manifest"])
def test_force_never_replaces_what_is_not_ours(
    here: Path, clean: Callable[..., Any], kind: str
) -> None:
    out, theirs = here / "out", here / "theirs"
    if kind == "file":
        out.write_text("mine")
    elif kind == "link":
        theirs.mkdir()
        out.symlink_to("theirs")
    else:
        out.mkdir()
        (out / "thesis.txt").write_text("mine")
        if kind == "another manifest":
            (out / "manifest.json").write_text('{"name": "a browser extension"}')
    before = tree(here)
    with pytest.raises(OutputExists, match="not the output of an earlier run"):
        clean(["log.jsonl"], "out", force=True)
    assert tree(here) == before


def tree(folder: Path) -> dict[Path, bytes]:
    """Everything below a folder, files with their content, links with their target."""
    return {
        path: bytes(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else b""
        for path in folder.rglob("*")
    }


def test_an_output_among_its_inputs_is_not_read_again(
    here: Path, clean: Callable[..., Any]
) -> None:
    for _ in range(2):
        done = clean(["."], "out", recursive=True, force=True, report=False)
        assert [read.name for read in done.result.read] == ["log.jsonl"]


def test_an_output_is_not_replaced_while_it_is_read(here: Path, clean: Callable[..., Any]) -> None:
    clean(["log.jsonl"], "out", report=False)
    before = tree(here)
    with pytest.raises(UsageError, match=r"out/kept\.jsonl: lies in out"):
        clean(["out/kept.jsonl"], "out", force=True)
    assert tree(here) == before


class Pipes:
    """Standard input and output as bytes."""

    def __init__(self, data: bytes) -> None:
        self.stdin, self.stdout = io.BytesIO(data), io.BytesIO()

    def replace(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(sys, "stdin", type("Stdin", (), {"buffer": self.stdin}))
        patch.setattr(sys, "stdout", type("Stdout", (), {"buffer": self.stdout}))


def test_from_standard_input_to_standard_output(
    here: Path, clean: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipes = Pipes(NO + LOG)
    pipes.replace(monkeypatch)
    done = clean(["-"], "-")
    monkeypatch.undo()
    assert pipes.stdout.getvalue() == LOG
    assert done.result.read[0].name == "-"


@pytest.mark.parametrize("name", LOGS)
def test_standard_input_names_its_output_by_its_content(
    clean: Callable[..., Any],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Pipes(LOGS[name]).replace(monkeypatch)
    clean(["-"], str(tmp_path / "out"), report=False)
    monkeypatch.undo()
    assert (tmp_path / "out" / name.replace("log", "kept")).read_bytes() == LOGS[name]


def test_a_dry_run_to_standard_output_prints_no_record(
    here: Path, clean: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipes = Pipes(b"")
    pipes.replace(monkeypatch)
    clean(["log.jsonl"], "-", dry_run=True)
    monkeypatch.undo()
    assert pipes.stdout.getvalue() == b""


def test_standard_output_takes_one_input(here: Path, clean: Callable[..., Any]) -> None:
    (here / "more.jsonl").write_bytes(LOG)
    with pytest.raises(UsageError, match="2 inputs; expected one input"):
        clean(["*.jsonl"], "-")
    with pytest.raises(UsageError, match="a folder"):
        clean(["log.jsonl"], "-", keep=False)


def test_standard_input_survives_another_input_that_is_refused_midway(
    here: Path, clean: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import gzip

    bad = bytearray(gzip.compress(LOG))
    bad[-8:-4] = bytes(4)
    (here / "bad.jsonl.gz").write_bytes(bad)
    Pipes(LOG).replace(monkeypatch)
    done = clean(["-", "bad.jsonl.gz"], "out", report=False)
    monkeypatch.undo()
    assert (here / "out/kept.jsonl").read_bytes() == LOG
    assert done.partial


@pytest.mark.parametrize(
    ("wanted", "option"),
    [
        ({"sample": 0.0}, "--sample"),
        ({"sample": 1.5}, "--sample"),
        ({"sample": float("nan")}, "--sample"),
        ({"limit": 0}, "--limit"),
        ({"workers": 0}, "--workers"),
    ],
)
def test_impossible_options_are_refused_before_any_work(
    here: Path, clean: Callable[..., Any], wanted: dict[str, Any], option: str
) -> None:
    with pytest.raises(UsageError, match=option):
        clean(["log.jsonl"], "out", **wanted)
    assert [path.name for path in here.iterdir()] == ["log.jsonl"]


def test_nothing_to_read_is_an_error(clean: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="none given"):
        clean([], str(tmp_path / "out"))


def test_formats_may_be_forced_and_fields_mapped(cleaned: Callable[..., Any]) -> None:
    data = b'{"ask":"a","say":"I must decline."}\n{"ask":"a","say":"Sure."}\n'
    reading = ReadOptions(fields={"prompt": "ask", "answer": "say"})
    assert cleaned({"log.jsonl": data}, reading=reading).funnel["removed"] == 1
    forced = cleaned({"log.jsonl": LOG}, reading=ReadOptions(format="sharegpt"))
    assert forced.funnel["quarantined"] == 200


def test_only_findings_without_keep(cleaned: Callable[..., Any]) -> None:
    output = cleaned({"log.jsonl": LOG + NO + b"nope\n"}, keep=False)
    assert set(output.files) == {
        "flags.parquet",
        "manifest.json",
        "quarantine.jsonl",
        "verdicts.parquet",
    }
    assert (len(output.table("verdicts")), len(output.table("flags"))) == (201, 1)
