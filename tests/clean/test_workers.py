"""However many processes work, and however often, the same bytes come out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aligncleaner.clean import pool

NO = "I must decline."


def records(count: int) -> list[dict[str, Any]]:
    """Records of every end; some come again word for word."""
    kinds: list[dict[str, Any]] = [
        {"prompt": "p", "response": "Sure."},
        {"prompt": "p", "response": NO},
        {"foo": 1},
        {"messages": [{"role": "user", "content": "q"}]},
        {
            "messages": [
                {"role": "user", "content": "a"},
                {"role": "assistant", "content": NO},
                {"role": "user", "content": "b"},
                {"role": "assistant", "content": "Yes."},
            ],
        },
    ]
    return [{**kinds[n % 5], "n": n // 7} for n in range(count)]


def parquet() -> bytes:
    out = io.BytesIO()
    rows = [row for row in records(200) if "response" in row]
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


LOGS = {
    "log.jsonl": "\n".join(map(json.dumps, records(200))).encode(),
    "log.json": json.dumps(records(200), indent=1).encode(),
    "log.csv": b"prompt,response\n"
    + b"".join(b"p%d,%s\n" % (n % 9, (NO.encode(), b"Yes", b"a,b")[n % 3]) for n in range(200)),
    "log.parquet": parquet(),
}


@pytest.fixture(scope="module")
def alone(cleaned: Callable[..., Any]) -> dict[str, bytes]:
    """What one process makes of all of the logs at once."""
    files: dict[str, bytes] = cleaned(LOGS, pieces=2000, report=True).files
    return files


def test_two_processes_write_the_bytes_of_one(
    cleaned: Callable[..., Any], alone: dict[str, bytes]
) -> None:
    assert cleaned(LOGS, pieces=2000, report=True, workers=2).files == alone


def test_the_size_of_pieces_leaves_no_trace(
    cleaned: Callable[..., Any], alone: dict[str, bytes]
) -> None:
    whole = cleaned(LOGS, report=True).files
    # Rows of Parquet stand in the row groups in which they came.
    assert {n: d for n, d in whole.items() if "parquet" not in n and n != "manifest.json"} == {
        n: d for n, d in alone.items() if "parquet" not in n and n != "manifest.json"
    }


def test_every_end_is_met(alone: dict[str, bytes]) -> None:
    manifest = json.loads(alone["manifest.json"])
    assert all(manifest["counts"]["records"].values())
    assert {name for name, count in manifest["counts"]["fates"].items() if count} == {
        "kept",
        "turn_dropped",
        "conversation_dropped",
        "no_answer",
        "quarantined",
    }


def test_results_come_in_the_order_of_their_items() -> None:
    drawn = list(pool.in_order(abs, iter(range(-9, 9)), 2))
    assert drawn == [(n, abs(n)) for n in range(-9, 9)]


def test_few_items_are_under_way_at_a_time() -> None:
    drawn: list[int] = []

    def items() -> Any:
        for n in range(50):
            drawn.append(n)
            yield n

    for given, _ in pool.in_order(abs, items(), 2):
        assert len(drawn) - given <= 7


def test_an_error_of_a_worker_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        list(pool.in_order((1).__truediv__, [1, 0, 2], 2))


@pytest.mark.faults
def test_a_killed_worker_ends_the_run() -> None:
    import os
    import signal

    def die(item: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(pool.WorkerDied, match="fewer --workers"):
        list(pool.in_order(die, [1, 2], 2))
