"""`aligncleaner formats`."""

from __future__ import annotations

from aligncleaner.cli import options, terminal


def formats(json: options.Json = False) -> None:
    """The chat formats that are read, and what a record of each looks like."""
    from aligncleaner.formats import FORMATS

    if json:
        import sys

        import orjson

        listed = [
            {"name": name, "about": module.ABOUT, "example": module.EXAMPLE}
            for name, module in FORMATS.items()
        ]
        sys.stdout.write(orjson.dumps(listed, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    for name, module in FORMATS.items():
        print(f"{name}\n  {module.ABOUT}\n  {terminal.visible(module.EXAMPLE)}\n")
    print(
        "Each as JSON lines, a JSON array, CSV or Parquet, plain or packed with gzip or zstd.\n"
        "Containers and formats are told by content; --format forces one."
    )
