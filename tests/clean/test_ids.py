"""An answer keeps its id wherever its log goes, and of equal answers each has its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.clean.occurrences import Occurrences

ONE = b'{"prompt":"a","response":"Sure."}\n'
TWO = b'{"prompt":"b","response":"I must decline."}\n'


def ids(output: Any, table: str = "verdicts") -> list[str]:
    return [row["answer_id"] for row in output.table(table)]


def test_ids_do_not_hang_on_the_file_its_name_or_its_format(cleaned: Callable[..., Any]) -> None:
    first = ids(cleaned({"day.jsonl": ONE + TWO}))
    assert ids(cleaned({"moved/else.jsonl": ONE + TWO})) == first
    assert ids(cleaned({"log.csv": b"prompt,response\na,Sure.\nb,I must decline.\n"})) == first
    messages = (
        b'{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"Sure."}]}\n'
    )
    assert ids(cleaned({"log.jsonl": messages})) == first[:1]


def test_a_log_that_is_appended_to_keeps_its_ids(cleaned: Callable[..., Any]) -> None:
    before = ids(cleaned({"log.jsonl": ONE + TWO + ONE}))
    assert ids(cleaned({"log.jsonl": ONE + TWO + ONE + TWO + ONE}))[:3] == before


def test_equal_answers_are_numbered_as_they_come(cleaned: Callable[..., Any]) -> None:
    output = cleaned({"a.jsonl": TWO + ONE + TWO, "b.jsonl": TWO + ONE})
    two, one = ids(output)[:2]
    assert ids(output) == [two, one, f"{two}-2", f"{two}-3", f"{one}-2"]
    assert ids(output, "ledger") == ids(output)
    assert ids(output, "flags") == [two, f"{two}-2", f"{two}-3"]


NAMES = st.lists(st.integers(0, 12).map(lambda n: f"{n:016x}" * 2), max_size=9)


@given(batches=st.lists(NAMES, max_size=9))
def test_occurrences_are_counted_as_a_dictionary_counts_them(batches: list[list[str]]) -> None:
    occurrences, seen = Occurrences(), Counter[str]()
    for batch in batches:
        expected = {}
        for place, name in enumerate(batch):
            seen[name] += 1
            if seen[name] > 1:
                expected[place] = f"{name}-{seen[name]}"
        assert occurrences.number(batch) == expected
