"""Kept records leave as they came, and every record and answer is accounted for.

Logs are drawn from records whose end is known beforehand: "I must decline." is all that goes.
"""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from aligncleaner import formats
from aligncleaner.detect.answers import answer_id
from aligncleaner.formats import ReadOptions

NO = "I must decline."
YES = ("Sure.", "", "Yes: \u2028 \ud7ff 🙂", '"quoted", and\nbroken', "Of course, here it is.")


class Case(NamedTuple):
    """A record as text, what is left of it (null: nothing), and its rows of the ledger.

    `fates` are (turn, fate); a record without an answer has the turn null.
    """

    text: str
    left: str | None
    fates: Sequence[tuple[int | None, str]]


def kept(text: str, *turns: int | None) -> Case:
    return Case(text, text, [(turn, "kept" if turn is not None else "no_answer") for turn in turns])


def conversation(key: str, turns: Sequence[dict[str, Any]], more: str) -> str:
    """A record whose list is written with more care for space than `json.dumps` takes."""
    items = " ,  ".join(json.dumps(turn, ensure_ascii=False) for turn in turns)
    return f'{{ {more}"{key}" :[  {items} ], "n":{"9" * 30}, "x":1.50}}'


MESSAGES = ("messages", "role", "content", "user", "assistant")
SHAREGPT = ("conversations", "from", "value", "human", "gpt")


@st.composite
def conversations(draw: st.DrawFn, *layouts: tuple[str, str, str, str, str]) -> Case:
    """Up to three exchanges in one of the layouts, some declined."""
    key, role, text, user, assistant = draw(st.sampled_from(layouts))
    turns: list[dict[str, Any]] = [{role: "system", text: "s"}] * draw(st.integers(0, 1))
    left = list(turns)
    fates: list[tuple[int | None, str]] = []
    answers = st.sampled_from((NO, *YES))
    kinds = st.sampled_from(["plain", "with a tool", "in two parts"])
    exchanges = draw(st.lists(st.tuples(answers, kinds), max_size=3))
    for number, (answer, kind) in enumerate(exchanges):
        fate = "turn_dropped" if answer == NO else "kept"
        exchange: list[dict[str, Any]] = [{role: user, text: f"q{number}"}]
        if kind == "with a tool":
            exchange += [{role: assistant, text: None}, {role: "tool", text: "r"}]
        elif kind == "in two parts":
            # The first part is sound, but goes where the second does.
            exchange.append({role: assistant, text: "First."})
            fates.append((len(turns) + 1, fate))
        exchange.append({role: assistant, text: answer})
        turns += exchange
        fates.append((len(turns) - 1, fate))
        left += exchange if answer != NO else []
    more = draw(st.sampled_from(["", '"id": "é", ']))
    if not exchanges:
        turns.append({role: user, text: "q"})
        return kept(conversation(key, turns, more), None)
    if all(fate == "turn_dropped" for _, fate in fates):
        gone = [(turn, "conversation_dropped") for turn, _ in fates]
        return Case(conversation(key, turns, more), None, gone)
    return Case(conversation(key, turns, more), conversation(key, left, more), fates)


@st.composite
def pairs(draw: st.DrawFn) -> Case:
    """Alpaca or prompt and response: too little to lose a turn of, so they go whole."""
    ask, say = draw(st.sampled_from([("instruction", "output"), ("prompt", "response")]))
    answer = draw(st.sampled_from((NO, *YES)))
    text = json.dumps({ask: "q", say: answer}, ensure_ascii=draw(st.booleans()))
    return Case(text, None, [(1, "conversation_dropped")]) if answer == NO else kept(text, 1)


def unreadable(text: str) -> Case:
    return Case(text, None, [(None, "quarantined")])


BAD = st.sampled_from(["nope", "12", '{"foo": 1}', '{"messages": "x"}', '"a"', "{}"])
CASES = st.lists(
    st.one_of(conversations(MESSAGES, SHAREGPT), pairs(), BAD.map(unreadable)), max_size=7
)
PIECES = st.sampled_from([1, 60, 300, 100_000])


