from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aligncleaner.detect.evidence import Flag, Verdict
from aligncleaner.report import tally as tally_module
from aligncleaner.report.build import figures
from aligncleaner.report.figures import Figures
from aligncleaner.report.judged import Judged
from aligncleaner.report.tally import OTHER, Tally
from aligncleaner.schema import FATES, LABELS, OUTCOMES, REASONS

Make = Callable[[Sequence[dict[str, Any]]], Judged]

verdicts = st.builds(
    Verdict,
    outcome=st.sampled_from(OUTCOMES),
    p_complies=st.just(0.25),
    p_partly_refuses=st.just(0.25),
    p_refuses=st.just(0.25),
    p_malformed=st.just(0.25),
    p_disclaimer=st.sampled_from([0.0, 0.5, 0.9]),
    p_hedge=st.sampled_from([0.0, 0.9]),
    p_moralizing=st.sampled_from([0.0, 0.9]),
    reasons=st.lists(st.sampled_from(REASONS), max_size=2, unique=True).map(tuple),
    over_refusal=st.sampled_from([None, 0.1, 0.9]),
    delivered_share=st.just(0.5),
)
flags = st.builds(
    Flag,
    row=st.just(0),
    detector=st.just("rules"),
    version=st.just("1"),
    rule=st.sampled_from([None, "r1", "r2", "r3"]),
    label=st.sampled_from(LABELS),
    reason=st.sampled_from([None, "harm", "policy"]),
    kind=st.sampled_from([None, "self", "expertise"]),
    score=st.sampled_from([0.4, 0.8]),
    start=st.integers(0, 3),
    end=st.integers(3, 9),
)
answers = st.fixed_dictionaries({
    "answer": st.text("ab c\u4e2d<\u202e", max_size=30),
    "prompt": st.none() | st.sampled_from(["apples and pears", "plums", "pears"]),
    "id": st.integers(0, 60).map("{:02}".format),
    "lang": st.sampled_from(["en", "zh", None]),
    "model": st.none() | st.integers(0, 9).map("m{}".format),
    "verdict": verdicts,
    "flags": st.lists(flags, max_size=3),
    "fate": st.sampled_from(FATES[:5]),
    "decided_by": st.sampled_from([None, "r1"]),
})  # fmt: skip
unread = st.tuples(st.integers(1, 99), st.sampled_from(["bad UTF-8", "cut off", "no layout"]))


