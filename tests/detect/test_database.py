from __future__ import annotations

import os
from pathlib import Path

import pytest

hyperscan = pytest.importorskip("hyperscan")

from aligncleaner.detect import database  # noqa: E402
from aligncleaner.detect.regex_syntax import Refused  # noqa: E402

EXPRESSIONS = [(0, "abc"), (1, "[Dd]ef")]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "aligncleaner"


def seen(text: bytes) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    database.compiled(EXPRESSIONS).scan(
        text, match_event_handler=lambda number, _start, end, *_: found.append((number, end))
    )
    return found


def compiles(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often the compiler is called from now on."""
    calls: list[int] = []
    real = database._compile
    monkeypatch.setattr(database, "_compile", lambda rules: calls.append(1) or real(rules))
    return calls


def test_is_compiled_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = compiles(monkeypatch)
    assert seen(b"xabc Def") == [(0, 4), (1, 8)]
    assert seen(b"xabc Def") == [(0, 4), (1, 8)]
    assert len(calls) == 1
    (file,) = cache.iterdir()
    assert cache.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "change", ["cut", "flip", "swap", "empty", "link", "folder", "mode", "dir"]
)
def test_doubt_means_compiling_again(
    cache: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    seen(b"")
    (file,) = cache.iterdir()
    content = bytearray(file.read_bytes())
    match change:
        case "cut":
            file.write_bytes(content[:-1])
        case "flip":
            content[len(content) // 2] ^= 1
            file.write_bytes(content)
        case "swap":
            file.write_bytes(content[32:])
        case "empty":
            file.write_bytes(b"")
        case "link":
            file.rename(cache.parent / "elsewhere")
            file.symlink_to(cache.parent / "elsewhere")
        case "folder":
            file.unlink()
            file.mkdir()
        case "mode":
            file.chmod(0o666)
        case "dir":
            cache.chmod(0o777)
    calls = compiles(monkeypatch)
    assert seen(b"abc") == [(0, 3)]
    assert calls


def test_a_fifo_in_the_cache_does_not_block(cache: Path) -> None:
    seen(b"")
    (file,) = cache.iterdir()
    file.unlink()
    os.mkfifo(file)
    assert seen(b"abc") == [(0, 3)]


def test_works_without_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert seen(b"abc") == [(0, 3)]


def test_a_relative_cache_home_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    seen(b"")
    assert list((tmp_path / ".cache" / "aligncleaner").iterdir())


def test_the_cache_stays_small(cache: Path) -> None:
    for number in range(database._MAX_FILES + 5):
        database.compiled([(0, f"abc{number}")])
    assert len(list(cache.iterdir())) == database._MAX_FILES


def test_what_hyperscan_does_not_take_is_refused(cache: Path) -> None:
    with pytest.raises(Refused, match="Hyperscan"):
        database.compiled([(0, "abc"), (1, r"(a)\1")])
    database.compiled([(0, "abc"), (1, r"a\bb")])
