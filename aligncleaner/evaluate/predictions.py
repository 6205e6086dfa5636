"""What a detector is to an evaluation: a function from answers to verdicts and flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from aligncleaner.detect.evidence import Batch, Flag, Verdict, by_row

#: Answers judged at a time: enough to pay for one scan, few enough for the processor's cache.
_BATCH: Final = 256


class Predictions(NamedTuple):
    """What is said of n answers: n verdicts in their order, and the flags behind them.

    A flag's `row` counts the n answers from 0; null flags if the detector points at no words.
    """

    verdicts: Sequence[Verdict]
    flags: Sequence[Flag] | None = None


#: (prompts, answers), as parallel columns, to what is said of the answers.
Predict = Callable[[Sequence[str | None], Sequence[str]], Predictions]


class Cascade(Protocol):
    """What is needed of `detect.cascade.Cascade`; `usual` is the verdict of unflagged answers."""

    usual: Verdict

    def languages(self, answers: Sequence[str]) -> Sequence[str | None]: ...

    def flags(self, batch: Batch) -> Sequence[Flag]: ...

    def verdicts(self, batch: Batch, flags: Mapping[int, Sequence[Flag]]) -> dict[int, Verdict]: ...


def predictor(cascade: Cascade) -> Predict:
    """A cascade as a function of whole columns, which it sees batch by batch."""

    def predict(prompts: Sequence[str | None], answers: Sequence[str]) -> Predictions:
        verdicts: list[Verdict] = []
        flags: list[Flag] = []
        for start in range(0, len(answers), _BATCH):
            said = answers[start : start + _BATCH]
            utf8 = [answer.encode() for answer in said]
            asked = prompts[start : start + _BATCH]
            batch = Batch(said, utf8, asked, cascade.languages(said))
            found = cascade.flags(batch)
            judged = cascade.verdicts(batch, by_row(found))
            verdicts += [judged.get(row, cascade.usual) for row in range(len(said))]
            flags += [flag._replace(row=start + flag.row) for flag in found]
        return Predictions(verdicts, flags)

    return predict
