"""Writing what is kept: the bytes as they came, but for the edits."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from operator import itemgetter
from typing import IO, Any, Final

from aligncleaner.files import compression
from aligncleaner.files.blocks import Block, Span
from aligncleaner.files.opened import Opened

_CHUNK: Final = 256 << 10
#: (start, end, new bytes or null to drop), in bytes of the block.
Edit = tuple[int, int, bytes | None]
#: Copying inside the kernel takes a third of the time that reading and writing takes.
_IN_KERNEL: Final = hasattr(os, "copy_file_range")


class Hashing:
    """A binary file that knows the sha256 and the size of what was written to it."""

    def __init__(self, out: IO[bytes], name: str) -> None:
        self._out = out
        self.name = name
        self._digest = hashlib.sha256()
        self.size = 0
        self.closed = False

    def write(self, data: bytes | memoryview) -> int:
        self._digest.update(data)
        self.size += len(data)
        self._write_whole(data)
        return len(data)

    def _write_whole(self, data: bytes | memoryview) -> None:
        """Write on where the system took only a part, as it does when the disk is nearly full."""
        left = memoryview(data)
        while left:
            left = left[self._out.write(left) :]

    def copy(self, descriptor: int, offset: int, size: int, source: Any) -> None:
        """Write a range of another file; `source` is its own digest and is fed as well."""
        copied = offset + (self._copy_in_kernel(descriptor, offset, size) if _IN_KERNEL else 0)
        for begin in range(offset, offset + size, _CHUNK):
            data = os.pread(descriptor, min(_CHUNK, offset + size - begin), begin)
            source.update(data)
            self._digest.update(data)
            if begin + len(data) > copied:
                self._write_whole(data[max(0, copied - begin) :])
        self.size += size

    def _copy_in_kernel(self, descriptor: int, offset: int, size: int) -> int:
        """How many bytes of the range the kernel copied."""
        target, done = self._out.fileno(), 0
        # It will not between some file systems. If nobody can write, writing will say so.
        with suppress(OSError):
            while done < size:
                copied = os.copy_file_range(descriptor, target, size - done, offset + done)
                if not copied:
                    break
                done += copied
        return done

    def hexdigest(self) -> str:
        return self._digest.hexdigest()

    def flush(self) -> None:
        self._out.flush()

    def tell(self) -> int:
        return self.size

    def close(self) -> None:
        pass

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


class KeptText:
    """The kept records of one text input, packed as the input was.

    Plain files are read once more here, in order, so that their own hash comes for free.
    """

    def __init__(self, out: Hashing, opened: Opened) -> None:
        self._out = out
        self._packed = compression.pack(out, opened.packing)
        self._separated = opened.container == "array"
        self._empty = True
        self._opening: bytes | None = None
        self.source_digest = hashlib.sha256()
        self.hashed = 0

    def write(self, block: Block, edits: Sequence[Edit]) -> None:
        """Write a block with its edits (start, end, new bytes or null to drop) made.

        In an array the first record that is kept at all needs no comma before it.
        """
        if block.path is not None:
            self._copy(block, edits)
            return
        if block.fault:
            return
        data = memoryview(block.data or b"")
        position = 0
        if self._separated and block.spans and self._empty:
            edits = self._without_separator(data, block.spans, edits)
        for start, end, new in edits:
            if start > position:
                self._packed.write(data[position:start])
            if new is not None:
                self._packed.write(new)
            position = max(position, end)
        self._packed.write(data[position:])

    def _without_separator(
        self, data: memoryview, spans: Sequence[Span], edits: Sequence[Edit]
    ) -> Sequence[Edit]:
        """The edits, and one that gives the first kept record the space of the first of all."""
        if self._opening is None:
            # A comma stands there if a faulty item came before.
            self._opening = bytes(data[spans[0][0] : spans[0][1]]).replace(b",", b"")
        dropped = {end for _, end, new in edits if new is None}
        for lead, start, end in spans:
            if end not in dropped:
                self._empty = False
                return sorted([*edits, (lead, start, self._opening)], key=itemgetter(0))
        return edits

    def _copy(self, block: Block, edits: Sequence[Edit]) -> None:
        assert block.path is not None
        descriptor = os.open(block.path, os.O_RDONLY)
        try:
            position = 0
            for start, end, new in [*edits, (block.length, block.length, None)]:
                self._out.copy(
                    descriptor, block.start + position, start - position, self.source_digest
                )
                self._pass_over(descriptor, block.start + start, end - start)
                if new is not None:
                    self._out.write(new)
                position = end
        finally:
            os.close(descriptor)
        self.hashed += block.length

    def _pass_over(self, descriptor: int, offset: int, size: int) -> None:
        """Hash a range of the source that is not kept."""
        for begin in range(offset, offset + size, _CHUNK):
            self.source_digest.update(
                os.pread(descriptor, min(_CHUNK, offset + size - begin), begin)
            )

    def close(self) -> None:
        self._packed.close()  # of what is not packed, `Hashing.close` does nothing
