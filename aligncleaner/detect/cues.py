"""The part of a pattern that Hyperscan looks for: rare words and what follows them.

Hyperscan only has to say in which lines a rule may hit; re2 then looks at them with the whole
pattern. So of each pattern it gets a cue, a stretch that every match of the pattern holds,
in bytes: starting at rare words (which are found by their letters, at memory speed), ending when
it is rare enough (each cue seen costs a microsecond), and looser than the pattern where that
makes the automaton small. The choice changes the speed and never the result.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from aligncleaner.detect.characters import APOSTROPHES, Ranges
from aligncleaner.detect.patterns import Pattern, can_be_empty, is_wide
from aligncleaner.detect.regex_tree import Chars, Choice, Concatenation, Node, Repeat, WordEdge
from aligncleaner.detect.word_frequency import PER_MEGABYTE, RARE, starting_with

#: A repeated wide class is a gap from this width on; how wide is then left to re2.
_GAP: Final = 10
#: Characters beyond ASCII of which a class may hold this many before it is loosened to all.
_SPELT_OUT: Final = 32
#: Cost of one place where a cue's first words stand, and of one place where all of it does.
_START_COST: Final = 0.2
_SEEN_COST: Final = 1.0
#: How much likelier than by chance words are that a pattern puts side by side.
_LIFT: Final = 30
_WORDS_PER_MB: Final = 170_000
_PUNCTUATION: Final = 3000.0
_NEVER: Final = 1e9
#: A cue seen no more often than this in a megabyte need not be longer.
_RARE: Final = 2.0


class Cue(NamedTuple):
    """A regex for Hyperscan, and the patterns of which one has to match in the same line.

    Where a rule asks for several things, `wanted` is another than `regex` was made of, so that
    looking for it tells something new. `source` is what `regex` was made of; `cost` is about what
    it costs in a megabyte of English answers, in microseconds.
    """

    regex: str
    wanted: tuple[Pattern, ...]
    source: str
    cost: float


def choose(rules: Sequence[tuple[Sequence[Pattern], Sequence[Pattern]]]) -> list[list[Cue]]:
    """For each rule, cues one of which is seen in every sentence that it hits.

    A rule is given as the patterns of which one must match and those that must all match in the
    same sentence; its cues come from the former, or from one of the latter. The cheapest are
    taken; a cue that several rules offer counts for each of them with its share only.
    """
    offers = [_offers(any_of, all_of) for any_of, all_of in rules]
    offered = Counter(
        regex for rule in offers for regex in {cue.regex for cues in rule for cue in cues}
    )
    return [
        min(rule, key=lambda cues: sum(cue.cost / offered[cue.regex] for cue in cues))
        for rule in offers
    ]


def _offers(any_of: Sequence[Pattern], all_of: Sequence[Pattern]) -> list[list[Cue]]:
    rarest = tuple(sorted(all_of, key=_cost)[:1])
    return [
        [cue for pattern in any_of for cue in _cues(pattern, rarest or (pattern,))],
        *(_cues(pattern, tuple(any_of)) for pattern in all_of),
    ]


def _cues(pattern: Pattern, wanted: tuple[Pattern, ...]) -> list[Cue]:
    return [Cue(regex, wanted, pattern.source, cost) for regex, cost in _stretches(pattern.tree)]


def _cost(pattern: Pattern) -> float:
    return sum(cost for _, cost in _stretches(pattern.tree))


def _stretches(tree: Node) -> list[tuple[str, float]]:
    """Regexes, with their costs, one of which matches wherever the tree does."""
    if isinstance(tree, Choice):
        return [stretch for option in tree.parts for stretch in _stretches(option)]
    parts = _flat(tree)
    if len(parts) == 1 and parts[0] is not tree:
        return _stretches(parts[0])
    pieces = _pieces(parts)
    frequencies = [_frequency(piece) for piece in pieces]
    best, least = tree, _NEVER
    for start, frequency in enumerate(frequencies):
        if frequency >= _NEVER:
            continue
        end, seen = start + 1, frequency
        while end < len(pieces) and seen > _RARE:
            seen *= min(1.0, frequencies[end] * _LIFT / _WORDS_PER_MB)
            end += 1
        cost = _START_COST * frequency + _SEEN_COST * seen
        if cost < least:
            # what stands right before keeps a short word from being found within longer ones
            before = pieces[start - 1][-1:] if start else []
            stretch = [part for piece in pieces[start:end] for part in piece]
            best, least = Concatenation((*filter(_is_edge, before), *stretch)), cost
    return [(_in_bytes(_shortest(best)), least)]


def _is_edge(node: Node) -> bool:
    return isinstance(node, WordEdge) or (isinstance(node, Chars) and _letter(node) == " ")


def _flat(tree: Node) -> list[Node]:
    """The parts of a concatenation, with those of the concatenations in it."""
    if not isinstance(tree, Concatenation):
        return [tree]
    return [part for inner in tree.parts for part in _flat(inner)]


def _pieces(parts: Sequence[Node]) -> list[list[Node]]:
    """The parts with neighbouring letters put together; choices and repeats stand alone."""
    pieces: list[list[Node]] = []
    joins = False
    for part in parts:
        is_letter = isinstance(part, Chars | WordEdge)
        if is_letter and joins:
            pieces[-1].append(part)
        else:
            pieces.append([part])
        joins = is_letter
    return pieces


def _frequency(parts: Sequence[Node]) -> float:
    """About how often, in a megabyte, the rarest words stand that the parts cannot do without."""
    rarest, words = _NEVER, ""
    for part in (*parts, None):
        if isinstance(part, Chars) and (letter := _letter(part)):
            words += letter
        elif isinstance(part, WordEdge):
            words += " "
        else:
            if words.strip():
                rarest = min(rarest, _words_frequency(words))
            words = ""
        if isinstance(part, Choice):
            rarest = min(rarest, sum(_frequency(_flat(option)) for option in part.parts))
        elif isinstance(part, Repeat) and part.low:
            rarest = min(rarest, _frequency(_flat(part.part)))
    return rarest


def _letter(chars: Chars) -> str:
    """The character that a narrow class stands for in any case; empty for a wide one."""
    if chars.ranges == APOSTROPHES:
        return "'"
    if sum(high - low + 1 for low, high in chars.ranges) > 6:
        return ""
    return chr(chars.ranges[-1][0]).lower()


def _words_frequency(text: str) -> float:
    """About how often a run of words stands in a megabyte; its last word may go on."""
    words = re.findall(r"\w+(?:'\w+)?", text)
    if not words:
        return _PUNCTUATION
    found = [PER_MEGABYTE.get(word, RARE) for word in words]
    if text.endswith(words[-1]):
        found[-1] = starting_with(words[-1])
    likely, *others = sorted(found)
    for frequency in others:
        likely *= min(1.0, frequency * _LIFT / _WORDS_PER_MB)
    return likely


def _shortest(node: Node) -> Node:
    """The node with its end as early as it can be: fewer ends are fewer reports."""
    if isinstance(node, Choice):
        return Choice(tuple(map(_shortest, node.parts)))
    if isinstance(node, Repeat) and node.low:
        return Repeat(node.part, node.low, node.low) if node.low > 1 else _shortest(node.part)
    if not isinstance(node, Concatenation):
        return node
    last = len(node.parts) - 1
    while not isinstance(node.parts[last], WordEdge) and can_be_empty(node.parts[last]):
        last -= 1
    return Concatenation((*node.parts[:last], _shortest(node.parts[last])))


def _in_bytes(node: Node) -> str:
    """The node as a regex over the bytes of UTF-8; it may match more than the node does."""
    if isinstance(node, Chars):
        return _chars_in_bytes(node.ranges)
    if isinstance(node, WordEdge):
        return r"\b"
    if isinstance(node, Choice):
        return "(?:" + "|".join(map(_in_bytes, node.parts)) + ")"
    if isinstance(node, Concatenation):
        return "".join(map(_in_bytes, node.parts))
    low, high = node.low, node.high
    if isinstance(node.part, Chars) and is_wide(node.part):
        inner = _byte_class([*_ascii(node.part.ranges), (0x80, 0xFF)])
        high = None if high is None or high >= _GAP else 4 * high
    else:
        inner = f"(?:{_in_bytes(node.part)})"
    return f"{inner}{{{low},{'' if high is None else high}}}"


def _chars_in_bytes(ranges: Ranges) -> str:
    ascii_part = _ascii(ranges)
    beyond = [(max(low, 0x80), high) for low, high in ranges if high >= 0x80]
    options = [_byte_class(ascii_part)] if ascii_part else []
    if sum(high - low + 1 for low, high in beyond) > _SPELT_OUT:
        options.append("[\\x80-\\xff]{1,4}")
    else:
        points = [point for low, high in beyond for point in range(low, high + 1)]
        options += ["".join(map(_byte, chr(point).encode())) for point in points]
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def _ascii(ranges: Ranges) -> list[tuple[int, int]]:
    return [(low, min(high, 0x7F)) for low, high in ranges if low < 0x80]


def _byte_class(ranges: Sequence[tuple[int, int]]) -> str:
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _byte(ranges[0][0])
    return "[" + "".join(f"{_byte(low)}-{_byte(high)}" for low, high in ranges) + "]"


def _byte(byte: int) -> str:
    char = chr(byte)
    return char if char.isascii() and char.isalnum() else f"\\x{byte:02x}"