@pytest.fixture(autouse=True, scope="module")
def small_limits() -> Any:
    """Limits so small that a few answers pass them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally_module, "SAMPLED", 5)
        patch.setattr(tally_module, "EXAMPLES", 2)
        patch.setattr(tally_module, "NAMED_MODELS", 4)
        patch.setattr(tally_module, "NAMED_REASONS", 2)
        yield


def tallied(
    judged: Make,
    rows: Sequence[dict[str, Any]],
    broken: Sequence[tuple[int, str]] = (),
    into: Tally | None = None,
) -> Tally:
    tally = into or Tally.empty()
    tally.add(judged(rows))
    tally.add_records(kept=len(rows))
    for byte, reason in broken:
        tally.add_quarantined("log.jsonl", byte + 1, byte, reason, b"\xff\x00{", 3)
    return tally


@settings(max_examples=60)
@given(
    st.lists(st.tuples(answers, st.integers(0, 3)), max_size=30),
    st.lists(st.tuples(unread, st.integers(0, 3)), max_size=8, unique_by=lambda item: item[0][0]),
    st.permutations(range(4)),
    st.booleans(),
)
def test_any_split_and_order_of_merging_gives_the_same_figures(
    judged: Make,
    rows: list[tuple[dict[str, Any], int]],
    broken: list[tuple[tuple[int, str], int]],
    order: list[int],
    hinted: bool,
) -> None:
    numbered = [({**row, "line": line}, block) for line, (row, block) in enumerate(rows)]
    whole = tallied(judged, [row for row, _ in numbered], [item for item, _ in broken])
    total = Tally.empty()
    for block in order:
        part = tallied(
            judged,
            [row for row, where in numbered if where == block],
            [item for item, where in broken if where == block],
            Tally.empty(total.bounds() if hinted else None),
        )
        total.merge(pickle.loads(pickle.dumps(part)))
    assert figures(total, {}) == figures(whole, {})


@settings(max_examples=40)
@given(st.lists(answers, max_size=30))
def test_counts_add_up(judged: Make, rows: list[dict[str, Any]]) -> None:
    found = figures(tallied(judged, rows), {})
    removed = sum(row["fate"] in ("turn_dropped", "conversation_dropped") for row in rows)
    assert sum(found["fates"].values()) == len(rows)
    assert sum(cause["answers"] for cause in found["removed_by_cause"]) == removed
    assert sum(found["lengths"]["removed"]) == removed
    assert sum(found["lengths"]["kept"]) == len(rows) - removed
    for rows_of in (found["outcomes"], found["models"], found["languages"]):
        assert sum(row["answers"] for row in rows_of) == len(rows)
        assert sum(row["removed"] for row in rows_of) == removed
    refusals = sum(row["verdict"].outcome in ("refuses", "partly_refuses") for row in rows)
    assert sum(found["refusals"].values()) == refusals  # type: ignore[arg-type]
    for group in found["examples"]:
        assert 0 < len(group["examples"]) <= min(2, group["answers"])


def test_the_funnel_counts_records() -> None:
    tally = Tally.empty()
    tally.add_records(kept=5, repaired=2, removed=1, answerless=3)
    tally.add_quarantined("a.jsonl", 9, 400, "cut off", b"{", 1)
    found = figures(tally, {"version": "1"})
    assert found["funnel"] == {"in": 9, "kept": 5, "repaired": 2, "removed": 1, "quarantined": 1}
    assert found["answerless"] == 3
    assert found["about"] == {"version": "1"}


def test_lines_move_with_their_block(judged: Make, verdict: Callable[..., Verdict]) -> None:
    row = {"verdict": verdict(outcome="malformed"), "fate": "conversation_dropped", "line": 0}
    tally = tallied(judged, [row], [(7, "cut off")])
    tally.move(100)
    found = figures(tally, {})
    assert found["examples"][0]["examples"][0]["line"] == 100
    assert found["unread_examples"][0]["line"] == 108


def test_a_conversation_that_is_there_twice_is_one_example(
    judged: Make, verdict: Callable[..., Verdict]
) -> None:
    row: dict[str, Any] = {"id": "00", "fate": "conversation_dropped"}
    row["verdict"] = verdict(outcome="malformed")
    found = figures(tallied(judged, [{**row, "line": line} for line in (9, 4, 7)]), {})
    assert found["examples"][0]["answers"] == 3
    assert [example["line"] for example in found["examples"][0]["examples"]] == [4]


def test_models_beyond_the_limit_are_counted_together(judged: Make) -> None:
    found = figures(tallied(judged, [{"model": f"m{i}"} for i in range(50)]), {})
    counts = {row["name"]: row["answers"] for row in found["models"]}
    assert len(counts) == 5
    assert counts[OTHER] == 46


def test_names_of_any_length_are_cut(judged: Make) -> None:
    found = figures(tallied(judged, [{"model": "m" * 1_000_000}], [(1, "why " * 9999)]), {})
    assert len(found["models"][0]["name"] or "") == 120
    assert len(found["unreadable"][0]["reason"]) == 120


def test_reasons_that_differ_in_a_number_are_one() -> None:
    tally = Tally.empty()
    for byte in range(3):
        tally.add_quarantined("log.jsonl", byte, byte, f"invalid UTF-8 at byte {byte}", b"", 0)
    found = figures(tally, {})
    assert found["unreadable"] == [{"reason": "invalid UTF-8 at byte …", "records": 3}]
    reasons = {example["reason"] for example in found["unread_examples"]}
    assert reasons < {
        "invalid UTF-8 at byte 0",
        "invalid UTF-8 at byte 1",
        "invalid UTF-8 at byte 2",
    }


def test_the_surest_flag_gives_the_cause(
    judged: Make, verdict: Callable[..., Verdict], flag: Callable[..., Flag]
) -> None:
    refuses = verdict(outcome="refuses", reasons=("harm", "policy"), over_refusal=0.9)
    row = {
        "verdict": refuses,
        "fate": "conversation_dropped",
        "flags": [
            flag("refuses", 0, 2, reason="harm", score=0.5),
            flag("refuses", 2, 4, reason="policy", score=0.9),
            flag("hedge", 2, 4, reason="no_self", score=1.0),
        ],
    }
    went_along: dict[str, Any] = {
        "fate": "conversation_dropped",
        "decided_by": "en_test.refuses",
        "line": 2,
    }
    found = figures(tallied(judged, [row, went_along]), {})
    causes = [(c["outcome"], c["detail"]) for c in found["removed_by_cause"]]
    assert sorted(causes) == [("complies", "en_test.refuses"), ("refuses", "policy")]
    assert [(r["name"], r["answers"]) for r in found["reasons"]] == [("harm", 1), ("policy", 1)]


def test_groups_of_kept_answers(
    judged: Make, verdict: Callable[..., Verdict], flag: Callable[..., Flag]
) -> None:
    rows: list[dict[str, Any]] = [
        {"verdict": verdict(outcome="refuses", over_refusal=0.1)},
        {"verdict": verdict(outcome="partly_refuses", over_refusal=0.8)},
        {"verdict": verdict(outcome="malformed"), "flags": [flag("malformed", 0, 1)]},
        {"verdict": verdict(p_disclaimer=0.9), "flags": [flag("disclaimer", 0, 1, kind="self")]},
        {"verdict": verdict(p_hedge=0.9), "fate": "stripped"},
        {"verdict": verdict(p_hedge=0.4)},
    ]
    found: Figures = figures(tallied(judged, rows), {})
    assert {(g["action"], g["what"], g["detail"]) for g in found["examples"]} == {
        ("kept", "refuses", "warranted"),
        ("kept", "partly_refuses", "over_refusal"),
        ("kept", "malformed", "en_test.malformed"),
        ("kept", "disclaimer", "self"),
        ("repaired", "stripped", ""),
        ("kept", "hedge", ""),
    }
