"""Strict YAML: the part of the language that means one thing, read without building objects.

Packs and policies are written by strangers. Duplicate keys, tags, anchors, aliases, non-string
keys and several documents are faults, and size, depth and node count are bounded. Plain scalars
follow the YAML 1.2 core schema, so `on`, `yes` and `no` are words and not booleans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from aligncleaner.errors import AligncleanerError, Fault, UsageError

MAX_BYTES: Final = 2_000_000
MAX_DEPTH: Final = 20
MAX_NODES: Final = 200_000

#: Where a value stands in a document: keys and list positions from the root.
Location = tuple[str | int, ...]

_CONSTANTS: Final = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_REAL = re.compile(r"[-+]?(?:[0-9]{1,30}\.[0-9]{0,30}|\.?[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?")


class Document(NamedTuple):
    """What one YAML file says.

    `data` is null where nothing could be read. `lines` gives the 1-based line of each value
    by its path from the root, e.g. `("rules", 0, "id")`. `faults` are all faults found.
    """

    data: Any
    lines: dict[Location, int]
    faults: list[Fault]


def load_yaml(path: Path, error: type[AligncleanerError] = UsageError) -> Any:
    """The content of the YAML file at `path` as dicts, lists and scalars.

    Raises:
        error: the file cannot be read or breaks the strict rules; every fault is listed.
    """
    document = read_document(path)
    if document.faults:
        raise error(document.faults)
    return document.data


def read_document(path: Path) -> Document:
    """The content of the YAML file at `path`, with lines and faults instead of an exception."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as problem:
        reason = problem.strerror or "cannot be read"
        return Document(None, {}, [Fault(str(path), reason.lower(), "a readable YAML file")])
    except UnicodeDecodeError as problem:
        return Document(None, {}, [Fault(str(path), f"byte {problem.start} is not UTF-8", "UTF-8")])
    if len(raw) > MAX_BYTES:
        fault = Fault(str(path), f"over {MAX_BYTES:,} bytes", "a smaller file", "split the file")
        return Document(None, {}, [fault])
    return parse(text, str(path))


def parse(text: str, name: str) -> Document:
    """Read one YAML document from `text`; faults name it `name`."""
    reader = _Reader(name)
    try:
        data = reader.document(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        reader.fault(line, problem.problem or "not YAML", "one YAML document")
        data = None
    except (yaml.YAMLError, ValueError) as problem:
        reader.fault(1, str(problem).splitlines()[0], "one YAML document")
        data = None
    except _Bounded:
        data = None
    return Document(data, reader.lines, reader.faults)


class _Bounded(Exception):
    """The document is too deep or too large to go on."""


class _Reader:
    """Builds plain data from the parser's events and notes every fault on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Location, int] = {}
        self.faults: list[Fault] = []

    def fault(self, line: int, got: str, expected: str) -> None:
        self.faults.append(Fault(f"{self.name}:{line}", got, expected))

    def document(self, events: Iterator[Any]) -> Any:
        data, documents = None, 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.fault(_line(event), "a second document", "one a file")
                    raise _Bounded
            elif isinstance(event, yaml.NodeEvent):
                data = self.node(event, events, ())
        return data

    def node(self, event: Any, events: Iterator[Any], path: Location) -> Any:
        line = _line(event)
        self.lines[path] = line
        if len(path) > MAX_DEPTH or len(self.lines) > MAX_NODES:
            self.fault(line, "too deep or too large", f"{MAX_DEPTH} levels, {MAX_NODES:,} values")
            raise _Bounded
        if event.anchor is not None:
            kind = "an alias" if isinstance(event, yaml.AliasEvent) else "an anchor"
            self.fault(line, f"{kind} ('{event.anchor[:40]}')", "the value written out")
        if isinstance(event, yaml.AliasEvent):
            return None
        if event.tag is not None:
            self.fault(line, f"a tag ('{event.tag[:40]}')", "plain YAML without tags")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(self.node(inner, events, (*path, len(items))))
            return items
        return self.mapping(events, path)

    def mapping(self, events: Iterator[Any], path: Location) -> dict[str, Any]:
        content: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = _line(event)
            key = self.node(event, events, (*path, "?"))
            if not isinstance(key, str):
                self.fault(line, "a key that is not text", "a word, quoted if need be")
                key = f"?{line}"
            elif key in content:
                self.fault(line, f"the key '{key[:40]}' twice", "each key once")
            content[key] = self.node(next(events), events, (*path, key))
        return content


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(text: str) -> Any:
    """A plain scalar by the YAML 1.2 core schema (decimal numbers only)."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    first = text[0]
    if first.isalpha():
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _REAL.fullmatch(text) else text
