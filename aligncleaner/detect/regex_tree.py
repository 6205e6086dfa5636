"""A regex as a tree, and the plain notation that Hyperscan and re2 read alike."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from aligncleaner.detect.characters import Ranges


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Concatenation:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part `low` to `high` times; `high` None is without end."""

    part: Node
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class WordEdge:
    """Where an ASCII letter, digit or underscore meets anything else."""


Node = Chars | Concatenation | Choice | Repeat | WordEdge


def _point(point: int) -> str:
    char = chr(point)
    return char if char.isascii() and char.isalnum() else f"\\x{{{point:x}}}"


@functools.lru_cache(maxsize=4096)
def _write_chars(ranges: Ranges) -> str:
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _point(ranges[0][0])
    spelt = [
        _point(low) if low == high else f"{_point(low)}-{_point(high)}" for low, high in ranges
    ]
    return f"[{''.join(spelt)}]"


def _write_part(node: Node) -> str:
    return f"(?:{write(node)})" if isinstance(node, Choice) else write(node)


def write(node: Node) -> str:
    """The tree as a regex that Hyperscan (flag UTF8) and re2 (no options) read alike."""
    if isinstance(node, Chars):
        return _write_chars(node.ranges)
    if isinstance(node, Concatenation):
        return "".join(map(_write_part, node.parts))
    if isinstance(node, Choice):
        return "|".join(map(write, node.parts))
    if isinstance(node, WordEdge):
        return r"\b"
    inner = write(node.part)
    if not isinstance(node.part, Chars):
        inner = f"(?:{inner})"
    match node.low, node.high:
        case 0, None:
            return inner + "*"
        case 1, None:
            return inner + "+"
        case 0, 1:
            return inner + "?"
        case low, high if low == high:
            return f"{inner}{{{low}}}"
    return f"{inner}{{{node.low},{node.high}}}"
