"""An explanation finds its record wherever it stands, and says what the run would say."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aligncleaner import explain
from aligncleaner.detect.cascade import Cascade, Setup, build
from aligncleaner.errors import InputRefused, RecordNotFound
from aligncleaner.explain import parse_place
from aligncleaner.files import lines
from aligncleaner.formats import ReadOptions

RECORDS: list[dict[str, Any]] = [
    {"prompt": "a", "response": "Sure."},
    {"prompt": "b", "response": "I must decline."},
    {
        "messages": [
            {"role": "user", "content": "c"},
            {"role": "assistant", "content": "One."},
            {"role": "user", "content": "d"},
            {"role": "assistant", "content": "I must decline."},
        ]
    },
]
LINES = "\n\n".join(map(json.dumps, RECORDS)).encode()


@pytest.fixture(scope="module")
def cascade(tiny_rules: Path) -> Cascade:
    return build(Setup((tiny_rules,), ("rules",), "re2"))


def logs(folder: Path) -> dict[str, Path]:
    """The same records in every container."""
    files = {
        "lines.jsonl": LINES,
        "packed.jsonl.gz": gzip.compress(LINES),
        "array.json": json.dumps(RECORDS).encode(),
        "table.csv": b"prompt,response\na,Sure.\n\nb,I must decline.\n",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    pq.write_table(pa.Table.from_pylist(RECORDS[:2]), folder / "rows.parquet")
    return {name: folder / name for name in (*files, "rows.parquet")}


@pytest.mark.parametrize(
    "name", ["lines.jsonl", "packed.jsonl.gz", "array.json", "table.csv", "rows.parquet"]
)
def test_records_are_found_by_number_in_every_container(
    tmp_path: Path, cascade: Cascade, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK", 20)
    file = str(logs(tmp_path)[name])
    (first,) = explain.explain(file, 1, None, cascade)
    (second,) = explain.explain(file, 2, 1, cascade)
    assert (first.answer, first.verdict.outcome) == ("Sure.", "complies")
    assert (second.answer, second.verdict.outcome) == ("I must decline.", "refuses")
    assert (second.prompt, second.line, second.turn, second.source) == ("b", 2, 1, file)


def test_every_answer_of_a_record_or_one(tmp_path: Path, cascade: Cascade) -> None:
    file = str(logs(tmp_path)["lines.jsonl"])
    assert [one.turn for one in explain.explain(file, 3, None, cascade)] == [1, 3]
    (one,) = explain.explain(file, 3, 3, cascade)
    assert one.why.keys() == {"tiny.declines"}
    assert one.decision.action == "drop_turn"
    assert one.contributions
    json.dumps(one.as_json())


def test_unreadable_records_count_as_they_do_in_a_run(tmp_path: Path, cascade: Cascade) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(b'[nope, {"prompt":"a","response":"x"},, {"prompt":"b","response":"y"}]')
    assert explain.explain(str(path), 2, None, cascade)[0].answer == "x"
    assert explain.explain(str(path), 4, None, cascade)[0].answer == "y"
    for line, reason in ((1, "not JSON"), (3, "a comma without an item")):
        with pytest.raises(RecordNotFound, match=reason):
            explain.explain(str(path), line, None, cascade)


@pytest.mark.parametrize("line", [0, 4, 10**9])
def test_no_such_record(tmp_path: Path, cascade: Cascade, line: int) -> None:
    with pytest.raises(RecordNotFound, match="the file has 3 records; expected 1 to 3"):
        explain.explain(str(logs(tmp_path)["lines.jsonl"]), line, None, cascade)


def test_no_such_answer(tmp_path: Path, cascade: Cascade) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"messages":[{"role":"user","content":"q"}]}\n')
    with pytest.raises(RecordNotFound, match=r"no answer; expected one of its turns \(none\)"):
        explain.explain(str(path), 1, None, cascade)
    with pytest.raises(RecordNotFound, match="no answer at turn 0"):
        explain.explain(str(path), 1, 0, cascade)


def test_files_that_cannot_be_read(tmp_path: Path, cascade: Cascade) -> None:
    with pytest.raises(RecordNotFound, match="not found"):
        explain.explain(str(tmp_path / "none.jsonl"), 1, None, cascade)
    (tmp_path / "page.html").write_text("<html></html>")
    with pytest.raises(InputRefused, match="looks like HTML"):
        explain.explain(str(tmp_path / "page.html"), 1, None, cascade)


def test_fields_may_be_mapped(tmp_path: Path, cascade: Cascade) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"ask":"q","say":"a"}\n')
    reading = ReadOptions(fields={"prompt": "ask", "answer": "say"})
    assert explain.explain(str(path), 1, None, cascade, reading)[0].answer == "a"


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        ("log.jsonl:12", ("log.jsonl", 12, None)),
        ("log.jsonl:12:3", ("log.jsonl", 12, 3)),
        ("C:/a:b.jsonl:1:0", ("C:/a:b.jsonl", 1, 0)),
        ("a b:c:7", ("a b:c", 7, None)),
        ("-:1", ("-", 1, None)),
    ],
)
def test_places(place: str, parts: tuple[str, int, int | None]) -> None:
    assert parse_place(place) == parts


@pytest.mark.parametrize(
    "place", ["", ":", "log.jsonl", "log.jsonl:", "log:-1", ":3", "log:²", "log:x:1:"]
)
def test_no_places(place: str) -> None:
    with pytest.raises(RecordNotFound, match="expected FILE:LINE or FILE:LINE:TURN"):
        parse_place(place)
