from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner import config
from aligncleaner.errors import PackInvalid, UsageError

#: Control characters and line separators may not stand in YAML as they are.
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), WORDS)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner),
    max_leaves=20,
)


@given(DOCUMENTS)
def test_reads_json(data: object) -> None:
    document = config.parse(json.dumps(data, ensure_ascii=False), "doc")
    assert document.faults == []
    assert document.data == data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("1:30", "1:30"),
        ("'true'", "true"),
        ("true", True),
        ("~", None),
        ("", None),
        ("-12", -12),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        (".", "."),
        ("-", "-"),
        (".inf", ".inf"),
        (".nan", ".nan"),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: object) -> None:
    data = config.parse(f"key: {text}" if text != "-" else "key: '-'", "doc").data
    assert data == {"key": value}
    assert type(data["key"]) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: 2\na: 3", 3, "'a' twice"),
        ("a: &x 1", 1, "anchor"),
        ("a: &x 1\nb: *x", 2, "alias"),
        ("a: !!python/object:os.system 1", 1, "tag"),
        ("a: !custom {b: 1}", 1, "tag"),
        ("a: 1\n2: 3", 2, "key that is not text"),
        ("? [a, b]\n: 1", 1, "key that is not text"),
        ("<<: {a: 1}\n<<: {b: 2}", 2, "twice"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("a: [1", 1, "expected"),
        ("a: b: c", 1, "mapping"),
        ("a: \x00", 1, "character"),
    ],
)
def test_refuses(text: str, line: int, word: str) -> None:
    faults = config.parse(text, "doc").faults
    assert any(word in fault.got for fault in faults), faults
    if word != "expected":
        assert f"doc:{line}" in {fault.where for fault in faults}


def test_tells_every_fault_at_once() -> None:
    faults = config.parse("a: &x 1\nb: !t 2\na: 3\n4: 5", "doc").faults
    assert [fault.where for fault in faults] == ["doc:1", "doc:2", "doc:3", "doc:4"]


def test_tells_lines() -> None:
    document = config.parse("rules:\n  - id: one\n    any:\n      - a\n      - b\n", "doc")
    assert document.lines["rules", 0, "any", 1] == 5
    assert document.lines["rules", 0, "id"] == 2


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000])
def test_bounds_depth(text: str) -> None:
    assert "deep" in config.parse(text, "doc").faults[0].got


def test_bounds_aliases() -> None:
    bomb = "a: &a [x]\n" + "\n".join(f"b{i}: &b{i} [*a, *a, *a]" for i in range(50))
    assert config.parse(bomb, "doc").faults


def test_bounds_the_number_of_values() -> None:
    assert config.parse("[" + "1," * 300_000 + "]", "doc").data is None


def test_load_yaml_raises_all_faults_as_the_error_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("a: &x 1\na: 2\n", encoding="utf-8")
    with pytest.raises(PackInvalid, match="anchor") as caught:
        config.load_yaml(path, PackInvalid)
    assert len(caught.value.faults) == 2
    with pytest.raises(UsageError, match="no such file"):
        config.load_yaml(tmp_path / "missing.yaml")


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"a: \xff", "UTF-8"), (b"a: " + b"x" * config.MAX_BYTES, "bytes")],
)
def test_load_yaml_refuses_content(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=word):
        config.load_yaml(path)


def test_load_yaml_reads(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: [1, {b: c}]\n")
    assert config.load_yaml(path) == {"a": [1, {"b": "c"}]}
