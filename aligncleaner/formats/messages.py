"""OpenAI messages, also called ChatML: a list of {role, content}, with tools and typed parts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from aligncleaner.formats.conversation import (
    Conversation,
    ReadOptions,
    Record,
    RecordFault,
    Turn,
    kind_of,
    name_of,
    role_of,
    text_of,
)

NAME: Final = "messages"
ABOUT: Final = (
    "OpenAI messages / ChatML: a list of role and content, tools and typed parts included"
)
EXAMPLE: Final = (
    '{"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}'
)
TURNS_KEY: Final = "messages"

ROLE_NAMES: Final[Mapping[str, str]] = {
    "system": "system", "developer": "system", "user": "user", "assistant": "assistant",
    "tool": "tool", "function": "tool", "ipython": "tool",
}  # fmt: skip


def recognises(record: Record) -> bool:
    """Whether it has a list of messages."""
    return TURNS_KEY in record


def read(record: Record, options: ReadOptions) -> Conversation:
    """The turns of a `messages` record, one per message.

    Raises:
        RecordFault: naming the message and what is wrong with it.
    """
    messages = record.get(TURNS_KEY)
    turns: list[Turn] = []
    try:
        # The usual record, without looking twice: known roles and plain text.
        for message in messages:  # type: ignore[union-attr]
            role, content = message["role"], message["content"]
            if content.__class__ is not str:
                raise TypeError
            turns.append((ROLE_NAMES[role], content))
    except (KeyError, TypeError):
        turns = _read_carefully(messages, options)
    if not turns:
        raise RecordFault("conversation has no messages")
    return Conversation(turns, name_of(record, "model", "generator", "model_name"))


def _read_carefully(messages: object, options: ReadOptions) -> list[Turn]:
    if not isinstance(messages, list):
        raise RecordFault(f"messages must be a list, not {kind_of(messages)}")
    known = {**ROLE_NAMES, **options.roles}
    turns: list[Turn] = []
    for number, message in enumerate(messages, start=1):
        place = f"message {number}"
        if not isinstance(message, dict):
            raise RecordFault(f"{place} is {kind_of(message)}, not an object")
        role = role_of(message.get("role"), known, place)
        calls = message.get("tool_calls") or message.get("function_call")
        if "content" not in message and not calls:
            raise RecordFault(f"{place}: content is missing")
        turns.append((role, text_of(message.get("content"), place)))
    return turns


def without(record: Record, turns: Collection[int]) -> Record:
    """The record with the messages of those numbers taken out, all else as it was."""
    messages = [m for number, m in enumerate(record[TURNS_KEY]) if number not in turns]
    return {**record, TURNS_KEY: messages}
