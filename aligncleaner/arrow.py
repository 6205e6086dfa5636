"""Arrow columns from plain Python and numpy values.

`pyarrow.array` would do, but at its first call it imports pandas wherever that happens to be
installed, which takes longer than cleaning a hundred megabytes. These do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_KINDS = {"int32": pa.int32(), "int64": pa.int64(), "float32": pa.float32()}


def text(values: Iterable[str | None]) -> pa.Array:
    """A string column; None is null."""
    builder = pa.lib.StringBuilder()
    builder.append_values(values)
    return builder.finish()


def constant(value: str, count: int) -> pa.Array:
    """A string column that holds one value `count` times."""
    data = value.encode()
    offsets = np.arange(count + 1, dtype=np.int32) * len(data)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data * count)]
    return pa.Array.from_buffers(pa.string(), count, buffers)


def numbers(
    values: npt.NDArray[np.generic], valid: npt.NDArray[np.bool_] | None = None
) -> pa.Array:
    """A column of int32, int64 or float32, the values copied by nobody; null where not `valid`."""
    mask = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    contiguous = np.ascontiguousarray(values)
    kind = _KINDS[contiguous.dtype.name]
    return pa.Array.from_buffers(kind, len(values), [mask, pa.py_buffer(contiguous)])


def lists(lengths: npt.NDArray[np.int32], values: Sequence[str]) -> pa.Array:
    """A column of lists of strings, list i with the next `lengths[i]` of `values`."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(numbers(offsets), text(values))
