"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

#: The ordinary run tries the same examples every time, so that it fails for a change and not by
#: chance; `pytest --hypothesis-profile=thorough` looks for new counterexamples, and for longer.
settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile("quick")

TINY_PACK = """\
pack: tiny
language: en
version: 1
about: One rule for tests of everything but rules.
rules:
  - id: tiny.declines
    label: refuses
    any: [i must decline]
    first_person: false
    weight: 0.99
    why: Nobody else says it, so tests know what it hits.
    hit: [I must decline., So I must decline., I must decline to say.]
    miss: [You must decline., I must not., Sure.]
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-golden", action="store_true", help="write what is found to tests/golden/"
    )


@pytest.fixture(scope="session")
def tiny_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one small pack: the answer "I must decline." is a needless refusal."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "tiny.yaml").write_text(TINY_PACK, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party data beside the checkout; tests that need it skip without it."""
    folder = Path(os.environ.get("ALIGNCLEANER_SHARED", ROOT.parent / "shared"))
    if not (folder / "data" / "README.md").exists():
        pytest.skip(f"needs the third-party data in {folder.name}/ beside the checkout")
    return folder


def held_out(prompt: str) -> bool:
    """Whether a prompt belongs to the third that nobody reads or tunes on."""
    import hashlib

    return int(hashlib.sha256(prompt.encode()).hexdigest(), 16) % 3 == 0
