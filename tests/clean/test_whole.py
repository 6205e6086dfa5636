"""Outputs appear whole or not at all: after a kill, on a full disk, in a place that is read-only.

Where processes die or the disk fills, a real process does, told by a few lines of Python.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aligncleaner.clean import cleaning, folder, kept
from aligncleaner.clean.cleaning import Wanted
from aligncleaner.detect.cascade import Setup
from aligncleaner.errors import OutputFailed
from aligncleaner.files import sources

LOG = b"".join(
    b'{"prompt":"p%d","response":"%b"}\n' % (n, (b"Sure.", b"I must decline.")[n % 5 == 0])
    for n in range(3000)
)
CLEAN = """
import sys
from pathlib import Path
from aligncleaner.clean import cleaning, folder, job, outputs
from aligncleaner.clean.cleaning import Wanted
from aligncleaner.detect.cascade import Setup
from aligncleaner.errors import OutputFailed
from aligncleaner.files import lines

lines.BLOCK = 20_000

def clean(out="out", **wanted):
    setup = Setup((Path(sys.argv[1]),), ("rules",), "re2")
    return cleaning.clean(["log.jsonl"], out, setup=setup, wanted=Wanted(**wanted))
"""
DIE = "import os, signal\ndef die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with `log.jsonl` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.jsonl").write_bytes(LOG)
    return tmp_path


@pytest.fixture
def python(tiny_rules: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """A function that runs a program in a process of its own."""

    def run(program: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", CLEAN + program, str(tiny_rules)],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def clean(setup: Setup) -> Callable[..., Any]:
    def run(out: str = "out", **wanted: Any) -> Any:
        return cleaning.clean(
            ["log.jsonl"], out, setup=setup, wanted=Wanted(**{"report": False, **wanted})
        )

    return run


def content(of: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(of.iterdir())}


KILLED_AT = {
    "midway": "outputs.Outputs.write = die; clean(report=False)",
    "before the report": "cleaning._write_report = die; clean()",
    "before it is safe on disk": "folder._sync = die; clean(report=False)",
    "before it has its name": "folder._publish = die; clean(report=False)",
}


@pytest.mark.parametrize(
    "place",
    [
        "midway",
        pytest.param("before the report", marks=pytest.mark.faults),
        pytest.param("before it is safe on disk", marks=pytest.mark.faults),
        "before it has its name",
    ],
)
def test_a_killed_run_leaves_no_output(
    here: Path, python: Callable[..., Any], clean: Callable[..., Any], place: str
) -> None:
    assert python(DIE + KILLED_AT[place]).returncode == -signal.SIGKILL
    assert not (here / "out").exists()
    (left,) = here.glob(".out.*.partial")
    # What it left hinders nobody, nor is it taken for a log.
    assert [log.name for log in sources.find(["."], recursive=True).sources] == ["log.jsonl"]
    clean()
    assert (here / "out/manifest.json").exists() and left.exists()


def test_a_killed_run_leaves_an_earlier_output_as_it_was(
    here: Path, python: Callable[..., Any], clean: Callable[..., Any]
) -> None:
    clean()
    before = content(here / "out")
    (here / "log.jsonl").write_bytes(b"{}\n")
    program = DIE + "outputs.Outputs.write = die; clean(force=True, report=False)"
    assert python(program).returncode == -signal.SIGKILL
    assert content(here / "out") == before


@pytest.mark.faults
@pytest.mark.parametrize("milliseconds", range(300, 1500, 60))
def test_killed_at_any_moment_the_output_is_the_old_or_the_new(
    here: Path, clean: Callable[..., Any], tiny_rules: Path, milliseconds: int
) -> None:
    clean()
    old = content(here / "out")
    (here / "log.jsonl").write_bytes(LOG * 20)
    program = CLEAN + "clean(force=True, workers=2)"
    child = subprocess.Popen([sys.executable, "-c", program, str(tiny_rules)])
    time.sleep(milliseconds / 1000)
    child.kill()
    child.wait()
    found = content(here / "out")
    if found != old:
        manifest = json.loads(found["manifest.json"])
        assert set(manifest["outputs"]) | {"manifest.json"} == set(found)


def test_a_full_disk_fails_and_leaves_nothing(here: Path, python: Callable[..., Any]) -> None:
    done = python(
        """
