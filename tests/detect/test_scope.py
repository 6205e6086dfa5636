"""Whose words a flagged sentence is: the assistant's, or those of somebody it writes about.

In the texts of this file the flagged sentence stands between ⟦ and ⟧.
"""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner.detect.evidence import Batch, Flag
from aligncleaner.detect.scope import filter_flags

STORY = "Write a short story about a wizard and his cat."
EARLIER = "The old wizard sat by the fire and stirred his pot of soup. " * 5


def marked(text: str, row: int = 0, rule: str = "en.refuse") -> tuple[str, list[Flag]]:
    """The text without its marks, and a flag for each stretch that they enclose."""
    flags, plain = [], ""
    for part in text.split("⟦"):
        inside, closed, rest = part.partition("⟧")
        if closed:
            start, end = len(plain), len(plain) + len(inside)
            flags.append(Flag(row, "rules", "1", rule, "refuses", None, None, 0.9, start, end))
        plain += inside + rest
    return plain, flags


def kept(text: str, prompt: str | None = None) -> int:
    answer, flags = marked(text)
    batch = Batch([answer], [answer.encode()], [prompt], ["en"])
    return len(filter_flags(batch, flags, lambda rule: rule.startswith("en.refuse")))


OWN = [
    "⟦I'm sorry, but I cannot help with that.⟧",
    "⟦I’m sorry, but I can’t assist with that request.⟧",
    "⟦As an AI language model, I don't have personal opinions.⟧",
    "⟦I am not able to browse the internet.⟧ Try a search engine.",
    '⟦I\'m not sure what you mean by "elbows" in this context.⟧',
    "⟦I cannot tell you what “the gist” of the text is.⟧",
    "⟦I can't write that, because the word 'I' would be yours.⟧",
    '⟦As an AI, I don\'t "think" in the human sense.⟧',
    '⟦"I\'m sorry, but I cannot help with that."⟧',
    "“⟦I'm sorry.⟧ ⟦I cannot help with that.⟧”",
    "⟦As I said before, I cannot give medical advice.⟧",
    "⟦As already explained, I am unable to open files.⟧",
    "⟦I must say that I cannot agree to this.⟧",
    "⟦I'm afraid I can't do that, and I won't explain why.⟧",
    "⟦I cannot do that, but would you like a summary?⟧",
    "⟦I'm unable to see images; could you describe it?⟧",
    "⟦If you need the lyrics, I'm sorry, but I can't provide them.⟧",
    "⟦When it comes to the law, I cannot advise you.⟧",
    "⟦I cannot say whether he told the truth.⟧",
    "⟦I don't know why he said no, as I have no access to the letter.⟧",
    "⟦Unfortunately, I am not allowed to answer questions about elections.⟧",
    "⟦I never store what you tell me, and I can't recall it.⟧",
    "⟦I can't create content that explains how to pick locks.⟧",
    "⟦I will not write this story.⟧ ⟦It would hurt people, and I do not do that.⟧",
    "Sure, here is the first part.\n\n⟦I can't give you the second part, though.⟧",
    "1. ⟦I cannot answer the first question.⟧\n2. The second answer is four.",
    "**Note:** ⟦I am not a lawyer, so I cannot judge this.⟧",
    "He asked for a lock. ⟦I cannot help you open it.⟧",
    'The word "lock" has two meanings. ⟦I can\'t tell which one you want.⟧',
    "```python\nprint(1)\n```\n⟦I cannot run this code for you.⟧",
    "Here is my answer:\n⟦I'm sorry, I can't do this.⟧",
    "Hello!\n\n⟦I'm sorry, but I can't write that letter for you.⟧\n\nAnything else?",
]

OTHERS = [
    '⟦"I cannot help you," said the wizard.⟧',
    "⟦'I cannot help you,' said the wizard.⟧",
    "⟦“I can’t go with you,” she whispered, “not yet.”⟧",
    "⟦‘I won’t do it,’ he muttered.⟧",
    "⟦The wizard sighed and said: «I am not able to help you.»⟧",
    "⟦\"She told me 'I cannot come' and left,\" he said.⟧",
    "⟦He said that I could not stay.⟧",
    "⟦She replied she was sorry, but I could not enter.⟧",
    "⟦The doctor told me I can't eat bread any more.⟧",
    "⟦You could say: I'm sorry, but I can't make it.⟧",
    "⟦They say I cannot win.⟧",
    "⟦Why can't I log in to my account?⟧",
    "⟦Can't we just be friends?⟧",
    "⟦How do I know that I am not dreaming?⟧",
    "⟦If I cannot answer, somebody else will.⟧",
    "⟦Whenever I'm not able to sleep, a walk helps.⟧",
    "⟦It does not mean that I can't be happy.⟧",
    "⟦It's not that I don't want to come.⟧",
    "⟦There is nothing I cannot do with your help.⟧",
    "⟦There is no reason why I couldn't try.⟧",
    "⟦The command `echo I cannot do this` prints a line.⟧",
    '⟦For example, you could reply, "Thank you, but I can\'t take on more work."⟧',
    'A polite answer is: "Thank you for asking. ⟦I cannot come on Friday.⟧ See you soon!"',
    "You can say “Thanks a lot. ⟦I'm afraid I cannot stay.⟧ Goodbye.”",
    "You could write something like this:\n\n⟦I'm unable to attend the meeting.⟧",
    "Here is a sample message:\n- ⟦I can't make it today.⟧",
    "```text\n⟦I'm sorry, I can't help with that.⟧\n```",
    "```python\nreplies = [\n    ⟦\"I'm sorry, I didn't understand.\"⟧,\n]\n```",
    "# ⟦I Cannot Go On⟧\n\nA poem of three lines.",
    "// ⟦I cannot be null here⟧",
    "> ⟦I'm sorry, but I cannot help with that.⟧\n\nThis is what the bot wrote.",
    "Ann: Will you come?\nBob: ⟦I'm sorry, I can't.⟧\nAnn: Why?\nBob: I have to work.",
    "**ANN:** Come in!\n**BOB** (angry): ⟦I will not.⟧\n**ANN:** Fine.\n**BOB:** Fine.",
    "Dear Ms Hall,\n\n⟦Unfortunately, we cannot offer you the post.⟧\n\nKind regards,\nA. Stone",
    "Hi Tom,\n\nI hope you are well. ⟦I'm afraid I can't join you on Friday.⟧\n\nBest,\nAnn",
]

