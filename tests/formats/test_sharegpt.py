"""ShareGPT: turns in order, one an entry, and a fault that names the turn."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aligncleaner.formats import ReadOptions, RecordFault, sharegpt
from aligncleaner.formats.conversation import Turn

HUMAN = {"from": "human", "value": "q"}
GPT = {"from": "gpt", "value": "a"}


def turns(*given: Any, **roles: str) -> list[Turn]:
    return sharegpt.read({"conversations": list(given)}, ReadOptions(roles=roles)).turns


def test_every_entry_is_a_turn() -> None:
    assert turns(
        {"from": "system", "value": "s"},
        HUMAN,
        {"from": "function_call", "value": '{"name":"f"}'},
        {"from": "observation", "value": "result"},
        GPT,
    ) == [
        ("system", "s"),
        ("user", "q"),
        ("assistant", None),
        ("tool", "result"),
        ("assistant", "a"),
    ]


def test_the_key_names_of_openai_are_read_too() -> None:
    assert turns({"role": "User", "content": "q"}, {"role": "assistant", "content": "a"}) == [
        ("user", "q"),
        ("assistant", "a"),
    ]


def test_roles_may_be_mapped() -> None:
    assert turns({"from": "Oracle", "value": "a"}, oracle="assistant") == [("assistant", "a")]


def test_a_system_prompt_beside_the_list_moves_no_turn() -> None:
    record = {"system": "be kind", "conversations": [HUMAN, GPT], "model": "m"}
    found = sharegpt.read(record, ReadOptions())
    assert (found.turns, found.model) == ([("user", "q"), ("assistant", "a")], "m")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "conversations must be a list, not null"),
        ("x", "conversations must be a list, not text"),
        ([], "conversation has no turns"),
        ([[]], "turn 1 is a list, not an object"),
        ([HUMAN, {"from": "gpt"}], "turn 2: value is missing"),
        ([{"value": "x"}], "turn 1: role is missing"),
        ([{"from": {}, "value": "x"}], "turn 1: role is not text"),
        ([{"from": "gpt", "value": True}], "turn 1: content is true or false, not text"),
        ([{"from": "oracle", "value": "x"}], "turn 1: unknown role 'oracle'"),
    ],
)
def test_faults_name_the_turn(given: Any, reason: str) -> None:
    with pytest.raises(RecordFault) as caught:
        sharegpt.read({"conversations": given}, ReadOptions())
    assert caught.value.reason.startswith(reason)


def test_turns_are_taken_out_by_number() -> None:
    record = {"conversations": [HUMAN, GPT, HUMAN, GPT], "id": 1}
    assert sharegpt.without(record, {2, 3}) == {"conversations": [HUMAN, GPT], "id": 1}


def test_the_example_is_one() -> None:
    assert sharegpt.recognises(json.loads(sharegpt.EXAMPLE))
