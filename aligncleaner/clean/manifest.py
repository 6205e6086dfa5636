"""The manifest: what was read, what was written, by which versions and command."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Any, Final

from aligncleaner.clean.job import Result
from aligncleaner.detect.cascade import Cascade

FORMAT: Final = 1
_LIBRARIES: Final = ("pyarrow", "numpy", "orjson", "google-re2", "hyperscan", "spacy")


def version() -> str:
    """The version of this package, "0" where it is not installed."""
    try:
        return metadata.version("aligncleaner")
    except metadata.PackageNotFoundError:
        return "0"


def manifest(result: Result, cascade: Cascade, command: Sequence[str]) -> dict[str, Any]:
    """A JSON-able account of a run; it holds no time, so the same run gives the same bytes."""
    return {
        "format": FORMAT,
        "aligncleaner": version(),
        "command": list(command),
        "inputs": [read._asdict() for read in result.read],
        "refused": [fault._asdict() for fault in result.refused],
        "warnings": result.warnings,
        "outputs": result.outputs,
        "rules_sha256": cascade.rules_hash,
        "detectors": {d.name: d.version for d in cascade.detectors},
        "verdict_version": cascade.version,
        "counts": {
            "records": dict(result.counts.records),
            "fates": dict(result.counts.fates),
            "answers": result.counts.answers,
            "flags": result.counts.flags,
        },
        "python": platform.python_version(),
        "platform": sys.platform,
        "libraries": {name: _installed(name) for name in _LIBRARIES},
    }


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def digest(data: bytes) -> str:
    """The sha256 of `data`, hexadecimal."""
    return hashlib.sha256(data).hexdigest()
