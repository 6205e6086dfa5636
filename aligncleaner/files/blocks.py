"""Pieces of a file that one worker takes at a time, always cut between two records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

#: Large enough to pay for sending it to a worker, small enough that a few fit in memory.
BLOCK: Final = 8 << 20
#: How much of an unreadable record is kept in quarantine.
QUARANTINED: Final = 64 << 10


class Limits(NamedTuple):
    """Bounds against hostile files: bytes of one record, JSON nesting, unpacked : packed size."""

    max_line: int = 64 << 20
    max_depth: int = 64
    max_ratio: float = 200.0


#: Where one record lies in its block: (lead, start, end). What stands between lead and start
#: separates it from the record before (the comma of an array) and goes when the record goes.
Span = tuple[int, int, int]


class Block(NamedTuple):
    """Consecutive bytes of one unpacked file holding whole records.

    start   the offset of its first byte in the unpacked file
    length  its bytes; for a faulty block that was skipped, more than `data` holds
    data    the bytes, null if they are to be read from `path` (plain files on disk)
    spans   its records if the reader had to find them, null if each line is one
    fault   null, or why the whole block is one record that cannot be read
    frame   true for bytes that belong to no record: a header, the brackets of an array
    rows    for tables, the rows instead of bytes
    """

    start: int
    length: int
    data: bytes | None = None
    path: str | None = None
    spans: Sequence[Span] | None = None
    fault: str | None = None
    frame: bool = False
    rows: pa.RecordBatch | None = None
