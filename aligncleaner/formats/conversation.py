"""What a chat format reads out of one record.

A format is one module of this package with
    `NAME`, `ABOUT`, `EXAMPLE`            what `aligncleaner formats` shows,
    `recognises(record) -> bool`          whether a record has this layout (a look at its keys),
    `read(record, options) -> Conversation`   its turns, or a `RecordFault`,
    `without(record, turns) -> record`    the record with some of its turns taken out.
Adding a format is adding one such file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

Record = dict[str, Any]

#: A turn is (role, text); text is null where the turn says nothing (a bare tool call).
Turn = tuple[str, str | None]

ROLES: Final = ("system", "user", "assistant", "tool")


class Conversation(NamedTuple):
    """The turns of one record, in order, and the model that answered if the record says so.

    A turn's place in `turns` is its number everywhere: in flags, verdicts, ledger and `explain`.
    """

    turns: list[Turn]
    model: str | None


class ReadOptions(NamedTuple):
    """How records are to be understood.

    `format` is a format's name or "auto" (each record by its own layout); `fields` maps the
    roles of a flat record ("prompt", "answer", "system", "model") to its column names; `roles`
    maps a log's own role names to ours.
    """

    format: str = "auto"
    fields: Mapping[str, str] = {}
    roles: Mapping[str, str] = {}


class RecordFault(Exception):
    """Why one record cannot be read. `byte` is where in the record, if that is known."""

    def __init__(self, reason: str, byte: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.byte = byte


def role_of(name: object, known: Mapping[str, str], place: str) -> str:
    """The role that `name` stands for, by the log's own names first trimmed and lower-cased.

    Raises:
        RecordFault: if it is no text, or a role nobody has told us of.
    """
    if not isinstance(name, str):
        raise RecordFault(
            f"{place}: role is missing" if name is None else f"{place}: role is not text"
        )
    role = known.get(name.strip().lower())
    if role is None:
        raise RecordFault(f"{place}: unknown role '{name}' (map it with --role-map '{name}=user')")
    return role


def text_of(value: object, place: str) -> str | None:
    """The text of a value that is a string, null, or a list of typed parts (text parts joined).

    Parts of other kinds (images, audio) are left alone and never fetched.

    Raises:
        RecordFault: if it is something else.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        texts = []
        for part in value:
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, dict):
                text = (
                    part.get("text", part.get("value"))
                    if part.get("type", "text") == "text"
                    else None
                )
                if isinstance(text, str):
                    texts.append(text)
            else:
                raise RecordFault(f"{place}: a content part is neither an object nor text")
        return "\n".join(texts) if texts else None
    raise RecordFault(f"{place}: content is {kind_of(value)}, not text")


def name_of(record: Mapping[str, Any], *keys: str) -> str | None:
    """The first of `keys` that holds a non-empty string: how a record names its model."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, str) and value:
            return value
    return None


def kind_of(value: object) -> str:
    """What JSON calls a value, for messages: "an object", "a list", "a number" ..."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    names = {str: "text", dict: "an object", list: "a list", int: "a number", float: "a number"}
    return names.get(type(value), type(value).__name__)
