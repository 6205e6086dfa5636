"""The parts of the page below its head: each takes the figures and gives a section of HTML.

A section with nothing to show is left out (an empty string).
"""

from __future__ import annotations

from collections.abc import Sequence

from aligncleaner.report import charts, marks, wording
from aligncleaner.report.escape import esc
from aligncleaner.report.figures import Answers, Examples, Figures, Source, TopicWords
from aligncleaner.report.tables import Cell, number, portion, table, words
from aligncleaner.report.words import Shift, Word
from aligncleaner.schema import LABELS


def removed(figures: Figures) -> str:
    """Why answers were removed, beside what became of all and of the refusals."""
    causes = figures["removed_by_cause"]
    total = sum(cause["answers"] for cause in causes)
    rows = [
        [
            Cell(f"{marks.label(cause['outcome'])} {esc(wording.cause(cause['detail']))}", "cause"),
            words(wording.detail(cause["outcome"], cause["detail"])),
            number(cause["answers"]),
            portion(cause["answers"], total, longest=causes[0]["answers"]),
        ]
        for cause in causes
    ]
    heads = ("Outcome and main reason", "What it means", "Answers", "Of the removed")
    foot = [Cell("All removed answers"), words(""), number(total), Cell("")]
    why = table("Answers removed, by cause", heads, rows, foot) if rows else "<p>None was.</p>"
    return f"""<section class="split">
<div><h2>Why answers were removed</h2>{why}</div>
<div>{_fates(figures)}{_refusals(figures)}</div>
</section>
"""


def answers(figures: Figures) -> str:
    """Outcomes and traits, side by side."""
    total = sum(figures["fates"].values())
    if not total:
        return ""
    outcomes = _labels("Outcome", figures["outcomes"], wording.OUTCOMES, total)
    traits = _labels("Trait", figures["traits"], wording.TRAITS, total)
    return f"""<section><h2>What the answers are</h2>
<p>Each answer has one outcome, and any number of traits.</p>
{outcomes}{traits}</section>
"""


def reasons(figures: Figures) -> str:
    """What refusals give as their reasons, whether they are kept or removed."""
    if not figures["reasons"]:
        return ""
    rows = [
        [
            Cell(esc(wording.name(reason["name"]))),
            words(wording.REASONS.get(reason["name"], "")),
            number(reason["answers"]),
            number(reason["warranted"]),
            number(reason["removed"]),
            portion(reason["removed"], reason["answers"]),
        ]
        for reason in figures["reasons"]
    ]
    heads = ("Reason", "What it means", "Answers", "Warranted", "Removed", "Share removed")
    return f"""<section><h2>Reasons given by refusals</h2>
<p>Full and partial refusals; one that gives two reasons counts under both.</p>
{table("Refusals by reason", heads, rows)}</section>
"""


def sources(figures: Figures) -> str:
    """Outcomes and removals by model and by language."""
    models = _sources("By model", "Model", "not named", figures["models"])
    languages = _sources("By language", "Language", "not told", figures["languages"])
    return f"{models}{languages}"


def rules(figures: Figures) -> str:
    """What each rule flagged, and what it decided."""
    if not figures["rules"]:
        return ""
    rows = [
        [
            Cell(f"<code>{esc(rule['name'])}</code>"),
            Cell(marks.label(rule["label"])),
            number(rule["answers"]),
            number(rule["decided"]),
            number(rule["removed"]),
            portion(rule["removed"], rule["answers"]),
        ]
        for rule in figures["rules"]
    ]
    heads = ("Rule", "Label", "Answers flagged", "Decided", "Removed", "Share removed")
    return f"""<section><h2>By rule</h2>
<p><i>Decided</i> counts the removals that rest on the rule; <i>removed</i> also those that rest
on another rule.</p>
{table("Answers by rule", heads, rows)}</section>
"""


def shift(figures: Figures) -> str:
    """How removed answers and their prompts differ from kept ones."""
    if not any(figures["lengths"]["removed"]):
        return ""
    drawings = "".join(
        charts.lengths(figures["lengths"], width) for width in (charts.WIDE, charts.NARROW)
    )
    return f"""<section><h2>What the removal changes</h2>
<h3>Length</h3>
<p>Characters in an answer, as shares of all
<span class="key kept">kept</span> and all <span class="key removed">removed</span> answers;
{esc(wording.lengths(figures["lengths"]))}.</p>
{drawings}
{_topics(figures["words"])}</section>
"""


def examples(figures: Figures) -> str:
    """Up to 20 answers of each group, folded."""
    if not figures["examples"]:
        return ""
    legend = "".join(
        f'<mark class="l-{word}">{esc(wording.name(word))}</mark> '
        for word in LABELS
        if word != "complies"
    )
    groups = "".join(map(_group, figures["examples"]))
    return f"""<section><h2>Examples</h2>
<p class="notice"><b>Mind personal data.</b> The text below comes from the log as it is, and may
hold names and other personal data. Control and invisible characters are shown as
<span class="cp">U+202E</span>.</p>
<p class="legend">Marked words: {legend}</p>
{groups}</section>
"""


