"""Labels that stand apart from their log: each names the answer it is about by its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

from aligncleaner.detect.answers import collect
from aligncleaner.files import records
from aligncleaner.files.blocks import Limits
from aligncleaner.files.opened import opened
from aligncleaner.files.sources import Source
from aligncleaner.formats import Conversation, ReadOptions, Record, RecordFault, reader, wanted

#: The fields of a place: a log beside the labels, its record from 1, the turn in it from 0.
FIELDS: Final = ("source", "line", "turn")


class Said(NamedTuple):
    """An answer and the prompt it answers, null if there is none."""

    prompt: str | None
    answer: str


#: From a log's name to its answers by "line:turn".
Logs = Callable[[str], Mapping[str, Said]]


def logs_beside(labels: Path) -> Logs:
    """The logs in the folder of a file of labels, or in its folder `logs`, each read once.

    The function raises ValueError for a log that is not there, InputRefused for an unreadable one.
    """
    home = labels.parent.resolve()

    @cache
    def answers_of(name: str) -> Mapping[str, Said]:
        for path in (home / name, home / "logs" / name):
            # A name is data: it must not lead out of the folder.
            if path.resolve().is_relative_to(home) and path.is_file():
                return dict(_answers(path))
        raise ValueError(f"no log '{name}' beside the labels")

    return answers_of


def located(record: Record, logs: Logs) -> Record:
    """A label with the `prompt` and `response` it is about.

    Raises:
        ValueError: if there is no such log, or no answer at the place.
    """
    source, line, turn = (record[field] for field in FIELDS)
    said = logs(str(source)).get(f"{line}:{turn}")
    if said is None:
        raise ValueError(f"{source}:{line}:{turn} holds no answer")
    place = {"id": f"{source}:{line}:{turn}", "prompt": said.prompt, "response": said.answer}
    return place | record


def _answers(path: Path) -> Iterator[tuple[str, Said]]:
    allowed, limits = wanted(ReadOptions()), Limits()
    source = Source(str(path), path, path.name, path.stat().st_size)
    line = 1
    with opened(source, allowed, limits) as log:
        for block in log.blocks:
            # A block at fault is one unreadable record, and yields none.
            line += block.fault is not None
            for piece in records.read(block, log.dialect, limits):
                conversations = [_conversation(record, allowed) for record in piece.parsed]
                found = collect(conversations)
                for number, turn, prompt, answer in zip(
                    found.records, found.turns, found.prompts, found.answers, strict=True
                ):
                    yield f"{line + number}:{turn}", Said(prompt, answer)
                line += len(conversations)


def _conversation(
    record: Record | RecordFault, allowed: Sequence[ModuleType]
) -> Conversation | RecordFault:
    if isinstance(record, RecordFault):
        return record
    try:
        conversation: Conversation = reader(record, allowed).read(record, ReadOptions())
    except RecordFault as fault:
        return fault
    return conversation
