"""The output folder: there whole, or not at all."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from aligncleaner.errors import Fault, OutputExists, OutputFailed

#: What a system says when a place cannot be written; anything else is a mistake of ours.
_CANNOT_WRITE: Final = (
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO,
    errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EFBIG,
)  # fmt: skip


def refuse_if_there(out: Path, force: bool) -> None:
    """Look, before any work, whether the output may be written.

    Raises:
        OutputExists: if something is there and `force` is not given, or it is not a folder that
            this tool wrote (no manifest of ours in it): that is never replaced.
    """
    if not os.path.lexists(out):
        return
    if not force:
        fix = "pass --force to replace it, or choose another"
        raise OutputExists(Fault(str(out), "already exists", "a new folder", fix))
    if not out.is_dir() or out.is_symlink() or (any(out.iterdir()) and not _is_ours(out)):
        got = "exists and is not the output of an earlier run"
        fix = "choose another folder"
        raise OutputExists(Fault(str(out), got, "a folder with our manifest.json", fix))


def _is_ours(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and "aligncleaner" in manifest


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A new empty folder beside `out` that becomes `out` if all goes well, else is removed.

    Raises:
        OutputFailed: if it cannot be written (read-only, disk full); `out` is then untouched.
    """
    # The number of a process comes again (in a container at once); what a killed one left does not
    # stand in the way.
    stage = out.parent / f".{out.name}.{secrets.token_hex(4)}.partial"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        stage.mkdir()
        yield stage
        _sync(stage)
        _publish(stage, out)
    except OSError as error:
        code = error.errno
        if code is None or code not in _CANNOT_WRITE:
            raise
        where = str(error.filename or out)
        fix = "free some space or choose another place; nothing was written"
        fault = Fault(where, f"cannot be written ({os.strerror(code)})", fix=fix)
        raise OutputFailed(fault) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def temporary() -> Iterator[Path]:
    """A folder for output that goes elsewhere; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="aligncleaner-") as name:
        yield Path(name)


def _sync(folder: Path) -> None:
    """Make everything in `folder` safe on disk before its name says that it is complete."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _publish(stage: Path, out: Path) -> None:
    """Give the stage its name; what bore it before then bears the stage's, or is removed."""
    if not os.path.lexists(out):
        stage.rename(out)
    elif not _exchanged(stage, out):
        old = stage.with_suffix(".old")
        out.rename(old)
        try:
            stage.rename(out)
        except OSError:
            old.rename(out)
            raise
        shutil.rmtree(old, ignore_errors=True)
    descriptor = os.open(out.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders swap their names in one step; false where the system cannot.

    In two steps a kill between them would leave neither in its place.
    """
    here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    names = os.fsencode(one), os.fsencode(other)
    return rename is not None and rename(here, names[0], here, names[1], exchange) == 0
