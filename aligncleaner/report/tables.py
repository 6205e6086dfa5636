"""Tables of counts as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from aligncleaner.report.escape import esc
from aligncleaner.report.wording import count, share

#: Rows shown before the rest is folded away.
SHOWN: Final = 10


class Cell(NamedTuple):
    """A cell's inner HTML, its class (`num`, `words`, `share`, or none)."""

    inner: str
    style: str = ""


def number(value: int) -> Cell:
    """A count; nought is greyed, so that the eye finds what is there."""
    return Cell(count(value), "num" if value else "num nought")


def words(text: str) -> Cell:
    """Plain words, as they explain the cell before."""
    return Cell(esc(text), "words")


def portion(part: int, whole: int, kind: str = "removed", longest: int | None = None) -> Cell:
    """`part` of `whole` in percent, beside a bar in the colour of a `kind`.

    The bar is full at `longest`, or at the whole if that is null.
    """
    width = 100 * part / (longest or whole) if whole else 0.0
    bar = f'<span class="track"><span class="bar {kind}" style="width:{width:.2f}%"></span></span>'
    return Cell(
        f'<span class="portion">{bar}<span>{esc(share(part, whole))}</span></span>', "share"
    )


def table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    total: Sequence[Cell] | None = None,
) -> str:
    """A table whose first column names its rows; those beyond `SHOWN` are in a folded second."""
    first = _table(caption, heads, rows[:SHOWN], total if len(rows) <= SHOWN else None)
    if len(rows) <= SHOWN:
        return first
    rest = _table(f"{caption} (continued)", heads, rows[SHOWN:], total)
    return (
        f'{first}<details class="more"><summary>{count(len(rows) - SHOWN)} more</summary>'
        f"{rest}</details>"
    )


def _table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    total: Sequence[Cell] | None,
) -> str:
    styles = [cell.style.split()[0] if cell.style else "" for cell in rows[0]] if rows else []
    head = "".join(
        f'<th scope="col"{_class(style)}>{esc(text)}</th>'
        for text, style in zip(heads, styles or [""] * len(heads), strict=True)
    )
    foot = f"<tfoot>{_row(total)}</tfoot>" if total else ""
    body = "".join(map(_row, rows))
    return f"""<div class="scroll"><table><caption>{esc(caption)}</caption>
<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table></div>"""


def _row(cells: Sequence[Cell]) -> str:
    name, *others = cells
    columns = "".join(f"<td{_class(cell.style)}>{cell.inner}</td>" for cell in others)
    return f'<tr><th scope="row"{_class(name.style)}>{name.inner}</th>{columns}</tr>'


def _class(style: str) -> str:
    return f' class="{style}"' if style else ""
