"""OpenAI messages: turns in order, one a message, and a fault that names the message."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.formats import ReadOptions, RecordFault, messages
from aligncleaner.formats.conversation import Turn

USER = {"role": "user", "content": "q"}
ANSWER = {"role": "assistant", "content": "a"}


def turns(*given: Any, **roles: str) -> list[Turn]:
    return messages.read({"messages": list(given)}, ReadOptions(roles=roles)).turns


def fault(messages_: Any) -> str:
    with pytest.raises(RecordFault) as caught:
        messages.read({"messages": messages_}, ReadOptions())
    return caught.value.reason


def test_every_message_is_a_turn() -> None:
    calls = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    assert turns(
        {"role": "developer", "content": "s"},
        USER,
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "content": "result", "tool_call_id": "1"},
        ANSWER,
    ) == [
        ("system", "s"),
        ("user", "q"),
        ("assistant", None),
        ("tool", "result"),
        ("assistant", "a"),
    ]


def test_text_parts_are_joined_and_others_left_alone() -> None:
    parts = [
        {"type": "text", "text": "one"},
        {"type": "image_url", "image_url": {"url": "http://127.0.0.1:9/x.png"}},
        {"type": "text", "text": "two"},
        "three",
    ]
    assert turns({"role": "user", "content": parts}) == [("user", "one\ntwo\nthree")]
    assert turns({"role": "user", "content": []}) == [("user", None)]


@pytest.mark.parametrize("call", ["tool_calls", "function_call"])
def test_a_call_may_come_without_content(call: str) -> None:
    assert turns({"role": "assistant", call: [{"name": "f"}]}) == [("assistant", None)]


def test_roles_are_trimmed_lowered_and_mapped() -> None:
    assert turns({"role": " User ", "content": "q"}) == [("user", "q")]
    assert turns({"role": "Critic", "content": "q"}, critic="user") == [("user", "q")]


def test_the_model_is_what_the_record_names() -> None:
    def model(**fields: Any) -> str | None:
        return messages.read({"messages": [USER], **fields}, ReadOptions()).model

    assert model(model="m", generator="g") == "m"
    assert model(model="", generator="g") == "g"
    assert model(model=3) is None
    assert model() is None


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "messages must be a list, not null"),
        ("hello", "messages must be a list, not text"),
        ({"role": "user"}, "messages must be a list, not an object"),
        ([], "conversation has no messages"),
        (["hi"], "message 1 is text, not an object"),
        ([USER, None], "message 2 is null, not an object"),
        ([{"content": "q"}], "message 1: role is missing"),
        ([{"role": 3, "content": "q"}], "message 1: role is not text"),
        ([{"role": ["user"], "content": "q"}], "message 1: role is not text"),
        ([USER, {"role": "user"}], "message 2: content is missing"),
        ([{"role": "user", "content": 3}], "message 1: content is a number, not text"),
        ([{"role": "user", "content": {}}], "message 1: content is an object, not text"),
        ([{"role": "user", "content": [3]}], "message 1: a content part is neither"),
        (
            [{"role": "critic", "content": "q"}],
            "message 1: unknown role 'critic' (map it with --role-map 'critic=user')",
        ),
    ],
)
def test_faults_name_the_message(given: Any, reason: str) -> None:
    assert fault(given).startswith(reason)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["role", "content", "tool_calls"]), inner, max_size=3)
        ),
    )
)
def test_anything_is_turns_or_a_fault(value: Any) -> None:
    try:
        found = messages.read({"messages": value}, ReadOptions()).turns
    except RecordFault:
        return
    assert len(found) == len(value)


def test_turns_are_taken_out_by_number() -> None:
    record = {"id": 1, "messages": [USER, ANSWER, USER, ANSWER], "more": {}}
    assert messages.without(record, {0, 1}) == {"id": 1, "messages": [USER, ANSWER], "more": {}}
    assert len(record["messages"]) == 4  # type: ignore[arg-type]


def test_the_example_is_one() -> None:
    assert messages.recognises(json.loads(messages.EXAMPLE))
