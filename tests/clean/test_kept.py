"""Kept bytes arrive whole, though the system writes in parts or will not copy by itself."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest

from aligncleaner.clean import kept
from aligncleaner.clean.kept import Hashing

DATA = bytes(range(256)) * 40


class Reluctant(io.BytesIO):
    """A file that takes a few bytes at a time, as a raw file may."""

    def write(self, data: Any, /) -> int:
        return super().write(memoryview(data)[:7])


class InSteps:
    """`os.copy_file_range` that copies a few bytes at a time and then gives up."""

    def __init__(self, steps: int, code: int) -> None:
        self.steps = steps
        self.code = code

    def __call__(self, source: int, target: int, count: int, offset: int) -> int:
        self.steps -= 1
        if self.steps < 0:
            raise OSError(self.code, os.strerror(self.code))
        return os.write(target, os.pread(source, min(count, 100), offset))


def test_what_is_written_in_parts_is_written_whole() -> None:
    out = Reluctant()
    hashing = Hashing(out, "kept.jsonl")
    assert hashing.write(DATA) == len(DATA)
    assert hashing.write(memoryview(DATA)[:3]) == 3
    assert out.getvalue() == DATA + DATA[:3]
    assert hashing.hexdigest() == hashlib.sha256(DATA + DATA[:3]).hexdigest()
    assert hashing.tell() == len(DATA) + 3


@pytest.mark.parametrize("steps", [0, 1, 5, 10_000])
@pytest.mark.parametrize("code", [errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP])
@pytest.mark.parametrize("chunk", [33, 1 << 20])
def test_where_the_kernel_does_not_copy_it_is_done_by_hand(
    tmp_path: Path, steps: int, code: int, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_CHUNK", chunk)
    monkeypatch.setattr(os, "copy_file_range", InSteps(steps, code), raising=False)
    (tmp_path / "source").write_bytes(b"before" + DATA + b"after")
    source = hashlib.sha256()
    descriptor = os.open(tmp_path / "source", os.O_RDONLY)
    with (tmp_path / "target").open("wb", buffering=0) as file:
        hashing = Hashing(file, "kept.jsonl")
        hashing.write(b"<")
        hashing.copy(descriptor, 6, len(DATA), source)
        hashing.write(b">")
    os.close(descriptor)
    assert (tmp_path / "target").read_bytes() == b"<" + DATA + b">"
    assert source.hexdigest() == hashlib.sha256(DATA).hexdigest()
    assert hashing.hexdigest() == hashlib.sha256(b"<" + DATA + b">").hexdigest()


def test_where_nobody_can_write_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def fileno(self) -> int:
            return -1

        def write(self, data: Any, /) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "source").write_bytes(DATA)
    descriptor = os.open(tmp_path / "source", os.O_RDONLY)
    try:
        with pytest.raises(OSError, match="No space left"):
            Hashing(Full(), "kept.jsonl").copy(descriptor, 0, 9, hashlib.sha256())
    finally:
        os.close(descriptor)
