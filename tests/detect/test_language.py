"""Languages of answers: by script, by English words, by the identifier; null where untold."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect.language import identify

TOLD = {
    "en": [
        "The capital of Australia is Canberra, and it is not the largest city.",
        "Sure! Here is what you need to do: take the bus, then walk for two minutes.",
        "1. Breaking Bad\n2. The Wire\n\nThese are the shows that critics like to name first.",
        "I’m sorry — I can’t help you with that “request” of yours.",
        "The word 你好 means hello in Chinese, and people say it to greet each other.",
    ],
    "de": [
        "Der Zug nach Hamburg ist heute leider ausgefallen, bitte nehmen Sie den Bus.",
        "Das Buch The Lord of the Rings wurde natürlich auch ins Deutsche übersetzt.",
    ],
    "fr": [
        "Le film Gone with the Wind est sorti en 1939 et reste très aimé du public.",
        "Je suis désolé, mais je ne peux pas vous aider.",
    ],
    "es": ["No puedo ayudarte con eso, pero sí puedo explicarte cómo funciona."],
    "pt": ["A água ferve a cem graus ao nível do mar, mas não nas montanhas."],
    "nl": ["Het is vandaag mooi weer, dus we gaan met de kinderen naar het strand."],
    "zh": [
        "当然可以。",
        "我不能这样做，因为这会伤害别人。(I will not, it would hurt people.)",
    ],
    "ja": ["申し訳ありませんが、お手伝いできません。", "東京は日本の首都です。"],
    "ko": ["죄송하지만 도와드릴 수 없습니다."],
    "ru": ["Извините, но я не могу помочь с этим.", "Привет"],
    "uk": ["Вибачте, але я не можу вам допомогти з цим запитанням."],
    "el": ["Λυπάμαι, αλλά δεν μπορώ να σας βοηθήσω."],
    "ar": ["عذراً، لا أستطيع مساعدتك في هذا الأمر."],
    "fa": ["متاسفم، اما نمی‌توانم در این مورد به شما کمک کنم."],
    "he": ["אני מצטער, אבל אני לא יכול לעזור בזה."],
    "th": ["ขออภัย ฉันไม่สามารถช่วยเรื่องนี้ได้"],
    "hi": ["मुझे खेद है, लेकिन मैं इसमें मदद नहीं कर सकता।"],
    "ta": ["மன்னிக்கவும், என்னால் உதவ முடியாது."],
    "vi": ["Xin lỗi, tôi không thể giúp bạn việc này."],
}
UNTOLD = [
    "",
    "   \n",
    "42",
    "Yes.",
    "x = 5",
    "π ≈ 3.14159, Δ = 0",
    "🐯🏻😹🐱",
    "```python\nfor name in open(path):\n    print(name.strip())\n```",
    "1234567890 " * 40,
    "Kx7 qwv zrrp lkj gdfx mnbt wqpz",
]


@pytest.mark.parametrize("lang", TOLD)
def test_the_language_is_told(lang: str) -> None:
    assert identify(TOLD[lang]) == [lang] * len(TOLD[lang])


@pytest.mark.parametrize("text", UNTOLD)
def test_null_where_there_is_too_little_to_tell_by(text: str) -> None:
    assert identify([text]) == [None]


def test_prose_around_fenced_code_counts_and_the_code_does_not() -> None:
    code = "```python\nfor line in open(path):\n    print(line.strip())\n```"
    assert identify([f"{code}\nDiese Funktion gibt jeden Namen der Liste aus."]) == ["de"]


@given(st.lists(st.text(max_size=400), max_size=5))
def test_any_text_has_a_two_letter_code_or_null(texts: list[str]) -> None:
    langs = identify(texts)
    assert len(langs) == len(texts)
    assert all(lang is None or (len(lang) == 2 and lang.islower()) for lang in langs)


@pytest.mark.parametrize("text", ["a" * 2_000_000, "字" * 1_000_000, "```" * 500_000, "\x00" * 99])
def test_long_and_odd_texts_are_no_burden(text: str) -> None:
    assert len(identify([text])) == 1


def test_threads_share_the_identifier() -> None:
    texts = [text for group in TOLD.values() for text in group]
    with ThreadPoolExecutor(4) as pool:
        assert all(langs == identify(texts) for langs in pool.map(identify, [texts] * 8))


def test_plain_english_loads_no_model() -> None:
    script = (
        "import sys; from aligncleaner.detect.language import identify;"
        "assert identify(['What the user asked for is this.']) == ['en'];"
        "assert 'fasttext' not in sys.modules and 'requests' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_labelled_answers_agree(shared: Path) -> None:
    with (shared / "data/gold/wild.jsonl").open() as lines:
        rows = [json.loads(line) for line in lines]
    pairs = list(zip(identify([row["response"] for row in rows]), rows, strict=True))
    told = [(lang, row["lang"]) for lang, row in pairs if lang is not None]
    assert len(told) > 0.95 * len(rows)
    assert sum(lang == gold for lang, gold in told) > 0.98 * len(told)
