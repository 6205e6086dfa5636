"""The regex subset that packs may use, as a syntax tree.

`parse` reads a pattern and refuses, by name, whatever Hyperscan (without start-of-match and
Unicode properties) and re2 do not both take with one meaning.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from aligncleaner.detect.characters import (
    APOSTROPHES,
    DIGITS,
    NOT_LINE_END,
    SPACES,
    WORD,
    Ranges,
    all_but,
    cases,
    ranges_of,
    with_cases,
)
from aligncleaner.detect.regex_tree import Chars, Choice, Concatenation, Node, Repeat, WordEdge

MAX_GAP: Final = 80
MAX_DEPTH: Final = 20


class Refused(ValueError):
    """The pattern is not in the subset; the message names the feature."""


_CLASSES: Final = {
    "d": DIGITS, "w": WORD, "s": SPACES,
    "D": all_but(DIGITS), "W": all_but(WORD), "S": all_but(SPACES),
}  # fmt: skip
_CONTROLS: Final = {"n": 0x0A, "t": 0x09, "r": 0x0D}
_REFUSED_ESCAPES: Final = {
    **dict.fromkeys("AzZG", "an anchor"),
    **dict.fromkeys("pPX", "a Unicode property class"),
    **dict.fromkeys("123456789gk", "a back-reference"),
    **dict.fromkeys("QE", "a quoting escape"),
    "B": "the non-edge \\B",
}
_REFUSED_GROUPS: Final = (
    ("?=", "a look-ahead"), ("?!", "a look-ahead"), ("?<=", "a look-behind"),
    ("?<!", "a look-behind"), ("?>", "an atomic group"), ("?(", "a conditional"),
    ("?P=", "a back-reference"), ("?P>", "a recursion"), ("?R", "a recursion"),
    ("?&", "a recursion"), ("?+", "a recursion"), ("?P<", "a named group"),
    ("?<", "a named group"), ("?'", "a named group"), ("?#", "a comment"),
    ("?|", "a branch reset"), ("?", "an inline flag or recursion"), ("*", "a control verb"),
)  # fmt: skip


#: Characters that stand for themselves and are not repeated.
_PLAIN_RUN: Final = re.compile(r"(?:[^\\^$.|?*+()\[\]{}](?![?*+{]))+")


@functools.lru_cache(maxsize=4096)
def literal(char: str) -> Node:
    """What one plain character of a pattern stands for."""
    if char == "'":
        return Chars(APOSTROPHES)
    if not char.isprintable():
        raise Refused(f"the control character U+{ord(char):04X}")
    return Chars(cases(ord(char)))


def parse(text: str) -> Node:
    """The syntax tree of a regex.

    Raises:
        Refused: it uses a feature outside the subset, or is not a regex at all.
    """
    reader = _Reader(text)
    tree = reader.choice(depth=0)
    if reader.at < len(text):
        raise Refused("a ')' without its '('")
    return tree


class _Reader:
    """A recursive descent over the pattern; `at` is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise Refused("an unfinished pattern")
        self.at += 1
        return char

    def choice(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise Refused(f"groups nested deeper than {MAX_DEPTH}")
        options = [self.sequence(depth)]
        while self.peek() == "|":
            self.at += 1
            options.append(self.sequence(depth))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while (char := self.peek()) and char not in "|)":
            if run := _PLAIN_RUN.match(self.text, self.at):  # most of most patterns, so in one go
                parts.extend(map(literal, run.group()))
                self.at = run.end()
            else:
                parts.append(self.repeated(self.atom(depth)))
        return parts[0] if len(parts) == 1 else Concatenation(tuple(parts))

    def atom(self, depth: int) -> Node:
        char = self.take()
        if char == "(":
            return self.group(depth)
        if char == "[":
            return Chars(self.char_class())
        if char == "\\":
            return self.escape()
        if char == ".":
            return Chars(NOT_LINE_END)
        if char in "^$":
            raise Refused(f"the anchor {char} (say `where` instead)")
        if char in "*+?{":
            raise Refused(f"a '{char}' with nothing to repeat (a literal one is \\{char})")
        return literal(char)

    def group(self, depth: int) -> Node:
        if self.text.startswith("?:", self.at):
            self.at += 2
        else:
            for opening, feature in _REFUSED_GROUPS:
                if self.text.startswith(opening, self.at):
                    raise Refused(f"{feature} ('({opening}')")
        tree = self.choice(depth + 1)
        if self.peek() != ")":
            raise Refused("a '(' without its ')'")
        self.at += 1
        return tree

    def escape(self) -> Node:
        char = self.take()
        if char == "b":
            return WordEdge()
        if char in _CLASSES:
            return Chars(_CLASSES[char])
        return Chars(cases(self.escaped_point(char)))

    def escaped_point(self, char: str) -> int:
        if char in _REFUSED_ESCAPES:
            raise Refused(f"{_REFUSED_ESCAPES[char]} ('\\{char}')")
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in "xu":
            return self.code_point(char)
        if char.isascii() and char.isalnum():
            raise Refused(f"the escape \\{char}")
        return ord(char)

    def code_point(self, char: str) -> int:
        if self.peek() == "{":
            digits, closed, _ = self.text[self.at + 1 :].partition("}")
            if not closed:
                raise Refused("an unfinished \\x{...}")
            self.at += len(digits) + 2
        else:
            width = 2 if char == "x" else 4
            digits = self.text[self.at : self.at + width].ljust(width, "?")
            self.at += width
        try:
            point = int(digits[:8], 16)
        except ValueError:
            raise Refused(f"the escape \\{char} without a hexadecimal number") from None
        if 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
            raise Refused(f"the code point U+{point:04X}")
        return point

    def repeated(self, part: Node) -> Node:
        char = self.peek()
        if not char or char not in "*+?{":
            return part
        if isinstance(part, WordEdge):
            raise Refused("a repeated \\b")
        self.at += 1
        low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(char) or self.bounds()
        if self.peek() == "+":
            raise Refused(f"a possessive quantifier ('{char}+')")
        if self.peek() == "?":  # laziness has no meaning where hits are leftmost and longest
            self.at += 1
        if self.peek() in ("*", "+", "?", "{"):
            raise Refused("a repeated repetition (put the inner one in a group)")
        return Repeat(part, low, high)

    def bounds(self) -> tuple[int, int | None]:
        inside, closed, _ = self.text[self.at :].partition("}")
        first, comma, last = inside.partition(",")
        numbers = [first, last] if comma else [first]
        if not closed or not all(n.isascii() and n.isdigit() and len(n) < 5 for n in numbers):
            raise Refused("a '{' that is no {n} or {n,m} (a literal one is \\{)")
        self.at += len(inside) + 1
        low, high = int(first), int(last if comma else first)
        if low > high:
            raise Refused(f"the repetition {{{inside}}}, whose end is below its start")
        if high > MAX_GAP:
            raise Refused(f"the repetition {{{inside}}}, over {MAX_GAP}")
        return low, high

    def char_class(self) -> Ranges:
        negated = self.peek() == "^"
        self.at += negated
        members: list[tuple[int, int]] = []
        first = True
        while (char := self.take()) != "]" or first:
            first = False
            if char == "[" and self.peek() in (":", ".", "="):
                raise Refused("a POSIX class ('[[:')")
            if char == "\\" and self.peek() in _CLASSES:
                members.extend(_CLASSES[self.take()])
                continue
            low = self.class_point(char)
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.class_point(self.take())
                if high < low:
                    raise Refused(f"the range {chr(low)}-{chr(high)}, whose end is below its start")
                members.append((low, high))
            elif char in " '":
                members.extend(SPACES if char == " " else APOSTROPHES)
            else:
                members.append((low, low))
        ranges = with_cases(ranges_of(*members))
        return all_but(ranges) if negated else ranges

    def class_point(self, char: str) -> int:
        if char != "\\":
            return ord(char)
        escaped = self.take()
        if escaped == "b":
            raise Refused("a backspace or word edge in a class ('[\\b]')")
        return self.escaped_point(escaped)
