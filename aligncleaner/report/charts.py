"""The two drawings of the page, as inline SVG with text alternatives.

Each is drawn for a width, so that its letters stay legible on a telephone: the page holds a
wide and a narrow drawing and shows one. Colours and hatching come from the page's style sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aligncleaner.report.escape import attr, esc
from aligncleaner.report.figures import Figures, Lengths
from aligncleaner.report.lengths import lower_edge, shares
from aligncleaner.report.wording import count, share
from aligncleaner.report.wording import funnel as funnel_words
from aligncleaner.report.wording import lengths as length_words

#: Fills that tell the ends of the funnel apart without colour; referenced by both drawings.
PATTERNS: Final = """<svg class="defs" aria-hidden="true" width="0" height="0"><defs>
<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse"
 patternTransform="rotate(45)">
<path d="M0 0V7" class="ink-removed"/></pattern>
<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
<circle cx="2" cy="2" r="1.3" class="dot-quarantined"/></pattern>
<pattern id="bars" width="7" height="7" patternUnits="userSpaceOnUse">
<path d="M0 3.5H7" class="ink-repaired"/></pattern>
</defs></svg>"""

_ENDS: Final = (
    ("kept", "kept, byte for byte", None),
    ("repaired", "repaired", "bars"),
    ("removed", "removed", "hatch"),
    ("quarantined", "could not be read", "dots"),
)


@dataclass(frozen=True)
class Width:
    """Measures of a drawing in pixels: the whole, and the space for letters right of it.

    `top` is the space above the funnel for the letters of its source, which stand left of it
    where that is null.
    """

    total: int
    right: int
    top: int | None


WIDE: Final = Width(total=1056, right=196, top=None)
NARROW: Final = Width(total=360, right=144, top=52)

_NODE: Final = 10
_FLOW: Final = 190  # thickness of all records together
_SLOT: Final = 46  # least room for the letters of an end
_GAP: Final = 12
_DIGIT: Final = 13  # a digit of a large number
_RECORDS_IN: Final = 72  # the words "records in"

_MARGIN: Final = 24  # at both sides of the lengths
_RISE: Final = 150  # of the highest share
_BASE: Final = 164
_TICKS: Final = (0, 10, 100, 1_000, 10_000, 100_000, 1_000_000)


def funnel(figures: Figures, width: Width) -> str:
    """Records flowing from `in` to their four ends, each as thick as they are many."""
    records = figures["funnel"]
    numbers = (records["kept"], records["repaired"], records["removed"], records["quarantined"])
    thick = [max(2.5, _FLOW * number / records["in"]) if number else 0.0 for number in numbers]
    slots = [max(_SLOT, thickness) for thickness in thick]
    digits = _DIGIT * len(count(records["in"]))
    left = _NODE + (0 if width.top else max(digits, _RECORDS_IN) + 14)
    right = width.total - max(width.right, digits + _NODE + 74)
    top = source = float(width.top or 0)
    height = top + sum(slots) + _GAP * (len(slots) - 1)
    shapes = [
        _letters(0, 20 if width.top else sum(thick) / 2, count(records["in"]), "", "records in"),
        _node("in", left - _NODE, source, sum(thick)),
    ]
    for (end, words, pattern), number, thickness, slot in zip(
        _ENDS, numbers, thick, slots, strict=True
    ):
        if thickness:
            target = top + (slot - thickness) / 2
            ribbon = _ribbon(left, source, right, target, thickness)
            shapes.append(f'<path class="flow {end}" d="{ribbon}"/>')
            if pattern:
                shapes.append(f'<path fill="url(#{pattern})" d="{ribbon}"/>')
            shapes.append(_node(end, right, target, thickness))
        percent = share(number, records["in"])
        x = right + _NODE + 12
        shapes.append(_letters(x, top + slot / 2, count(number), percent, words))
        source += thickness
        top += slot + _GAP
    return _svg("funnel", width, height, funnel_words(figures), shapes)


def lengths(figures: Lengths, width: Width) -> str:
    """How long removed and kept answers are, as shares of their own pile, on a log scale."""
    kept, removed = shares(figures["kept"]), shares(figures["removed"])
    first = min(i for i, pair in enumerate(zip(kept, removed, strict=True)) if any(pair))
    last = max(i for i, pair in enumerate(zip(kept, removed, strict=True)) if any(pair))
    step = (width.total - 2 * _MARGIN) / (last - first + 1)
    highest = max(*kept, *removed)
    outlines = {
        pile: "".join(
            f"V{_BASE - _RISE * value / highest:.1f}h{step:.2f}"
            for value in heights[first : last + 1]
        )
        for pile, heights in (("kept", kept), ("removed", removed))
    }
    areas = {p: f"M{_MARGIN} {_BASE}{outline}V{_BASE}Z" for p, outline in outlines.items()}
    shapes = [
        f'<path class="area kept" d="{areas["kept"]}"/>',
        f'<path class="area removed" d="{areas["removed"]}"/>',
        f'<path fill="url(#hatch)" d="{areas["removed"]}"/>',
        f'<path class="axis" d="M{_MARGIN} {_BASE}H{width.total - _MARGIN}"/>',
    ]
    for index in range(first, last + 2):
        if (edge := lower_edge(index)) in _TICKS:
            x = _MARGIN + step * (index - first)
            shapes.append(
                f'<path class="axis" d="M{x:.1f} {_BASE}v5"/>'
                f'<text class="note" x="{x:.1f}" y="{_BASE + 21}" text-anchor="middle">'
                f"{count(edge)}</text>"
            )
    words = f"Lengths in characters: {length_words(figures)}"
    return _svg("lengths", width, _BASE + 28, words, shapes)


def _ribbon(x: float, y: float, end_x: float, end_y: float, thickness: float) -> str:
    middle = (x + end_x) / 2
    return (
        f"M{x} {y:.1f}C{middle} {y:.1f} {middle} {end_y:.1f} {end_x} {end_y:.1f}v{thickness:.1f}"
        f"C{middle} {end_y + thickness:.1f} {middle} {y + thickness:.1f} {x} {y + thickness:.1f}Z"
    )


def _node(end: str, x: float, y: float, thickness: float) -> str:
    return (
        f'<rect class="node {end}" x="{x}" y="{y:.1f}" width="{_NODE}" height="{thickness:.1f}" '
        f'rx="{min(2, thickness / 2):.1f}"/>'
    )


def _letters(x: float, y: float, number: str, percent: str, words: str) -> str:
    """A number with its share, and words below."""
    return (
        f'<text class="number" x="{x}" y="{y:.1f}">{esc(number)}'
        f'<tspan class="percent" dx="8">{esc(percent)}</tspan></text>'
        f'<text class="note" x="{x}" y="{y + 19:.1f}">{esc(words)}</text>'
    )


def _svg(kind: str, width: Width, height: float, words: str, shapes: Sequence[str]) -> str:
    size = "wide" if width is WIDE else "narrow"
    return (
        f'<svg class="{kind} {size}" viewBox="0 0 {width.total} {height:.0f}" role="img" '
        f'aria-label="{attr(words)}">{"".join(shapes)}</svg>'
    )
