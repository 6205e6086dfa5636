"""Write the pages that are made from the code: `make docs`.

`pages` gives every such page as text; `tests/test_docs.py` holds the files against it.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from aligncleaner import schema
from aligncleaner.cli import app
from aligncleaner.detect import packs

ROOT = Path(__file__).resolve().parent.parent
NOTE = "<!-- Written by `make docs` from {}. Do not edit. -->\n\n"
ABOUT = {
    "answers": "One row is one assistant turn. No command writes this table to disk.",
    "flags": "`flags.parquet`: one row is one piece of evidence.",
    "verdicts": "`verdicts.parquet`: one row is one judged answer.",
    "ledger": "`ledger.parquet`: one row is the fate of one answer, or of a record that gave none.",
}


def pages() -> dict[str, str]:
    """Every generated file by its path from the root of the project."""
    return {
        "docs/cli.md": command_line(),
        "docs/tables.md": tables(),
        "docs/rules.md": rules(),
        "rules/schema.json": packs.json_schema(),
    }


def command_line() -> str:
    """Every command with its arguments and options."""
    command = typer.main.get_command(app)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command), name="aligncleaner")
    return NOTE.format("aligncleaner/cli") + text.strip() + "\n"


def tables() -> str:
    """Every table with its columns, types and meanings, and the words that columns may hold."""
    lines = [
        NOTE.format("aligncleaner/schema.py") + "# Tables",
        "",
        "Types are Arrow's. What is not known is null, never -1, an empty text or NaN.",
    ]
    for name, columns in schema.TABLES.items():
        lines += ["", f"## {name}", "", ABOUT[name]]
        lines += ["", "| column | type | null | meaning |", "|---|---|---|---|"]
        lines += [
            f"| `{field.name}` | `{_type(str(field.type))}` | {'yes' if field.nullable else 'no'} "
            f"| {schema.MEANINGS[field.name]} |"
            for field in columns
        ]
    lines += ["", "## Words", "", "| column | one of |", "|---|---|"]
    words = {
        "outcome": schema.OUTCOMES,
        "label": schema.LABELS,
        "kind": schema.KINDS,
        "reason": schema.REASONS,
        "fate": schema.FATES,
    }
    lines += [f"| `{name}` | {', '.join(values)} |" for name, values in words.items()]
    return "\n".join(lines) + "\n"


def _type(arrow: str) -> str:
    """Arrow's name of a type without the name of a list's only field."""
    return arrow.replace("<item: ", "<").replace("<element: ", "<")


def rules() -> str:
    """Every rule of the bundled packs: what it says, how surely, and why it is there."""
    found = packs.load()
    total = sum(len(pack.rules) for pack in found)
    lines = [
        NOTE.format("rules/*.yaml") + "# Rules",
        "",
        f"{total} rules in {len(found)} packs. Weight: the probability of the label given a hit.",
        "`aligncleaner rules show ID` prints a rule whole, with its patterns and examples.",
    ]
    for pack in found:
        about = f"{pack.about} Language `{pack.language}`, version {pack.version}."
        lines += ["", f"## {pack.pack}", "", about]
        for label, table in _by_label(pack).items():
            lines += ["", f"### {label}", "", "| rule | reason or kind | weight | why |"]
            lines += ["|---|---|---|---|", *table]
    return "\n".join(lines) + "\n"


def _by_label(pack: packs.Pack) -> dict[str, list[str]]:
    """The rows of a pack's tables, by the label of their rules in order of appearance."""
    tables_ = defaultdict(list)
    for rule in pack.rules:
        about = rule.reason or rule.kind or ""
        why = " ".join(rule.why.split()).replace("|", "\\|")
        row = f"| `{rule.id}` | {about} | {rule.weight:g} | {why} |"
        tables_[rule.label].append(row)
    return tables_


if __name__ == "__main__":
    for name, text in pages().items():
        path = ROOT / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {name}")
