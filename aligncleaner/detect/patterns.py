"""From the language of rule packs to one regex with one meaning in Hyperscan and re2.

A pattern is a phrase (`i cannot help with`: word-bounded) or, between slashes, a regex of the
subset in `regex_syntax`. Case never matters and ' stands for any apostrophe. A space stands for
any run of white space within a line, because `normalise` makes each such run one space.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

from aligncleaner.detect import normalise
from aligncleaner.detect.characters import WORD
from aligncleaner.detect.regex_syntax import MAX_GAP, Refused, literal, parse
from aligncleaner.detect.regex_tree import (
    Chars,
    Choice,
    Concatenation,
    Node,
    Repeat,
    WordEdge,
    write,
)

MAX_LENGTH: Final = 500
#: What one pattern may unfold to: it bounds the time and memory of compiling it.
MAX_POSITIONS: Final = 1000
#: A class of more characters than this, repeated without end, is a gap: it must say how wide.
_GAP_CLASS: Final = 0x400


class Pattern(NamedTuple):
    """One pattern, translated. `positions` is how many characters it unfolds to at most."""

    source: str
    tree: Node
    regex: str
    positions: int


def translate(text: str) -> str:
    """The one regex that `text` stands for, to be compiled as UTF-8 and without other flags.

    Raises:
        Refused: the pattern is outside the language; the message names the feature.
    """
    return read(text).regex


@functools.lru_cache(maxsize=10_000)
def read(text: str, ascii_words: bool = True) -> Pattern:
    r"""Translate `text` and measure it.

    With `ascii_words` false (languages that are written beyond ASCII) `\b` and `\w` are refused
    in regexes, since both know ASCII letters only.

    Raises:
        Refused: the pattern is outside the language; the message names the feature.
    """
    if len(text) > MAX_LENGTH:
        raise Refused(f"{len(text)} characters, over {MAX_LENGTH}")
    plain = normalise.plain(text)
    if plain.startswith("/"):
        if len(plain) < 3 or not plain.endswith("/"):
            raise Refused("a regex without its closing '/'")
        tree = parse(plain[1:-1])
        _check(tree, ascii_words)
    else:
        tree = _phrase(plain)
    positions = _positions(tree)
    if positions > MAX_POSITIONS:
        raise Refused(f"repetitions that unfold to {positions:,} characters, over {MAX_POSITIONS}")
    if can_be_empty(tree):
        raise Refused("a way to match the empty text")
    return Pattern(text, tree, write(tree), positions)


def union(patterns: Sequence[Pattern]) -> str:
    """One regex that matches where any of the patterns does."""
    return "|".join(f"(?:{pattern.regex})" for pattern in patterns)


def _phrase(text: str) -> Node:
    words = " ".join(text.split())
    if not words:
        raise Refused("no words")
    parts = [literal(char) for char in words]
    if _is_word(words[0]):
        parts.insert(0, WordEdge())
    if _is_word(words[-1]):
        parts.append(WordEdge())
    return Concatenation(tuple(parts))


def _is_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def _check(node: Node, ascii_words: bool) -> None:
    """Refuse, anywhere in the tree, gaps without end and, where asked to, ASCII word classes."""
    if isinstance(node, Repeat):
        _check(node.part, ascii_words)
        if node.high is None and is_wide(node.part):
            raise Refused(f"a gap without end (say {{0,{MAX_GAP}}} instead of * or +)")
    elif isinstance(node, Concatenation | Choice):
        for part in node.parts:
            if not ascii_words or not isinstance(part, Chars):
                _check(part, ascii_words)
    elif not ascii_words and (isinstance(node, WordEdge) or node.ranges == WORD):
        raise Refused("\\b or \\w, which know ASCII letters only, in a language beyond ASCII")


def is_wide(node: Node) -> bool:
    """Whether the node holds a class of very many characters, such as `.` or `[^.]`."""
    if isinstance(node, Chars):
        return sum(high - low + 1 for low, high in node.ranges) > _GAP_CLASS
    if isinstance(node, Repeat):
        return is_wide(node.part)
    return not isinstance(node, WordEdge) and any(map(is_wide, node.parts))


def _positions(node: Node) -> int:
    """How many single characters the pattern unfolds to with every repetition at its longest."""
    if isinstance(node, Chars):
        return 1
    if isinstance(node, Repeat):
        return _positions(node.part) * max(node.high or node.low + 1, 1)
    return 0 if isinstance(node, WordEdge) else sum(map(_positions, node.parts))


def can_be_empty(node: Node) -> bool:
    """Whether the node can match the empty text."""
    if isinstance(node, Chars):
        return False
    if isinstance(node, Repeat):
        return node.low == 0 or can_be_empty(node.part)
    if isinstance(node, Choice):
        return any(map(can_be_empty, node.parts))
    return isinstance(node, WordEdge) or all(map(can_be_empty, node.parts))
