"""spaCy without its command line, which costs a third of the import and is never used here."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def load() -> ModuleType:
    """The package `spacy`, imported without `spacy.cli` unless that is loaded already.

    `spacy/__init__` imports its command line for the sake of one function, `spacy.info`, and
    with it a web client, a project manager and their validation schemas: 0.6 of 1.7 seconds and
    20 MB, in each worker process. A stand-in answers for it during the import and is taken away
    afterwards: `import spacy.cli` and `spacy.info()` then work as ever.
    """
    if "spacy" in sys.modules:
        return sys.modules["spacy"]
    stand_ins = {name: ModuleType(name) for name in ("spacy.cli", "spacy.cli.info")}
    stand_ins["spacy.cli.info"].info = _info  # type: ignore[attr-defined]
    sys.modules.update(stand_ins)
    try:
        import spacy
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
    return spacy


def _info(*arguments: Any, **options: Any) -> Any:
    from spacy.cli.info import info

    return info(*arguments, **options)
