from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect.evidence import Flag
from aligncleaner.report.examples import SPANS, WHOLE, Span, shortened, spans, windows


def span(start: int, end: int) -> Span:
    return Span(start=start, end=end, label="refuses", rule="r", reason=None)


def test_a_short_answer_is_shown_whole() -> None:
    assert windows("x" * WHOLE, [span(3, 9)]) == [{"start": 0, "text": "x" * WHOLE}]


places = st.integers(0, 30_000)


@given(st.lists(st.tuples(places, places).map(sorted), max_size=60))
def test_windows_are_true_apart_and_few(pairs: list[list[int]]) -> None:
    answer = "".join(chr(97 + i % 26) for i in range(30_000))
    found = windows(answer, [span(*pair) for pair in pairs])
    ends = [(window["start"], window["start"] + len(window["text"])) for window in found]
    assert all(answer[start:end] == w["text"] for (start, end), w in zip(ends, found, strict=True))
    assert ends[0][0] == 0
    assert all(end < start for (_, end), (start, _) in pairwise(ends))
    assert sum(end - start for start, end in ends) <= WHOLE + 500


def test_both_ends_of_a_far_span_are_shown() -> None:
    found = windows("x" * 20_000, [span(5_000, 15_000)])
    shown = [range(w["start"], w["start"] + len(w["text"])) for w in found]
    assert any(5_000 in stretch for stretch in shown)
    assert any(14_999 in stretch for stretch in shown)


def test_spans_are_the_surest_in_order_of_place() -> None:
    flags = [
        Flag(0, "rules", "1", f"r{i}", "hedge", None, None, i / 100, 500 - i, 600)
        for i in range(99)
    ]
    found = spans(flags)
    assert len(found) == SPANS
    assert [s["start"] for s in found] == sorted(s["start"] for s in found)
    assert min(int(s["rule"][1:]) for s in found) == 99 - SPANS


def test_prompts_are_shortened() -> None:
    assert shortened(None) is None
    assert shortened("short") == "short"
    long = shortened("a" * 1_000 + "z" * 1_000)
    assert long is not None and len(long) < 600
    assert long.startswith("aaa") and long.endswith("zzz") and " … " in long
