"""Answers are found turn by turn, each under an id that depends on nothing but what was said."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect.answers import answer_id, collect
from aligncleaner.formats.conversation import ROLES, Conversation, RecordFault, Turn

TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
TURNS = st.lists(st.tuples(st.sampled_from(ROLES), TEXTS), max_size=8)
CONVERSATIONS = st.lists(
    st.one_of(
        st.builds(Conversation, TURNS, st.none() | st.text(max_size=3)),
        st.builds(RecordFault, st.just("bad")),
    ),
    max_size=5,
)


def answers_of(turns: Sequence[Turn]) -> list[int]:
    return [n for n, (role, text) in enumerate(turns) if role == "assistant" and text is not None]


@given(conversations=CONVERSATIONS)
def test_columns_are_those_of_the_plain_reading(
    conversations: list[Conversation | RecordFault],
) -> None:
    found = collect(conversations)
    rows = []
    for number, conversation in enumerate(conversations):
        if isinstance(conversation, RecordFault):
            continue
        turns, model = conversation
        for turn in answers_of(turns):
            asked = [text for role, text in turns[:turn] if role == "user"]
            said = turns[turn][1] or ""
            prompt = asked[-1] if asked else None
            name = answer_id(turns[: turn + 1])
            rows.append((number, turn, name, prompt, said, said.encode(), model))
    assert list(zip(*found, strict=True)) == rows


def test_an_id_by_hand() -> None:
    said = b"u" + (2).to_bytes(8, "big") + "é".encode() + b"a" + bytes(8)
    assert answer_id([("user", "é"), ("assistant", "")]) == sha256(said).hexdigest()[:32]


@given(turns=TURNS, later=TURNS)
def test_what_comes_later_changes_no_id(turns: list[Turn], later: list[Turn]) -> None:
    before = collect([Conversation(turns, None)]).ids
    assert collect([Conversation(turns + later, "m")]).ids[: len(before)] == before


@given(one=TURNS, other=TURNS)
def test_other_words_or_roles_give_other_ids(one: list[Turn], other: list[Turn]) -> None:
    def said(turns: list[Turn]) -> list[Turn]:
        return [(role, text or "") for role, text in turns]

    assert (answer_id(one) == answer_id(other)) == (said(one) == said(other))
