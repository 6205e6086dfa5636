"""All detectors in their order, and from their flags to verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from aligncleaner.detect import judge, language, packs
from aligncleaner.detect.evidence import Batch, Detector, Flag, Verdict
from aligncleaner.detect.packs import Pack
from aligncleaner.detect.rules import Engine, RuleDetector
from aligncleaner.errors import Fault, UsageError

#: What `--detectors` takes, in the order they run.
DETECTORS: Final = ("rules", "scope", "malformed")


class Cascade:
    """The detectors of a run, cheap ones first.

    `rules` sees every answer; `scope` looks again at what the rules call the assistant's own
    refusals and disclaimers; `malformed` finds mechanical faults. `usual` is the verdict of an
    answer that none of them flags.
    """

    def __init__(
        self,
        packs_: Sequence[Pack],
        rules: RuleDetector,
        detectors: Sequence[Detector],
        scoped: bool,
    ) -> None:
        self.packs = packs_
        self.rules = rules
        self.detectors = detectors
        self.scoped = scoped
        self.rules_hash = packs.rules_hash(packs_)
        self.usual = judge.UNFLAGGED
        named = [f"{d.name}@{d.version}" for d in detectors] + (["scope"] if scoped else [])
        self.version = sha256(" ".join([judge.VERSION, *named]).encode()).hexdigest()[:12]
        self._cues: dict[str, tuple[str, ...]] = {}

    def languages(self, answers: Sequence[str]) -> list[str | None]:
        """The language of each answer, null where it is too short to tell."""
        return language.identify(answers)

    def flags(self, batch: Batch) -> list[Flag]:
        """Every detector's flags, ordered by row and start."""
        found: list[Flag] = []
        for detector in self.detectors:
            flags = detector.detect(batch)
            if detector is self.rules and self.scoped and flags:
                from aligncleaner.detect.scope import filter_flags

                flags = filter_flags(batch, flags, self.rules.needs_scope)
            found += flags
        if len(self.detectors) > 1:
            found.sort(key=lambda flag: (flag.row, flag.start, flag.end))
        return found

    def verdicts(self, batch: Batch, flags: Mapping[int, Sequence[Flag]]) -> dict[int, Verdict]:
        """The verdicts of the answers that have `flags`, by row; all others get `usual`."""
        return {
            row: judge.judge(
                batch.answers[row], batch.prompts[row], batch.langs[row], found,
                self.cues(batch.prompts[row], found),
            )
            for row, found in flags.items()
        }  # fmt: skip

    def cues(self, prompt: str | None, flags: Sequence[Flag]) -> tuple[str, ...]:
        """What the prompt asks for, if the answer has flags that make it matter."""
        if not prompt or not judge.wants_cues(flags):
            return ()
        if (known := self._cues.get(prompt)) is None:
            known = tuple(label for label, _ in self.rules.prompt_cues(prompt))
            if len(self._cues) >= _REMEMBERED:
                self._cues.clear()
            self._cues[prompt] = known
        return known


#: Prompts recur in logs of many models; so many are remembered with their cues.
_REMEMBERED: Final = 10_000


class Setup(NamedTuple):
    """How to build a cascade.

    Folders of rule packs (null: the bundled ones), the names of the detectors, and the matching
    engine.
    """

    folders: tuple[Path, ...] | None = None
    detectors: tuple[str, ...] = DETECTORS
    engine: Engine = "auto"


def build(setup: Setup = Setup()) -> Cascade:
    """The cascade of a setup.

    Raises:
        UsageError: if a detector is not known.
        PackInvalid: if a rule pack is at fault.
    """
    unknown = [name for name in setup.detectors if name not in DETECTORS]
    if unknown or not setup.detectors:
        expected = f"some of {', '.join(DETECTORS)}"
        raise UsageError(Fault("--detectors", f"'{','.join(setup.detectors)}'", expected))
    loaded = packs.load(setup.folders)
    rules = RuleDetector(loaded, setup.engine)
    detectors: list[Detector] = [rules] if "rules" in setup.detectors else []
    if "malformed" in setup.detectors:
        from aligncleaner.detect.malformed import MalformedDetector

        detectors.append(MalformedDetector())
    return Cascade(loaded, rules, detectors, "scope" in setup.detectors)
