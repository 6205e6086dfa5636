"""The Parquet tables of a run, written as blocks come in."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

#: Rows of a row group: enough for good compression, few enough to hold in memory.
_GROUP: Final = 1 << 16


class TableFile:
    """One table under way. Rows are held until they fill a row group."""

    def __init__(self, path: Path, columns: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(path, columns, compression="zstd", compression_level=1)
        self._columns = columns
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        self._held.append(batch)
        self._rows += batch.num_rows
        if self._rows >= _GROUP:
            self._write()

    def _write(self) -> None:
        table = pa.Table.from_batches(self._held, self._columns)
        self._writer.write_table(table, row_group_size=_GROUP)
        self._held, self._rows = [], 0

    def close(self) -> None:
        """Write what is held and the footer; a second call does nothing."""
        if self._held:
            self._write()
        self._writer.close()
