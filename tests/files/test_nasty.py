"""Hostile and broken files, cleaned as a whole: what is sound survives, the rest is accounted for.

The large set lies beside the checkout; the small one is written here.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aligncleaner.clean.cleaning import Wanted, clean
from aligncleaner.detect.cascade import Setup
from aligncleaner.errors import InputRefused

REFUSED = -1


class Ended(NamedTuple):
    """Records that stay, records in quarantine (`REFUSED`: the input), and what was said."""

    good: int
    bad: int
    said: str


@pytest.fixture
def cleaned(tiny_rules: Path, tmp_path: Path) -> Callable[[Path], Ended]:
    """A function that cleans one file; if nothing of a text goes, its bytes must stay."""

    def run(path: Path) -> Ended:
        out = tmp_path / "out"
        setup = Setup((tiny_rules,), ("rules",), "re2")
        wanted = Wanted(report=False, workers=1, force=True)
        try:
            done = clean([str(path)], out, setup=setup, wanted=wanted)
        except InputRefused as error:
            return Ended(0, REFUSED, str(error))
        assert done.result.counts.records["removed"] == 0
        lines = (out / "quarantine.jsonl").read_bytes().splitlines()
        reasons = [json.loads(line)["reason"] for line in lines]
        if not reasons and done.result.read[0].format in ("jsonl", "array", "csv"):
            (kept,) = out.glob("kept*")
            assert kept.read_bytes() == path.read_bytes()
        counts = done.result.counts.records
        said = " ".join(reasons + done.result.warnings)
        return Ended(counts["kept"] + counts["repaired"], counts["quarantined"], said)

    return run


def test_the_large_set(
    shared: Path,
    tmp_path_factory: pytest.TempPathFactory,
    cleaned: Callable[[Path], Ended],
    subtests: pytest.Subtests,
) -> None:
    folder = tmp_path_factory.mktemp("nasty")
    script = shared / "acceptance" / "nasty_inputs.py"
    if not script.exists():
        pytest.skip("needs the generator of hostile files beside the third-party data")
    subprocess.run([sys.executable, script, folder], check=True, capture_output=True)
    for case in json.loads((folder / "MANIFEST.json").read_bytes()):
        if case["file"] == "noperm.jsonl" and os.geteuid() == 0:
            continue  # root may read everything
        with subtests.test(msg=case["file"], expected=case["reason"]):
            good, bad, said = cleaned(folder / case["file"])
            if case["outcome"] == "refuse":
                assert bad == REFUSED, said
            elif case["good"] is not None:
                assert (good, bad) == (case["good"], case["bad"]), said


def chat(number: int, answer: str = "Sure.") -> bytes:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": answer}]
    return json.dumps({"id": number, "messages": turns}, ensure_ascii=False).encode() + b"\n"


def parquet(columns: dict[str, list[Any]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


ONE, TWO = chat(1), chat(2)
TEXTS = {
    "script": "<script>alert(1)</script>",
    "sql": "'; drop table t; --",
    "shell": "$(touch owned) `id`",
    "template": "{{7*7}} ${jndi:ldap://127.0.0.1/a} %s {0.__class__}",
    "ansi": "\x1b[2J\x1b]0;owned\x07",
    "bidi": "abc \u202e dcba \u2066 x",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x85",
    "separators": "a\u2028b\u2029c\u0085d\x0be\x0cf",
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "zalgo": "s" + "\u0336\u0321\u0300" * 300,
    "formula": "=cmd|'/c calc'!A0",
    "long": "a" * 1_500_000,
    "NUL, escaped": "a\0b",
}
CASES: dict[str, tuple[bytes, int, int, str]] = {
    **{text: (chat(1, TEXTS[text]) + TWO, 2, 0, "") for text in TEXTS},
    "BOM": (b"\xef\xbb\xbf" + ONE + TWO, 2, 0, ""),
    "CRLF": ((ONE + TWO).replace(b"\n", b"\r\n"), 2, 0, ""),
    "CR alone": ((ONE + TWO).replace(b"\n", b"\r"), 0, 1, "old-Mac line ends"),
    "blank lines": (b"\n \n" + ONE + b"\t\n\n" + TWO + b"\n", 2, 0, ""),
    "empty": (b"", 0, 0, "empty file"),
    "last line cut": (ONE + TWO[:40], 1, 1, "truncated JSON"),
    "not UTF-8": (ONE + TWO.replace(b"q", b"\xff"), 1, 1, "invalid UTF-8"),
    "lone surrogate": (ONE + TWO.replace(b"q", b"\\udc00"), 1, 1, "lone surrogate"),
    "NUL": (ONE + TWO.replace(b"q", b"\0"), 1, 1, "NUL bytes"),
    "NaN": (ONE + b'{"n":NaN}\n', 1, 1, "NaN is not JSON"),
    "a long number": (ONE + TWO.replace(b"2", b"9" * 400, 1), 2, 0, ""),
    "a longer number": (ONE + TWO.replace(b"2", b"9" * 5000, 1), 1, 1, "number too long"),
    "deep": (ONE + b'{"a":' * 100_000 + b"\n" + TWO, 2, 1, "nesting deeper"),
    "two on a line": (ONE.strip() + TWO + ONE, 1, 1, "extra data"),
    "no layout": (ONE + b'{"foo":1}\n' + TWO, 2, 1, "no known chat layout"),
    "other types": (ONE + b'{"messages":3}\n{"messages":{"role":1}}\n', 1, 2, "must be a list"),
    "array": (b"[" + ONE + b"," + TWO + b"]", 2, 0, ""),
    "array, cut": (b"[" + ONE + b"," + TWO[:20], 1, 1, "truncated"),
    "array, commas": (b"[" + ONE + b",," + TWO + b",]", 2, 2, "comma"),
    "array in an object": (b'{"data":[' + ONE + b"," + TWO + b"]}", 2, 0, ""),
    "table": (b'prompt,response\n"a\nb",c\n"say ""x""",d\n', 2, 0, ""),
    "table, ragged": (b"prompt,response\na,b\nc\nd,e,f\n", 1, 2, "wrong field count"),
    "table, unclosed": (b'prompt,response\na,b\n"c,d\ne,f\n', 1, 1, "quote never closed"),
    "table, Latin-1": (b"prompt,response\ncaf\xe9,b\n", 0, REFUSED, "not UTF-8 at line 2"),
    "table, two of a name": (b"prompt,prompt\na,b\n", 0, REFUSED, "duplicate column"),
    "table of others": (b"foo,bar\n1,2\n", 0, REFUSED, "no known chat columns"),
    "packed": (gzip.compress(ONE) + gzip.compress(TWO), 2, 0, "name does not say so"),
    "packed, cut": (gzip.compress(ONE) + gzip.compress(TWO)[:12], 1, 1, "stream truncated"),
    "packed, more": (gzip.compress(ONE) + b"garbage!", 1, 0, "trailing bytes"),
    "packed, wrong": (gzip.compress(ONE)[:-8] + bytes(8), 0, REFUSED, "checksum mismatch"),
    "rows": (parquet({"prompt": ["a", "b"], "response": ["c", None]}), 2, 0, ""),
    "rows, types": (parquet({"prompt": [1, 2], "response": ["a", "b"]}), 0, 2, "not text"),
    "rows, cut": (parquet({"prompt": ["a"], "response": ["b"]})[:60], 0, REFUSED, "footer"),
    "UTF-16": ((ONE + TWO).decode().encode("utf-16"), 0, REFUSED, "UTF-16"),
    "web page": (b"<!doctype html><p>404", 0, REFUSED, "HTML"),
    "binary": (bytes(range(256)) * 9, 0, REFUSED, "binary data"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_small_set(
    case: str, tmp_path: Path, cleaned: Callable[[Path], Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data, good, bad, part = CASES[case]
    path = tmp_path / "log.jsonl"
    path.write_bytes(data)
    if case.startswith("table"):
        path = path.rename(tmp_path / "log.csv")
    ended = cleaned(path)
    assert (ended.good, ended.bad) == (good, bad)
    assert part in ended.said
    assert part or not ended.said
    assert {entry.name for entry in tmp_path.iterdir()} <= {path.name, "out"}
