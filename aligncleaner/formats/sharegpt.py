"""ShareGPT: a list of {from, value} under `conversations`."""

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

NAME: Final = "sharegpt"
ABOUT: Final = "ShareGPT: a list of from (human, gpt, system, tool) and value under `conversations`"
EXAMPLE: Final = (
    '{"conversations": [{"from": "human", "value": "..."}, {"from": "gpt", "value": "..."}]}'
)
TURNS_KEY: Final = "conversations"

#: `function_call` is the assistant speaking to a tool: a turn of its own that says nothing.
ROLE_NAMES: Final[Mapping[str, str]] = {
    "human": "user", "user": "user", "prompter": "user",
    "gpt": "assistant", "assistant": "assistant", "chatgpt": "assistant", "bing": "assistant",
    "bard": "assistant", "claude": "assistant", "model": "assistant", "bot": "assistant",
    "system": "system", "tool": "tool", "observation": "tool", "function_response": "tool",
    "function_call": "assistant", "tool_call": "assistant",
}  # fmt: skip
_CALLS: Final = frozenset({"function_call", "tool_call"})


def recognises(record: Record) -> bool:
    """Whether it has a list of conversations."""
    return TURNS_KEY in record


def read(record: Record, options: ReadOptions) -> Conversation:
    """The turns of a ShareGPT record.

    A `system` field beside the list is no turn: turn numbers are those of the list.

    Raises:
        RecordFault: naming the turn and what is wrong with it.
    """
    entries = record.get(TURNS_KEY)
    if not isinstance(entries, list):
        raise RecordFault(f"conversations must be a list, not {kind_of(entries)}")
    known = {**ROLE_NAMES, **options.roles} if options.roles else ROLE_NAMES
    turns: list[Turn] = []
    for number, entry in enumerate(entries, start=1):
        place = f"turn {number}"
        if not isinstance(entry, dict):
            raise RecordFault(f"{place} is {kind_of(entry)}, not an object")
        # Some exports keep the shape and use the key names of OpenAI.
        speaker = entry.get("from", entry.get("role"))
        if "value" not in entry and "content" not in entry:
            raise RecordFault(f"{place}: value is missing")
        role = role_of(speaker, known, place)
        said = None if speaker in _CALLS else entry.get("value", entry.get("content"))
        turns.append((role, text_of(said, place)))
    if not turns:
        raise RecordFault("conversation has no turns")
    return Conversation(turns, name_of(record, "model", "model_name"))


def without(record: Record, turns: Collection[int]) -> Record:
    """The record with the turns of those numbers taken out, all else as it was."""
    entries = [e for number, e in enumerate(record[TURNS_KEY]) if number not in turns]
    return {**record, TURNS_KEY: entries}
