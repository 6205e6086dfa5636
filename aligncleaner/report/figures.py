"""The figures of the report: what `report.json` holds and `report.html` shows.

`Figures` is plain data (dicts, lists, strings, numbers, null), documented key by key below.
Shares are not stored: each is a ratio of two counts that are. The examples are part of it, texts
and all: they show nothing that `removed.jsonl` and the kept file do not hold already.
"""

from __future__ import annotations

from typing import Final, TypedDict

from aligncleaner.report import words
from aligncleaner.report.examples import Example

#: Raised when a key changes its meaning or goes.
FORMAT: Final = 1


#: Records: `in` = `kept` + `repaired` + `removed` + `quarantined`.
Funnel = TypedDict(
    "Funnel", {"in": int, "kept": int, "repaired": int, "removed": int, "quarantined": int}
)


class Answers(TypedDict):
    """Answers of one label, and how many of them were changed (stripped, masked) or removed."""

    name: str
    answers: int
    changed: int
    removed: int


class Cause(TypedDict):
    """Removed answers of one cause; over all causes they add up to the removed answers."""

    outcome: str
    detail: str
    answers: int


class Refusals(TypedDict):
    """Answers that refuse or partly refuse, by whether the prompt warrants it."""

    warranted_kept: int
    warranted_removed: int
    over_refusals_kept: int
    over_refusals_removed: int


class Reason(TypedDict):
    """Refusals that give a reason; an answer with two reasons counts under both."""

    name: str
    answers: int
    warranted: int
    removed: int


class Rule(TypedDict):
    """Answers that a rule (or detector without rules) flagged, and how many removals it decided."""

    name: str
    label: str
    answers: int
    removed: int
    decided: int


class Source(TypedDict):
    """Answers of one model or language, by outcome and fate. A null name: not known."""

    name: str | None
    answers: int
    complies: int
    partly_refuses: int
    refuses: int
    malformed: int
    changed: int
    removed: int


class Lengths(TypedDict):
    """All answers by length in characters; no sample, for these cost nothing to count.

    Entry 0 counts the empty ones, entry i those from `edges[i-1]` up to but without `edges[i]`.
    The medians are good to a seventh, and null if there are no answers.
    """

    edges: list[int]
    kept: list[int]
    removed: list[int]
    median_kept: int | None
    median_removed: int | None


class TopicWords(TypedDict):
    """What `sampled` removed answers differ in from as many kept ones, and their prompts too."""

    sampled: int
    prompts: words.Shift
    answers: words.Shift


class Unreadable(TypedDict):
    """Records in quarantine with one reason; its numbers (of bytes, of columns) are left out."""

    reason: str
    records: int


class UnreadExample(TypedDict):
    """A record in quarantine: `start` is its first bytes, with backslashes for non-UTF-8."""

    source: str
    line: int
    byte: int
    reason: str
    start: str
    length: int


class Examples(TypedDict):
    """A group (see `judged.Group`): how many answers it has, and up to 20 of them."""

    action: str
    what: str
    detail: str
    answers: int
    examples: list[Example]


class Figures(TypedDict):
    """The whole report. Lists are in falling order of what matters first, then by name."""

    format: int
    about: dict[str, str]
    funnel: Funnel
    answerless: int
    fates: dict[str, int]
    removed_by_cause: list[Cause]
    refusals: Refusals
    outcomes: list[Answers]
    traits: list[Answers]
    reasons: list[Reason]
    rules: list[Rule]
    models: list[Source]
    languages: list[Source]
    lengths: Lengths
    words: TopicWords
    unreadable: list[Unreadable]
    examples: list[Examples]
    unread_examples: list[UnreadExample]
