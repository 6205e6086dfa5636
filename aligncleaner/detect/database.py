"""Compiled Hyperscan databases, kept between runs in the user's cache directory.

Compiling a pack takes seconds, loading it a millisecond. What is loaded steers native code, so a
cached file is believed only if it and its directory belong to this user, nobody else can write
to them, and its content has the checksum it was stored with. Any doubt means compiling again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

import hyperscan

from aligncleaner.detect.regex_syntax import Refused

_MAX_BYTES: Final = 256 << 20
_MAX_FILES: Final = 20
_DIGEST_BYTES: Final = 32


def compiled(expressions: Sequence[tuple[int, str]]) -> hyperscan.Database:
    """A database (block mode, bytes) of (id, regex) pairs; several regexes may share an id.

    Raises:
        Refused: Hyperscan does not take one of the expressions.
    """
    name = f"{_key(expressions)}.hsdb"
    with _folder() as folder:
        content = _read(folder, name) if folder is not None else None
    if content is not None:
        with contextlib.suppress(hyperscan.error):
            return _ready(hyperscan.loadb(content, hyperscan.HS_MODE_BLOCK))
    database = _compiled(expressions)
    with _folder() as folder:
        if folder is not None:
            _write(folder, name, hyperscan.dumpb(database))
    return _ready(database)


def _compiled(expressions: Sequence[tuple[int, str]]) -> hyperscan.Database:
    r"""The database of all expressions but those that can never match, such as `a\bb`."""
    possible = list(expressions)
    while True:
        try:
            return _compile(possible)
        except hyperscan.error as problem:
            fewer = [one for one in possible if _is_possible(*one)]
            if len(fewer) == len(possible):
                raise Refused(f"a size that Hyperscan does not take ({problem})") from None
            possible = fewer


def _is_possible(number: int, regex: str) -> bool:
    try:
        _compile([(number, regex)])
    except hyperscan.error as problem:
        if "never match" not in str(problem):
            raise Refused(f"a pattern that Hyperscan does not take ({problem})") from None
        return False
    return True


def _compile(expressions: Sequence[tuple[int, str]]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[regex.encode() for _, regex in expressions],
        ids=[number for number, _ in expressions],
        flags=0,
    )
    return database


def _ready(database: hyperscan.Database) -> hyperscan.Database:
    database.scratch = hyperscan.Scratch(database)
    database.scan(b"", match_event_handler=lambda *_: None)  # raises if made for another CPU
    return database


def _key(expressions: Sequence[tuple[int, str]]) -> str:
    """The whole input of the compiler and the compiler's version, as a file name."""
    parts = [
        metadata.version("hyperscan"),
        *(f"{number}\t{regex}" for number, regex in expressions),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@contextlib.contextmanager
def _folder() -> Iterator[int | None]:
    """An open descriptor of the cache directory, made if need be; null if it is not safe to use.

    All files are opened relative to it, so nobody can put another directory in its place.
    """
    root = os.environ.get("XDG_CACHE_HOME", "")
    parent = Path(root) if Path(root).is_absolute() else Path.home() / ".cache"
    descriptor = None
    with contextlib.suppress(OSError):
        parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (parent / "aligncleaner").mkdir(mode=0o700)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        descriptor = os.open(parent / "aligncleaner", flags)
    try:
        yield descriptor if descriptor is not None and _is_private(descriptor) else None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _is_private(descriptor: int) -> bool:
    status = os.fstat(descriptor)
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read(folder: int, name: str) -> bytes | None:
    """The content of a cached file, or null if there is none that can be trusted."""
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with os.fdopen(os.open(name, flags, dir_fd=folder), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
                return None
            if not _is_private(file.fileno()):
                return None
            stored = file.read(_MAX_BYTES)
    except OSError:
        return None
    digest, content = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == digest else None


def _write(folder: int, name: str, content: bytes) -> None:
    """Store `content` under `name`, whole or not at all; a cache that cannot be written is none."""
    draft = f".{secrets.token_hex(8)}.tmp"
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(draft, flags, 0o600, dir_fd=folder), "wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
        _forget_oldest(folder)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(draft, dir_fd=folder)


def _forget_oldest(folder: int) -> None:
    """Keep the cache small: packs change, and each change leaves a database behind."""
    with os.scandir(folder) as entries:
        files = [(entry.stat().st_mtime, entry.name) for entry in entries]
    for _, name in sorted(files)[:-_MAX_FILES]:
        os.unlink(name, dir_fd=folder)
