"""Answers that a model should not learn from for mechanical reasons, whatever they say.

Each symptom is a rule of this detector, with the probability that an answer that shows it is
malformed. What is judged is the fault, not the quality: a short answer, code, a table, a refrain
and a template that was asked for are none.

The four checks are modules alike: `suspects(batch)` names rows at half a microsecond each (four
of five answers are named by none), and `symptoms(answer, prompt)` looks at one of them closely.
"""

from __future__ import annotations

from dataclasses import dataclass

from aligncleaner.detect.evidence import Batch, Flag
from aligncleaner.detect.malformed import garble, leaks, loops, stubs


@dataclass(frozen=True)
class MalformedDetector:
    """The detector of malformed answers. Its flags' rules are the names of the symptoms."""

    name: str = "malformed"
    version: str = "1"

    def detect(self, batch: Batch) -> list[Flag]:
        flags = [
            Flag(row, self.name, self.version, rule, "malformed", None, None, score, start, end)
            for check in (stubs, loops, garble, leaks)
            for row in check.suspects(batch)
            for rule, score, start, end in check.symptoms(
                batch.answers[row], batch.prompts[row] or ""
            )
        ]
        return sorted(flags, key=lambda flag: (flag.row, flag.start, flag.end, flag.rule or ""))
