"""The chat formats. Every module here that has a `NAME` is one; order is the order of trial."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Final

from aligncleaner.errors import Fault, UsageError
from aligncleaner.formats.conversation import Conversation, ReadOptions, Record, RecordFault

__all__ = ["FORMATS", "Conversation", "ReadOptions", "Record", "RecordFault", "reader", "wanted"]


def _found() -> dict[str, ModuleType]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    formats = [module for module in modules if hasattr(module, "NAME")]
    # The vaguest layout (any two fields) is tried last.
    formats.sort(key=lambda module: (module.NAME == "pairs", module.NAME))
    return {module.NAME: module for module in formats}


FORMATS: Final = _found()


def wanted(options: ReadOptions) -> Sequence[ModuleType]:
    """The formats that `options` allow: all of them for "auto", else the one named.

    Raises:
        UsageError: if there is no format of that name.
    """
    if options.format == "auto":
        return (FORMATS["pairs"],) if options.fields else tuple(FORMATS.values())
    if options.format not in FORMATS:
        valid = ", ".join(["auto", *FORMATS])
        raise UsageError(Fault("--format", f"'{options.format}'", f"one of {valid}"))
    return (FORMATS[options.format],)


def reader(record: Record, allowed: Sequence[ModuleType]) -> ModuleType:
    """The first of the allowed formats that recognises `record`; a lone one is taken at its word.

    Raises:
        RecordFault: if none does.
    """
    if len(allowed) == 1:
        return allowed[0]
    for module in allowed:
        if module.recognises(record):
            return module
    keys = ", ".join(map(repr, list(record)[:8])) or "none"
    raise RecordFault(f"no known chat layout (its fields: {keys}); see `aligncleaner formats`")
