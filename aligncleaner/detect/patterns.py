"""From the language of rule packs to one regex with one meaning in Hyperscan and re2.

A pattern is a phrase (`i cannot help with`: word-bounded, any white space between its words) or,
between slashes, a regex of the subset in `regex_syntax`. Case never matters; a space stands for
one to three white-space characters and ' for any apostrophe.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from aligncleaner.detect import normalise
from aligncleaner.detect.regex_syntax import (
    MAX_GAP,
    WORD,
    Chars,
    Choice,
    Node,
    Refused,
    Repeat,
    Sequence_,
    WordEdge,
    literal,
    parse,
    write,
)

MAX_LENGTH: Final = 500
#: States of the automaton, about: what bounds its compile time and memory.
MAX_POSITIONS: Final = 1000
#: A class wider than this, repeated without end, is a gap: it must say how wide.
_GAP_CLASS: Final = 0x400


class Pattern(NamedTuple):
    """One pattern, translated.

    `regex` is the whole pattern. `cue` matches in a text where and only where `regex` does, and
    ends within `regex`'s match, but leaves out a head and a tail that may be empty, so that a
    matcher that reports every end reports few. `positions` estimates the automaton's size.
    """

    source: str
    regex: str
    cue: str
    positions: int


def translate(text: str) -> str:
    """The one regex that `text` stands for, to be compiled without any flag but UTF-8.

    Raises:
        Refused: the pattern is outside the language; the message names the feature.
    """
    return read(text).regex


def read(text: str, ascii_words: bool = True) -> Pattern:
    """Translate `text` and measure it.

    With `ascii_words` false (languages that are written beyond ASCII) `\\b` and `\\w` are refused
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
    if _can_be_empty(tree):
        raise Refused("a pattern that matches the empty text")
    return Pattern(text, write(tree), write(_cue(tree)), positions)


def _phrase(text: str) -> Node:
    words = " ".join(text.split())
    if not words:
        raise Refused("an empty phrase")
    parts = [literal(char) for char in words]
    if _is_word(words[0]):
        parts.insert(0, WordEdge())
    if _is_word(words[-1]):
        parts.append(WordEdge())
    return Sequence_(tuple(parts))


def _is_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def _check(node: Node, ascii_words: bool) -> None:
    """Refuse, anywhere in the tree, gaps without end and, where asked to, ASCII word classes."""
    if isinstance(node, Repeat):
        _check(node.part, ascii_words)
        if node.high is None and _is_wide(node.part):
            raise Refused(f"a gap without end (say {{0,{MAX_GAP}}} instead of * or +)")
    elif isinstance(node, Sequence_ | Choice):
        for part in node.parts if isinstance(node, Sequence_) else node.options:
            _check(part, ascii_words)
    elif not ascii_words and (isinstance(node, WordEdge) or _holds_word(node)):
        raise Refused("\\b or \\w, which know ASCII letters only, in a language beyond ASCII")


def _holds_word(node: Node) -> bool:
    return isinstance(node, Chars) and node.ranges == WORD


def _is_wide(node: Node) -> bool:
    if isinstance(node, Chars):
        return sum(high - low + 1 for low, high in node.ranges) > _GAP_CLASS
    if isinstance(node, Repeat):
        return _is_wide(node.part)
    if isinstance(node, WordEdge):
        return False
    return any(map(_is_wide, node.parts if isinstance(node, Sequence_) else node.options))


def _positions(node: Node) -> int:
    """How many single characters the pattern unfolds to with every repetition at its longest."""
    if isinstance(node, Chars):
        return 1
    if isinstance(node, Repeat):
        return _positions(node.part) * max(node.high or node.low + 1, 1)
    if isinstance(node, WordEdge):
        return 0
    return sum(map(_positions, node.parts if isinstance(node, Sequence_) else node.options))


def _can_be_empty(node: Node) -> bool:
    if isinstance(node, Chars):
        return False
    if isinstance(node, Repeat):
        return node.low == 0 or _can_be_empty(node.part)
    if isinstance(node, Sequence_):
        return all(map(_can_be_empty, node.parts))
    return any(map(_can_be_empty, node.options)) if isinstance(node, Choice) else True


def _cue(tree: Node) -> Node:
    """The tree without a head and a tail that may be empty: see `Pattern`."""
    if isinstance(tree, Choice):
        return Choice(tuple(map(_cue, tree.options)))
    if isinstance(tree, Sequence_):
        first = 0
        while not isinstance(tree.parts[first], WordEdge) and _can_be_empty(tree.parts[first]):
            first += 1
        tree = Sequence_(tree.parts[first:])
    return _shortest(tree)


def _shortest(node: Node) -> Node:
    """The node with its end as early as it can be; it must not match the empty text."""
    if isinstance(node, Choice):
        return Choice(tuple(map(_shortest, node.options)))
    if isinstance(node, Repeat):
        return Repeat(node.part, node.low, node.low) if node.low > 1 else _shortest(node.part)
    if not isinstance(node, Sequence_):
        return node
    last = len(node.parts) - 1
    while not isinstance(node.parts[last], WordEdge) and _can_be_empty(node.parts[last]):
        last -= 1
    return Sequence_((*node.parts[:last], _shortest(node.parts[last])))
