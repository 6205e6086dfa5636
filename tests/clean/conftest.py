"""Logs made up for the tests of cleaning, and all that comes out of them."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from aligncleaner import schema
from aligncleaner.clean import cleaning, job
from aligncleaner.clean.cleaning import Cleaning, Wanted
from aligncleaner.detect.cascade import Setup
from aligncleaner.files import array, columns, delimited, lines, records
from aligncleaner.files.blocks import Limits
from aligncleaner.formats import ReadOptions

Row = dict[str, Any]


@dataclass
class Output:
    """A finished cleaning and everything in its folder, read back."""

    cleaning: Cleaning
    files: dict[str, bytes]

    @property
    def kept(self) -> bytes:
        """The kept records of a single input."""
        (data,) = (data for name, data in self.files.items() if name.startswith("kept"))
        return data

    @property
    def funnel(self) -> dict[str, int]:
        return dict(self.cleaning.result.counts.records)

    def jsonl(self, name: str) -> list[Row]:
        """The rows of `removed` or `quarantine`."""
        return [json.loads(line) for line in self.files[f"{name}.jsonl"].splitlines()]

    def table(self, name: str) -> list[Row]:
        """The rows of `ledger`, `flags` or `verdicts`, held against their declaration."""
        import pyarrow as pa

        table = pq.read_table(pa.BufferReader(self.files[f"{name}.parquet"]))
        rows: list[Row] = schema.check(table, schema.TABLES[name], name).to_pylist()
        return rows

    @property
    def manifest(self) -> Row:
        manifest: Row = json.loads(self.files["manifest.json"])
        return manifest


@contextlib.contextmanager
def pieces_of(size: int | None) -> Iterator[None]:
    """Readers that cut files into pieces of about so many bytes, null for their own size."""
    with pytest.MonkeyPatch.context() as patch:
        if size is not None:
            for module in (lines, array, delimited):
                patch.setattr(module, "BLOCK", size)
            patch.setattr(records, "SLICE", max(1, size // 2))
            patch.setattr(columns, "_ROWS", max(1, size // 50))
            patch.setattr(job, "_WORTH_WORKERS", 0)
        yield


def read_folder(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def setup(tiny_rules: Path) -> Setup:
    """Rules that know "I must decline." alone."""
    return Setup((tiny_rules,), ("rules",), "re2")


@pytest.fixture(scope="session")
def cleaned(setup: Setup) -> Callable[..., Output]:
    """A function that cleans files given by name and content in a folder of their own."""

    def run(
        inputs: Mapping[str, bytes],
        *,
        pieces: int | None = None,
        given: list[str] | None = None,
        reading: ReadOptions = ReadOptions(),
        limits: Limits = Limits(),
        **wanted: Any,
    ) -> Output:
        with (
            tempfile.TemporaryDirectory() as folder,
            contextlib.chdir(folder),
            pieces_of(pieces),
        ):
            for name, data in inputs.items():
                path = Path("in", name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            done = cleaning.clean(
                given or [f"in/{name}" for name in inputs],
                "out",
                setup=setup,
                reading=reading,
                limits=limits,
                wanted=Wanted(**{"report": False, "workers": 1, **wanted}),
                command=["aligncleaner", "clean"],
            )
            assert sorted(path.name for path in Path().iterdir()) in (["in"], ["in", "out"])
            return Output(done, read_folder(Path("out")))

    return run
