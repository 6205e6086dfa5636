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
from aligncleaner.formats.conversation import Record, RecordFault

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


def records(rows: pa.RecordBatch) -> list[Record | RecordFault]:
    """Each row as a record of plain Python values."""
    try:
        return list(rows.to_pylist())
    except (ValueError, OverflowError):
        return [_record(rows, number) for number in range(rows.num_rows)]


def _record(rows: pa.RecordBatch, number: int) -> Record | RecordFault:
    """One row of which some value may have no equal in Python."""
    record: Record = {}
    for name, column in zip(rows.schema.names, rows.columns, strict=True):
        value = column[number]
        try:
            record[name] = value.as_py()
        except UnicodeDecodeError as error:
            return RecordFault(f"{name}: invalid UTF-8 at byte {error.start}")
        except (ValueError, OverflowError) as error:
            # A time in nanoseconds, a date far away: its text will do, nobody computes with it.
            try:
                record[name] = value.cast(pa.string()).as_py()
            except pa.ArrowException:
                return RecordFault(f"{name}: {error}")
    return record


def _corrupt(path: Path, got: str, error: Exception) -> InputRefused:
    fault = Fault(str(path), f"{got} ({error})", "an intact Parquet file", "write it again")
    return InputRefused(fault)


class KeptRows:
    """Writes the kept rows of one input, in order."""

    def __init__(self, out: Writable, columns: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(out, columns)

    def write(self, rows: pa.RecordBatch, edits: list[tuple[int, dict[str, Any] | None]]) -> None:
        """Write `rows` with the edits made: (row number, new values by column, null to drop it)."""
        if not edits:
            self._writer.write_batch(rows)
            return
        new = dict(edits)
        kept = [row for row in range(rows.num_rows) if new.get(row, row) is not None]
        begin = 0
        for position, row in enumerate(kept):
            if values := new.get(row):
                self._write_rows(rows, kept[begin:position])
                self._writer.write_batch(_with_values(rows.slice(row, 1), values))
                begin = position + 1
        self._write_rows(rows, kept[begin:])

    def _write_rows(self, rows: pa.RecordBatch, numbers: list[int]) -> None:
        if numbers:
            self._writer.write_batch(rows.take(pa.array(numbers)))

    def close(self) -> None:
        self._writer.close()


def _with_values(row: pa.RecordBatch, values: dict[str, Any]) -> pa.RecordBatch:
    """One row with some of its values changed, the others as they are."""
    for name, value in values.items():
        place = row.schema.get_field_index(name)
        field = row.schema.field(place)
        row = row.set_column(place, field, pa.array([value], field.type))
    return row
