"""Lines come out of blocks the same however the file is cut, from disk and from a stream."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.files import careful, compression, lines, records
from aligncleaner.files.blocks import Block, Limits
from aligncleaner.formats.conversation import RecordFault

LIMITS = Limits(max_line=400, max_depth=8)
LARGEST_OF_ORJSON = 2**64


class Found(NamedTuple):
    """A record: where its line starts in the file, and what it says or why it says nothing."""

    offset: int
    content: Any


def plain(value: Any) -> Any:
    """A value as it is compared: whole numbers that take more than 64 bits are held as floats."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, int) and not -LARGEST_OF_ORJSON / 2 <= value < LARGEST_OF_ORJSON:
        try:
            return float(value)
        except OverflowError:
            return value
    return value.reason if isinstance(value, RecordFault) else value


def obvious(data: bytes, limits: Limits) -> list[Found]:
    """The records by the slowest of readers: the whole file, line by line, each with care."""
    found = []
    offset = 0
    for line in data.split(b"\n"):
        if len(line) > limits.max_line:
            found.append(Found(offset, lines.too_long(limits)))
        elif line.strip(b" \t\r\n"):
            try:
                found.append(Found(offset, plain(careful.parse(line, limits.max_depth))))
            except RecordFault as fault:
                found.append(Found(offset, fault.reason))
        offset += len(line) + 1
    return found


def read(blocks: Iterable[Block], data: bytes, limits: Limits) -> Iterator[Found]:
    """The records by the reader under test; the blocks must cover the file without a gap."""
    end = 0
    for block in blocks:
        assert block.start == end
        end += block.length
        if block.data is not None:
            assert data[block.start : end].startswith(block.data)
        if block.fault:
            yield Found(block.start, block.fault)
        for piece in records.read(block, None, limits):
            for (lead, start, stop), record in zip(piece.spans, piece.parsed, strict=True):
                assert lead == start
                place = block.start + piece.base + start
                assert data[place : place + stop - start] == piece.buffer[start:stop]
                yield Found(place, plain(record))
    assert end == len(data)


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


SOUND = st.sampled_from(
    [
        b'{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}',
        b'{"conversations": [{"from":"human","value":"q"},{"from":"gpt","value":"\\u00e9"}]}',
        b'{"instruction":"i","input":"","output":"o\\n\\"o\\""}',
        ' {"prompt":"日本語 \u2028 \u0085","response":"🙂"} '.encode(),
        b'{"prompt":"p","response":"r","n":[1,-2.5e3,123456789012345678901234567890,1e308]}',
        b'{"a":1,"a":{"b":[[[]]]}}\r',
        b"{}",
        b'{"nul":"\\u0000","pair":"\\ud83d\\ude42"}',
    ]
)
BROKEN = st.sampled_from(
    [
        b"nope",
        b"null",
        b"[1, 2]",
        b'"text"',
        b"3",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e400}',
        b'{"a":' + b"9" * 320 + b"}",
        b'{"a":"\\ud800"}',
        b'{"a":"\xff\xfe"}',
        b'{"a":"\xc0\xaf"}',
        b'{"a":"\x00"}',
        b"\x00\x00",
        b'{"a":1}{"b":2}',
        b'{"a":1} // no',
        b'{"a":"cut',
        b'{"a":"tab\tin text"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":' + b"[" * 9 + b"]" * 9 + b"}",
        b'{"a":' + b"[" * 60 + b"]" * 60 + b"}",
        b'{"a":"' + b"x" * 500 + b'"}',
        b"y" * 900,
    ]
)
BLANK = st.sampled_from([b"", b" ", b"\t", b"\r", b" \r"])
LINE = st.one_of(SOUND, SOUND, SOUND, BROKEN, BLANK)


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """Files of sound, broken and blank lines, some cut anywhere."""
    drawn = draw(st.lists(LINE, max_size=12))
    data = draw(st.sampled_from([b"\n", b"\r\n"])).join(drawn) + draw(
        st.sampled_from([b"", b"\n", b"\n\n"])
    )
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


SIZE = st.one_of(st.integers(1, 40), st.integers(41, 700))


@given(data=logs(), block=SIZE, part=SIZE, look=SIZE)
def test_lines_on_disk_read_as_the_obvious_reader_reads_them(
    data: bytes, block: int, part: int, look: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        patch.setattr(lines, "_LOOK", look)
        patch.setattr(records, "SLICE", part)
        path = Path(folder, "log.jsonl")
        path.write_bytes(data)
        with path.open("rb") as file:
            found = list(read(lines.from_disk(file, str(path), 0, LIMITS), data, LIMITS))
    assert found == obvious(data, LIMITS)


@given(data=logs(), block=SIZE, part=SIZE, chunk=SIZE)
def test_lines_of_a_stream_read_as_the_obvious_reader_reads_them(
    data: bytes, block: int, part: int, chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        patch.setattr(records, "SLICE", part)
        blocks = lines.from_stream(pieces(data, chunk), 0, LIMITS)
        found = list(read(blocks, data, LIMITS))
    assert found == obvious(data, LIMITS)


@given(line=st.one_of(SOUND, BROKEN), neighbour=st.one_of(SOUND, BROKEN))
def test_a_bad_line_changes_nothing_about_its_neighbour(line: bytes, neighbour: bytes) -> None:
    def alone(raw: bytes) -> list[Any]:
        block = Block(0, len(raw), data=raw)
        return [plain(one) for piece in records.read(block, None, LIMITS) for one in piece.parsed]

    assert alone(line + b"\n" + neighbour) == alone(line) + alone(neighbour)


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_an_endless_line_is_let_go_as_it_comes(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 64)
    monkeypatch.setattr(lines, "QUARANTINED", 100)
    data = b'{"a":1}\n' + b"x" * 5000 + b'\n{"b":2}\n'
    limits = Limits(max_line=300)
    blocks = list(lines.from_stream(pieces(data, chunk), 0, limits))
    endless = next(block for block in blocks if block.fault)
    assert (endless.start, endless.length, endless.data) == (8, 5001, b"x" * 100)
    assert [found.content for found in read(blocks, data, limits)] == [
        {"a": 1},
        "longer than --max-line (0 MiB)",
        {"b": 2},
    ]


@pytest.mark.parametrize("block", [8, 10_000])
def test_what_a_broken_off_stream_held_is_kept_up_to_its_last_whole_line(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK", block)
    chunks: list[bytes | compression.Cut] = [
        b'{"a":1}\n{"b":',
        b'2}\n{"c":',
        compression.Cut("gzip stream truncated"),
    ]
    blocks = list(lines.from_stream(chunks, 0, LIMITS))
    assert b"".join(one.data or b"" for one in blocks if not one.fault) == b'{"a":1}\n{"b":2}\n'
    assert [(one.start, one.data, one.fault) for one in blocks if one.fault] == [
        (16, b'{"c":', "gzip stream truncated")
    ]


def test_a_file_that_shrinks_while_it_is_read_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a":1}\n' * 3)
    block = Block(0, 24, path=str(path))
    path.write_bytes(b'{"a":1}\n')
    assert list(records.read(block, None, LIMITS)) == []
