"""Parquet rows go out as they came in, in value and schema, and a bad one costs no other."""

from __future__ import annotations

import datetime as dt
import decimal
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.errors import InputRefused
from aligncleaner.files import columns
from aligncleaner.formats.conversation import RecordFault

TURNS = pa.list_(pa.struct([("role", pa.string()), ("content", pa.large_string())]))
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("messages", TURNS),
        pa.field("at", pa.timestamp("ns", "UTC")),
        pa.field("day", pa.date32()),
        pa.field("price", pa.decimal128(9, 2)),
        pa.field("raw", pa.binary()),
        pa.field("kind", pa.dictionary(pa.int32(), pa.string())),
        pa.field("tags", pa.map_(pa.string(), pa.float32())),
        pa.field("note", pa.string(), metadata={"about": "a note"}),
    ],
    metadata={"made": "by a test"},
)


def table(count: int) -> pa.Table:
    """Rows of many types, with nulls, and times that Python's own do not hold."""
    rows = [
        {
            "id": n,
            "messages": None if n % 7 == 3 else [{"role": "user", "content": f"q{n}"}] * (n % 4),
            "at": None,
            "day": dt.date(2024, 1, 1),
            "price": decimal.Decimal("1.50"),
            "raw": bytes([n % 256, 255]),
            "kind": "ab"[n % 2],
            "tags": [("x", 0.5)],
            "note": None if n % 2 else "é\0",
        }
        for n in range(count)
    ]
    made = pa.Table.from_pylist(rows, SCHEMA)
    nanoseconds = pa.array(range(1, count + 1), pa.int64()).cast(SCHEMA.field("at").type)
    return made.set_column(2, SCHEMA.field("at"), nanoseconds)


def copied(path: Path, edits: dict[int, dict[str, Any] | None], rows: int) -> pa.Table:
    """The table of a file after a read in batches of `rows` and a write with edits."""
    out = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_ROWS", rows)
        kept = columns.KeptRows(out, columns.schema(path))
        for block in columns.blocks(path):
            here = range(block.start, block.start + block.length)
            kept.write(block.rows, [(n - block.start, edits[n]) for n in here if n in edits])
        kept.close()
    return pq.read_table(io.BytesIO(out.getvalue()))


@given(
    count=st.integers(0, 9),
    gone=st.sets(st.integers(0, 8)),
    changed=st.sets(st.integers(0, 8)),
    rows=st.integers(1, 10),
)
def test_rows_that_stay_are_equal_in_value_and_schema(
    tmp_path_factory: pytest.TempPathFactory,
    count: int,
    gone: set[int],
    changed: set[int],
    rows: int,
) -> None:
    source = table(count)
    new = {"messages": [{"role": "user", "content": "new"}]}
    edits: dict[int, dict[str, Any] | None] = {**dict.fromkeys(changed, new), **dict.fromkeys(gone)}
    path = tmp_path_factory.getbasetemp() / "log.parquet"
    pq.write_table(source, path)
    source = pq.read_table(path)
    result = copied(path, edits, rows)

    assert result.schema.equals(source.schema, check_metadata=True)
    left = [n for n in range(count) if n not in gone]
    assert result.drop_columns("messages").equals(
        source.take(pa.array(left, pa.int64())).drop_columns("messages")
    )
    for place, n in enumerate(left):
        expected = new["messages"] if n in changed else source["messages"][n].as_py()
        assert result["messages"][place].as_py() == expected


def test_records_are_rows_as_plain_values() -> None:
    rows = table(2).to_batches()[0]
    assert columns.records(rows.select(["id", "messages", "note"])) == [
        {"id": 0, "messages": [], "note": "é\0"},
        {"id": 1, "messages": [{"role": "user", "content": "q1"}], "note": None},
    ]


def test_values_that_python_does_not_hold_become_text() -> None:
    days = pa.array([0, 10**9], pa.int32()).cast(pa.date32())
    rows = pa.record_batch({"prompt": ["a", "b"], "day": days})
    first, second = columns.records(rows)
    assert first == {"prompt": "a", "day": dt.date(1970, 1, 1)}
    assert isinstance(second, dict) and isinstance(second["day"], str)


def test_text_that_is_no_utf8_costs_only_its_own_row() -> None:
    offsets, data = pa.py_buffer(b"\0\0\0\0\1\0\0\0\3\0\0\0\4\0\0\0"), pa.py_buffer(b"a\xff\xfeb")
    text = pa.Array.from_buffers(pa.string(), 3, [None, offsets, data])
    first, fault, last = columns.records(pa.record_batch({"prompt": text}))
    assert (first, last) == ({"prompt": "a"}, {"prompt": "b"})
    assert isinstance(fault, RecordFault)
    assert fault.reason == "prompt: invalid UTF-8 at byte 0"


def broken(folder: Path, kind: str) -> Path:
    path = folder / "log.parquet"
    pq.write_table(table(100), path, compression="none", write_page_checksum=True)
    raw = bytearray(path.read_bytes())
    if kind == "cut":
        del raw[len(raw) // 2 :]
    elif kind == "footer":
        raw[-200:-100] = bytes(100)
    else:
        raw[60:90] = b"\xaa" * 30
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("kind", ["cut", "footer"])
def test_a_file_without_a_sound_footer_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputRefused, match="no sound Parquet footer"):
        columns.schema(broken(tmp_path, kind))


def test_a_corrupt_page_refuses_the_input(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="corrupt page"):
        list(columns.blocks(broken(tmp_path, "page")))
