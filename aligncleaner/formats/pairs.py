"""Pairs: one prompt and one response in a flat record, under whatever names `--map` gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aligncleaner.formats.conversation import (
    Conversation,
    ReadOptions,
    Record,
    RecordFault,
    kind_of,
    name_of,
)

NAME: Final = "pairs"
ABOUT: Final = "Prompt and response in two fields; other names with --map prompt=a,answer=b"
EXAMPLE: Final = '{"prompt": "...", "response": "..."}'

PROMPT_NAMES: Final = ("prompt", "question", "query", "user", "input")
ANSWER_NAMES: Final = ("response", "answer", "completion", "output", "generation", "assistant")


def columns(record: Mapping[str, object], fields: Mapping[str, str]) -> tuple[str, str] | None:
    """The names of the prompt's and the answer's field in this record, null if it has none."""
    prompts = (fields["prompt"],) if "prompt" in fields else PROMPT_NAMES
    answers = (fields["answer"],) if "answer" in fields else ANSWER_NAMES
    prompt = next((name for name in prompts if name in record), None)
    answer = next((name for name in answers if name in record and name != prompt), None)
    return (prompt, answer) if prompt and answer else None


def recognises(record: Record) -> bool:
    """Whether two of its fields have the usual names of prompt and answer."""
    return columns(record, {}) is not None


def read(record: Record, options: ReadOptions) -> Conversation:
    """Two turns: the prompt (turn 0) and the response (turn 1).

    Raises:
        RecordFault: if a field is missing or is not text.
    """
    names = columns(record, options.fields)
    if names is None:
        wanted = [options.fields.get("prompt", "prompt"), options.fields.get("answer", "response")]
        raise RecordFault(f"no fields {' and '.join(wanted)} (name them with --map)")
    for name in names:
        value = record[name]
        if value is not None and not isinstance(value, str):
            raise RecordFault(f"{name} is {kind_of(value)}, not text")
    turns = [("user", record[names[0]]), ("assistant", record[names[1]])]
    model = options.fields.get("model")
    return Conversation(turns, name_of(record, *([model] if model else ["model", "generator"])))