import json, resource
said = []
for size in (0, 1, 100, 3000, 5000, 20_000, 50_000, 150_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        clean()
    except OutputFailed as error:
        said.append(str(error))
    except Exception as error:
        said.append(repr(error))
    left = sorted(path.name for path in Path().iterdir() if path.name != "log.jsonl")
    if left:
        said.append(f"{size}: {left}")
        break
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(json.dumps(said))
"""
    )
    assert done.returncode == 0, done.stderr
    *failed, last = json.loads(done.stdout)
    assert len(failed) >= 5
    for text in failed:
        assert "cannot be written (File too large)" in text
        assert "nothing was written" in text
    assert last == "150000: ['out']"
    manifest = json.loads((here / "out/manifest.json").read_bytes())
    assert manifest["counts"]["records"]["removed"] == 600
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("mkdir", errno.EROFS),
        ("mkdir", errno.EACCES),
        ("write", errno.ENOSPC),
        ("write", errno.EDQUOT),
        ("fsync", errno.EIO),
        ("rename", errno.ENOSPC),
    ],
)
def test_a_place_that_cannot_be_written_is_said_to_be(
    here: Path,
    clean: Callable[..., Any],
    code: int,
    place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clean()
    before = content(here / "out")

    def fail(*_: Any) -> Any:
        raise OSError(code, os.strerror(code))

    target = {
        "mkdir": (Path, "mkdir"),
        "write": (kept.Hashing, "write"),
        "fsync": (os, "fsync"),
        "rename": (Path, "rename"),
    }[place]
    with monkeypatch.context() as patch:
        patch.setattr(folder, "_exchanged", lambda *_: False)
        patch.setattr(*target, lambda *given, **_: fail(*given))
        with pytest.raises(OutputFailed) as caught:
            clean(force=True)
    assert os.strerror(code) in str(caught.value)
    assert content(here / "out") == before
    assert sorted(path.name for path in here.iterdir()) == ["log.jsonl", "out"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take two steps")
def test_an_earlier_output_is_replaced_in_one_step(
    here: Path, python: Callable[..., Any], clean: Callable[..., Any]
) -> None:
    clean()
    assert python(DIE + "Path.rename = die; clean(force=True)").returncode == 0
    assert "report.html" in content(here / "out")
    assert sorted(path.name for path in here.iterdir()) == ["log.jsonl", "out"]


def test_an_output_that_cannot_take_its_name_gives_it_back(
    here: Path, clean: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    clean()
    before = content(here / "out")
    rename = Path.rename
    monkeypatch.setattr(folder, "_exchanged", lambda *_: False)

    def only_away(path: Path, target: Path) -> Path:
        if path.name.endswith(".partial"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", only_away)
        with pytest.raises(OutputFailed):
            clean(force=True)
    assert content(here / "out") == before
    assert sorted(path.name for path in here.iterdir()) == ["log.jsonl", "out"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(here: Path, clean: Callable[..., Any]) -> None:
    (here / "locked").mkdir(mode=0o555)
    with pytest.raises(OutputFailed, match="Permission denied"):
        clean("locked/out")


@pytest.mark.parametrize("out", ["log.jsonl/out", "log.jsonl/deep/out", "x" * 300])
def test_an_impossible_place(here: Path, clean: Callable[..., Any], out: str) -> None:
    with pytest.raises(OutputFailed, match="cannot be written"):
        clean(out)
    assert [path.name for path in here.iterdir()] == ["log.jsonl"]


def test_missing_folders_above_are_made(here: Path, clean: Callable[..., Any]) -> None:
    clean("deep/er/out")
    assert (here / "deep/er/out/manifest.json").exists()


def test_mistakes_of_ours_are_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), folder.staged(tmp_path / "out"):
        raise FileNotFoundError(errno.ENOENT, "a file of ours")
    assert list(tmp_path.iterdir()) == []


def test_others_may_read_the_output_as_the_umask_says(
    here: Path, clean: Callable[..., Any]
) -> None:
    before = os.umask(0o022)
    try:
        clean()
    finally:
        os.umask(before)
    assert (here / "out").stat().st_mode & 0o777 == 0o755
