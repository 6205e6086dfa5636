"""Faults that make an answer useless to learn from, and the odd answers that are none."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect.evidence import Batch, Flag
from aligncleaner.detect.malformed import MalformedDetector
from aligncleaner.evaluate.gold import held_out


def flags_of(answer: str, prompt: str | None = "How do I dry herbs at home?") -> list[Flag]:
    return MalformedDetector().detect(batch_of((answer, prompt)))


def batch_of(*pairs: tuple[str, str | None]) -> Batch:
    answers = [answer for answer, _ in pairs]
    utf8 = [answer.encode("utf-8", "replace") for answer in answers]
    return Batch(answers, utf8, [prompt for _, prompt in pairs], [None] * len(pairs))


HERBS = "Hang small bunches upside down in a dark, airy room for one to two weeks."
LONG = " ".join(f"{HERBS} Batch {n} takes {n} days and {n * 3} minutes of care." for n in range(9))

MALFORMED = {
    "empty": ["", "  \n\t", "\u200b", "...", "?!", "- -"],
    "cut_off": [
        "Herbs can be dried in the oven, in a dehydrator, or",
        "You should cut the stems and",
        "To dry herbs (like sage and thyme",
        "1. Pick fre",
        "Dryi",
        "There are",
        'The method is called "air',
        "When the leaves",
    ],
    "error_text": [
        "Internal Server Error",
        "Error 502: Bad Gateway",
        '{"error": {"message": "You exceeded your current quota", "type": "insufficient_quota"}}',
        "Rate limit reached for default-model in organization org-1 on tokens per min.",
        "Traceback (most recent call last):\n  File 'serve.py', line 12, in f\nKeyError: 'text'",
        "<!DOCTYPE html><html><head><title>503 Service Unavailable</title></head></html>",
        "The request timed out. Please try again later.",
        "undefined",
        "<nooutput>",
    ],
    "loop": [
        HERBS + " Dry them well." * 40 + " Dry",
        "Sage, thyme, mint, " * 30 + "Sage",
        LONG + "\n- Basil\n- Mint" * 60 + "\n- Bas",
        "ha" * 300,
        "".join(f"{n}. Turn them, wait an hour, then go on to the next.\n" for n in range(190))
        + "190. Turn them, wait an hour, then go on to",
        f"{LONG}\n\n{LONG[:-1]}",
    ],
    "template_tokens": [
        HERBS + "<|im_end|>",
        HERBS + "<|im_end|>\n<|im_start|>user",
        f"[INST] {HERBS} [/INST]",
        f"<<SYS>> Be kind. <</SYS>> {HERBS}",
        HERBS + "</s>",
        f"<s>{HERBS}",
        HERBS + "<end_of_turn>",
        "She has 3 + 4 = <<3+4=7>>7 bunches.",
    ],
    "invented_turns": [
        HERBS + "\n\n### Human: And how long do they keep?\n### Assistant: A year.",
        HERBS + "### Instruction:\nName three spices.",
        HERBS + "\nUser: Thanks! And what about flowers?",
        HERBS + "\n\nHuman: What about flowers?",
    ],
    "placeholder": ["[Your answer here]", "{answer}", "{{response}}", "<insert text here>"],
    "echo": ["How do I dry herbs at home?", "how do I dry herbs at home"],
    "promise": [
        "Sure!",
        "Certainly, I'd be happy to help you with that!",
        "Sure, here are the steps you need:",
        "Drying herbs is easy and rewarding. Here is a simple method that you can try:",
    ],
    "garbled": [
        HERBS + " \ufffd\ufffd\ufffd" * 6,
        "Trocknen Sie die Kr\u00c3\u00a4uter f\u00c3\u00bcr zwei Wochen.",
        f"{LONG}\n\n약초를 작은 다발로 묶어 어둡고 통풍이 잘되는 방에 거꾸로 매달아 두십시오.",
        LONG + " Thentheherbsshouldbekeptinadryanddarkplaceuntiltheyareneeded"
        "andtheyshouldnotbemovedbeforethewinterhasendedorthejarsareemptywhichyouwillsee"
        "whenyoulookattheshelvesonwhichtheyhavebeenstandingsinceautumn",
    ],
}


@pytest.mark.parametrize(
    ("rule", "answer"), [(rule, text) for rule, texts in MALFORMED.items() for text in texts]
)
def test_a_fault_is_flagged_by_its_rule(rule: str, answer: str) -> None:
    flags = flags_of(answer)
    assert rule in {flag.rule for flag in flags}
    assert max(flag.score for flag in flags) >= 0.5


FINE = [
    ("What is the capital of Australia?", "Canberra"),
    ("Which colour has the sky?", "blue"),
    ("Is water wet? Answer yes or no.", "Yes"),
    ("What is 2 + 2?", "4"),
    ("Which operator adds?", "+"),
    ("Reply with one emoji.", "🎉"),
    ("Give the brand a slogan.", "Thrive On"),
    ("Who leads the orchestra?", "Kim Jae-in"),
    ("Thanks a lot!", "Of course!"),
    ("Can you hear me?", "Yes, I can."),
    ("Which error do I get?", "Error 404: the page was not found."),
    ("Write a page in HTML.", "<!DOCTYPE html>\n<html><body><p>Hello</p></body></html>"),
    ("What does this traceback mean?", "Traceback (most recent call last): is the header."),
    ("Write a letter of thanks.", "Dear [Name],\n\nThank you for the gift.\n\n[Your Name]"),
    ("Make an e-mail template.", "Hello {name},\n\nyour order {order_id} is on its way."),
    ("Name the variable.", "[your_name]"),
    ("How do chat templates mark a turn?", f"{HERBS} They use `<|im_end|>` after each turn."),
    (
        "How do chat templates look?",
        f"Like this:\n```\n<|im_start|>user\nHi<|im_end|>\n```\n{HERBS}",
    ),
    ("Which tag strikes text through?", "The tag <s>like this</s> does, in every browser."),
    ("Say <|im_end|>", "<|im_end|>"),
    ("Write a dialogue of a user and a bot.", "Here it is.\nUser: Hello!\nBot: Good day to you."),
    ("Human: hi\n\nAssistant: hello\n\nHuman: go on", f"{HERBS}\n\nHuman: is a label here."),
    (
        "Describe the headings.",
        "#### Instructions:\n\n1. Cut the stems.\n\n## Response time\n\nFast.",
    ),
    ("Repeat after me: I am here now.", "I am here now."),
    ("Correct this: She go home today.", "She go home today."),
    ("Write a song.", "\n\n".join([HERBS] + ["La la la, oh my love, la la la"] * 3)),
    ("Draw a ladder in ASCII.", "|--|\n|  |\n" * 30),
    ("Design a table for tracking.", "| Name | Price |\n|---|---|\n" + "|      |       |\n" * 12),
    ("Translate to Korean: Good day.", f"{LONG} 안녕하세요, 좋은 하루 되세요. 오늘도 행복하세요."),
    ("한국어로 답해 주세요.", "물론입니다. 무엇을 도와드릴까요? 언제든지 말씀해 주세요."),
    ("Write the sequence.", "ACGT" * 20 + " is repeated here only twenty times, as it should be."),
    ("List synonyms.", "- glad\n- content\n- looked forward to"),
    ("How do letters close?", "Sincerely,\nBest regards,\nKind regards,"),
    ("Explain it.", LONG + " But this last sentence breaks off because the"),
    ("What is a list?", "For example:\n\nName:\n\nPrice:\n\nDate:"),
    ("Where is it kept?", "https://example.org/" + "a-very-long-path-of-a-page-on-herbs/" * 2),
    ("What is the box?", "The answer is \\boxed{seven}."),
    (None, HERBS),
]


@pytest.mark.parametrize(("prompt", "answer"), FINE)
def test_odd_but_whole_answers_are_left_alone(prompt: str | None, answer: str) -> None:
    assert [flag for flag in flags_of(answer, prompt) if flag.score >= 0.5] == []


def test_the_span_shows_the_fault() -> None:
    answer = f"é {HERBS}<|im_end|> 🎉\nUser: Thanks!"
    shown = {flag.rule: answer[flag.start : flag.end] for flag in flags_of(answer)}
    assert shown == {"template_tokens": "<|im_end|>", "invented_turns": "\nUser: Thanks!"}


def test_the_span_of_a_loop_leaves_out_its_first_round() -> None:
    answer = HERBS + " Dry them well." * 40
    (flag,) = flags_of(answer + " Dry")
    assert len(HERBS) < flag.start < len(HERBS + " Dry them well." * 2)
    assert flag.end == len(answer) + len(" Dry")


def test_rows_of_a_batch_do_not_touch() -> None:
    batch = batch_of(("Fine. <|im_", None), ("end|> Fine.", None), ("", None), (HERBS, None))
    assert [(flag.row, flag.rule) for flag in MalformedDetector().detect(batch)] == [(2, "empty")]


def test_an_empty_batch_has_no_flags() -> None:
    assert MalformedDetector().detect(batch_of()) == []


@given(st.lists(st.tuples(st.text(max_size=200), st.none() | st.text(max_size=80)), max_size=4))
def test_flags_are_in_order_and_inside_the_answer(pairs: list[tuple[str, str | None]]) -> None:
    batch = batch_of(*pairs)
    flags = MalformedDetector().detect(batch)
    assert flags == sorted(flags, key=lambda flag: (flag.row, flag.start))
    for flag in flags:
        assert 0 <= flag.start <= flag.end <= len(batch.answers[flag.row])
        assert 0 < flag.score <= 1
        assert flag.label == "malformed"


@pytest.mark.parametrize(
    "answer",
    [
        "a" * 2_000_000,
        "ab " * 700_000,
        "ab" * 1_000_000 + "c",
        "[" * 1_000_000,
        "<" * 1_000_000 + "x",
        "#" * 1_000_000 + "\n",
        "\n" * 1_000_000,
        "<s>" * 300_000,
        "\n### Human:" * 100_000,
        "\ufffd한" * 500_000,
        '"`(' * 300_000,
    ],
    ids=lambda answer: ascii(answer[:4]),
)
def test_hostile_text_takes_linear_time(answer: str) -> None:
    started = time.process_time()
    flags_of(answer, answer[:100])
    assert time.process_time() - started < 2


def test_labelled_answers(shared: Path) -> None:
    """On the rows that may be read; the unread third is for reported figures alone."""
    with (shared / "data/gold/wild.jsonl").open() as lines:
        rows = [row for row in map(json.loads, lines) if not held_out(row["prompt"])]
    flags = MalformedDetector().detect(
        batch_of(*((row["response"], row["prompt"]) for row in rows))
    )
    found = {flag.row for flag in flags if flag.score >= 0.5}
    gold = {n for n, row in enumerate(rows) if row["outcome"] == "malformed"}
    assert len(found & gold) > 0.85 * len(found)
    assert len(found & gold) > 0.7 * len(gold)
