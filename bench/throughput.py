"""How fast `aligncleaner clean` is beside what else one might run on the same file.

    python bench/throughput.py [--shared ../shared] [--rounds 3] [--tenfold] [--json OUT]

The file is the unpacked alpaca_eval log (343 MB, 182,723 answers). Every contender runs as a
process of its own, in turn, round after round, so that what else the machine does hits all alike;
what counts is the ratio to DuckDB's plain copy of the same file in the same run, by the medians.
Peak memory is that of all processes together (proportional set size: shared pages count once).

A second table holds the stages of a run, in seconds of one processor, against the least that each
could take: copying the bytes, parsing every line with orjson, one scan with Hyperscan.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable

CLEAN = "clean --no-report"
TENFOLD = "clean --no-report, file ten times as long"
LOOP = "Python loop over 224 phrases"
GREP = "grep -viF, 224 phrases"

# Each contender is Python source, run with the log as argv[1] and an output path as argv[2].
_DUCKDB = """
import sys, duckdb
con = duckdb.connect()
con.execute("SET threads = 2")
con.execute(f"COPY (SELECT * FROM read_json('{sys.argv[1]}')) TO '{sys.argv[2]}.json'")
"""
_COPY = """
import sys
with open(sys.argv[1], 'rb') as given, open(sys.argv[2], 'wb') as out:
    while block := given.read(1 << 20):
        out.write(block)
"""
_ORJSON = """
import sys, orjson
with open(sys.argv[1], 'rb') as given:
    for line in given:
        orjson.loads(line)
"""
#: What most people write: any phrase in the lower-cased answer; here on one line in twenty.
_LOOP = """
import sys, json
phrases = open(sys.argv[3]).read().lower().split('\\n')
with open(sys.argv[1], encoding='utf-8') as given, open(sys.argv[2], 'w') as out:
    for number, line in enumerate(given):
        if number % 20:
            continue
        answer = json.loads(line)['messages'][-1]['content'].lower()
        if not any(phrase in answer for phrase in phrases):
            out.write(line)
"""
_LOOP_SHARE = 20
_STAGES = """
import json, sys
from aligncleaner.clean.cleaning import Wanted, clean
done = clean([sys.argv[1]], sys.argv[2], wanted=Wanted(report=False, force=True, workers=2))
print(json.dumps(done.seconds))
"""
_LEAST = """
import json, sys
from time import process_time
import orjson
from aligncleaner.detect import packs
from aligncleaner.detect.rules import RuleDetector

def seconds(work):
    begin = process_time()
    work()
    return process_time() - begin

def copy():
    with open(sys.argv[1], 'rb') as given, open(sys.argv[2], 'wb') as out:
        while block := given.read(1 << 18):
            out.write(block)

def parse():
    with open(sys.argv[1], 'rb') as given:
        for line in given:
            orjson.loads(line)

def scan():
    for rows in batches:
        database.scan(rows, match_event_handler=lambda *match: None)

database = RuleDetector(packs.load())._answer._matcher._database
batches = []
with open(sys.argv[1], 'rb') as given:
    while lines := given.readlines(1 << 19):
        answers = [orjson.loads(line)['messages'][-1]['content'] for line in lines]
        batches.append('\\n'.join(answers).encode())
print(json.dumps({'copy': seconds(copy), 'parse': seconds(parse), 'scan': seconds(scan)}))
"""
#: The stage that cannot be faster than each of the least works.
_AGAINST = {"write": "copy", "read": "parse", "detect": "scan"}


class Run(NamedTuple):
    """One run: seconds on the clock, seconds of processors, peak megabytes of all processes."""

    seconds: float
    cpu: float
    peak: float


def measure(command: list[str]) -> Run:
    """Run a command to its end."""
    before = os.times()
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    peak = 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, _memory(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, errors = process.communicate()
    done.set()
    seconds = time.perf_counter() - begin
    watcher.join()
    after = os.times()
    if process.returncode:
        sys.exit(f"{' '.join(command[:6])} failed:\n{errors.decode()[-2000:]}")
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    return Run(seconds, cpu, peak)


def _memory(pid: int) -> float:
    """Megabytes of a process and all below it."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
            total += int(rollup.split("Pss:")[1].split()[0])
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, IndexError, ValueError):
            continue
    return total / 1024


