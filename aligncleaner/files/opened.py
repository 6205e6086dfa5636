"""Opening one input: what it is, by its content, and how its blocks are got.

Names lie (`.json` holding lines, `.gz` holding plain text), so they only settle what the first
bytes leave open. What cannot be a chat log at all is refused here, before anything is read.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import IO, Final, Literal, NamedTuple

import orjson
import pyarrow as pa

from aligncleaner.errors import Fault, InputRefused
from aligncleaner.files import array, careful, columns, compression, delimited, extent, lines
from aligncleaner.files.blocks import Block, Limits
from aligncleaner.files.compression import Cut
from aligncleaner.files.sources import Source
from aligncleaner.formats import reader
from aligncleaner.formats.conversation import RecordFault

Container = Literal["jsonl", "array", "csv", "parquet"]

_HEAD: Final = 64 << 10
_UTF8_BOM: Final = b"\xef\xbb\xbf"
_WIDE_BOMS: Final = {
    b"\xff\xfe\x00\x00": "UTF-32", b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16",
}  # fmt: skip
_HTML: Final = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_UNPRINTED: Final = bytes({*range(32), 127} - {9, 10, 12, 13, 27})


class Opened(NamedTuple):
    """One input ready to be read once: its container, packing and blocks in order.

    `dialect` is set for CSV, `schema` for Parquet. `warnings` are for the user to see, complete
    when the blocks are drawn.
    """

    source: Source
    container: Container
    packing: str | None
    blocks: Iterator[Block]
    dialect: delimited.Dialect | None
    schema: pa.Schema | None
    warnings: list[str]


@contextmanager
def opened(source: Source, allowed: Sequence[ModuleType], limits: Limits) -> Iterator[Opened]:
    """Look at an input and yield how to read it; the file is closed afterwards.

    Raises:
        InputRefused: if it is not text, not UTF-8, or holds no chat columns; and while its
            blocks are drawn, if it turns out to be corrupt.
    """
    with _raw(source) as file:
        yield _look(source, file, allowed, limits)


@contextmanager
def _raw(source: Source) -> Iterator[IO[bytes]]:
    if source.path is None:
        yield sys.stdin.buffer
        return
    try:
        with source.path.open("rb") as file:
            yield file
    except OSError as error:
        got = f"cannot be read ({error.strerror or error})"
        raise InputRefused(Fault(source.name, got, "a readable file")) from error


def _look(source: Source, file: IO[bytes], allowed: Sequence[ModuleType], limits: Limits) -> Opened:
    where, warnings = source.name, []
    start = _read_head(file, 8)
    packing = compression.kind(start)
    if packing is None and where.endswith((".gz", ".zst")):
        warnings.append(f"{where}: not compressed whatever its name says, read as plain text")
    if packing and source.path and not where.endswith((".gz", ".zst")):
        warnings.append(f"{where}: compressed with {packing}, though its name does not say so")
    if source.path and start.startswith(columns.MAGIC):
        return _look_at_parquet(source, allowed, warnings)
    if source.path and packing is None:
        file.seek(0)
        start = b""
    unpacked = compression.unpack(_Rejoined(start, file), packing, where, limits.max_ratio)
    chunks = _with_warning_of_more(unpacked, where, warnings)
    first: list[bytes | Cut] = []
    head = b""
    for chunk in chunks:
        first.append(chunk)
        if isinstance(chunk, Cut) or len(head := head + chunk) >= _HEAD:
            break
    head = head[:_HEAD]
    _refuse_what_is_no_text(head, where)
    offset = len(_UTF8_BOM) if head.startswith(_UTF8_BOM) else 0
    body = head[offset:]
    if not body.strip():
        warnings.append(f"{where}: empty file")
    opening = _wrapped_array(body, allowed)
    container = "array" if opening else _container(body, where)
    stream = chain(first, chunks)
    if container == "csv":
        form = delimited.dialect(head, where)
        _refuse_foreign_columns(form.columns, allowed, where)
        blocks = delimited.from_stream(stream, form, where, limits)
        return Opened(source, container, packing, blocks, form, None, warnings)
    if container == "array":
        blocks = array.from_stream(stream, offset + opening, limits)
    elif source.path and packing is None:
        blocks = lines.from_disk(file, str(source.path), offset, limits)
        blocks = chain(_bom(offset), blocks)
    else:
        blocks = lines.from_stream(_skip(stream, offset), offset, limits)
        blocks = chain(_bom(offset), blocks)
    return Opened(source, container, packing, blocks, None, None, warnings)


def _with_warning_of_more(
    chunks: Iterator[bytes | Cut], where: str, warnings: list[str]
) -> Iterator[bytes | Cut]:
    """The chunks; what is no packed data but follows it is only warned of."""
    for chunk in chunks:
        if chunk == Cut(compression.TRAILING):
            warnings.append(f"{where}: {compression.TRAILING}, which are left out")
        else:
            yield chunk


def _bom(length: int) -> Iterator[Block]:
    if length:
        yield Block(0, length, data=_UTF8_BOM, frame=True)


def _skip(chunks: Iterator[bytes | Cut], count: int) -> Iterator[bytes | Cut]:
    for chunk in chunks:
        if count and isinstance(chunk, bytes):
            chunk, count = chunk[count:], max(0, count - len(chunk))
        yield chunk


def _look_at_parquet(source: Source, allowed: Sequence[ModuleType], warnings: list[str]) -> Opened:
    assert source.path is not None
    schema = columns.schema(source.path)
    _refuse_foreign_columns(schema.names, allowed, source.name)
    blocks = columns.blocks(source.path)
    return Opened(source, "parquet", None, blocks, None, schema, warnings)


def _refuse_foreign_columns(
    names: Sequence[str], allowed: Sequence[ModuleType], where: str
) -> None:
    try:
        reader(dict.fromkeys(names, ""), allowed)
    except RecordFault:
        got = f"no known chat columns (it has {', '.join(names[:12])})"
        fix = "name them with --map prompt=...,answer=..."
        fault = Fault(where, got, "instruction and output, prompt and response, or messages", fix)
        raise InputRefused(fault) from None


def _read_head(file: IO[bytes], size: int) -> bytes:
    head = b""
    while len(head) < size and (more := file.read(size - len(head))):
        head += more
    return head


class _Rejoined:
    """A stream with the bytes put back that were read to look at it."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start = start
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        if self._start and size >= 0:
            start, self._start = self._start[:size], self._start[size:]
            return start
        return self._rest.read(size)

    def seekable(self) -> bool:
        return self._rest.seekable()

    def seek(self, offset: int) -> int:
        self._start = b""
        return self._rest.seek(offset)


