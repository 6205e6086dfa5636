"""An input that cannot be read is left out whole, and the others go on."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aligncleaner.errors import InputRefused
from aligncleaner.files import compression

LOG = b"".join(b'{"prompt":"p%d","response":"Sure."}\n' % n for n in range(300))
NO = b'{"prompt":"p","response":"I must decline."}\n'


def bad_checksum(data: bytes) -> bytes:
    raw = bytearray(gzip.compress(data))
    raw[-8:-4] = bytes(4)
    return bytes(raw)


BAD = {
    "zeros.jsonl": (bytes(500), "binary data"),
    "page.jsonl": (b"<html></html>", "looks like HTML"),
    "wide.jsonl": ("{}\n".encode("utf-16"), "file is UTF-16"),
    "latin.csv": (b"prompt,response\n" + b"a,b\n" * 500 + b"caf\xe9,x\n", "not UTF-8 at line 502"),
    "foreign.csv": (b"foo,bar\n1,2\n", "no known chat columns"),
    "crc.jsonl.gz": (bad_checksum(LOG), "gzip checksum mismatch"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("first", [True, False])
def test_the_others_go_on_as_if_it_had_not_been_there(
    cleaned: Callable[..., Any], name: str, first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "CHUNK", 500)  # so that refusal comes after whole blocks
    data, reason = BAD[name]
    good = {"a.jsonl": NO + LOG, "b.jsonl": LOG}
    given = {name: data, **good} if first else {**good, name: data}
    output = cleaned(given, pieces=400)
    (fault,) = output.cleaning.result.refused
    assert (fault.where, output.cleaning.partial) == (f"in/{name}", True)
    assert reason in fault.got
    expected = cleaned(good, pieces=400)
    changing = {"manifest.json"}
    assert {n: d for n, d in output.files.items() if n not in changing} == {
        n: d for n, d in expected.files.items() if n not in changing
    }
    assert output.manifest["counts"] == expected.manifest["counts"]
    assert [refused["where"] for refused in output.manifest["refused"]] == [f"in/{name}"]


def test_one_that_is_left_alone_is_named_as_alone(cleaned: Callable[..., Any]) -> None:
    output = cleaned({"crc.jsonl.gz": bad_checksum(LOG), "a.jsonl": LOG})
    assert output.files["kept.jsonl"] == LOG


def test_if_none_is_left_nothing_is_written(cleaned: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as caught:
        cleaned({name: data for name, (data, _) in BAD.items()})
    assert {fault.where for fault in caught.value.faults} == {f"in/{name}" for name in BAD}


def test_a_fifo_does_not_block(cleaned: Callable[..., Any], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    given = [str(tmp_path / "pipe.jsonl"), str(tmp_path / "missing.jsonl"), "in/a.jsonl"]
    output = cleaned({"a.jsonl": LOG}, given=given)
    assert [fault.got for fault in output.cleaning.result.refused] == [
        "not a regular file",
        "not found",
    ]
    assert output.kept == LOG


LOGS = {
    "log.jsonl.gz": LOG,
    "log.json.gz": b"[" + LOG.strip().replace(b"\n", b",\n") + b"]",
    "log.csv.gz": b"prompt,response\n" + b"".join(b"p%d,Sure.\n" % n for n in range(300)),
}


@pytest.mark.parametrize("name", LOGS)
def test_a_truncated_input_is_partial(cleaned: Callable[..., Any], name: str) -> None:
    output = cleaned({name: gzip.compress(LOGS[name])[:-20]})
    assert output.cleaning.partial
    assert output.funnel["kept"] > 200
    assert "stream truncated" in output.jsonl("quarantine")[-1]["reason"]


@pytest.mark.parametrize("name", LOGS)
def test_bytes_behind_a_packed_log_are_only_warned_of(
    cleaned: Callable[..., Any], name: str
) -> None:
    output = cleaned({name: gzip.compress(LOGS[name]) + b"garbage!"})
    assert not output.cleaning.partial
    assert gzip.decompress(output.kept) == LOGS[name]
    assert output.manifest["warnings"] == [
        f"in/{name}: trailing bytes after the compressed data, which are left out"
    ]


def test_empty_inputs_have_empty_outputs(cleaned: Callable[..., Any]) -> None:
    output = cleaned({"a.jsonl": b"", "b.jsonl": LOG, "c.json": b"[]", "d.jsonl": b""})
    assert {name: output.files[f"kept/{name}"] for name in ("a.jsonl", "c.json", "d.jsonl")} == {
        "a.jsonl": b"",
        "c.json": b"[]",
        "d.jsonl": b"",
    }
    assert [read["records"] for read in output.manifest["inputs"]] == [0, 300, 0, 0]


def test_names_that_are_not_utf8_are_no_hindrance(cleaned: Callable[..., Any]) -> None:
    name = os.fsdecode(b"b\xffd.jsonl")
    output = cleaned({name: LOG + NO + b"nope\n"}, given=[f"in/{name}", "in/\udcfe.jsonl"])
    assert output.kept == LOG
    assert {row["source"] for row in output.jsonl("removed")} == {"in/b\\xffd.jsonl"}
    assert output.manifest["refused"][0]["where"] == "in/\\xfe.jsonl"
