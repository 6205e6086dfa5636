"""What is left of a repaired conversation is a conversation, and its bytes are those it had."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner import repair
from aligncleaner.formats.conversation import Turn

ASK: Turn = ("user", "q")
SAY: Turn = ("assistant", "a")
CALL: Turn = ("assistant", None)
RESULT: Turn = ("tool", "r")
SYSTEM: Turn = ("system", "s")

EXCHANGES = st.lists(
    st.sampled_from([(ASK, SAY), (ASK, CALL, RESULT, SAY), (ASK, ASK, SAY), (ASK, SYSTEM, SAY)]),
    min_size=1,
    max_size=5,
)


@given(
    opening=st.sampled_from([(), (SYSTEM,), (SYSTEM, SYSTEM)]),
    parts=EXCHANGES,
    drops=st.sets(st.integers(0, 4), min_size=1),
)
def test_an_answer_goes_with_its_whole_exchange(
    opening: tuple[Turn, ...], parts: list[tuple[Turn, ...]], drops: set[int]
) -> None:
    turns, answers = list(opening), []
    for part in parts:
        turns += part
        answers.append(len(turns) - 1)
    gone = repair.turns_to_drop(turns, [answers[n] for n in drops if n < len(parts)])

    kept = [part for n, part in enumerate(parts) if n not in drops]
    if not kept:
        assert gone is None
    else:
        assert gone is not None
        left = [turn for number, turn in enumerate(turns) if number not in gone]
        assert left == [*opening, *(turn for part in kept for turn in part)]


@pytest.mark.parametrize(
    ("turns", "answers", "gone"),
    [
        ([ASK, SAY], [1], None),
        ([SYSTEM, ASK, SAY], [2], None),
        ([ASK, SAY, ASK, SAY], [1], {0, 1}),
        ([ASK, SAY, ASK, SAY], [3], {2, 3}),
        ([ASK, SAY, ASK, SAY], [1, 3], None),
        ([ASK, SAY, ASK], [1], None),
        ([SAY, ASK, SAY], [0], {0}),
        ([SAY, ASK, SAY], [2], {1, 2}),
        ([SYSTEM, SAY, ASK, SAY], [1], {1}),
        ([ASK, SAY, SAY, ASK, SAY], [2], {0, 1, 2}),
        ([ASK, CALL, RESULT, SAY, ASK, SAY], [3], {0, 1, 2, 3}),
        ([ASK, CALL, RESULT, SAY, ASK, SAY], [5], {4, 5}),
        ([ASK, CALL, RESULT, ASK, SAY], [4], None),
        ([ASK, SAY, SYSTEM, ASK, SAY], [4], {3, 4}),
        ([SAY], [0], None),
    ],
)
def test_what_goes_by_hand(turns: list[Turn], answers: list[int], gone: set[int] | None) -> None:
    assert repair.turns_to_drop(turns, answers) == gone


ROLES = st.lists(st.sampled_from([ASK, SAY, CALL, RESULT, SYSTEM]), min_size=1, max_size=9)


@given(turns=ROLES, drops=st.sets(st.integers(0, 8)))
def test_roles_alternate_as_before(turns: list[Turn], drops: set[int]) -> None:
    answers = [n for n, turn in enumerate(turns) if turn == SAY and n in drops]
    gone = repair.turns_to_drop(turns, answers)
    if gone is None:
        return
    assert gone.issuperset(answers)
    left = [number for number in range(len(turns)) if number not in gone]
    assert any(turns[number] == SAY for number in left)
    for before, after in pairwise(left):
        # Where turns have come to stand side by side, the user speaks next.
        assert after == before + 1 or turns[after] == ASK
    for number in left:
        assert turns[number] != RESULT or number - 1 in left or number == 0


ITEMS = st.lists(
    st.dictionaries(
        st.text('ab"\\[{', max_size=3),
        st.one_of(st.text('",]}[{:\\ é', max_size=6), st.lists(st.none(), max_size=2)),
        max_size=2,
    ),
    min_size=1,
    max_size=5,
)
BESIDE = st.dictionaries(
    st.text('ab"\\[{', max_size=3), st.one_of(st.text('",]}[{:\\', max_size=5), ITEMS), max_size=2
)


def places(raw: str, start: int) -> list[tuple[int, int]]:
    """Where the items of the list that opens before `start` stand, by the standard parser."""
    found: list[tuple[int, int]] = []
    decoder = json.JSONDecoder()
    while True:
        while raw[start] in " \n,":
            start += 1
        if raw[start] == "]":
            return found
        _, end = decoder.raw_decode(raw, start)
        found.append((start, end))
        start = end


@given(
    before=BESIDE,
    items=ITEMS,
    after=BESIDE,
    twice=st.booleans(),
    indent=st.sampled_from([None, 1]),
    drops=st.sets(st.integers(0, 4)),
)
def test_bytes_outside_the_dropped_items_stay(
    before: dict[str, Any],
    items: list[Any],
    after: dict[str, Any],
    twice: bool,
    indent: int | None,
    drops: set[int],
) -> None:
    kept = [item for number, item in enumerate(items) if number not in drops]
    if not kept:
        return
    # A mark that nothing else holds shows where the list opens.
    record = {**before, "messages": ["MARK", *items], **after}
    text = json.dumps(record, indent=indent)
    opens = text.index('"MARK"')
    rest = text[opens + len('"MARK"') :].lstrip(", \n")
    head = text[:opens] if not twice else '{"messages": [{"old": 1}], ' + text[1:opens]
    text = head + rest
    stands = places(text, len(head))

    new = repair.without_items(text.encode(), "messages", drops).decode()

    assert json.loads(new) == {**json.loads(text), "messages": kept}
    assert new.startswith(text[: stands[0][0]])
    assert new.endswith(text[stands[-1][1] :])
    left = [text[start:end] for n, (start, end) in enumerate(stands) if n not in drops]
    between = places(new, len(head))
    assert [new[start:end] for start, end in between] == left
    separators = {text[end:start] for (_, end), (start, _) in pairwise(stands)}
    assert {new[end:start] for (_, end), (start, _) in pairwise(between)} <= separators


def test_numbers_and_escapes_stay_as_they_are_written() -> None:
    raw = b'{"n":' + b"9" * 400 + b',"messages":[{"a":1.10},{"b":"\\u00e9"}], "m" : 1E2 }'
    expected = b'{"n":' + b"9" * 400 + b',"messages":[{"b":"\\u00e9"}], "m" : 1E2 }'
    assert repair.without_items(raw, "messages", {0}) == expected


def test_of_two_equal_keys_the_last_counts() -> None:
    raw = b'{"messages":[{"a":1},{"b":2}],"messages":[{"c":3},{"d":4}]}'
    expected = b'{"messages":[{"a":1},{"b":2}],"messages":[{"d":4}]}'
    assert repair.without_items(raw, "messages", {0}) == expected


def test_the_key_counts_at_the_top_alone_and_however_written() -> None:
    raw = b'{"x":{"messages":[1]},"y":"messages","mess\\u0061ges":[{"a":1},{"b":2}]}'
    expected = b'{"x":{"messages":[1]},"y":"messages","mess\\u0061ges":[{"a":1}]}'
    assert repair.without_items(raw, "messages", {1}) == expected
