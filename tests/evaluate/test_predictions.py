"""A cascade sees batches, an evaluation whole columns; nothing shifts in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from aligncleaner.detect.evidence import Batch, Flag, Verdict
from aligncleaner.evaluate import predictor


class Counting:
    """Flags each answer that is an even number, and remembers what it was given."""

    def __init__(self, verdict: Callable[..., Verdict]) -> None:
        self.usual = verdict("complies")
        self.refusing = verdict("refuses")
        self.batches: list[Batch] = []

    def languages(self, answers: Sequence[str]) -> list[str | None]:
        return ["en"] * len(answers)

    def flags(self, batch: Batch) -> list[Flag]:
        self.batches.append(batch)
        return [
            Flag(row, "test", "1", None, "refuses", None, None, 1.0, 0, len(answer))
            for row, answer in enumerate(batch.answers)
            if int(answer) % 2 == 0
        ]

    def verdicts(self, batch: Batch, flags: Mapping[int, Sequence[Flag]]) -> dict[int, Verdict]:
        return dict.fromkeys(flags, self.refusing)


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 600])
def test_rows_keep_their_verdicts_and_flags(verdict: Callable[..., Verdict], count: int) -> None:
    cascade = Counting(verdict)
    answers = [str(number) for number in range(count)]
    prompts = [None if number % 3 else f"prompt {number}" for number in range(count)]
    said = predictor(cascade)(prompts, answers)
    expected = ["complies" if number % 2 else "refuses" for number in range(count)]
    assert [each.outcome for each in said.verdicts] == expected
    assert [flag.row for flag in said.flags or ()] == list(range(0, count, 2))
    assert [each for batch in cascade.batches for each in batch.prompts] == prompts
    assert [each.decode() for batch in cascade.batches for each in batch.utf8] == answers
