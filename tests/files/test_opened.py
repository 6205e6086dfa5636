"""An input is what its first bytes say, whatever it is called."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aligncleaner import formats
from aligncleaner.errors import InputRefused
from aligncleaner.files import records, sources
from aligncleaner.files.blocks import Limits
from aligncleaner.files.opened import opened
from aligncleaner.formats import ReadOptions, RecordFault

LINES = b'{"prompt":"a","response":"b"}\n{"instruction":"i","output":"o"}\n'
ARRAY = b'[{"prompt":"a","response":"b"},\n {"instruction":"i","output":"o"}]\n'
TABLE = b"prompt,response\na,b\n"
RECORDS = [{"prompt": "a", "response": "b"}, {"instruction": "i", "output": "o"}]


def look(
    path: Path | str, options: ReadOptions = ReadOptions(), limits: Limits = Limits()
) -> tuple[str, str | None, list[Any], list[str]]:
    """Container, packing, records (or reasons) and warnings of one input."""
    (source,) = sources.find([str(path)]).sources
    with opened(source, formats.wanted(options), limits) as here:
        found: list[Any] = []
        for block in here.blocks:
            if block.fault:
                found.append(block.fault)
            for piece in records.read(block, here.dialect, limits):
                found += [r.reason if isinstance(r, RecordFault) else r for r in piece.parsed]
        return here.container, here.packing, found, here.warnings


def saved(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["log.jsonl", "log.json", "log.csv", "log.parquet", "log"])
@pytest.mark.parametrize(
    ("data", "container", "expected"),
    [
        (LINES, "jsonl", RECORDS),
        (b"\xef\xbb\xbf" + LINES, "jsonl", RECORDS),
        (b"\n \n" + LINES, "jsonl", RECORDS),
        (ARRAY, "array", RECORDS),
        (b"\xef\xbb\xbf\n" + ARRAY, "array", RECORDS),
        (b"[]", "array", []),
        (b'{"version":1,"data":' + ARRAY + b"}", "array", RECORDS),
        (b'{\n "rows": ' + ARRAY + b',\n "more": {}\n}\n', "array", RECORDS),
        (b"", "jsonl", []),
        (b"[1,2]\n" + LINES, "jsonl", ["record is a list, not an object", *RECORDS]),
        (b'"text"\n' + LINES, "jsonl", ["record is text, not an object", *RECORDS]),
        # Lines that hold arrays are lines: the first is no frame around the others.
        (b'{"data":[{"prompt":"a","response":"b"}]}\n' * 2, "jsonl", [{"data": RECORDS[:1]}] * 2),
    ],
)
def test_json_is_told_by_content(
    tmp_path: Path, name: str, data: bytes, container: str, expected: list[Any]
) -> None:
    told, packing, found, _ = look(saved(tmp_path, name, data))
    assert (told, packing) == (container, None)
    assert found == expected


@pytest.mark.parametrize(
    "data",
    [
        TABLE,
        b'"prompt","response"\n"a","b"\n',
        b"prompt;response\na;b\n",
        b"\xef\xbb\xbfprompt\tresponse\r\na\tb\r\n",
    ],
)
@pytest.mark.parametrize("name", ["log.csv", "log.tsv", "log.csv.gz", "log.txt", "log"])
def test_tables_are_told_by_their_header(tmp_path: Path, name: str, data: bytes) -> None:
    packed = gzip.compress(data) if name.endswith(".gz") else data
    container, _, found, _ = look(saved(tmp_path, name, packed))
    assert (container, found) == ("csv", [{"prompt": "a", "response": "b"}])


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
@pytest.mark.parametrize("data", [LINES, ARRAY])
def test_packed_files_are_told_by_content(tmp_path: Path, packing: str, data: bytes) -> None:
    raw = gzip.compress(data) if packing == "gzip" else pa.Codec("zstd").compress(data)
    _, told, found, warnings = look(saved(tmp_path, "log.jsonl", bytes(raw)))
    assert (told, found) == (packing, RECORDS)
    assert [f"compressed with {packing}" in warning for warning in warnings] == [True]


def test_a_name_that_promises_packing_is_warned_of(tmp_path: Path) -> None:
    path = saved(tmp_path, "log.jsonl.gz", LINES)
    _, packing, found, warnings = look(path)
    assert (packing, found) == (None, RECORDS)
    assert warnings == [f"{path}: not compressed whatever its name says, read as plain text"]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_empty_files_are_warned_of(tmp_path: Path, data: bytes) -> None:
    _, _, found, warnings = look(saved(tmp_path, "log.jsonl", data))
    assert found == []
    assert "empty file" in warnings[-1]


@pytest.mark.parametrize(
    ("data", "got"),
    [
        (LINES.decode().encode("utf-16"), "file is UTF-16"),
        (LINES.decode().encode("utf-32"), "file is UTF-32"),
        (b"\xfe\xff" + LINES.decode().encode("utf-16-be"), "file is UTF-16"),
        (b"<!DOCTYPE html><html></html>", "looks like HTML"),
        (b"\n <html><body>404</body></html>", "looks like HTML"),
        (b'<?xml version="1.0"?><log/>', "looks like HTML"),
        (bytes(range(256)) * 20, "binary data"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "binary data"),
        (b"foo,bar\n1,2\n", "no known chat columns (it has foo, bar)"),
        (b"prompt,response,prompt\n1,2,3\n", "duplicate column 'prompt'"),
        (b"PAR1" + bytes(40), "no sound Parquet footer"),
    ],
)
def test_what_is_no_log_is_refused(tmp_path: Path, data: bytes, got: str) -> None:
    path = saved(tmp_path, "log.csv", data)
    with pytest.raises(InputRefused) as caught:
        look(path)
    assert caught.value.faults[0].where == str(path)
    assert got in str(caught.value)


def test_a_few_bad_bytes_are_one_bad_record(tmp_path: Path) -> None:
    data = LINES + b'{"prompt":"caf\xe9","response":"' + b"\xff" * 20 + b'"}\n' + LINES * 20
    _, _, found, _ = look(saved(tmp_path, "log.jsonl", data))
    assert len(found) == 43
    assert found[2].startswith("invalid UTF-8")


def test_a_mapped_table_needs_no_known_names(tmp_path: Path) -> None:
    path = saved(tmp_path, "log.csv", b"foo,bar\n1,2\n")
    options = ReadOptions(fields={"prompt": "foo", "answer": "bar"})
    assert look(path, options)[2] == [{"foo": "1", "bar": "2"}]


@pytest.mark.parametrize(
    "data", [LINES, ARRAY, TABLE, gzip.compress(LINES, mtime=0), b"\xef\xbb\xbf" + LINES]
)
def test_standard_input_is_told_as_files_are(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stdin:
        buffer = io.BytesIO(data)

    monkeypatch.setattr(sys, "stdin", Stdin)
    piped = look("-")
    assert piped[:3] == look(saved(tmp_path, "log", data))[:3]


def test_a_file_that_cannot_be_read_is_refused_as_an_input(tmp_path: Path) -> None:
    path = saved(tmp_path, "log.jsonl", LINES)
    found = sources.find([str(path)])
    path.unlink()
    with (
        pytest.raises(InputRefused, match="cannot be read"),
        opened(found.sources[0], formats.wanted(ReadOptions()), Limits()),
    ):
        pass


def test_a_fault_while_blocks_are_drawn_is_the_inputs(tmp_path: Path) -> None:
    raw = bytearray(gzip.compress(json.dumps(RECORDS).encode() * 50_000))
    raw[-8:-4] = b"\0\0\0\0"
    with pytest.raises(InputRefused, match="gzip checksum mismatch"):
        look(saved(tmp_path, "log.jsonl.gz", bytes(raw)))


@pytest.mark.parametrize("piped", [False, True])
def test_a_truncated_frame_costs_no_frame_before_it(
    tmp_path: Path, piped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = bytes(pa.Codec("zstd").compress(LINES * 400, asbytes=True))
    raw = frame + frame[:8]

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": Pipe(raw)}))
    *found, last = look("-" if piped else saved(tmp_path, "log.jsonl.zst", raw))[2]
    assert last == "zstd stream truncated"
    # Of a pipe some kilobytes are lost, for it cannot be read again.
    assert len(found) >= 600 if piped else len(found) == 800
