"""Why an answer is judged as it is: every flag, rule, span and weight behind its verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from aligncleaner import formats, policy
from aligncleaner.detect import judge
from aligncleaner.detect.answers import collect
from aligncleaner.detect.cascade import Cascade
from aligncleaner.detect.evidence import Batch, Flag, Verdict, by_row
from aligncleaner.errors import Fault, RecordNotFound
from aligncleaner.files import records, sources
from aligncleaner.files.blocks import Limits
from aligncleaner.files.opened import opened
from aligncleaner.formats import Conversation, ReadOptions, Record, RecordFault, reader
from aligncleaner.policy import Decision


@dataclass(frozen=True)
class Explanation:
    """One answer with all that is believed of it and why.

    `contributions` are the features of the judge's decisions with what each added, in log-odds;
    `cues` what the prompt was found to ask for; `decision` what the default policy does with it.
    """

    source: str
    line: int
    turn: int
    answer_id: str
    prompt: str | None
    answer: str
    lang: str | None
    verdict: Verdict
    flags: list[Flag]
    why: dict[str, str]
    cues: tuple[str, ...]
    contributions: list[judge.Contribution]
    decision: Decision

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        plain = asdict(self)
        plain["verdict"] = self.verdict._asdict()
        plain["flags"] = [
            {**flag._asdict(), "quote": self.answer[flag.start : flag.end]} for flag in self.flags
        ]
        plain["contributions"] = [one._asdict() for one in self.contributions]
        plain["decision"] = self.decision._asdict()
        return plain


def parse_place(place: str) -> tuple[str, int, int | None]:
    """`FILE:LINE` or `FILE:LINE:TURN` as its parts; the turn is null if it is not given.

    Raises:
        RecordNotFound: if it is neither.
    """
    parts = place.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdecimal() and parts[2].isdecimal():
        return parts[0], int(parts[1]), int(parts[2])
    file, _, line = place.rpartition(":")
    if file and line.isdecimal():
        return file, int(line), None
    expected = "FILE:LINE or FILE:LINE:TURN, e.g. log.jsonl:12"
    raise RecordNotFound(Fault("explain", f"'{place}'", expected))


def explain(
    file: str,
    line: int,
    turn: int | None,
    cascade: Cascade,
    reading: ReadOptions = ReadOptions(),
    limits: Limits = Limits(),
) -> list[Explanation]:
    """Explain the answers of record `line` (from 1) of a file, or the one at `turn` (from 0).

    Raises:
        RecordNotFound: if there is no such record or answer, or it cannot be read.
        InputRefused: if the file cannot be read.
    """
    conversation = _conversation(file, line, reading, limits)
    found = collect([conversation])
    langs = cascade.languages(found.answers)
    batch = Batch(found.answers, found.utf8, found.prompts, langs)
    flags = by_row(cascade.flags(batch))
    verdicts = cascade.verdicts(batch, flags)
    wanted = [row for row in range(len(found.ids)) if turn in (None, found.turns[row])]
    if not wanted:
        turns = ", ".join(map(str, found.turns)) or "none"
        got = f"no answer at turn {turn}" if turn is not None else "no answer"
        raise RecordNotFound(Fault(f"{file}:{line}", got, f"one of its turns ({turns})"))
    why = {rule.id: rule.why for pack in cascade.packs for rule in pack.rules}
    explained = []
    for row in wanted:
        own = flags.get(row, [])
        verdict = verdicts.get(row, cascade.usual)
        cues = cascade.cues(found.prompts[row], own)
        explained.append(
            Explanation(
                source=file,
                line=line,
                turn=found.turns[row],
                answer_id=found.ids[row],
                prompt=found.prompts[row],
                answer=found.answers[row],
                lang=langs[row],
                verdict=verdict,
                flags=own,
                why={flag.rule: why[flag.rule] for flag in own if flag.rule in why},
                cues=cues,
                contributions=judge.explain(found.answers[row], own, cues) if own else [],
                decision=policy.decide(verdict, own),
            )
        )
    return explained


def _conversation(file: str, line: int, reading: ReadOptions, limits: Limits) -> Conversation:
    found = sources.find([file])
    if found.refused:
        raise RecordNotFound(found.refused)
    allowed = formats.wanted(reading)
    count = 0
    with opened(found.sources[0], allowed, limits) as here:
        for block in here.blocks:
            if block.fault:
                count += 1
                if count == line:
                    raise RecordNotFound(Fault(f"{file}:{line}", block.fault, "a sound record"))
            for piece in records.read(block, here.dialect, limits):
                if count < line <= count + len(piece.parsed):
                    record = piece.parsed[line - count - 1]
                    return _read(record, f"{file}:{line}", reading)
                count += len(piece.parsed)
    raise RecordNotFound(Fault(f"{file}:{line}", f"the file has {count} records", f"1 to {count}"))


def _read(record: Record | RecordFault, where: str, reading: ReadOptions) -> Conversation:
    try:
        if isinstance(record, RecordFault):
            raise record
        found: Conversation = reader(record, formats.wanted(reading)).read(record, reading)
    except RecordFault as fault:
        raise RecordNotFound(Fault(where, fault.reason, "a sound record")) from None
    return found
