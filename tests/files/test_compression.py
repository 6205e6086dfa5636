"""What was packed comes out again; what is broken says how, and a bomb is not unpacked."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from typing import IO

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.errors import InputRefused
from aligncleaner.files import compression
from aligncleaner.files.compression import Cut

PACKINGS = ("gzip", "zstd")
TEXT = b"".join(b'{"prompt":"question %d","response":"answer"}\n' % n for n in range(3000))


def packed(data: bytes, packing: str) -> bytes:
    if packing == "gzip":
        return gzip.compress(data, mtime=0)
    return bytes(pa.Codec("zstd").compress(data, asbytes=True))


class Pipe(io.RawIOBase):
    """A stream that cannot go back."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._data.read(size)


def unpacked(raw: IO[bytes] | Pipe, packing: str | None, ratio: float = 200) -> tuple[bytes, str]:
    """All that comes out, and the reason of the cut that ends it ("" if there is none)."""
    data, reason = b"", ""
    for chunk in compression.unpack(raw, packing, "log.gz", ratio):
        assert not reason, "something follows a cut"
        if isinstance(chunk, Cut):
            reason = chunk.reason
        else:
            assert len(chunk) <= compression.CHUNK
            data += chunk
    return data, reason


@pytest.mark.parametrize("packing", PACKINGS)
@given(data=st.binary(max_size=300), times=st.integers(1, 3))
def test_members_one_after_the_other_are_one_text(packing: str, data: bytes, times: int) -> None:
    raw = packed(data, packing) * times
    assert compression.kind(raw) == packing
    assert unpacked(io.BytesIO(raw), packing) == (data * times, "")
    assert unpacked(Pipe(raw), packing) == (data * times, "")


@pytest.mark.parametrize("packing", [*PACKINGS, None])
@given(parts=st.lists(st.binary(max_size=200), max_size=4))
def test_what_is_packed_unpacks_and_packs_alike_again(
    packing: str | None, parts: list[bytes]
) -> None:
    outs = []
    for _ in range(2):
        out = io.BytesIO()
        stream = compression.pack(out, packing)
        for part in parts:
            stream.write(memoryview(part))
        if packing:
            stream.close()
        assert not out.closed
        outs.append(out.getvalue())
    assert outs[0] == outs[1]
    assert unpacked(io.BytesIO(outs[0]), packing) == (b"".join(parts), "")


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("lost", [1, 9, 30])
def test_a_truncated_stream_gives_what_it_holds(packing: str, lost: int) -> None:
    data, reason = unpacked(io.BytesIO(packed(TEXT, packing)[:-lost]), packing)
    assert reason == f"{packing} stream truncated"
    assert TEXT.startswith(data)
    assert len(data) > len(TEXT) // 2


@pytest.mark.parametrize("packing", PACKINGS)
def test_members_before_the_truncated_one_are_whole(packing: str) -> None:
    raw = packed(TEXT, packing) + packed(TEXT, packing)[:-40]
    data, reason = unpacked(io.BytesIO(raw), packing)
    assert reason == f"{packing} stream truncated"
    assert data.startswith(TEXT)


@pytest.mark.parametrize("packing", PACKINGS)
def test_what_follows_the_packed_data_is_named_and_costs_nothing(packing: str) -> None:
    raw = packed(TEXT, packing) + b"garbage!" * 3
    assert unpacked(io.BytesIO(raw), packing) == (TEXT, compression.TRAILING)


def test_zeros_behind_gzip_are_padding() -> None:
    assert unpacked(io.BytesIO(packed(TEXT, "gzip") + bytes(512)), "gzip") == (TEXT, "")


def test_a_wrong_checksum_refuses_the_input() -> None:
    raw = packed(TEXT, "gzip")[:-8] + b"\0\0\0\0" + struct.pack("<I", len(TEXT))
    with pytest.raises(InputRefused, match=r"log\.gz: gzip checksum mismatch"):
        unpacked(io.BytesIO(raw), "gzip")


@pytest.mark.parametrize("packing", PACKINGS)
def test_corrupt_bytes_refuse_the_input(packing: str) -> None:
    raw = bytearray(packed(TEXT, packing))
    raw[len(raw) // 2 : len(raw) // 2 + 40] = b"\xff" * 40
    with pytest.raises(InputRefused, match=f"corrupt {packing} data|checksum"):
        unpacked(io.BytesIO(raw), packing)


def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()


def test_a_bomb_is_refused_while_it_unpacks() -> None:
    with pytest.raises(InputRefused, match="expands over 200 times its size"):
        unpacked(io.BytesIO(bomb()), "gzip")


def test_a_trusted_bomb_unpacks() -> None:
    total = sum(len(chunk) for chunk in compression.unpack(Pipe(bomb()), "gzip", "log.gz", 5000))
    assert total == 64 << 20


def test_small_files_may_expand_as_they_like() -> None:
    data = b'{"a":1}\n' * 100_000
    assert unpacked(io.BytesIO(packed(data, "gzip")), "gzip", ratio=2) == (data, "")


@pytest.mark.parametrize("head", [b"", b"{", b"\x1f", b"\x28\xb5\x2f", b"PK\x03\x04"])
def test_other_first_bytes_are_not_packed(head: bytes) -> None:
    assert compression.kind(head) is None
