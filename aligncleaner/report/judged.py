"""What the report reads: judged answers as columns, and the groups each answer is an example of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from aligncleaner.detect.evidence import Flag, Verdict
from aligncleaner.schema import TRAITS

REMOVED_FATES: Final = frozenset({"turn_dropped", "conversation_dropped"})
CHANGED_FATES: Final = frozenset({"stripped", "masked"})
REFUSING: Final = frozenset({"refuses", "partly_refuses"})

#: From this probability on a trait counts as present and a refusal as an over-refusal.
LIKELY: Final = 0.5


class Judged(NamedTuple):
    """Judged answers as parallel columns of one length; each flag's `row` is an index into them.

    `sources`, `lines` and `turns` say where an answer stands: its file, the record from 1, the
    turn from 0. `answers`, `prompts`, `langs` and `verdicts` are the detectors' own columns,
    `fates` and `decided_by` the ledger's.
    """

    ids: Sequence[str]
    sources: Sequence[str]
    lines: Sequence[int]
    turns: Sequence[int]
    answers: Sequence[str]
    prompts: Sequence[str | None]
    langs: Sequence[str | None]
    models: Sequence[str | None]
    verdicts: Sequence[Verdict]
    flags: Sequence[Flag]
    fates: Sequence[str]
    decided_by: Sequence[str | None]


class Group(NamedTuple):
    """A kind of answer worth showing: what was done, to what, and its further kind.

    `action` is `removed`, `repaired` or `kept`. `what` is an outcome, a trait, or for `repaired`
    the fate. `detail` is the main reason, the malformed rule, `warranted` or `over_refusal`,
    the disclaimer's kind, or what removed an answer that complies. Each removed answer is in
    exactly one group whose `action` is `removed`.
    """

    action: str
    what: str
    detail: str


def traits(verdict: Verdict) -> list[str]:
    """The traits that the answer more likely has than not."""
    shares = (verdict.p_disclaimer, verdict.p_hedge, verdict.p_moralizing)
    return [trait for trait, share in zip(TRAITS, shares, strict=True) if share >= LIKELY]


def is_warranted(verdict: Verdict) -> bool:
    """Whether a refusal is not known to be an over-refusal."""
    return verdict.over_refusal is None or verdict.over_refusal < LIKELY


def telling_rows(judged: Judged) -> Iterator[int]:
    """The answers that may be in a group: all but those kept that comply and have no trait."""
    for row, (verdict, fate) in enumerate(zip(judged.verdicts, judged.fates, strict=True)):
        if (
            verdict.outcome != "complies"
            or fate != "kept"
            or verdict.p_hedge >= LIKELY
            or verdict.p_disclaimer >= LIKELY
            or verdict.p_moralizing >= LIKELY
        ):
            yield row


def groups(
    verdict: Verdict, fate: str, decided_by: str | None, flags: Sequence[Flag]
) -> Iterator[Group]:
    """The groups that an answer is an example of. `flags` are its own."""
    if fate in REMOVED_FATES:
        yield Group("removed", verdict.outcome, main_detail(verdict, decided_by, flags))
        if fate == "turn_dropped":
            yield Group("repaired", fate, "")
        return
    if fate in CHANGED_FATES:
        yield Group("repaired", fate, "")
    if verdict.outcome in REFUSING:
        kind = "warranted" if is_warranted(verdict) else "over_refusal"
        yield Group("kept", verdict.outcome, kind)
    elif verdict.outcome == "malformed":
        yield Group("kept", verdict.outcome, main_detail(verdict, decided_by, flags))
    for trait in traits(verdict):
        kinds = {flag.kind or "" for flag in flags if flag.label == trait} or {""}
        for kind in sorted(kinds):
            yield Group("kept", trait, kind)


def main_detail(verdict: Verdict, decided_by: str | None, flags: Sequence[Flag]) -> str:
    """The one reason or malformed rule that an answer counts under: that of its surest flag."""
    surest = sorted(flags, key=lambda flag: (-flag.score, flag.start, flag.end, flag.rule or ""))
    if verdict.outcome in REFUSING:
        reasons = [flag.reason for flag in surest if flag.label in REFUSING and flag.reason]
        return next(iter([*reasons, *verdict.reasons]), "unexplained")
    if verdict.outcome == "malformed":
        rules = (flag.rule or flag.detector for flag in surest if flag.label == "malformed")
        return next(rules, "")
    return decided_by or ""
