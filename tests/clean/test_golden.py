"""What the bundled rules make of the bundled sample, answer by answer.

A change of rules or judge changes these figures. Look at what changed, and if it is meant, write
them anew: `pytest tests/clean/test_golden.py --refresh-golden`.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from aligncleaner.clean.cleaning import Wanted, clean

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "sample.json"
DROPPED = ("turn_dropped", "conversation_dropped")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Records by what became of them, answers by fate and file, and every dropped answer."""
    out = tmp_path_factory.mktemp("golden") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT / "aligncleaner" / "sample" / "logs")
        done = clean(["."], out, wanted=Wanted(report=False, recursive=True, workers=1))
    fates: dict[str, Counter[str]] = {}
    dropped = []
    for row in pq.read_table(out / "ledger.parquet").to_pylist():
        fates.setdefault(row["source"], Counter())[row["fate"]] += 1
        if row["fate"] in DROPPED:
            dropped.append(f"{row['source']}:{row['line']}:{row['turn']}")
    return {
        "records": dict(done.result.counts.records),
        "fates": {source: dict(sorted(counts.items())) for source, counts in fates.items()},
        "dropped": dropped,
    }


def test_the_sample_is_cleaned_as_before(
    found: dict[str, Any], pytestconfig: pytest.Config
) -> None:
    if pytestconfig.getoption("--refresh-golden"):
        GOLDEN.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        pytest.skip(f"written to {GOLDEN.relative_to(ROOT)}")
    golden = json.loads(GOLDEN.read_bytes())
    gone, was_gone = set(found["dropped"]), set(golden["dropped"])
    assert (sorted(gone - was_gone), sorted(was_gone - gone)) == ([], []), "newly gone, newly kept"
    assert found == golden


def test_every_record_and_every_fate_occurs(found: dict[str, Any]) -> None:
    records = found["records"]
    assert (sum(records.values()), records["quarantined"]) == (302, 2)
    fates = {fate for counts in found["fates"].values() for fate in counts}
    assert fates == {"kept", *DROPPED, "no_answer", "quarantined"}
