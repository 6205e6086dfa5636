"""The files of a run, written into its stage as blocks come in."""

from __future__ import annotations

import base64
import hashlib
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, Self

import orjson

from aligncleaner import schema
from aligncleaner.clean.frames import Frames
from aligncleaner.clean.kept import Hashing, KeptText
from aligncleaner.clean.occurrences import Occurrences
from aligncleaner.clean.tables import TableFile
from aligncleaner.clean.work import Done
from aligncleaner.detect.cascade import Cascade
from aligncleaner.files.blocks import Block
from aligncleaner.files.columns import KeptRows
from aligncleaner.files.opened import Opened


class Outputs:
    """Everything a run writes but the report and the manifest.

    Without `keep` only flags, verdicts and the quarantine. `several` inputs keep their own paths
    below `kept/`. `digests` holds the sha256 of each finished file by its name.
    """

    def __init__(self, stage: Path, cascade: Cascade, keep: bool, several: bool) -> None:
        self.digests: dict[str, str] = {}
        self._stage = stage
        self._cascade = cascade
        self._keep = keep
        self._several = several
        self._files = ExitStack()
        self._occurrences = Occurrences()
        columns = {"verdicts": schema.VERDICTS, "flags": schema.FLAGS}
        if keep:
            columns["ledger"] = schema.LEDGER
        self._tables = {
            name: TableFile(stage / f"{name}.parquet", layout) for name, layout in columns.items()
        }
        self._removed = self._new_file("removed.jsonl") if keep else None
        self._quarantine = self._new_file("quarantine.jsonl")
        self._kept_file: Hashing | None = None
        self._kept: KeptText | KeptRows | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """Close whatever is still open; what could not be written is given up."""
        open_writers = [*self._tables.values(), *([self._kept] if self._kept else [])]
        for writer in open_writers:
            with suppress(OSError):
                writer.close()
        self._files.close()

    def _new_file(self, name: str) -> Hashing:
        path = self._stage / name
        path.parent.mkdir(parents=True, exist_ok=True)
        out = self._files.enter_context(path.open("wb", buffering=0))
        return Hashing(out, name)

    def begin(self, here: Opened) -> None:
        """An input starts: what is kept of it goes to a file of its own."""
        if not self._keep:
            return
        name = f"kept/{here.source.relative}" if self._several else _kept_name(here)
        self._kept_file = out = self._new_file(name)
        self._kept = (
            KeptRows(out, here.schema) if here.container == "parquet" else KeptText(out, here)
        )

    def end(self, here: Opened) -> str | None:
        """An input is through; its own sha256, null for standard input."""
        digest = None
        if self._kept is not None and self._kept_file is not None:
            self._kept.close()
            self._note(self._kept_file)
            if isinstance(self._kept, KeptText) and self._kept.hashed == here.source.size:
                digest = self._kept.source_digest.hexdigest()
        self._kept = self._kept_file = None
        if digest is None and here.source.path is not None:
            digest = _digest(here.source.path)
        return digest

    def write(self, name: str, block: Block, done: Done, first: int) -> None:
        """What became of a block of the input `name` whose first record stands on line `first`."""
        self._write_tables(name, done, first)
        self._write_records(name, block, done, first)
        if isinstance(self._kept, KeptRows):
            self._kept.write(block.rows, [(start, new) for start, _, new in done.edits])
        elif self._kept is not None:
            self._kept.write(block, done.edits)

    def _write_tables(self, name: str, done: Done, first: int) -> None:
        ids = done.findings.ids
        if renamed := self._occurrences.number(ids):
            ids = [renamed.get(place, name) for place, name in enumerate(ids)]
        frames = Frames(done.findings, ids, name, first)
        verdicts = frames.verdicts(self._cascade.usual, self._cascade.version)
        self._tables["verdicts"].add(verdicts)
        self._tables["flags"].add(frames.flags())
        if self._keep:
            self._tables["ledger"].add(frames.ledger())

    def _write_records(self, name: str, block: Block, done: Done, first: int) -> None:
        source = orjson.dumps(name)
        if self._removed is not None and done.removed:
            lines = (
                b'{"source":%b,"line":%d,"record":%b}\n' % (source, first + record, text)
                for record, text in done.removed
            )
            self._removed.write(b"".join(lines))
        for record, offset, length, reason, raw in done.unread:
            entry = {
                "source": name, "line": first + record, "offset": block.start + offset,
                "length": length, "reason": reason, "raw": base64.b64encode(raw).decode(),
            }  # fmt: skip
            self._quarantine.write(orjson.dumps(entry) + b"\n")

    def finish(self) -> None:
        """Close every file and take its digest."""
        for name, table in self._tables.items():
            table.close()
            self.digests[f"{name}.parquet"] = _digest(self._stage / f"{name}.parquet")
        for out in (self._removed, self._quarantine):
            if out is not None:
                self._note(out)

    def _note(self, out: Hashing) -> None:
        self.digests[out.name] = out.hexdigest()

    def abandon(self) -> None:
        """Remove all that was written, for another attempt."""
        for path in sorted(self._stage.rglob("*"), reverse=True):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_ENDINGS: Final = {"jsonl": ".jsonl", "array": ".json", "csv": ".csv"}
_PACKED: Final = {"gzip": ".gz", "zstd": ".zst", None: ""}


def _kept_name(here: Opened) -> str:
    """`kept` with the endings of the input: `log.2024.jsonl.gz` gives `kept.jsonl.gz`.

    Standard input has no endings: there they say what it held.
    """
    if here.source.path is None:
        return f"kept{_ENDINGS[here.container]}{_PACKED[here.packing]}"
    name, packed = here.source.path.name, ""
    for ending in (".gz", ".zst"):
        if name.endswith(ending):
            name, packed = name.removesuffix(ending), ending
    return f"kept{Path(name).suffix}{packed}"
