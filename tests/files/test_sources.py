"""From names to files: each is looked at before it is opened, and none is read twice."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from aligncleaner.files import sources
from aligncleaner.files.sources import Source


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with some logs in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "b.jsonl.gz", "deep/c.csv", "deep/er/d.parquet", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}\n")
    return tmp_path


def names(inputs: list[str], **options: object) -> list[str]:
    found = sources.find(inputs, **options)  # type: ignore[arg-type]
    assert found.refused == []
    return [source.name for source in found.sources]


def refusal(given: str, recursive: bool = False) -> str:
    found = sources.find([given], recursive)
    assert found.sources == []
    (fault,) = found.refused
    assert fault.where == sources.shown(given)
    return fault.got


def test_files_keep_their_names_and_order(logs: Path) -> None:
    assert names(["notes.txt", "./a.jsonl", str(logs / "deep/c.csv")]) == [
        "notes.txt",
        "./a.jsonl",
        str(logs / "deep/c.csv"),
    ]


def test_sizes_and_places_below_the_common_folder(logs: Path) -> None:
    found = sources.find(["deep/er/d.parquet", "deep/c.csv"])
    assert found.sources == [
        Source("deep/er/d.parquet", Path("deep/er/d.parquet"), "er/d.parquet", 3),
        Source("deep/c.csv", Path("deep/c.csv"), "c.csv", 3),
    ]


def test_globs_are_expanded_in_order(logs: Path) -> None:
    assert names(["*.jsonl*"]) == ["a.jsonl", "b.jsonl.gz"]
    assert names(["**/*.csv"]) == ["deep/c.csv"]
    assert refusal("*.nothing") == "no file matches"


def test_a_file_may_be_called_like_a_glob(logs: Path) -> None:
    (logs / "day[1].jsonl").write_bytes(b"")
    assert names(["day[1].jsonl"]) == ["day[1].jsonl"]


def test_folders_are_searched_only_when_asked(logs: Path) -> None:
    assert refusal("deep") == "is a directory"
    assert names(["."], recursive=True) == [
        "a.jsonl",
        "b.jsonl.gz",
        "deep/c.csv",
        "deep/er/d.parquet",
    ]


def test_a_folder_without_logs_is_refused(logs: Path) -> None:
    (logs / "bare").mkdir()
    assert refusal("bare", recursive=True) == "the folder holds no chat logs"


def test_what_is_hidden_or_an_earlier_output_is_no_input(logs: Path) -> None:
    for name in (".out.1a2b.partial/kept.jsonl", ".cache/x.jsonl", "out/kept.jsonl"):
        path = logs / name
        path.parent.mkdir()
        path.write_bytes(b"{}\n")
    assert "out/kept.jsonl" in names(["."], recursive=True)
    found = names(["."], recursive=True, apart=logs / "out")
    assert found == ["a.jsonl", "b.jsonl.gz", "deep/c.csv", "deep/er/d.parquet"]


def test_a_hidden_file_is_read_when_named(logs: Path) -> None:
    (logs / ".hidden.jsonl").write_bytes(b"")
    assert names([".hidden.jsonl"]) == [".hidden.jsonl"]


def test_a_file_named_twice_is_read_once(logs: Path) -> None:
    assert names(["./a.jsonl", "a.jsonl", str(logs / "a.jsonl"), "*.jsonl"]) == ["./a.jsonl"]


def test_standard_input_comes_last_and_keeps_clear_of_files(logs: Path) -> None:
    (logs / "stdin.jsonl").write_bytes(b"")
    found = sources.find(["-", "a.jsonl", "-", "stdin.jsonl"]).sources
    assert [(source.name, source.relative) for source in found] == [
        ("a.jsonl", "a.jsonl"),
        ("stdin.jsonl", "stdin.jsonl"),
        ("-", "_stdin.jsonl"),
    ]
    assert found[-1].path is None


def test_links_are_followed(logs: Path) -> None:
    (logs / "link.jsonl").symlink_to("a.jsonl")
    assert names(["link.jsonl"]) == ["link.jsonl"]


@pytest.mark.parametrize(
    ("target", "got"), [("loop.jsonl", "symlink loop"), ("nowhere", "not found (dangling link)")]
)
def test_links_to_nothing_are_refused(logs: Path, target: str, got: str) -> None:
    (logs / "loop.jsonl").symlink_to(target)
    assert refusal("loop.jsonl") == got


def test_what_is_no_file_is_never_opened(logs: Path) -> None:
    os.mkfifo(logs / "pipe.jsonl")
    assert refusal("pipe.jsonl") == "not a regular file"
    assert refusal(os.devnull) == "not a regular file"
    assert refusal("missing.jsonl") == "not found"
    assert "null" in refusal("a\0b.jsonl")
    (logs / "folder.jsonl").mkdir()
    assert refusal("folder.jsonl") == "is a directory"
    assert refusal("x" * 5000)


def test_the_good_are_found_beside_the_bad(logs: Path) -> None:
    found = sources.find(["missing.jsonl", "a.jsonl", "gone.jsonl"])
    assert [source.name for source in found.sources] == ["a.jsonl"]
    assert [fault.where for fault in found.refused] == ["missing.jsonl", "gone.jsonl"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(logs: Path) -> None:
    (logs / "a.jsonl").chmod(0)
    assert refusal("a.jsonl") == "permission denied"
    (logs / "a.jsonl").chmod(stat.S_IRUSR)


def test_names_that_are_not_utf8_are_written_out(logs: Path) -> None:
    name = os.fsdecode(b"b\xffd.jsonl")
    Path(name).write_bytes(b"{}")
    (source,) = sources.find([name]).sources
    assert (source.name, source.relative) == ("b\\xffd.jsonl", "b\\xffd.jsonl")
    assert source.path is not None and source.path.read_bytes() == b"{}"
    assert refusal(os.fsdecode(b"\xfe.jsonl")) == "not found"
