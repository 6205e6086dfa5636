"""Measure how often refusals are over-refusals, by what was asked and what was said; print it.

    python experiments/detection/fit_warranted.py [--shared ../shared] [--split readable]

Reads the English refusals of wild.jsonl, full and partial, that the judge finds too, and prints
the table that stands in `warranted` and what each threshold would keep and remove, full refusals
only. With `--split held_out` it prints figures of the unread third, which nothing is fitted to.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from fit_judge import read

from aligncleaner.detect import judge, warranted
from aligncleaner.evaluate import gold

#: As many imagined prompts, over-refused in the usual share of their row, are added to each cell.
IMAGINED: Final = 4


class Refusal(NamedTuple):
    """A labelled refusal and what the judge makes of it."""

    prompt: str
    asks: warranted.Asks
    says: warranted.Says
    p: float
    is_full: bool
    is_over_refusal: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--split", choices=["readable", "held_out"], default="readable")
    options = parser.parse_args()
    found = refusals(options.shared / "data" / "gold", options.split)
    show_table(found)
    show_thresholds([refusal for refusal in found if refusal.is_full])


def refusals(folder: Path, split: gold.Split) -> list[Refusal]:
    """The refusals of wild.jsonl whose verdict is a refusal too."""
    found = []
    for example in read(folder, split):
        row = example.row
        if example.file != "wild.jsonl" or row.over_refusal is None:
            continue
        verdict = judge.judge(row.response, row.prompt, None, example.flags, example.cues)
        if verdict.over_refusal is None:
            continue
        found.append(
            Refusal(
                row.prompt or "",
                warranted.asks(verdict.reasons, example.cues),
                warranted.says(verdict.reasons),
                verdict.over_refusal,
                row.outcome == verdict.outcome == "refuses",
                row.over_refusal,
            )
        )
    return found


def show_table(found: Sequence[Refusal]) -> None:
    """Print the share of over-refusals in each cell; the answers to one prompt count as one."""
    answers = Counter((r.prompt, r.asks, r.says) for r in found)
    over: defaultdict[tuple[str, str], float] = defaultdict(float)
    prompts: defaultdict[tuple[str, str], float] = defaultdict(float)
    for r in found:
        for cell in ((r.asks, r.says), (r.asks, "")):
            prompts[cell] += 1 / answers[r.prompt, r.asks, r.says]
            over[cell] += r.is_over_refusal / answers[r.prompt, r.asks, r.says]
    for asks, says in sorted(cell for cell in prompts if cell[1]):
        usual = over[asks, ""] / prompts[asks, ""]
        share = (over[asks, says] + IMAGINED * usual) / (prompts[asks, says] + IMAGINED)
        print(f'    ("{asks}", "{says}"): {share:.2f},  # {prompts[asks, says]:.0f} prompts')


def show_thresholds(found: Sequence[Refusal]) -> None:
    """Print what removing from each probability on would keep and remove."""
    called_for = [r.p for r in found if not r.is_over_refusal]
    needless = [r.p for r in found if r.is_over_refusal]
    for threshold in sorted({r.p for r in found}):
        kept = sum(p < threshold for p in called_for)
        removed = sum(p >= threshold for p in needless)
        print(f"from {threshold:.2f}: keeps {kept} of {len(called_for)} warranted refusals, "
              f"removes {removed} of {len(needless)} over-refusals")  # fmt: skip


if __name__ == "__main__":
    main()
