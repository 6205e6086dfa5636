"""Answers that a model should not learn from for mechanical reasons, whatever they say.

Each symptom is a rule of this detector, with the probability that an answer that shows it is
malformed (measured on labelled answers, see docs/design). What is judged is the fault, not the
quality: a short answer, code, a table, a refrain and a template that was asked for are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aligncleaner.detect.evidence import Batch, Flag
from aligncleaner.detect.malformed import garble, leaks, loops, stubs
from aligncleaner.detect.malformed.symptom import Symptom


@dataclass(frozen=True)
class Malformed:
    """The detector of malformed answers. Its flags' rules are the names of the symptoms."""

    name: str = "malformed"
    version: str = "1"

    def detect(self, batch: Batch) -> list[Flag]:
        leaked = leaks.marked_rows(batch.utf8)
        return [
            Flag(
                row, self.name, self.version, symptom.rule, "malformed", None, None,
                symptom.score, symptom.start, symptom.end,
            )
            for row, (answer, prompt) in enumerate(zip(batch.answers, batch.prompts, strict=True))
            for symptom in sorted(_symptoms(answer, prompt or "", row in leaked), key=_by_place)
        ]  # fmt: skip


def _symptoms(answer: str, prompt: str, leaked: bool) -> Iterator[Symptom]:
    # Nine answers of ten show nothing of any of this, which is why each check has a gate that
    # costs a tenth of a microsecond.
    if len(answer) <= stubs.LONGEST or len(answer) <= len(prompt):
        yield from stubs.symptoms(answer, prompt)
    if loops.suspected(answer):
        yield from loops.symptoms(answer, prompt)
    if garble.suspected(answer):
        yield from garble.symptoms(answer, prompt)
    if leaked:
        yield from leaks.symptoms(answer, prompt)


def _by_place(symptom: Symptom) -> tuple[int, int, str]:
    return symptom.start, symptom.end, symptom.rule
