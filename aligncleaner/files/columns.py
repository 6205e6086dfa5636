"""Reading and writing Parquet: rows in, the kept rows out with equal values and schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from aligncleaner.errors import Fault, InputRefused
from aligncleaner.files.blocks import Block
from aligncleaner.files.compression import Writable

MAGIC: Final = b"PAR1"
_ROWS: Final = 2048


def schema(path: Path) -> pa.Schema:
    """The columns of a Parquet file.

    Raises:
        InputRefused: if there is no sound footer.
    """
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise _corrupt(path, "no sound Parquet footer", error) from error


def blocks(path: Path) -> Iterator[Block]:
    """The rows of a Parquet file, some thousand at a time.

    Raises:
        InputRefused: if a page is corrupt.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            start = 0
            for batch in file.iter_batches(batch_size=_ROWS):
                yield Block(start, batch.num_rows, rows=batch)
                start += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise _corrupt(path, "corrupt page", error) from error


def _corrupt(path: Path, got: str, error: Exception) -> InputRefused:
    fault = Fault(str(path), f"{got} ({error})", "an intact Parquet file", "write it again")
    return InputRefused(fault)


class KeptRows:
    """Writes the kept rows of one input, in order."""

    def __init__(self, out: Writable, columns: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(out, columns)
        self._schema = columns

    def write(self, rows: pa.RecordBatch, edits: list[tuple[int, dict[str, Any] | None]]) -> None:
        """Write `rows` with the edits made: (row number, its new values or null to drop it)."""
        if not edits:
            self._writer.write_batch(rows)
            return
        new = dict(edits)
        kept = [row for row in range(rows.num_rows) if new.get(row, row) is not None]
        begin = 0
        for position, row in enumerate(kept):
            if row in new:
                self._write_rows(rows, kept[begin:position])
                self._writer.write_table(pa.Table.from_pylist([new[row]], schema=self._schema))
                begin = position + 1
        self._write_rows(rows, kept[begin:])

    def _write_rows(self, rows: pa.RecordBatch, numbers: list[int]) -> None:
        if numbers:
            self._writer.write_batch(rows.take(pa.array(numbers)))

    def close(self) -> None:
        self._writer.close()