def unread(figures: Figures) -> str:
    """Records in quarantine: the reasons, and some with their first bytes."""
    if not figures["unreadable"]:
        return ""
    total = figures["funnel"]["quarantined"]
    rows = [
        [
            Cell(esc(why["reason"])),
            number(why["records"]),
            portion(why["records"], total, "quarantined"),
        ]
        for why in figures["unreadable"]
    ]
    shown = "".join(map(marks.unread, figures["unread_examples"]))
    return f"""<section><h2>What could not be read</h2>
{table("Records in quarantine, by reason", ("Reason", "Records", "Share"), rows)}
<details class="group"><summary>First bytes of {len(figures["unread_examples"])}
records</summary>{shown}</details></section>
"""


def _fates(figures: Figures) -> str:
    total = sum(figures["fates"].values())
    rows = [
        [Cell(esc(wording.name(fate))), words(wording.FATES.get(fate, "")), number(answers)]
        for fate, answers in figures["fates"].items()
    ]
    foot = [Cell("All answers"), words(""), number(total)]
    heads = ("Fate", "What it means", "Answers")
    return f"<h2>Answers by fate</h2>{table('Answers by fate', heads, rows, foot)}" if rows else ""


def _refusals(figures: Figures) -> str:
    found = figures["refusals"]
    rows = [
        [
            Cell(esc(kind)),
            number(found[f"{key}_kept"]),  # type: ignore[literal-required]
            number(found[f"{key}_removed"]),  # type: ignore[literal-required]
        ]
        for kind, key in (("Over-refusals", "over_refusals"), ("Warranted", "warranted"))
    ]
    style = "cost" if found["warranted_removed"] else "fine"
    shown = table("Refusals", ("Full and partial refusals", "Kept", "Removed"), rows)
    return f'<h2>Refusals</h2>{shown}<p class="{style}">{esc(wording.warranted(figures))}</p>'


def _labels(head: str, found: Sequence[Answers], meaning: dict[str, str], total: int) -> str:
    if not found:
        return ""
    rows = [
        [
            Cell(marks.label(row["name"])),
            words(meaning.get(row["name"], "")),
            number(row["answers"]),
            portion(row["answers"], total, "plain"),
            number(row["changed"]),
            number(row["removed"]),
        ]
        for row in found
    ]
    heads = (head, "The answer …", "Answers", "Of all answers", "Changed", "Removed")
    return table(f"Answers by {head.lower()}", heads, rows)


def _sources(title: str, head: str, unknown: str, found: Sequence[Source]) -> str:
    if not found:
        return ""
    rows = [
        [
            Cell(f"<i>{unknown}</i>" if row["name"] is None else f"<bdi>{esc(row['name'])}</bdi>"),
            number(row["answers"]),
            number(row["refuses"]),
            number(row["partly_refuses"]),
            number(row["malformed"]),
            number(row["removed"]),
            portion(row["removed"], row["answers"]),
        ]
        for row in found
    ]
    heads = (head, "Answers", "Refuse", "Partly refuse", "Malformed", "Removed", "Share removed")
    return f"<section><h2>{title}</h2>{table(f'Answers {title.lower()}', heads, rows)}</section>\n"


def _topics(found: TopicWords) -> str:
    if not found["sampled"]:
        return ""
    sampled = wording.plural(found["sampled"], "removed answer")
    return f"""<h3>Topic words</h3>
<p>Words that set {esc(sampled)} apart from as many kept ones, furthest first. Each distinct text
counts a word once.</p>
{_shift("prompts", found["prompts"])}{_shift("answers", found["answers"])}"""


def _shift(what: str, found: Shift) -> str:
    if not found["removed"] and not found["kept"]:
        return f'<p class="none">No word stands out in the {what}.</p>'
    sides = _words(what, found["removed"], "removed") + _words(what, found["kept"], "kept")
    return f'<div class="pair">{sides}</div>'


def _words(what: str, leaning: Sequence[Word], side: str) -> str:
    """One side's words, with bars as long as each stands out (`z`)."""
    whose = f"{side} answers" if what == "answers" else f"the {what} of {side} answers"
    if not leaning:
        return f'<p class="none">No word is much commoner in {whose}.</p>'
    furthest = max(abs(word["z"]) for word in leaning)
    rows = [
        [
            Cell(f"<bdi>{esc(word['word'])}</bdi>"),
            Cell(
                f'<span class="track"><span class="bar {side}" '
                f'style="width:{100 * abs(word["z"]) / furthest:.1f}%"></span></span>',
                "share",
            ),
            number(word["removed"]),
            number(word["kept"]),
        ]
        for word in leaning
    ]
    return table(f"Commoner in {whose}", ("Word", "Weight", "Removed", "Kept"), rows)


def _group(group: Examples) -> str:
    shown = "".join(map(marks.example, group["examples"]))
    title = f"{marks.label(group['what'])} {esc(wording.cause(group['detail']))}"
    some = "all" if len(group["examples"]) == group["answers"] else f"{len(group['examples'])} of"
    return f"""<details class="group {esc(group["action"])}"><summary>{title}
<span class="what">{esc(wording.group(group))}</span>
<span class="many">{some} {wording.count(group["answers"])}</span></summary>{shown}</details>
"""