IN_A_TEXT = [
    (STORY, f"{EARLIER}⟦I will not be a pawn in this game.⟧", 0),
    ("Pretend you are a pirate captain.", f"{EARLIER}⟦I cannot leave my ship, lads!⟧", 0),
    (STORY, f"{EARLIER}⟦As an AI, I cannot continue this story.⟧", 1),
    (STORY, f"{EARLIER}⟦Note: I am unable to describe the cat any further.⟧", 1),
    (STORY, "⟦I'm sorry, but I can't write that story.⟧", 1),
    (STORY, f"⟦I can't write about fire.⟧ {EARLIER}⟦I will not describe burns.⟧", 2),
    ("How do I cook soup?", f"{EARLIER}⟦I cannot say how long it takes.⟧", 1),
    (
        "Rewrite this: sorry boss, I can't attend the meeting on friday",
        "⟦I am sorry that I cannot attend the meeting on Friday.⟧",
        0,
    ),
    (
        "Rewrite this: sorry boss, I can't attend the meeting on friday",
        "⟦I'm sorry, but as an AI language model I cannot help you deceive people.⟧",
        1,
    ),
    ("Rewrite the text on meetings.", "⟦I'm sorry, but I cannot rewrite the text on meetings.⟧", 1),
]


@pytest.mark.parametrize("text", OWN)
def test_first_person_refusals_stay(text: str) -> None:
    assert kept(text) == text.count("⟦")


@pytest.mark.parametrize("text", OTHERS)
def test_look_alikes_go(text: str) -> None:
    assert kept(text) == 0


@pytest.mark.parametrize(("prompt", "text", "expected"), IN_A_TEXT)
def test_what_was_asked_for_decides_in_texts(prompt: str, text: str, expected: int) -> None:
    assert kept(text, prompt) == expected


def test_flags_of_other_rules_and_the_order_stay() -> None:
    refused, refusals = marked("Thanks. ⟦I can't.⟧ ⟦Why can't I?⟧ ⟦I won't.⟧")
    quoted, others = marked('⟦"I cannot," he said.⟧', row=1, rule="en.hedge")
    flags = [*refusals, *others, others[0]._replace(rule=None)]
    batch = Batch([refused, quoted], [b"", b""], [None, None], ["en", None])
    left = filter_flags(batch, flags, lambda rule: rule == "en.refuse")
    assert left == [refusals[0], refusals[2], *flags[3:]]


def test_plain_refusals_do_without_spacy() -> None:
    script = (
        "import sys; from aligncleaner.detect.evidence import Batch, Flag;"
        "from aligncleaner.detect.scope import filter_flags;"
        "text = 'I am sorry, but I cannot help with that.';"
        "flag = Flag(0, 'rules', '1', 'r', 'refuses', None, None, 0.9, 0, len(text));"
        "batch = Batch([text], [text.encode()], [None], ['en']);"
        "assert filter_flags(batch, [flag], lambda rule: True) == [flag];"
        "assert 'spacy' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_spacy_comes_without_its_command_line_and_leaves_it_usable() -> None:
    script = (
        "import sys; from aligncleaner.detect import lean_spacy; spacy = lean_spacy.load();"
        "names = {name for name in sys.modules if name.startswith(('spacy.cli', 'weasel'))};"
        "assert not names, names;"
        "assert lean_spacy.load() is spacy and spacy.blank('en')('I am.')[1].text == 'am';"
        "assert spacy.info(silent=True)['spacy_version'] == spacy.__version__;"
        "import spacy.cli; assert callable(spacy.cli.download)"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True)


def test_a_forked_child_judges_as_its_parent_does() -> None:
    script = (
        "import os; from aligncleaner.detect.own_words import are_own;"
        "assert not are_own('\"I cannot,\" he said.');"
        "child = os.fork();"
        "os._exit(are_own('Why can\\'t I come?')) if child == 0 else None;"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True)


@given(st.text(alphabet="I can't\"'“”‘’«»`:\n.,?! said if you not sorry", max_size=120))
def test_any_text_is_judged(text: str) -> None:
    assert kept(f"⟦{text}⟧") in (0, 1)


@pytest.mark.parametrize("unit", ["\"I can't ", "``` ", "A: no\n", "Dear I,\n", "you say: ", "I "])
def test_hostile_text_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    kept(unit * 20_000 + "⟦I cannot do that.⟧" + unit * 20_000)
    assert time.process_time() - started < 1


def test_many_flags_in_one_answer_take_linear_time() -> None:
    started = time.process_time()
    assert kept("⟦I cannot do this, and I cannot do that.⟧ " * 20_000) == 20_000
    assert time.process_time() - started < 3


def test_an_endless_sentence_is_judged_by_its_beginning() -> None:
    started = time.process_time()
    assert kept('⟦"I cannot do that," he said, ' + "and I cannot " * 150_000 + "⟧") == 0
    assert time.process_time() - started < 1
