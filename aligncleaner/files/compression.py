"""Unpacking and packing: gzip and zstd, recognised by content, guarded against bombs."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Protocol

import pyarrow as pa

from aligncleaner.errors import Fault, InputRefused

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
CHUNK: Final = 1 << 20
_STEP_OF_PIPE: Final = 4 << 10
#: Small files may expand as they like; a ratio means something only past this many bytes.
_RATIO_COUNTS_FROM: Final = 16 << 20


#: What follows the packed data is not packed data; nothing of the log is lost.
TRAILING: Final = "trailing bytes after the compressed data"


#: The packed data ends in the middle: whatever the file held after it is lost.
BROKEN_OFF: Final = "stream truncated"


class Readable(Protocol):
    """A binary stream that may be able to go back."""

    def read(self, size: int = -1, /) -> bytes: ...

    def seekable(self) -> bool: ...

    def seek(self, offset: int, /) -> int: ...


class Writable(Protocol):
    """Where bytes can be written."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


class Cut(NamedTuple):
    """The packed data ended too early, or something else follows it: `reason` says which."""

    reason: str


def kind(head: bytes) -> str | None:
    """How a file is packed, by its first bytes: "gzip", "zstd" or null."""
    if head.startswith(GZIP_MAGIC):
        return "gzip"
    return "zstd" if head.startswith(ZSTD_MAGIC) else None


def unpack(
    raw: Readable, packing: str | None, where: str, max_ratio: float
) -> Iterator[bytes | Cut]:
    """The unpacked bytes of `raw` in chunks of at most 1 MiB; a `Cut` last if it broke off.

    Raises:
        InputRefused: if the checksum is wrong or it expands beyond `max_ratio`.
    """
    if packing is None:
        while plain := raw.read(CHUNK):
            yield plain
        return
    counted = _Counted(raw)
    total = 0
    try:
        for chunk in _gunzip(counted) if packing == "gzip" else _unzstd(counted):
            if isinstance(chunk, Cut):
                yield chunk
                return
            total += len(chunk)
            if total > _RATIO_COUNTS_FROM and total > max_ratio * counted.count:
                got = f"expands over {max_ratio:g} times its size (--max-ratio)"
                fix = "raise --max-ratio if you trust the file"
                raise InputRefused(Fault(where, got, "an ordinary compressed log", fix))
            yield chunk
    except (OSError, zlib.error) as error:
        what = "gzip checksum mismatch" if "CRC" in str(error) else f"corrupt {packing} data"
        fault = Fault(where, f"{what} ({error})", "an intact file", "fetch or write it again")
        raise InputRefused(fault) from error


def _gunzip(packed: _Counted) -> Iterator[bytes | Cut]:
    stream = gzip.GzipFile(fileobj=packed, mode="rb")  # type: ignore[call-overload]
    whole = False
    while True:
        try:
            chunk = stream.read1(CHUNK)
        except EOFError:
            yield Cut(f"gzip {BROKEN_OFF}")
            return
        except gzip.BadGzipFile as error:
            if whole and "Not a gzipped file" in str(error):
                yield Cut(TRAILING)
                return
            raise
        if not chunk:
            return
        whole = True
        yield chunk


def _unzstd(packed: _Counted) -> Iterator[bytes | Cut]:
    stream = pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), "zstd")
    total = 0
    # A fault costs what one reading would have unpacked; only a file can be read again.
    step = CHUNK if packed.can_go_back() else _STEP_OF_PIPE
    while True:
        try:
            chunk = stream.read(step)
        except OSError as error:
            if step == CHUNK:
                # Go there again, byte by byte.
                packed.go_back()
                stream = pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), "zstd")
                left, step = total, 1
                while left:
                    left -= len(stream.read(min(left, CHUNK)))
                continue
            if "runcated" in str(error):
                yield Cut(f"zstd {BROKEN_OFF}")
                return
            if total and "Unknown frame" in str(error):
                yield Cut(TRAILING)
                return
            raise
        if not chunk:
            return
        total += len(chunk)
        yield chunk


class _Counted:
    """A binary stream that knows how many packed bytes have been read from it."""

    def __init__(self, raw: Readable) -> None:
        self._raw = raw
        self.count = 0
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self.count += len(data)
        return data

    def can_go_back(self) -> bool:
        return self._raw.seekable()

    def go_back(self) -> None:
        """Start again at the beginning."""
        self._raw.seek(0)
        self.count = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def writable(self) -> bool:
        return False

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def pack(out: Writable, packing: str | None) -> Any:
    """A stream that packs what is written to it into `out`; closing it leaves `out` open.

    The same bytes give the same packed bytes: no name and no time is stored.
    """
    if packing == "gzip":
        return gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=6, mtime=0)
    if packing == "zstd":
        return pa.CompressedOutputStream(pa.PythonFile(_LeftOpen(out), mode="w"), "zstd")
    return out


class _LeftOpen:
    """A stream whose `close` is no more than a flush: its owner closes it."""

    def __init__(self, out: Writable) -> None:
        self._out = out
        self.closed = False

    def write(self, data: bytes) -> int:
        return self._out.write(data)

    def flush(self) -> None:
        self._out.flush()

    def close(self) -> None:
        self._out.flush()

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False
