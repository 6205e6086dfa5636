"""Examples as HTML: what was asked, and the answer with its flagged words marked."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from aligncleaner.report.escape import attr, esc
from aligncleaner.report.examples import Example, Span, Window
from aligncleaner.report.figures import UnreadExample
from aligncleaner.report.wording import count, name
from aligncleaner.schema import LABELS

#: Where spans overlap, the words wear the style of the label that stands first here.
_RANK: Final = (
    "malformed", "refuses", "partly_refuses", "moralizing", "disclaimer", "hedge", "complies",
)  # fmt: skip

#: Answers of more characters are folded away until they are opened.
_FOLDED_FROM: Final = 700


def example(item: Example) -> str:
    """One answer with where it stands, what was asked, and the rules that its words met."""
    facts = [label(item["outcome"])]
    facts += [esc(name(reason)) for reason in item["reasons"]]
    if item["over_refusal"] is not None:
        facts.append(f"over-refusal {item['over_refusal']:.2f}")
    facts += [esc(name(item["fate"]))]
    facts += [f"<bdi>{esc(fact)}</bdi>" for fact in (item["model"], item["lang"]) if fact]
    place = f"{item['source']}:{item['line']}:{item['turn']}"
    prompt = "(none)" if item["prompt"] is None else esc(item["prompt"])
    return f"""<article class="example">
<header><code>{esc(place)}</code><ul class="facts">{_items(facts)}</ul></header>
<div class="turn prompt"><b>Prompt</b><div dir="auto">{prompt}</div></div>
<div class="turn answer"><b>Answer</b>{_answer(item)}</div>
{_rules(item["spans"])}</article>"""


def unread(item: UnreadExample) -> str:
    """One record in quarantine with its first bytes."""
    place = f"{item['source']}:{item['line']}"
    facts = [f"from byte {count(item['byte'])}", f"{count(item['length'])} bytes long"]
    return f"""<article class="example">
<header><code>{esc(place)}</code><ul class="facts">{_items(facts)}</ul></header>
<p>{esc(item["reason"])}</p>
<div class="turn raw"><b>Bytes</b><div dir="ltr">{esc(item["start"])}</div></div>
</article>"""


def label(word: str) -> str:
    """A label as a chip in its colour and line."""
    return f'<span class="label {_style(word)}">{esc(name(word))}</span>'


def marked(window: Window, spans: Iterable[Span]) -> str:
    """A window's text, escaped, with one `<mark>` around each run of the same spans."""
    start, text = window["start"], window["text"]
    end = start + len(text)
    inside = [span for span in spans if span["start"] < end and span["end"] > start]
    edges = {start, end, *(e for s in inside for e in (s["start"], s["end"]) if start < e < end)}
    pieces = []
    for left, right in pairwise(sorted(edges)):
        covering = [s for s in inside if s["start"] <= left and s["end"] >= right]
        piece = esc(text[left - start : right - start])
        if covering:
            top = min(covering, key=lambda span: _rank(span["label"]))
            rules = "; ".join(f"{name(s['label'])} · {s['rule']}" for s in covering)
            piece = f'<mark class="{_style(top["label"])}" title="{attr(rules)}">{piece}</mark>'
        pieces.append(piece)
    return "".join(pieces)


def _answer(item: Example) -> str:
    gap = '<span class="gap">…</span>'
    shown = gap.join(marked(window, item["spans"]) for window in item["windows"])
    last = item["windows"][-1]
    if last["start"] + len(last["text"]) < item["length"]:
        shown += gap
    if not item["length"]:
        shown = '<i class="none">empty</i>'
    text = f'<div dir="auto">{shown}</div>'
    if item["length"] < _FOLDED_FROM:
        return text
    summary = f"<summary>{count(item['length'])} characters</summary>"
    return f'<details class="fold">{summary}{text}</details>'


def _rules(spans: Iterable[Span]) -> str:
    found = dict.fromkeys((span["label"], span["rule"]) for span in spans)
    if not found:
        return ""
    items = [f"{label(word)} <code>{esc(rule)}</code>" for word, rule in found]
    return f'<ul class="facts rules">{_items(items)}</ul>'


def _items(parts: Iterable[str]) -> str:
    return "".join(f"<li>{part}</li>" for part in parts)


def _style(word: str) -> str:
    """The style sheet's class of a label; labels of the log's making have none."""
    return f"l-{word}" if word in LABELS else "l-other"


def _rank(word: str) -> int:
    return _RANK.index(word) if word in _RANK else len(_RANK)
