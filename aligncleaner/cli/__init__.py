"""The command line. Every command is a thin coat over one public function."""

from __future__ import annotations

import os
import sys
from typing import Final

import typer

from aligncleaner.cli import cleaning, evaluate, explain, formats, rules, terminal
from aligncleaner.errors import AligncleanerError

INTERRUPTED: Final = 130

app = typer.Typer(
    name="aligncleaner",
    help="Find, judge and remove alignment responses in chat logs, and keep account of it.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(cleaning.clean)
app.command()(cleaning.detect)
app.command()(explain.explain)
app.command()(evaluate.evaluate)
app.command()(formats.formats)
app.add_typer(rules.app, name="rules")
app.command()(cleaning.demo)


def main() -> None:
    """Run the command line; errors of ours become one message and an exit code."""
    # Nothing here needs linear algebra in threads, and threads do not go well with forking.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except AligncleanerError as error:
        for fault in error.faults:
            terminal.say(f"error: {fault}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone: nothing is left to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        terminal.say("interrupted; nothing was written")
        sys.exit(INTERRUPTED)