def assert_account(output: Any, cases: Sequence[Case]) -> None:
    """Ledger, verdicts, funnel, removed and quarantine tell the same story as the cases."""
    numbered = list(enumerate(cases, start=1))
    fates = [(line, turn, fate) for line, case in numbered for turn, fate in case.fates]
    ledger = output.table("ledger")
    assert [(row["line"], row["turn"], row["fate"]) for row in ledger] == fates
    assert {row["source"] for row in ledger} <= {output.cleaning.result.read[0].name}
    for row in ledger:
        dropped = row["fate"] in ("turn_dropped", "conversation_dropped")
        assert (row["decided_by"] == "tiny.declines") == dropped
        assert (row["words"] is not None) == (dropped or row["fate"] == "quarantined")

    answers = [(line, turn) for line, turn, _ in fates if turn is not None]
    verdicts = output.table("verdicts")
    assert [(row["line"], row["turn"]) for row in verdicts] == answers
    assert [row["answer_id"] for row in verdicts] == expected_ids(cases)
    assert [row["answer_id"] for row in ledger if row["turn"] is not None] == expected_ids(cases)
    assert all(row["answer_id"] is None for row in ledger if row["turn"] is None)
    assert len({row["answer_id"] for row in verdicts}) == len(verdicts)
    ids = {(row["line"], row["turn"]): row["answer_id"] for row in verdicts}
    goes_with = [row["words"] for row in ledger if row["turn"] is not None and row["words"] != NO]
    assert all(words is None or words.startswith("goes with turn ") for words in goes_with)
    for flag in output.table("flags"):
        assert ids[flag["line"], flag["turn"]] == flag["answer_id"]
        assert flag["quote"] == NO

    gone = [(line, case) for line, case in numbered if case.left is None]
    removed = [(n, c) for n, c in gone if c.fates[0][1] == "conversation_dropped"]
    broken = [(n, c) for n, c in gone if c.fates[0][1] == "quarantined"]
    assert [row["line"] for row in output.jsonl("removed")] == [line for line, _ in removed]
    quarantine = output.jsonl("quarantine")
    assert [row["line"] for row in quarantine] == [line for line, _ in broken]
    repaired = sum(case.left not in (None, case.text) for case in cases)
    funnel = Counter(output.funnel)
    assert funnel == Counter(
        kept=len(cases) - len(gone) - repaired,
        repaired=repaired,
        removed=len(removed),
        quarantined=len(broken),
    )


def expected_ids(cases: Sequence[Case]) -> list[str]:
    """The ids by the plain definition, the second of the same with `-2` behind it."""
    seen: Counter[str] = Counter()
    found = []
    for case in cases:
        if case.fates[0][1] == "quarantined":
            continue
        record = json.loads(case.text)
        module = formats.reader(record, formats.wanted(ReadOptions()))
        turns = module.read(record, ReadOptions()).turns
        for turn, _ in case.fates:
            if turn is not None:
                name = answer_id(turns[: turn + 1])
                seen[name] += 1
                found.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return found


def packed(data: bytes, ending: str) -> bytes:
    if ending == ".gz":
        return gzip.compress(data, mtime=0)
    return bytes(pa.Codec("zstd").compress(data, asbytes=True)) if ending == ".zst" else data


def unpacked(data: bytes, ending: str) -> bytes:
    if ending == ".gz":
        return gzip.decompress(data)
    if ending == ".zst":
        return bytes(pa.CompressedInputStream(pa.BufferReader(data), "zstd").read())
    return data


ENDINGS = st.sampled_from(["", "", ".gz", ".zst"])


@given(
    ending=ENDINGS,
    cases=CASES,
    line_end=st.sampled_from(["\n", "\r\n", "\n \n"]),
    final=st.booleans(),
    bom=st.booleans(),
    pieces=PIECES,
)
def test_lines(
    cleaned: Callable[..., Any],
    ending: str,
    cases: list[Case],
    line_end: str,
    final: bool,
    bom: bool,
    pieces: int,
) -> None:
    ends = [line_end] * len(cases)
    if ends and not final:
        ends[-1] = ""
    begin = "\ufeff" if bom else ""
    data = (
        begin + "".join(case.text + end for case, end in zip(cases, ends, strict=True))
    ).encode()
    # The blank line that some line ends bring along belongs to no record and stays.
    blank = line_end.partition("\n")[2]
    left = begin
    for case, end in zip(cases, ends, strict=True):
        left += case.left + end if case.left is not None else blank if end else ""
    name = f"log.jsonl{ending}"
    output = cleaned({name: packed(data, ending)}, pieces=pieces)

    assert unpacked(output.files[f"kept.jsonl{ending}"], ending) == left.encode()
    assert_account(output, cases)
    assert [base64.b64decode(row["raw"]).strip() for row in output.jsonl("quarantine")] == [
        case.text.encode() for case in cases if case.fates[0][1] == "quarantined"
    ]
    assert [row["record"] for row in output.jsonl("removed")] == [
        json.loads(case.text)
        for case in cases
        if case.left is None and case.fates[0][1] != "quarantined"
    ]
    for row in output.jsonl("quarantine"):
        raw = base64.b64decode(row["raw"])
        assert data[row["offset"] :].startswith(raw) and row["length"] == len(raw)


