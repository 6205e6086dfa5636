from __future__ import annotations

import pytest

from aligncleaner.report.words import LEAST_TEXTS, shift, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cats, don't you KNOW, are 12 cats.", {"cats", "know"}),
        ("naïve café — “déjà vu”…", {"naïve", "café", "déjà"}),
        ("学习中文！再见", {"学习", "习中", "中文", "再见"}),
        ("도움을 줄 수 없습니다", {"도움을", "없습니다"}),
        ("हिन्दी में किताब", {"हिन्दी", "में", "किताब"}),
        ("Wie heißt die Straße?", {"wie", "heißt", "die", "straße"}),
        ("😀 ok ---- 100%", set()),
        ("", set()),
    ],
)
def test_content_words(text: str, expected: set[str]) -> None:
    assert tokens(text) == expected


def texts(word: str, count: int) -> list[str]:
    return [
        f"plain talk number{i % 7} of things {word} letter{chr(97 + i % 26)}" for i in range(count)
    ]


def test_the_words_that_differ_are_found() -> None:
    found = shift(texts("medicine", 150), texts("gardening", 150))
    assert [word["word"] for word in found["removed"]] == ["medicine"]
    assert [word["word"] for word in found["kept"]] == ["gardening"]
    medicine = found["removed"][0]
    assert (medicine["removed"], medicine["kept"]) == (150, 0)
    assert medicine["odds_ratio"] > 2
    assert medicine["z"] > 3


def test_equal_piles_do_not_differ() -> None:
    assert shift(texts("same", 80), texts("same", 80)) == {"removed": [], "kept": []}


def test_a_prompt_sent_often_counts_once() -> None:
    assert shift(["medicine"] * 500, texts("gardening", 3))["removed"] == []


@pytest.mark.parametrize("removed", [[], ["word"], ["word a", "word b", "word c"] * LEAST_TEXTS])
def test_small_piles_are_no_error(removed: list[str]) -> None:
    assert shift(removed, []).keys() == {"removed", "kept"}
