"""From verdicts to what becomes of records: which turns go, and each answer's fate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aligncleaner import policy, repair
from aligncleaner.detect.answers import Answers
from aligncleaner.detect.evidence import Flag, Verdict
from aligncleaner.formats import Conversation, RecordFault
from aligncleaner.policy import Decision


class Fate(NamedTuple):
    """How one answer or answerless record ended.

    `answer` is its number (of a slice, later of its block), null for a record without one;
    `record` is the record's.
    """

    record: int
    answer: int | None
    fate: str
    decided_by: str | None
    words: str | None


class Ends(NamedTuple):
    """What becomes of some records, by their number.

    gone   the turns that go, null where the whole record does; records that stay are not in it
    fates  of every answer that is not simply kept, and of every record without an answer
    """

    gone: dict[int, set[int] | None]
    fates: list[Fate]


def ends(
    conversations: Sequence[Conversation | RecordFault],
    found: Answers,
    flags: Mapping[int, Sequence[Flag]],
    verdicts: Mapping[int, Verdict],
    repairable: Sequence[bool],
) -> Ends:
    """Decide over records, given their answers' flags and verdicts by row.

    `repairable[i]` says whether record i can lose some of its turns; one that cannot goes whole.
    """
    result = Ends({}, [])
    dropped: defaultdict[int, dict[int, Decision]] = defaultdict(dict)
    for row, verdict in verdicts.items():
        decision = policy.decide(verdict, flags.get(row, ()))
        if decision.action == "drop_turn":
            dropped[found.records[row]][row] = decision
    for number, decisions in dropped.items():
        conversation = conversations[number]
        assert isinstance(conversation, Conversation)
        turns = [found.turns[row] for row in decisions]
        result.gone[number] = (
            repair.turns_to_drop(conversation.turns, turns) if repairable[number] else None
        )
    for row, number in enumerate(found.records if dropped else ()):
        if number in dropped:
            fate = _fate(row, number, found, dropped[number], result.gone[number])
            if fate is not None:
                result.fates.append(fate)
    answered = set(found.records)
    for number, conversation in enumerate(conversations):
        if isinstance(conversation, RecordFault):
            reason = conversation.reason
            result.fates.append(Fate(number, None, "quarantined", None, reason))
        elif number not in answered:
            result.fates.append(Fate(number, None, "no_answer", None, None))
    return result


def _fate(
    row: int,
    number: int,
    found: Answers,
    decisions: Mapping[int, Decision],
    gone: set[int] | None,
) -> Fate | None:
    """The fate of an answer in a record that loses something, null if it stays."""
    turn = found.turns[row]
    if gone is not None and turn not in gone:
        return None
    fate = "conversation_dropped" if gone is None else "turn_dropped"
    if row in decisions:
        why = decisions[row]
        return Fate(number, row, fate, why.rule, found.answers[row][why.start : why.end])
    # It goes because another answer of its exchange or record does: name the nearest.
    nearest = min(decisions, key=lambda other: abs(found.turns[other] - turn))
    words = f"goes with turn {found.turns[nearest]}"
    return Fate(number, row, fate, decisions[nearest].rule, words)
