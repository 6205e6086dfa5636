"""What the report counts, in a form that worker processes fill and the parent adds up.

A `Tally` holds counts and samples of bounded size; whatever way the answers are split into
blocks, and in whatever order the tallies are merged, the figures come out the same.

A worker makes `Tally.empty(bounds)`, calls `add` for each batch of answers and `add_records` and
`add_quarantined` for the records. The parent calls `move` on it if its lines count from the block,
and `merge` with it on the total. `total.bounds()`, handed out with the next block, spares the
workers from collecting samples that the merge would throw away.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from aligncleaner.detect.evidence import Flag, Verdict
from aligncleaner.report import lengths
from aligncleaner.report.examples import Example, shortened, spans, windows
from aligncleaner.report.figures import UnreadExample
from aligncleaner.report.judged import (
    REFUSING,
    REMOVED_FATES,
    Group,
    Judged,
    groups,
    is_warranted,
    telling_rows,
    traits,
)
from aligncleaner.report.sketch import Key, Smallest

#: Answers sampled from each pile for the topic words, and the characters kept of a text.
SAMPLED: Final = 2_000
SAMPLED_CHARACTERS: Final = 2_000
#: Examples kept of each group.
EXAMPLES: Final = 20
#: Models and reasons of quarantine counted by name; the rest are counted as `OTHER`. Which ones
#: stay must not depend on the order they come in, so it is those whose names hash lowest.
NAMED_MODELS: Final = 1_000
NAMED_REASONS: Final = 100
OTHER: Final = "(others)"
#: Longer names are cut: they come from the log, and may be anything.
NAME_CHARACTERS: Final = 120

_NUMBER: Final = re.compile(r"(?<=\s)\d+\b")  # not the 8 of UTF-8

#: Raw bytes of an unreadable record that are shown.
RAW_SHOWN: Final = 300


class Text(NamedTuple):
    """A sampled answer's words, cut to `SAMPLED_CHARACTERS` each."""

    prompt: str
    answer: str


class Bounds(NamedTuple):
    """Ids above which no answer can enter a sample of the whole; see `sketch.Smallest`."""

    removed_texts: str | None = None
    kept_texts: str | None = None
    unread: str | None = None
    examples: Mapping[Group, str] = {}


#: (model, language, outcome, fate)
Cell: TypeAlias = tuple[str | None, str | None, str, str]


