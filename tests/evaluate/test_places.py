"""Labels that name the place of their answer find it in the logs beside them, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aligncleaner.errors import GoldInvalid, InputRefused
from aligncleaner.evaluate import gold

SAMPLE = Path(__file__).resolve().parents[2] / "aligncleaner" / "sample" / "labels.jsonl"

LOG = [
    {"messages": [{"role": "user", "content": "Sing."}, {"role": "assistant", "content": "La."}]},
    {"messages": "unreadable"},
    {
        "messages": [
            {"role": "assistant", "content": "Hello!"},
            {"role": "user", "content": "Dance."},
            {"role": "assistant", "content": "I cannot."},
        ]
    },
]


def label(line: object, turn: object, source: object = "log.jsonl") -> dict[str, Any]:
    return {"source": source, "line": line, "turn": turn, "outcome": "complies", "traits": []}


@pytest.fixture(params=[".", "logs"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    logs = tmp_path / "gold" / request.param
    logs.mkdir(parents=True, exist_ok=True)
    (logs / "log.jsonl").write_text("\n".join(map(json.dumps, LOG)))
    return tmp_path / "gold"


def read(folder: Path, *labels: dict[str, Any]) -> gold.Gold:
    path = folder / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, labels)))
    return gold.read(path)


def test_answers_are_found_by_record_and_turn(folder: Path) -> None:
    found = read(folder, label(1, 1), label(3, 0), label(3, 2))
    assert found.layout == "places"
    said = [(row.id, row.prompt, row.response) for row in found.rows]
    assert said == [
        ("log.jsonl:1:1", "Sing.", "La."),
        ("log.jsonl:3:0", None, "Hello!"),
        ("log.jsonl:3:2", "Dance.", "I cannot."),
    ]
    assert {row.source for row in found.rows} == {"log.jsonl"}


@pytest.mark.parametrize("place", [(1, 0), (2, 0), (4, 1), (0, 1), ([], {}), (None, "1")])
def test_a_place_without_an_answer_is_a_fault(folder: Path, place: tuple[Any, Any]) -> None:
    with pytest.raises(GoldInvalid, match=r"labels\.jsonl:2: log\.jsonl:.* holds no answer"):
        read(folder, label(1, 1), label(*place))


@pytest.mark.parametrize("source", ["other.jsonl", "../secret.jsonl", "/etc/passwd", "", "\0", 7])
def test_only_logs_beside_the_labels_are_read(folder: Path, source: object) -> None:
    (folder.parent / "secret.jsonl").write_text(json.dumps(LOG[0]))
    with pytest.raises(GoldInvalid):
        read(folder, label(1, 1, source))


def test_a_log_that_is_none_is_refused(folder: Path) -> None:
    (folder / "wide.jsonl").write_text(json.dumps(LOG[0]), encoding="utf-16")
    with pytest.raises(InputRefused):
        read(folder, label(1, 1, "wide.jsonl"))


def test_the_bundled_sample_is_gold() -> None:
    found = gold.read(SAMPLE)
    assert found.layout == "places"
    assert len(found.rows) == len(SAMPLE.read_text().splitlines())
    assert len({row.source for row in found.rows}) == 5