@given(
    ending=ENDINGS,
    cases=CASES,
    opening=st.sampled_from(["", " ", "\n  "]),
    comma=st.sampled_from([",", " ,\n  ", ",\r\n"]),
    closing=st.sampled_from(["", "\n"]),
    around=st.sampled_from(
        [("", "\n"), ("\ufeff", ""), ('{"v": 1, "data": ', ', "more": [{}]}\n')]
    ),
    pieces=PIECES,
)
def test_arrays(
    cleaned: Callable[..., Any],
    ending: str,
    cases: list[Case],
    opening: str,
    comma: str,
    closing: str,
    around: tuple[str, str],
    pieces: int,
) -> None:
    if around[0].startswith("{") and (not cases or cases[0].left is None):
        around = ("", "")  # without a sound first record nobody knows the list in an object
    before, after = around

    def array(texts: list[str]) -> bytes:
        inside = opening + comma.join(texts) if texts else ""
        return f"{before}[{inside}{closing}]{after}".encode()

    data = array([case.text for case in cases])
    output = cleaned({f"log.json{ending}": packed(data, ending)}, pieces=pieces)

    left = [case.left for case in cases if case.left is not None]
    assert unpacked(output.files[f"kept.json{ending}"], ending) == array(left)
    assert_account(output, cases)


CELLS = st.sampled_from((NO, *YES, "a;b", "x\r\ny"))


@given(
    ending=ENDINGS,
    rows=st.lists(st.tuples(CELLS, CELLS) | st.tuples(CELLS), max_size=6),
    line_end=st.sampled_from(["\n", "\r\n"]),
    final=st.booleans(),
    pieces=PIECES,
)
def test_tables(
    cleaned: Callable[..., Any],
    ending: str,
    rows: list[tuple[str, ...]],
    line_end: str,
    final: bool,
    pieces: int,
) -> None:
    def written(cells: tuple[str, ...]) -> str:
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerow(cells)
        return out.getvalue()

    cases = []
    texts = [written(row) for row in rows]
    if texts and not final:
        texts[-1] = texts[-1].removesuffix(line_end)
    for row in rows:
        record = json.dumps(dict(zip(("prompt", "response"), row, strict=False)))
        if len(row) == 1:
            cases.append(unreadable(record))
        elif row[1] == NO:
            cases.append(Case(record, None, [(1, "conversation_dropped")]))
        else:
            cases.append(kept(record, 1))
    header = written(("prompt", "response"))
    data = (header + "".join(texts)).encode()
    output = cleaned({f"log.csv{ending}": packed(data, ending)}, pieces=pieces)

    left = [text for text, case in zip(texts, cases, strict=True) if case.left is not None]
    assert unpacked(output.files[f"kept.csv{ending}"], ending) == (header + "".join(left)).encode()
    assert_account(output, cases)


@given(cases=st.lists(conversations(MESSAGES), min_size=1, max_size=6), pieces=PIECES)
def test_parquet(cleaned: Callable[..., Any], cases: list[Case], pieces: int) -> None:
    turn = pa.struct([("role", pa.string()), ("content", pa.string())])
    layout = pa.schema([("messages", pa.list_(turn)), ("at", pa.timestamp("ns"))])

    def turns(texts: list[str]) -> list[Any]:
        return [json.loads(text)["messages"] for text in texts]

    messages = pa.array(turns([case.text for case in cases]), layout.field("messages").type)
    times = pa.array(range(1, len(cases) + 1), pa.timestamp("ns"))
    source = io.BytesIO()
    pq.write_table(pa.table([messages, times], schema=layout), source)
    before = pq.read_table(io.BytesIO(source.getvalue()))
    output = cleaned({"log.parquet": source.getvalue()}, pieces=pieces)
    after = pq.read_table(io.BytesIO(output.files["kept.parquet"]))

    assert after.schema.equals(before.schema, check_metadata=True)
    assert after["messages"].to_pylist() == turns([c.left for c in cases if c.left is not None])
    stay = [number for number, case in enumerate(cases) if case.left is not None]
    assert after["at"].equals(before["at"].take(pa.array(stay, pa.int64())))
    assert_account(output, cases)
