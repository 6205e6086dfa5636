"""The manifest says what was read and written, and the same run gives the same bytes."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from typing import Any

import aligncleaner

GOOD = b'{"prompt":"p","response":"Sure."}\n'
LOGS = {
    "a.jsonl": GOOD + b'{"prompt":"p","response":"I must decline."}\nnope\n',
    "b.jsonl.gz": gzip.compress(GOOD, mtime=0),
    "deep/c.json": b"[" + GOOD + b"]",
    "d.csv": b"prompt,response\np,Sure.\n",
}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_hashes_of_inputs_and_outputs_are_right(cleaned: Callable[..., Any]) -> None:
    output = cleaned(LOGS, report=True)
    written = {name: data for name, data in output.files.items() if name != "manifest.json"}
    assert output.manifest["outputs"] == {name: sha256(data) for name, data in written.items()}
    assert set(written) == {
        *(f"kept/{name}" for name in LOGS),
        "removed.jsonl",
        "quarantine.jsonl",
        "ledger.parquet",
        "flags.parquet",
        "verdicts.parquet",
        "report.html",
        "report.json",
    }
    read = {entry["name"]: entry for entry in output.manifest["inputs"]}
    for name, data in LOGS.items():
        assert read[f"in/{name}"]["sha256"] == sha256(data)
        assert read[f"in/{name}"]["bytes"] == len(data)
    assert [entry["format"] for entry in read.values()] == ["jsonl", "jsonl.gzip", "array", "csv"]


def test_counts_are_those_of_the_tables(cleaned: Callable[..., Any]) -> None:
    output = cleaned(LOGS)
    counts = output.manifest["counts"]
    assert counts["answers"] == len(output.table("verdicts")) == 5
    assert counts["flags"] == len(output.table("flags")) == 1
    assert counts["records"] == {"kept": 4, "repaired": 0, "removed": 1, "quarantined": 1}
    fates = [row["fate"] for row in output.table("ledger")]
    assert {fate: n for fate, n in counts["fates"].items() if n} == {
        fate: fates.count(fate) for fate in set(fates)
    }
    assert sum(entry["records"] for entry in output.manifest["inputs"]) == 6


def test_versions_and_rules_are_named(cleaned: Callable[..., Any]) -> None:
    manifest = cleaned(LOGS).manifest
    assert manifest["aligncleaner"] in ("0", aligncleaner.__version__)
    assert len(manifest["rules_sha256"]) == 64
    assert manifest["detectors"].keys() == {"rules"}
    assert manifest["command"] == ["aligncleaner", "clean"]
    assert manifest["libraries"]["pyarrow"]


def test_a_second_run_writes_the_same_bytes(cleaned: Callable[..., Any]) -> None:
    assert cleaned(LOGS, report=True).files == cleaned(LOGS, report=True).files
