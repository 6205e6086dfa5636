"""From a finished tally to the report's figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeVar

from aligncleaner.report import lengths, words
from aligncleaner.report.figures import (
    FORMAT,
    Answers,
    Cause,
    Examples,
    Figures,
    Funnel,
    Lengths,
    Reason,
    Refusals,
    Rule,
    Source,
    TopicWords,
    Unreadable,
)
from aligncleaner.report.judged import CHANGED_FATES, REMOVED_FATES, Group
from aligncleaner.report.tally import Tally
from aligncleaner.schema import FATES, LABELS

Name = TypeVar("Name")


def figures(tally: Tally, about: Mapping[str, str]) -> Figures:
    """The figures of a finished tally. `about` names what was run: version, inputs, command."""
    fates = _table((fate, n, ()) for (*_, fate), n in tally.cells.items())
    return Figures(
        format=FORMAT,
        about=dict(about),
        funnel=_funnel(tally.records),
        answerless=tally.records["answerless"],
        fates={fate: fates[fate]["answers"] for fate in FATES if fate in fates},
        removed_by_cause=[
            Cause(outcome=group.what, detail=group.detail, answers=answers)
            for group, answers in _falling(tally.groups)
            if group.action == "removed"
        ],
        refusals=_refusals(tally),
        outcomes=_answers((o, n, (_end(f),)) for (_, _, o, f), n in tally.cells.items()),
        traits=_answers((trait, n, (_end(f),)) for (trait, f), n in tally.traits.items()),
        reasons=_reasons(tally),
        rules=_rules(tally),
        models=_sources((model, n, (o, _end(f))) for (model, _, o, f), n in tally.cells.items()),
        languages=_sources((lang, n, (o, _end(f))) for (_, lang, o, f), n in tally.cells.items()),
        lengths=_lengths(tally),
        words=_words(tally),
        unreadable=[
            Unreadable(reason=reason, records=records)
            for reason, records in _falling(tally.unread_reasons)
        ],
        examples=_examples(tally),
        unread_examples=[unread for _, unread in tally.unread.items],
    )


def _end(fate: str) -> str:
    """What became of an answer, as the tables' columns name it."""
    if fate in REMOVED_FATES:
        return "removed"
    return "changed" if fate in CHANGED_FATES else "unchanged"


def _table(counts: Iterable[tuple[Name, int, tuple[str, ...]]]) -> dict[Name, Counter[str]]:
    """Sums by name from (name, count, columns it counts in); all count in `answers`."""
    table: defaultdict[Name, Counter[str]] = defaultdict(Counter)
    for name, count, columns in counts:
        for column in ("answers", *columns):
            table[name][column] += count
    return table


def _falling(counts: Mapping[Name, int]) -> list[tuple[Name, int]]:
    """The larger counts first, equal ones by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))


def _funnel(records: Mapping[str, int]) -> Funnel:
    kept, repaired, removed, quarantined = (
        records[end] for end in ("kept", "repaired", "removed", "quarantined")
    )
    return {
        "in": kept + repaired + removed + quarantined,
        "kept": kept,
        "repaired": repaired,
        "removed": removed,
        "quarantined": quarantined,
    }


def _answers(counts: Iterable[tuple[str, int, tuple[str, ...]]]) -> list[Answers]:
    """By outcome or trait, in the taxonomy's order."""
    table = _table(counts)
    return [
        Answers(
            name=name,
            answers=table[name]["answers"],
            changed=table[name]["changed"],
            removed=table[name]["removed"],
        )
        for name in LABELS
        if name in table
    ]


def _sources(counts: Iterable[tuple[str | None, int, tuple[str, ...]]]) -> list[Source]:
    """By model or language, most removals first."""
    rows = [
        Source(
            name=name,
            answers=row["answers"],
            complies=row["complies"],
            partly_refuses=row["partly_refuses"],
            refuses=row["refuses"],
            malformed=row["malformed"],
            changed=row["changed"],
            removed=row["removed"],
        )
        for name, row in _table(counts).items()
    ]
    return sorted(rows, key=lambda row: (-row["removed"], -row["answers"], row["name"] or ""))


def _refusals(tally: Tally) -> Refusals:
    table = _table((warranted, n, (_end(f),)) for (warranted, f), n in tally.refusals.items())
    warranted, over = table.get(True, Counter()), table.get(False, Counter())
    return Refusals(
        warranted_kept=warranted["answers"] - warranted["removed"],
        warranted_removed=warranted["removed"],
        over_refusals_kept=over["answers"] - over["removed"],
        over_refusals_removed=over["removed"],
    )


def _reasons(tally: Tally) -> list[Reason]:
    table = _table(
        (reason, n, ("warranted" if warranted else "over_refusal", _end(fate)))
        for (reason, warranted, fate), n in tally.reasons.items()
    )
    rows = [
        Reason(
            name=name, answers=row["answers"], warranted=row["warranted"], removed=row["removed"]
        )
        for name, row in table.items()
    ]
    return sorted(rows, key=lambda row: (-row["answers"], row["name"]))


def _rules(tally: Tally) -> list[Rule]:
    table = _table(
        ((rule, label), n, (_end(fate),)) for (rule, label, fate), n in tally.rules.items()
    )
    rows = [
        Rule(
            name=rule,
            label=label,
            answers=row["answers"],
            removed=row["removed"],
            decided=tally.deciders[rule],
        )
        for (rule, label), row in table.items()
    ]
    return sorted(
        rows, key=lambda row: (-row["decided"], -row["answers"], row["name"], row["label"])
    )


def _lengths(tally: Tally) -> Lengths:
    kept, removed = Counter[int](), Counter[int]()
    for (index, fate), count in tally.lengths.items():
        (removed if fate in REMOVED_FATES else kept)[index] += count
    every_bin = range(len(lengths.EDGES) + 1)
    return Lengths(
        edges=list(lengths.EDGES),
        kept=[kept[index] for index in every_bin],
        removed=[removed[index] for index in every_bin],
        median_kept=lengths.median(kept),
        median_removed=lengths.median(removed),
    )


def _words(tally: Tally) -> TopicWords:
    """Both samples are cut to the smaller one's size: equally many removed and kept answers."""
    sampled = min(len(tally.removed_texts.items), len(tally.kept_texts.items))
    removed = [text for _, text in tally.removed_texts.items[:sampled]]
    kept = [text for _, text in tally.kept_texts.items[:sampled]]
    return TopicWords(
        sampled=sampled,
        prompts=words.shift([text.prompt for text in removed], [text.prompt for text in kept]),
        answers=words.shift([text.answer for text in removed], [text.answer for text in kept]),
    )


def _examples(tally: Tally) -> list[Examples]:
    """Groups of removed answers first, then repaired, then kept; the larger ones first."""

    def order(group: Group) -> tuple[int, int, Group]:
        place = ("removed", "repaired", "kept").index(group.action)
        return place, -tally.groups[group], group

    return [
        Examples(
            action=group.action,
            what=group.what,
            detail=group.detail,
            answers=tally.groups[group],
            examples=[example for _, example in tally.examples[group].items],
        )
        for group in sorted(tally.groups, key=order)
    ]
