"""`clean`, `detect` and `demo`: data on standard output, words on standard error, honest codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KEPT = (
    '{"prompt": "p", "response": "Sure."}\n'
    '{"messages": [{"role": "user", "content": "b"}, {"role": "assistant", "content": "Yes."}]}\n'
)
Run = Callable[..., Any]
Rules = tuple[str, ...]


def test_a_clean_run(run: Run, here: Path, rules: Rules) -> None:
    ran = run("clean", "log.jsonl", "-o", "out", *rules)
    assert (ran.code, ran.out) == (0, "")
    assert (here / "out/kept.jsonl").read_text() == KEPT
    words = " ".join(ran.err.split())
    for part in (
        "in 4 100.0 %",
        "kept 1 25.0 %",
        "repaired 1 25.0 %",
        "removed 1 25.0 %",
        "quarantined 1 25.0 %",
        "Answers: 4, flags: 2",
        "turn_dropped 1",
        "Written to out",
    ):
        assert part in words
    assert (here / "out/report.html").exists()


def test_the_manifest_tells_the_command(run: Run, here: Path, rules: Rules) -> None:
    run("clean", "log.jsonl", "-o", "out", "--no-report", *rules)
    manifest = json.loads((here / "out/manifest.json").read_bytes())
    assert manifest["command"] == [
        "aligncleaner", "clean", "log.jsonl", "-o", "out", "--no-report", *rules,
    ]  # fmt: skip
    assert not (here / "out/report.html").exists()


def test_json_goes_to_standard_output_alone(run: Run, here: Path, rules: Rules) -> None:
    ran = run("clean", "log.jsonl", "-o", "out", "--json", "--no-report", *rules)
    assert ran.json() == json.loads((here / "out/manifest.json").read_bytes())
    assert "Written to out" in ran.err


def test_a_pipe_takes_only_records(run: Run, here: Path, rules: Rules) -> None:
    ran = run("clean", "-", "-o", "-", *rules, stdin=(here / "log.jsonl").read_bytes())
    assert (ran.code, ran.out) == (0, KEPT)
    assert "removed" in ran.err and "Written" not in ran.err


def test_a_pipe_takes_no_manifest_beside_records(run: Run, here: Path, rules: Rules) -> None:
    ran = run("clean", "log.jsonl", "-o", "-", "--json", *rules)
    assert (ran.code, ran.out) == (2, "")
    assert "--json" in ran.err


def test_a_dry_run_says_so(run: Run, here: Path, rules: Rules) -> None:
    ran = run("clean", "log.jsonl", "-o", "out", "--dry-run", *rules)
    assert ran.code == 0
    assert "Nothing written (dry run)" in ran.err
    assert not (here / "out").exists()


def test_a_profile_names_the_stages(run: Run, here: Path, rules: Rules) -> None:
    ran = run("clean", "log.jsonl", "-o", "out", "--profile", *rules)
    for stage in ("read", "layout", "answers", "detect", "judge", "write", "all"):
        assert f" {stage} " in ran.err


def test_refused_inputs_are_named_and_the_rest_is_done(run: Run, here: Path, rules: Rules) -> None:
    (here / "page.html").write_text("<html></html>")
    ran = run("clean", "missing.jsonl", "log.jsonl", "page.html", "-o", "out", *rules)
    assert ran.code == 1
    assert "refused: missing.jsonl: not found; expected an existing file" in ran.err
    assert "refused: page.html: looks like HTML" in ran.err
    assert (here / "out/kept.jsonl").read_text() == KEPT


def test_if_all_are_refused_every_one_is_named(run: Run, here: Path, rules: Rules) -> None:
    ran = run("clean", "missing.jsonl", "nowhere/*.jsonl", "-o", "out", *rules)
    assert (ran.code, ran.out) == (1, "")
    assert sorted(ran.err.splitlines()) == [
        "error: missing.jsonl: not found; expected an existing file",
        "error: nowhere/*.jsonl: no file matches. Check the pattern",
    ]


def test_warnings_are_words_and_no_failure(run: Run, here: Path, rules: Rules) -> None:
    (here / "empty.jsonl").touch()
    ran = run("clean", "empty.jsonl", "-o", "out", *rules)
    assert ran.code == 0
    assert "warning: empty.jsonl: empty file" in ran.err


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (("--format", "mylog"), ("--format: 'mylog'", "messages", "sharegpt", "pairs")),
        (("--detectors", "magic"), ("--detectors: 'magic'", "rules, scope, malformed")),
        (("--detectors", ""), ("--detectors",)),
        (("--engine", "perl"), ("--engine: 'perl'", "auto, hyperscan or re2")),
        (("--map", "prompt"), ("--map: 'prompt'", "name=value")),
        (("--map", "question=a"), ("--map: 'question'", "prompt, answer or model")),
        (("--role-map", "critic=judge"), ("--role-map: 'judge'", "system, user, assistant, tool")),
        (("--sample", "2"), ("--sample: 2.0", "up to 1")),
        (("--limit", "0"), ("--limit: 0",)),
        (("--workers", "0"), ("--workers: 0",)),
        (("--workers", "many"), ("--workers",)),
        (("--max-depth", "0"), ("--max-depth: 0",)),
        (("--max-line", "0"), ("--max-line: 0",)),
        (("--max-ratio", "0"), ("--max-ratio: 0",)),
        (("--nonsense",), ("--nonsense",)),
    ],
)
def test_wrong_options_name_the_right_ones(
    run: Run, here: Path, options: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    ran = run("clean", "log.jsonl", "-o", "out", *options)
    assert (ran.code, ran.out) == (2, "")
    for part in parts:
        assert part in ran.err
    assert not (here / "out").exists()


def test_an_output_that_is_there_is_not_touched(run: Run, here: Path, rules: Rules) -> None:
    (here / "out").mkdir()
    ran = run("clean", "log.jsonl", "-o", "out", *rules)
    assert ran.code == 2
    assert ran.err.startswith("error: out: already exists") and "--force" in ran.err
    assert run("clean", "log.jsonl", "-o", "out", "--force", *rules).code == 0


def test_roles_and_fields_may_be_mapped(run: Run, here: Path, rules: Rules) -> None:
    (here / "a.jsonl").write_text('{"ask":"q","say":"I must decline.","who":"m"}\n')
    fields = "prompt=ask, answer=say,model=who"
    ran = run("clean", "a.jsonl", "-o", "a", "--map", fields, "--json", *rules)
    assert ran.json()["counts"]["records"]["removed"] == 1
    (here / "b.jsonl").write_text(
        '{"messages":[{"role":"Critic","content":"q"},{"role":"bot","content":"a"}]}\n'
    )
    ran = run("clean", "b.jsonl", "-o", "b", "--role-map", "critic=user,Bot=assistant", *rules)
    assert "kept                1" in ran.err


def test_faulty_packs_are_told_all_at_once(run: Run, here: Path) -> None:
    (here / "packs").mkdir()
    (here / "packs/bad.yaml").write_text("pack: bad\nlanguage: english\nrules: []\n")
    ran = run("clean", "log.jsonl", "-o", "out", "--rules", "packs")
    assert ran.code == 1
    assert len([line for line in ran.err.splitlines() if line.startswith("error: packs/bad")]) >= 3
    assert not (here / "out").exists()


def test_detect_writes_findings_alone(run: Run, here: Path, rules: Rules) -> None:
    ran = run("detect", "log.jsonl", "-o", "out", *rules)
    assert ran.code == 0
    assert {path.name for path in (here / "out").iterdir()} == {
        "flags.parquet", "manifest.json", "quarantine.jsonl", "verdicts.parquet",
    }  # fmt: skip
    ran = run("detect", "log.jsonl", "-o", "-", *rules)
    assert (ran.code, ran.out) == (2, "")


def test_nothing_that_a_log_holds_moves_the_terminal(run: Run, here: Path, rules: Rules) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07\u202egnp.\r\x9b31m"
    name = f"{evil}.jsonl"
    role = json.dumps(evil)
    (here / name).write_text(f'{{"messages":[{{"role":{role},"content":"x"}}]}}\n')
    ran = run("clean", name, f"missing{name}", "-o", f"out{evil}", *rules)
    explained = run("explain", f"{name}:1")
    refused = run("clean", name, "-o", f"out{evil}")
    assert [ran.code, explained.code, refused.code] == [1, 2, 2]
    for text in (ran.err, explained.err, refused.err):
        assert "␛[2J" in text and "\\u202e" in text
        assert not set(text) & set("\x1b\x07\r\x9b\u202e")


def test_names_that_are_not_utf8_are_printed(run: Run, here: Path, rules: Rules) -> None:
    name = os.fsdecode(b"b\xffd.jsonl")
    Path(name).write_bytes((here / "log.jsonl").read_bytes())
    ran = run("clean", name, "-o", "out", "--json", *rules)
    assert ran.code == 0
    assert ran.json()["inputs"][0]["name"] == "b\\xffd.jsonl"
    assert "not found" in run("clean", f"x{name}", "-o", "out2", *rules).err


def test_demo_names_the_report(run: Run, here: Path) -> None:
    ran = run("demo", "-o", "demo-out", "--json")
    assert ran.code == 0
    assert "demo-out/report.html" in ran.err
    assert ran.json()["counts"]["records"]["kept"] > 200
    assert (here / "demo-out/report.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["clean"],
        ["detect"],
        ["demo"],
        ["explain"],
        ["evaluate"],
        ["formats"],
        ["rules"],
        ["rules", "list"],
        ["rules", "show"],
        ["rules", "test"],
        ["rules", "lint"],
    ],
)
def test_every_command_helps(run: Run, words: list[str]) -> None:
    ran = run(*words, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert "Usage: " in ran.out
    assert run(*words, "-h").out == ran.out


def process(here: Path, *words: str, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "aligncleaner", *words]
    return subprocess.Popen(command, cwd=here, stderr=subprocess.PIPE, **options)


def test_a_reader_that_goes_away_ends_the_run_quietly(here: Path, rules: Rules) -> None:
    (here / "big.jsonl").write_bytes(b'{"prompt":"p","response":"Sure."}\n' * 20_000)
    child = process(here, "clean", "big.jsonl", "-o", "-", *rules, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read(10)
    child.stdout.close()
    _, said = child.communicate()
    assert child.returncode == 1
    assert b"Traceback" not in said and b"Exception" not in said


@pytest.mark.faults
def test_an_interrupted_run_leaves_nothing(here: Path, rules: Rules) -> None:
    child = process(here, "clean", "-", "-o", "out", *rules, stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.write(b'{"prompt":"p","response":"Sure."}\n' * 1000)
    child.stdin.flush()
    time.sleep(2)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate()
    assert child.returncode == 130
    assert b"Traceback" not in said
    assert [path.name for path in here.iterdir()] == ["log.jsonl"]
