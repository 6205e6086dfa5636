"""The generated pages are those that the code gives, and the written ones point at real files."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aligncleaner import schema

ROOT = Path(__file__).resolve().parent.parent
GENERATE: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "generate.py"))
PROSE = [*ROOT.glob("*.md"), *ROOT.glob("[a-z]*/*.md"), *ROOT.glob("docs/*/*.md")]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    make: Callable[[], dict[str, str]] = GENERATE["pages"]
    return make()


@pytest.mark.parametrize(
    "name", ["docs/cli.md", "docs/tables.md", "docs/rules.md", "rules/schema.json"]
)
def test_generated_pages_are_up_to_date(name: str, pages: dict[str, str]) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == pages[name], "run `make docs`"


def test_every_generated_page_is_checked(pages: dict[str, str]) -> None:
    assert sorted(pages) == ["docs/cli.md", "docs/rules.md", "docs/tables.md", "rules/schema.json"]


def test_every_column_has_a_meaning_and_every_meaning_a_column() -> None:
    columns = {name for table in schema.TABLES.values() for name in table.names}
    assert columns == set(schema.MEANINGS)


@pytest.mark.parametrize("page", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if page != "README.md" and f"({page})" not in index] == []
