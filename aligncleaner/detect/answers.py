"""From conversations to the answers in them: their ids, their prompts, their bytes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from aligncleaner.formats.conversation import ROLES, Conversation, RecordFault, Turn

#: Hex digits of an answer's id: 128 bits, so that chance collisions do not happen.
_ID_DIGITS: Final = 32
_TAGS: Final = {role: role[0].encode() for role in ROLES}
_LENGTH: Final = struct.Struct(">Q").pack


class Answers(NamedTuple):
    """The assistant turns of some records as parallel columns, in order.

    records  which of the records each stands in
    turns    its number in its conversation, from 0
    ids      its id, before occurrences are told apart (see `occurrences`)
    prompts  the last user turn before it, null if there is none
    models   the model that gave it, null if the record does not say
    """

    records: list[int]
    turns: list[int]
    ids: list[str]
    prompts: list[str | None]
    answers: list[str]
    utf8: list[bytes]
    models: list[str | None]


def collect(conversations: Sequence[Conversation | RecordFault]) -> Answers:
    """The answers of conversations; turns without text and unreadable records give none.

    An answer's id is the start of the sha256 of every turn up to and with its own, each as the
    first letter of its role, its length in bytes (a 64-bit number, highest byte first) and its
    UTF-8 text. So it depends on nothing but what was said: not on the file, the line, the format
    or what comes later.
    """
    found = Answers([], [], [], [], [], [], [])
    add_record, add_turn, add_id = found.records.append, found.turns.append, found.ids.append
    add_prompt, add_answer = found.prompts.append, found.answers.append
    add_bytes, add_model = found.utf8.append, found.models.append
    for number, conversation in enumerate(conversations):
        if conversation.__class__ is not Conversation:
            continue
        turns, model = conversation
        said: list[bytes] = []
        digest = None
        prompt = None
        for turn, (role, text) in enumerate(turns):
            body = b"" if text is None else text.encode()
            said += (_TAGS[role], _LENGTH(len(body)), body)
            if role == "assistant" and text is not None:
                if digest is None:
                    digest = sha256(b"".join(said))
                else:
                    digest.update(b"".join(said))
                said.clear()
                add_record(number)
                add_turn(turn)
                add_id(digest.hexdigest()[:_ID_DIGITS])
                add_prompt(prompt)
                add_answer(text)
                add_bytes(body)
                add_model(model)
            elif role == "user":
                prompt = text
    return found


def answer_id(turns: Sequence[Turn]) -> str:
    """The id of the answer that ends `turns`: `collect` for one answer, as plainly as it goes."""
    said = b"".join(
        role[0].encode() + len((text or "").encode()).to_bytes(8, "big") + (text or "").encode()
        for role, text in turns
    )
    return sha256(said).hexdigest()[:_ID_DIGITS]
