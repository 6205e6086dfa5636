"""What can go wrong, one small class per cause.

Every message says where it happened, what was found, what was expected and what to do next.
The command line prints the message alone and leaves with the class's `exit_code`:
1 for an error of the data or of ours, 2 for a mistake in how the tool was called.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Fault(NamedTuple):
    """One thing wrong at one place. Errors carry as many of these as a file has."""

    where: str
    got: str
    expected: str = ""
    fix: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.got}"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.fix:
            text += f". {self.fix[0].upper()}{self.fix[1:]}"
        return text


class AligncleanerError(Exception):
    """The root of all errors this package raises on purpose."""

    exit_code = 1

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class UsageError(AligncleanerError):
    """The command or function was called in a way that cannot work."""

    exit_code = 2


class InputRefused(AligncleanerError):
    """A whole input cannot be read: missing, not a regular file, binary, the wrong encoding."""


class OutputExists(AligncleanerError):
    """The output is already there and `--force` was not given. Nothing was written."""

    exit_code = 2


class OutputFailed(AligncleanerError):
    """The output could not be written (disk full, read-only). Earlier outputs are untouched."""


class PackInvalid(AligncleanerError):
    """A rule pack breaks the rules for rule packs; every fault of every pack is listed."""


class SchemaMismatch(AligncleanerError):
    """A table does not have the columns or types that `schema` declares for it."""


class GoldInvalid(AligncleanerError):
    """A labelled file for `evaluate` has no mapping to labels, or holds unknown labels."""


class RecordNotFound(UsageError):
    """`explain FILE:LINE[:TURN]` names a record or an answer that is not in the file."""