def _refuse_what_is_no_text(head: bytes, where: str) -> None:
    for bom, name in _WIDE_BOMS.items():
        if head.startswith(bom):
            fix = "convert it to UTF-8"
            raise InputRefused(Fault(where, f"file is {name}", "UTF-8", fix))
    if _HTML.match(head):
        fix = "download the log itself"
        raise InputRefused(Fault(where, "looks like HTML", "a chat log", fix))
    strange = len(head) - len(head.translate(None, _UNPRINTED))
    valid = head.decode("utf-8", "ignore").encode()
    strange += max(0, len(head) - len(valid) - 3)
    # A few bad bytes are one bad record; a tenth of the file is another kind of file.
    if strange > 0.1 * len(head) and strange > 16:
        raise InputRefused(Fault(where, "binary data", "a chat log"))


def _container(body: bytes, where: str) -> Container:
    text = body.lstrip()
    line, _, rest = text.partition(b"\n")
    is_value = _is_json(line)
    # A list on the first of several lines is a bad record, not the array of all.
    if text.startswith(b"[") and not (is_value and rest.strip()):
        return "array"
    if is_value or text.startswith((b"{", b"[")) or not text:
        return "jsonl"
    ending = Path(where.removesuffix(".gz").removesuffix(".zst")).suffix
    if ending in (".csv", ".tsv"):
        return "csv"
    if ending in (".jsonl", ".ndjson", ".json"):
        return "jsonl"
    return "csv" if any(sign in line for sign in (b",", b";", b"\t")) else "jsonl"


_MEMBER: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"\s*:\s*(\[)\s*\{')


def _wrapped_array(body: bytes, allowed: Sequence[ModuleType]) -> int:
    """Where the array of records opens in an object such as {"data": [...]}; 0 if it is none."""
    text = body.lstrip()
    line, _, rest = text.partition(b"\n")
    several = rest.strip() and _is_json(line)
    if several or not text.startswith(b"{") or _is_record(line, allowed):
        return 0
    for member in _MEMBER.finditer(body):
        opening = member.start(1)
        if careful.depth(body[:opening]) != 1:
            return 0
        end = extent.end_of_value(body, member.end() - 1)
        return opening if end and _is_record(body[member.end() - 1 : end], allowed) else 0
    return 0


def _is_json(raw: bytes) -> bool:
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return True


def _is_record(raw: bytes, allowed: Sequence[ModuleType]) -> bool:
    try:
        record = orjson.loads(raw)
        return isinstance(record, dict) and bool(reader(record, allowed))
    except (orjson.JSONDecodeError, RecordFault):
        return False
