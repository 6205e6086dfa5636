"""Alpaca: instruction, optional input, output (GPTeacher calls the last one response)."""

from __future__ import annotations

from typing import Final

from aligncleaner.formats.conversation import (
    Conversation,
    ReadOptions,
    Record,
    RecordFault,
    kind_of,
    name_of,
)

NAME: Final = "alpaca"
ABOUT: Final = "Alpaca: instruction, input (may be empty) and output; turn 0 asks, turn 1 answers"
EXAMPLE: Final = '{"instruction": "...", "input": "", "output": "..."}'


def recognises(record: Record) -> bool:
    """Whether it has an instruction and its output."""
    return "instruction" in record and ("output" in record or "response" in record)


def read(record: Record, options: ReadOptions) -> Conversation:
    """Two turns: the instruction with its input below it, and the output.

    Raises:
        RecordFault: naming the field that is not text.
    """
    answer_key = "output" if "output" in record else "response"
    for key in ("instruction", "input", answer_key):
        value = record.get(key)
        if value is not None and not isinstance(value, str):
            raise RecordFault(f"{key} is {kind_of(value)}, not text")
    instruction, given = record.get("instruction"), record.get("input")
    if instruction is None and given is None:
        raise RecordFault("instruction is missing")
    prompt = f"{instruction or ''}\n\n{given}" if given else instruction
    turns = [("user", prompt), ("assistant", record.get(answer_key))]
    return Conversation(turns, name_of(record, "model", "generator"))
