"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


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
