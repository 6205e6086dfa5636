"""Reading one JSON record slowly, to say exactly what is wrong with it.

orjson reads nearly everything; what it refuses comes here and is read with the standard
library's parser, which also tells numbers that JSON allows and orjson does not hold.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from aligncleaner.formats import RecordFault
from aligncleaner.formats.conversation import kind_of

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_MAX_DIGITS: Final = 4300
_SPACE: Final = b" \t\r\n"


def parse(raw: bytes, max_depth: int) -> dict[str, Any]:
    """The record in `raw`.

    Raises:
        RecordFault: if it is not one JSON object of UTF-8 text without NUL bytes, lone
            surrogates, NaN, numbers out of range or nesting deeper than `max_depth`.
    """
    if b"\x00" in raw:
        raise RecordFault("NUL bytes", raw.index(b"\x00"))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordFault(f"invalid UTF-8 at byte {error.start}", error.start) from None
    if depth(raw) > max_depth:
        raise RecordFault(f"nesting deeper than {max_depth} (--max-depth)")
    try:
        value = json.loads(text, parse_int=_whole, parse_float=_real, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise _syntax(text, error) from None
    except RecursionError:
        raise RecordFault(f"nesting deeper than {max_depth} (--max-depth)") from None
    if not isinstance(value, dict):
        raise RecordFault(f"record is {kind_of(value)}, not an object")
    try:
        text.encode() if "\\u" not in text else json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise RecordFault("a lone surrogate cannot be stored as UTF-8") from None
    return value


def depth(raw: bytes) -> int:
    """How deep the brackets of a JSON text nest, strings skipped."""
    deepest = here = 0
    for token in _TOKEN.finditer(raw):
        sign = raw[token.start()]
        if sign in b"[{":
            here += 1
            deepest = max(deepest, here)
        elif sign in b"]}":
            here -= 1
    return deepest


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise RecordFault(f"number too long ({len(digits)} digits, at most {_MAX_DIGITS})")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise RecordFault(f"number out of range ({digits[:40]})")
    return value


def _constant(name: str) -> float:
    raise RecordFault(f"{name} is not JSON")


def _syntax(text: str, error: json.JSONDecodeError) -> RecordFault:
    byte = len(text[: error.pos].encode("utf-8", "surrogatepass"))
    if error.msg == "Extra data":
        after = text[error.pos :].lstrip()[:1]
        several = " (several JSON values on a line: old-Mac line ends?)" if after in "{[" else ""
        return RecordFault(f"extra data after the object{several}", byte)
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return RecordFault("truncated JSON", byte)
    if text.lstrip()[:1] not in ("{", "[", '"') and error.pos <= len(text) - len(text.lstrip()):
        return RecordFault("not JSON", byte)
    return RecordFault(f"not JSON: {error.msg.lower()} at byte {byte}", byte)