def contenders(log: Path, folder: Path, phrases: Path) -> dict[str, list[str]]:
    """The commands to run, by name; the first is what the others are held against.

    `phrases` holds one phrase a line.
    """
    out = str(folder / "out")
    clean = [
        PYTHON,
        "-m",
        "aligncleaner",
        "clean",
        str(log),
        "-o",
        out,
        "--workers",
        "2",
        "--force",
    ]
    return {
        "DuckDB plain copy": [PYTHON, "-c", _DUCKDB, str(log), out + ".duckdb"],
        CLEAN: [*clean, "--no-report"],
        "clean --no-report, rules only": [*clean, "--no-report", "--detectors", "rules"],
        "clean with report": clean,
        "copy of the bytes": [PYTHON, "-c", _COPY, str(log), out + ".copy"],
        "orjson, every line": [PYTHON, "-c", _ORJSON, str(log)],
        LOOP: [PYTHON, "-c", _LOOP, str(log), out + ".loop", str(phrases)],
        GREP: ["bash", "-c", f"grep -viF -f {phrases} {log} > {out}.grep"],
    }


def unpacked(shared: Path, folder: Path) -> Path:
    """The log, unpacked into `folder`."""
    log = folder / "alpaca_eval.jsonl"
    packed = pa.OSFile(str(shared / "data" / "logs" / "alpaca_eval.jsonl.zst"))
    with pa.CompressedInputStream(packed, "zstd") as given, log.open("wb") as out:
        shutil.copyfileobj(given, out, 1 << 20)
    return log


def phrase_file(shared: Path, folder: Path) -> Path:
    """The 224 phrases of the WizardLM list, one a line."""
    lists = json.loads((shared / "data" / "peers" / "phrase_lists.json").read_text())
    path = folder / "phrases.txt"
    path.write_text("\n".join(lists["vicuna_wizardlm_unfiltered"]["phrases"]))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tenfold", action="store_true", help="memory on the file ten times over")
    parser.add_argument("--json", type=Path, help="write every run here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = unpacked(given.shared, folder)
        commands = contenders(log, folder, phrase_file(given.shared, folder))
        runs: dict[str, list[Run]] = {contender: [] for contender in commands}
        for round_ in range(given.rounds):
            for contender, command in commands.items():
                if round_ and contender in (LOOP, GREP):
                    continue  # minutes each, and far from close
                runs[contender].append(measure(command))
                seconds = runs[contender][-1].seconds
                print(f"round {round_ + 1}  {contender}: {seconds:.2f} s", file=sys.stderr)
        if given.tenfold:
            large = folder / "tenfold.jsonl"
            with large.open("wb") as out:
                for _ in range(10):
                    with log.open("rb") as once:
                        shutil.copyfileobj(once, out, 1 << 20)
            command = [str(large) if part == str(log) else part for part in commands[CLEAN]]
            runs[TENFOLD] = [measure(command)]
        print(table(runs, log.stat().st_size))
        print()
        print(stages(log, folder))
    if given.json:
        plain = {name: [run._asdict() for run in found] for name, found in runs.items()}
        given.json.write_text(json.dumps(plain, indent=1))


def stages(log: Path, folder: Path) -> str:
    """A Markdown table of the stages of one run."""

    def figures(source: str) -> dict[str, float]:
        command = [PYTHON, "-c", source, str(log), str(folder / "stages")]
        found: dict[str, float] = json.loads(subprocess.check_output(command))
        return found

    spent = figures(_STAGES)
    shutil.rmtree(folder / "stages")
    least = figures(_LEAST)
    lines = ["| stage | seconds of one processor | at least |", "|---|---:|---|"]
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        if name != "all":
            work = _AGAINST.get(name)
            limit = f"{least[work]:.2f} ({work})" if work else ""
            lines.append(f"| {name} | {seconds:.2f} | {limit} |")
    return "\n".join(lines)


def table(runs: dict[str, list[Run]], size: int) -> str:
    """A Markdown table of medians."""
    plain = statistics.median(run.seconds for run in runs["DuckDB plain copy"])
    lines = [
        "| what | seconds | times DuckDB's copy | MB/s | processor seconds | peak MB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, found in runs.items():
        share = _LOOP_SHARE if name == LOOP else 1
        seconds = statistics.median(run.seconds for run in found) * share
        amount = size * (10 if name == TENFOLD else 1)
        cpu = statistics.median(run.cpu for run in found) * share
        peak = max(run.peak for run in found)
        lines.append(
            f"| {name} | {seconds:.2f} | {seconds / plain:.2f} | {amount / seconds / 1e6:.0f} "
            f"| {cpu:.2f} | {peak:.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