@dataclass
class Tally:
    """Counts and samples of one part of the log. See the module's docstring for its use."""

    records: Counter[str] = field(default_factory=Counter)
    unread_reasons: Counter[str] = field(default_factory=Counter)
    cells: Counter[Cell] = field(default_factory=Counter)
    lengths: Counter[tuple[int, str]] = field(default_factory=Counter)  # (bin, fate)
    traits: Counter[tuple[str, str]] = field(default_factory=Counter)  # (trait, fate)
    #: (reason, warranted, fate) of refusals, once for each of an answer's reasons
    reasons: Counter[tuple[str, bool, str]] = field(default_factory=Counter)
    refusals: Counter[tuple[bool, str]] = field(default_factory=Counter)  # (warranted, fate)
    rules: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (rule, label, fate)
    deciders: Counter[str] = field(default_factory=Counter)
    groups: Counter[Group] = field(default_factory=Counter)
    removed_texts: Smallest[Text] = field(default_factory=lambda: Smallest(SAMPLED))
    kept_texts: Smallest[Text] = field(default_factory=lambda: Smallest(SAMPLED))
    unread: Smallest[UnreadExample] = field(default_factory=lambda: Smallest(EXAMPLES))
    examples: dict[Group, Smallest[Example]] = field(default_factory=dict)

    @classmethod
    def empty(cls, bounds: Bounds | None = None) -> Tally:
        """A tally of nothing; `bounds` of a larger one keep its samples no larger than needed."""
        bounds = bounds or Bounds()
        return cls(
            removed_texts=Smallest(SAMPLED, bounds.removed_texts),
            kept_texts=Smallest(SAMPLED, bounds.kept_texts),
            unread=Smallest(EXAMPLES, bounds.unread),
            examples={group: Smallest(EXAMPLES, last) for group, last in bounds.examples.items()},
        )

    def bounds(self) -> Bounds:
        """What may be passed to `empty` for any other part of the same log."""
        return Bounds(
            removed_texts=self.removed_texts.bound,
            kept_texts=self.kept_texts.bound,
            unread=self.unread.bound,
            examples={
                group: sample.bound
                for group, sample in self.examples.items()
                if sample.bound is not None
            },
        )

    def add_records(
        self, *, kept: int = 0, repaired: int = 0, removed: int = 0, answerless: int = 0
    ) -> None:
        """Count records by what became of them; `answerless` are those of the kept without answer.

        Records that could not be read are counted by `add_quarantined` alone.
        """
        self.records += Counter(
            kept=kept, repaired=repaired, removed=removed, answerless=answerless
        )

    def add_quarantined(
        self, source: str, line: int, byte: int, reason: str, raw: bytes, length: int
    ) -> None:
        """Count a record that could not be read.

        `byte` is where it starts in its file, `raw` its first bytes, `length` all of them.
        """
        self.records["quarantined"] += 1
        reason = _cut(reason)
        self.unread_reasons[_NUMBER.sub("…", reason)] += 1
        _limit_names(self.unread_reasons, NAMED_REASONS)
        place = _digest(f"{source}\0{byte}")
        if self.unread.admits(place):
            start = raw[:RAW_SHOWN].decode("utf-8", "backslashreplace")
            unread = UnreadExample(
                source=source, line=line, byte=byte, reason=reason, start=start, length=length
            )
            self.unread.add(Key(place, source, line, 0), unread)

    def add(self, judged: Judged) -> None:
        """Count a batch of answers. A batch may be of any length."""
        self._count_all(judged)
        marked: defaultdict[int, list[Flag]] = defaultdict(list)
        for flag in judged.flags:
            marked[flag.row].append(flag)
        members: defaultdict[Group, list[int]] = defaultdict(list)
        for row in telling_rows(judged):
            verdict, fate = judged.verdicts[row], judged.fates[row]
            self._count_refusal_and_traits(verdict, fate)
            for group in groups(verdict, fate, judged.decided_by[row], marked[row]):
                members[group].append(row)
        for group, rows in members.items():
            self.groups[group] += len(rows)
            self._sample_examples(group, rows, judged, marked)
        self._sample_texts(judged)

    def move(self, lines: int) -> None:
        """Shift all line numbers: a block's are its own until its place in the file is known."""
        showing: list[Smallest[Any]] = [self.unread, *self.examples.values()]
        for sample in (self.removed_texts, self.kept_texts, *showing):
            sample.items = [(key.moved(lines), item) for key, item in sample.items]
        for sample in showing:
            for _, item in sample.items:
                item["line"] += lines

    def merge(self, other: Tally) -> None:
        """Add another part's counts and samples to these; `other` is not changed."""
        for name, mine in vars(self).items():
            theirs = getattr(other, name)
            if isinstance(mine, Counter):
                mine.update(theirs)
            elif isinstance(mine, Smallest):
                mine.merge(theirs)
        for group, sample in other.examples.items():
            self.examples.setdefault(group, Smallest(EXAMPLES)).merge(sample)
        _limit_names(self.unread_reasons, NAMED_REASONS)
        self._limit_models()

    def _count_all(self, judged: Judged) -> None:
        """What is counted of every answer: this runs for each, so it loops in C where it can."""
        fates = judged.fates
        outcomes = [verdict.outcome for verdict in judged.verdicts]
        models = [
            name if name is None or len(name) <= NAME_CHARACTERS else _cut(name)
            for name in judged.models
        ]
        self.cells.update(zip(models, judged.langs, outcomes, fates, strict=True))
        self._limit_models()
        bins = [lengths.bin_of(len(answer)) for answer in judged.answers]
        self.lengths.update(zip(bins, fates, strict=True))
        found = {(flag.row, flag.rule or flag.detector, flag.label) for flag in judged.flags}
        self.rules.update((rule, label, fates[row]) for row, rule, label in found)
        self.deciders.update(
            decider
            for decider, fate in zip(judged.decided_by, fates, strict=True)
            if decider is not None and fate in REMOVED_FATES
        )

    def _limit_models(self) -> None:
        if len(self.cells) <= NAMED_MODELS:  # so there are no more models than that
            return
        names = {model for model, *_ in self.cells} - {None, OTHER}
        if len(names) > NAMED_MODELS:
            named = {None, *sorted(names, key=_digest)[:NAMED_MODELS]}
            cells: Counter[Cell] = Counter()
            for (model, lang, outcome, fate), count in self.cells.items():
                cells[model if model in named else OTHER, lang, outcome, fate] += count
            self.cells = cells

    def _count_refusal_and_traits(self, verdict: Verdict, fate: str) -> None:
        if verdict.outcome in REFUSING:
            warranted = is_warranted(verdict)
            self.refusals[warranted, fate] += 1
            for reason in verdict.reasons or ("unexplained",):
                self.reasons[reason, warranted, fate] += 1
        for trait in traits(verdict):
            self.traits[trait, fate] += 1

    def _sample_examples(
        self,
        group: Group,
        rows: list[int],
        judged: Judged,
        marked: Mapping[int, list[Flag]],
    ) -> None:
        sample = self.examples.setdefault(group, Smallest(EXAMPLES))
        for row in rows:
            if sample.admits(judged.ids[row]):
                sample.add(_key(judged, row), _example(judged, row, marked[row]))

    def _sample_texts(self, judged: Judged) -> None:
        for row, fate in enumerate(judged.fates):
            sample = self.removed_texts if fate in REMOVED_FATES else self.kept_texts
            if sample.admits(judged.ids[row]):
                sample.add(_key(judged, row), _text(judged, row))


def _key(judged: Judged, row: int) -> Key:
    return Key(judged.ids[row], judged.sources[row], judged.lines[row], judged.turns[row])


def _text(judged: Judged, row: int) -> Text:
    prompt = judged.prompts[row] or ""
    return Text(prompt[:SAMPLED_CHARACTERS], judged.answers[row][:SAMPLED_CHARACTERS])


def _example(judged: Judged, row: int, flags: list[Flag]) -> Example:
    verdict, answer = judged.verdicts[row], judged.answers[row]
    marked = spans(flags)
    return Example(
        answer_id=judged.ids[row],
        source=judged.sources[row],
        line=judged.lines[row],
        turn=judged.turns[row],
        model=judged.models[row],
        lang=judged.langs[row],
        outcome=verdict.outcome,
        reasons=list(verdict.reasons),
        over_refusal=verdict.over_refusal,
        fate=judged.fates[row],
        decided_by=judged.decided_by[row],
        prompt=shortened(judged.prompts[row]),
        length=len(answer),
        windows=windows(answer, marked),
        spans=marked,
    )


def _limit_names(counts: Counter[str], limit: int) -> None:
    names = counts.keys() - {OTHER}
    for name in sorted(names, key=_digest)[limit:] if len(names) > limit else ():
        counts[OTHER] += counts.pop(name)


def _digest(name: str | None) -> str:
    return hashlib.blake2b(
        (name or "").encode("utf-8", "surrogatepass"), digest_size=16
    ).hexdigest()


def _cut(name: str) -> str:
    return name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1]}…"
