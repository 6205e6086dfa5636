"""What the shared options mean to the library."""

from __future__ import annotations

from pathlib import Path

import pytest

from aligncleaner.cli import options
from aligncleaner.errors import UsageError
from aligncleaner.files.blocks import Limits
from aligncleaner.formats import ReadOptions


def test_pairs() -> None:
    assert options.pairs("--map", None) == {}
    assert options.pairs("--map", "") == {}
    assert options.pairs("--map", "a=b, c = d=e") == {"a": "b", "c": "d=e"}


@pytest.mark.parametrize("text", ["a", "a=", "=b", "a=b,", ",", " = "])
def test_what_is_no_pair(text: str) -> None:
    with pytest.raises(UsageError, match=r"--map: .*name=value pairs"):
        options.pairs("--map", text)


def test_reading() -> None:
    assert options.reading("auto", None, None) == ReadOptions("auto", {}, {})
    read = options.reading("pairs", "prompt=a,model=m", "Critic=user")
    assert read == ReadOptions("pairs", {"prompt": "a", "model": "m"}, {"critic": "user"})


def test_every_fault_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        options.reading("auto", "x=a,y=b", "critic=judge")
    assert len(caught.value.faults) == 3


def test_setup() -> None:
    setup = options.setup([Path("a"), Path("b")], " rules, malformed ,", "re2")
    assert setup == ((Path("a"), Path("b")), ("rules", "malformed"), "re2")
    assert options.setup(None, "rules", "auto").folders is None


def test_limits() -> None:
    assert options.limits(64, 64, 200) == Limits()
    with pytest.raises(UsageError) as caught:
        options.limits(0, -1, float("nan"))
    assert len(caught.value.faults) == 3
