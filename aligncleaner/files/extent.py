"""How far a JSON value goes, told by its brackets and strings alone."""

from __future__ import annotations

import re
from typing import Final

#: A string, closed or not yet (then the group is empty), or a bracket. Possessive: linear time.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{}]', re.DOTALL)
_REST_OF_STRING: Final = re.compile(rb'(?:[^"\\]++|\\.)*+("?)', re.DOTALL)
_SCALAR: Final = re.compile(rb'[^\s,\[\]{}"]*+')


class Extent:
    """Follows one JSON value to its end through the pieces in which it comes."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._in_scalar = False

    def reach(self, held: bytes | bytearray, position: int) -> tuple[int, bool]:
        """How far in `held` the value at `position` goes, and whether it ends there.

        If it does not, the next piece must begin with what was not reached (half an escape).
        """
        if self._in_string:
            rest = _REST_OF_STRING.match(held, position)
            assert rest is not None
            position = rest.end()
            if not rest[1]:
                return position, False
            self._in_string = False
            if not self._depth:
                return position, True
        elif not self._depth and (self._in_scalar or held[position] not in b'{["'):
            return self._reach_of_scalar(held, position)
        depth = self._depth
        for token in _TOKEN.finditer(held, position):
            sign = held[token.start()]
            if sign == 0x22:
                if not token[1]:
                    self._depth, self._in_string = depth, True
                    return token.end(), False
            elif sign in b"[{":
                depth += 1
            else:
                depth -= 1
            if depth <= 0:
                return token.end(), True
        self._depth = depth
        return len(held), False

    def _reach_of_scalar(self, held: bytes | bytearray, position: int) -> tuple[int, bool]:
        scalar = _SCALAR.match(held, position)
        assert scalar is not None
        # A stray bracket is a value of its own, so that nobody waits for its end for ever.
        end = scalar.end() if self._in_scalar else max(scalar.end(), position + 1)
        self._in_scalar = True
        return end, end < len(held)


def end_of_value(held: bytes | bytearray, position: int) -> int | None:
    """The offset after the JSON value that starts at `position`, null if it goes on."""
    end, whole = Extent().reach(held, position)
    return end if whole else None
