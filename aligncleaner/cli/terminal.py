"""Messages for the person at the terminal: on standard error, and inert.

File names, roles and words of a log reach the screen in messages. Whatever a terminal would obey
(escape sequences, direction overrides, carriage returns) is shown, not sent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

_SHOWN: Final = {
    **{code: chr(0x2400 + code) for code in range(32) if code not in (9, 10)},
    0x7F: "␡",
    **{
        code: f"\\u{code:04x}"
        for span in ((0x80, 0xA0), (0x200B, 0x2010), (0x2028, 0x202F), (0x2060, 0x2070))
        for code in range(*span)
    },
    0xFEFF: "\\ufeff",
    0x061C: "\\u061c",
}  # fmt: skip


def visible(text: str) -> str:
    """`text` with control, direction and invisible characters replaced by pictures of them."""
    return text.translate(_SHOWN).encode("utf-8", "backslashreplace").decode()


def say(text: str) -> None:
    """One message on standard error."""
    print(visible(text), file=sys.stderr)


def table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[object]], stderr: bool = False
) -> None:
    """A table, numbers to the right; on standard output unless it is only a message."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title or None, box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for place, head in enumerate(heads):
        number = bool(rows) and all(isinstance(row[place], int | float) for row in rows)
        drawn.add_column(head, justify="right" if number else "left")
    for row in rows:
        drawn.add_row(*(Text(visible(_cell(value))) for value in row))
    Console(stderr=stderr, highlight=False, soft_wrap=False).print(drawn)


def _cell(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else str(value)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A function (done, total) in bytes that draws a bar on a terminal, and nothing elsewhere.

    It draws in the calling thread: threads of its own would be copied into worker processes.
    """
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    bar: Any = Progress(
        label, BarColumn(), DownloadColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), auto_refresh=False, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(label, total=None)

        def update(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None, refresh=True)

        yield update
