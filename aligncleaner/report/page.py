"""The report as one HTML page: no script, no network, legible on paper and in the dark.

All words of the log go through `escape.esc` or `escape.attr`; the content security policy forbids
whatever might slip by (no script, no image, no form, no frame).
"""

from __future__ import annotations

from importlib import resources
from typing import Final

from aligncleaner.report import charts, sections, wording
from aligncleaner.report.escape import esc
from aligncleaner.report.figures import Figures

_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)

_LOGO: Final = """<svg class="logo" viewBox="0 0 28 28" aria-hidden="true">
<rect width="28" height="28" rx="7"/><path d="M7 9h14M7 14h5M7 19h14"/>
<path class="struck" d="M15 14h6"/></svg>"""


def render(figures: Figures) -> str:
    """The whole page. `figures` may come from `build.figures` or be read back from JSON."""
    style = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    parts = [
        _lead(figures),
        sections.removed(figures),
        sections.answers(figures),
        sections.reasons(figures),
        sections.sources(figures),
        sections.shift(figures),
        sections.rules(figures),
        sections.examples(figures),
        sections.unread(figures),
    ]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Cleaning report · aligncleaner</title>
<style>
{style}</style>
</head>
<body>
{charts.PATTERNS}
<header class="top">
<p class="brand">{_LOGO}aligncleaner</p>
<p class="inputs"><bdi>{esc(figures["about"].get("inputs", ""))}</bdi></p>
</header>
<main>
{"".join(parts)}
</main>
{_foot(figures)}
</body>
</html>
"""


def _lead(figures: Figures) -> str:
    answerless = figures["answerless"]
    note = f" {wording.plural(answerless, 'record')} without an answer stayed as found."
    drawings = ""
    if figures["funnel"]["in"]:
        drawings = "".join(charts.funnel(figures, width) for width in (charts.WIDE, charts.NARROW))
    return f"""<section class="lead">
<h1>Cleaning report</h1>
<p class="summary">{esc(wording.funnel(figures))}</p>
<p class="held">{esc(wording.answers(figures))}{esc(note) if answerless else ""}</p>
{drawings}
</section>
"""


def _foot(figures: Figures) -> str:
    facts = "".join(
        f"<dt>{esc(name)}</dt><dd><bdi>{esc(fact)}</bdi></dd>"
        for name, fact in figures["about"].items()
    )
    return f"""<footer>
<p class="notice"><b>Mind personal data.</b> This page quotes text that was removed or could not be
read, and that text may hold personal data. Keep the page as carefully as the log.</p>
<dl>{facts}</dl>
<p>The same figures are in <code>report.json</code>; removed records, whole, in
<code>removed.jsonl</code>; what became of each answer in <code>ledger.parquet</code>. To see every
rule behind a verdict, run <code>aligncleaner explain</code> with the place that stands
above an example.</p>
</footer>"""
