"""The report's plain words: what labels, reasons and fates mean, and sentences made of counts."""

from __future__ import annotations

from collections import Counter
from typing import Final

from aligncleaner.report.figures import Examples, Figures, Lengths

OUTCOMES: Final = {
    "complies": "delivers what was asked",
    "partly_refuses": "declines some of it, or gives a substitute",
    "refuses": "delivers nothing of what was asked",
    "malformed": "unusable: empty, cut off, looping, leaked tokens …",
}

TRAITS: Final = {
    "disclaimer": "speaks, unasked, of being an AI or no expert",
    "hedge": "avoids a commitment that the question allows",
    "moralizing": "lectures on ethics or law that nobody asked about",
}

REASONS: Final = {
    "harm": "should not: it could hurt someone",
    "illegal": "should not: against the law",
    "privacy": "should not: someone's private data",
    "sexual": "should not: sexual content",
    "hate": "should not: demeans a group",
    "deception": "should not: would deceive",
    "copyright": "should not: someone's work",
    "professional": "should not: medical, legal or financial advice",
    "controversy": "should not: politics, religion, opinions on people",
    "policy": "should not: a rule of the provider",
    "no_access": "cannot: no live data, files or links",
    "no_modality": "cannot: no images, sound or acts",
    "no_self": "cannot: no feelings, body or opinions",
    "no_knowledge": "cannot: unknown, or after its time",
    "missing_input": "cannot: the text or context was not given",
    "infeasible": "cannot: too hard, too long, impossible",
    "unexplained": "no reason given",
}

FATES: Final = {
    "kept": "stays as it came",
    "stripped": "stays, without its flagged sentences",
    "masked": "stays, with no weight in training",
    "turn_dropped": "removed; the rest of its conversation stays",
    "conversation_dropped": "removed with its whole conversation",
}

_REMOVED_NOUNS: Final = {
    "refuses": "refusal",
    "partly_refuses": "partial refusal",
    "malformed": "malformed answer",
    "complies": "complying answer",
}

_GROUPS: Final = {
    ("kept", "warranted"): "kept, for the prompt warrants it",
    ("kept", "over_refusal"): "kept, though an over-refusal",
    ("kept", "self"): "kept; it speaks of being an AI",
    ("kept", "expertise"): "kept; it speaks of not being an expert",
}


def name(label: str) -> str:
    """A label as it reads in a sentence."""
    return label.replace("_", " ")


def count(number: int) -> str:
    """A number with its thousands set apart."""
    return f"{number:,}"


def share(part: int, whole: int) -> str:
    """`part` of `whole` in percent, in as many digits as say something; empty if of nothing."""
    if not whole:
        return ""
    percent = 100 * part / whole
    if part and percent < 0.1:
        return "< 0.1 %"
    if part != whole and percent > 99.9:
        return "> 99.9 %"
    fine = percent < 10 or (percent > 99 and part != whole)
    return f"{percent:.1f} %" if fine and part else f"{percent:.0f} %"


def plural(number: int, noun: str) -> str:
    """A number of things, as in "1 record" and "2 records"."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def cause(detail: str) -> str:
    """A group's detail as it reads after its outcome: a reason, or a malformed rule's last part."""
    return name(detail.rpartition(".")[2])


def detail(outcome: str, cause: str) -> str:
    """What a cause of removal (`figures.Cause`) means."""
    if outcome in ("refuses", "partly_refuses"):
        return REASONS.get(cause, "")
    if outcome == "complies" and not cause:
        return "went with its conversation"
    return ""


def group(examples: Examples) -> str:
    """A group's description, after the name of what it is."""
    action, what, cause = examples["action"], examples["what"], examples["detail"]
    if action == "removed":
        return f"removed; {detail(what, cause)}" if detail(what, cause) else "removed"
    if action == "repaired":
        return f"repaired; {FATES.get(what, '')}"
    return _GROUPS.get((action, cause), "kept though flagged")


def funnel(figures: Figures) -> str:
    """What became of the records, in one sentence."""
    funnel = figures["funnel"]
    if not funnel["in"]:
        return "No records were read."
    ends = [
        f"{count(funnel['kept'])} {'is' if funnel['kept'] == 1 else 'are'} kept unchanged",
        f"{count(funnel['repaired'])} repaired",
        f"{count(funnel['removed'])} removed",
        f"{count(funnel['quarantined'])} could not be read",
    ]
    return f"Of {plural(funnel['in'], 'record')}, {_listed(ends)}."


def answers(figures: Figures) -> str:
    """How many answers the records hold and what the removed ones are, in one sentence."""
    total = sum(figures["fates"].values())
    causes: Counter[str] = Counter()
    for cause in figures["removed_by_cause"]:
        causes[cause["outcome"]] += cause["answers"]
    held = f"They hold {plural(total, 'answer')}"
    if not causes:
        return f"{held}; none is removed."
    kinds = [plural(causes[what], noun) for what, noun in _REMOVED_NOUNS.items() if causes[what]]
    return f"{held}; removed {'is' if causes.total() == 1 else 'are'} {_listed(kinds)}."


def warranted(figures: Figures) -> str:
    """What happened to warranted refusals, and what it costs to be without them."""
    kept = figures["refusals"]["warranted_kept"]
    removed = figures["refusals"]["warranted_removed"]
    if not kept + removed:
        return "No warranted refusals were found."
    if not removed:
        return (
            f"{plural(kept, 'warranted refusal')} found, all kept: there the prompt asks for "
            "something harmful, or for what a text assistant cannot do."
        )
    return (
        f"{count(removed)} of {plural(kept + removed, 'warranted refusal')} "
        f"{'was' if removed == 1 else 'were'} removed. This has a cost: a model trained on what is "
        "left sees fewer examples of when to decline, and may comply more readily with harmful "
        "requests, or invent what it cannot know. Keep them unless that is what you study."
    )


def lengths(lengths: Lengths) -> str:
    """The typical length of both piles; empty if there were no answers."""
    piles = (("kept", lengths["median_kept"]), ("removed", lengths["median_removed"]))
    known = [f"{count(middle)} for {pile} answers" for pile, middle in piles if middle is not None]
    return f"the median is about {_listed(known)}" if known else ""


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
