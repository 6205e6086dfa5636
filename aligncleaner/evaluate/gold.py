"""Labelled answers ("gold"): read from a file and mapped to the words of the taxonomy.

A file is recognised by the fields of its records, never by its name. `outcome` speaks the
taxonomy's own words; `label` is the coarser vocabulary that public refusal sets are distributed
in, mapped below. A label that says neither refusal nor compliance maps to null.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator

from aligncleaner.errors import Fault, GoldInvalid, InputRefused
from aligncleaner.evaluate import places
from aligncleaner.schema import OUTCOMES, TRAITS

Split = Literal["all", "held_out", "readable"]

_LABELS: Final[Mapping[str, str | None]] = {
    "comply": "complies",
    "partial": "partly_refuses",
    "refusal": "refuses",
    "hedge": None,
    "other": None,
}
#: A file with thousands of bad records is explained by its first few.
_FAULTS_SHOWN: Final = 20


def held_out(prompt: str) -> bool:
    """Whether a prompt belongs to the third that nobody reads or tunes on."""
    return int(hashlib.sha256(prompt.encode()).hexdigest(), 16) % 3 == 0


def _word_of(*words: str) -> AfterValidator:
    def check(word: str) -> str:
        if word not in words:
            raise ValueError(f"expected one of {', '.join(words)}")
        return word

    return AfterValidator(check)


class GoldRow(BaseModel):
    """One labelled answer.

    `outcome` is null where the label says neither refusal nor compliance, `traits` where the
    gold does not speak of traits. `start` and `end` bound the words that show the label, in code
    points of `response`. `sure` is 1 where readers would differ, up to 3. `proxy_label` marks
    labels made for another question, whose figures do not compare with the others'.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    id: str
    prompt: str | None
    response: str
    outcome: Annotated[str, _word_of(*OUTCOMES)] | None
    traits: list[Annotated[str, _word_of(*TRAITS)]] | None = None
    over_refusal: bool | None = None
    start: int | None = None
    end: int | None = None
    source: str
    stratum: str | None = None
    round: int | None = None
    lang: str | None = None
    sure: int | None = None
    proxy_label: bool = False

    @property
    def positive(self) -> bool | None:
        """Refuses or partly refuses (true), complies (false); null for all else."""
        if self.outcome is None or self.outcome == "malformed":
            return None
        return self.outcome != "complies"

    @property
    def span(self) -> tuple[int, int] | None:
        """(start, end) of the quoted words, null if none are quoted."""
        return None if self.start is None or self.end is None else (self.start, self.end)

    @model_validator(mode="after")
    def _span_is_inside(self) -> GoldRow:
        if (self.start is None) != (self.end is None):
            raise ValueError("expected both of start and end, or neither")
        if self.span and not 0 <= self.span[0] < self.span[1] <= len(self.response):
            raise ValueError("expected 0 <= start < end <= length of the response")
        return self


class Gold(NamedTuple):
    """A labelled file.

    `layout` is how its records were recognised: "taxonomy", "labels" (coarse ones, which do not
    tell the four outcomes apart) or "places".
    """

    name: str
    layout: str
    rows: tuple[GoldRow, ...]

    @property
    def proxy(self) -> bool:
        """Whether any label answers another question than ours."""
        return any(row.proxy_label for row in self.rows)


Record = dict[str, Any]


#: Layout -> the fields that mark it.
_LAYOUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "taxonomy": ("prompt", "response", "outcome"),
    "labels": ("prompt", "response", "label"),
    "places": (*places.FIELDS, "outcome"),
}


def _from_labels(record: Record) -> Record:
    label = record["label"]
    if not isinstance(label, str) or label not in _LABELS:
        raise ValueError(f"label {label!r:.60}: expected one of {', '.join(_LABELS)}")
    return record | {"outcome": _LABELS[label], "stratum": record.get("label_raw", label)}


def read(path: Path) -> Gold:
    """Read JSON lines, or a JSON array, of labelled answers.

    Each record holds `prompt`, `response` (or `answer`) and either `outcome` or `label`; or it
    holds `outcome` and the place of its answer in a log beside the file: `source`, `line`,
    `turn`. The other fields of `GoldRow` are optional.

    Raises:
        InputRefused: if the file, or a log beside it, cannot be read.
        GoldInvalid: if no layout fits, or records break it; the first faults are all listed.
    """
    if not path.is_file():
        raise InputRefused(Fault(str(path), "is not a regular file", "JSON lines or a JSON array"))
    faults: list[Fault] = []
    records = list(_records(path, faults))
    if not records and not faults:
        raise GoldInvalid(Fault(str(path), "holds no record", "at least one labelled answer"))
    layout = _recognised(path, records[0][1]) if records else ""
    rows = tuple(_rows(path, records, layout, faults))
    if faults:
        raise GoldInvalid(_first(faults, path))
    return Gold(path.name, layout, rows)


def _records(path: Path, faults: list[Fault]) -> Iterable[tuple[str, Record]]:
    """Each record with its place; what is not a record goes to `faults`."""
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    whole = content.lstrip().startswith(b"[")
    pieces = [content] if whole else content.splitlines()
    for number, piece in enumerate(pieces, start=1):
        if not piece.strip():
            continue
        where = str(path) if whole else f"{path}:{number}"
        try:
            value = orjson.loads(piece)
        except orjson.JSONDecodeError as error:
            faults.append(Fault(where, f"is not JSON ({error})", "one JSON object per line"))
            continue
        found = enumerate(value, start=1) if isinstance(value, list) else [(number, value)]
        for place, record in found:
            if isinstance(record, dict):
                if "answer" in record:
                    record.setdefault("response", record["answer"])
                yield f"{path}:{place}", record
            else:
                faults.append(Fault(f"{path}:{place}", "is not an object", "a labelled answer"))


def _recognised(path: Path, record: Record) -> str:
    for layout, fields in _LAYOUTS.items():
        if all(field in record for field in fields):
            return layout
    found = ", ".join(list(record)[:12]) or "none"
    raise GoldInvalid(
        Fault(
            str(path),
            f"no label mapping fits its fields ({found})",
            " or ".join(map(", ".join, _LAYOUTS.values()))
            + f"; outcome is one of {', '.join(OUTCOMES)}; label is one of {', '.join(_LABELS)}",
            "rename the fields, or map your labels to these words",
        )
    )


def _rows(
    path: Path, records: Iterable[tuple[str, Record]], layout: str, faults: list[Fault]
) -> Iterable[GoldRow]:
    """The records as rows; those that break the layout go to `faults`."""
    translate: Mapping[str, Callable[[Record], Record]] = {
        "taxonomy": dict,
        "labels": _from_labels,
        "places": partial(places.located, logs=places.logs_beside(path)),
    }
    for where, record in records:
        missing = ", ".join(field for field in _LAYOUTS[layout] if field not in record)
        if missing:
            faults.append(Fault(where, f"no field {missing}", "those of the first record"))
            continue
        try:
            yield _row(where, path.name, translate[layout](record))
        except ValidationError as error:
            faults += _faults(where, error)
        except ValueError as error:
            faults.append(Fault(where, str(error)))


def _row(where: str, file: str, record: Record) -> GoldRow:
    # Ids of mixed sets start with the set that an answer came from: "set/model/number".
    name = str(record.get("id", ""))
    origin = name.partition("/")[0] if "/" in name else file
    return GoldRow.model_validate({"source": origin, **record, "id": name or where})


def _faults(where: str, error: ValidationError) -> Iterable[Fault]:
    for problem in error.errors(include_url=False, include_input=False):
        field = ".".join(map(str, problem["loc"])) or "record"
        yield Fault(where, f"{field}: {problem['msg']}")


def _first(faults: list[Fault], path: Path) -> list[Fault]:
    more = len(faults) - _FAULTS_SHOWN
    return faults[:_FAULTS_SHOWN] + ([Fault(str(path), f"{more} more faults")] if more > 0 else [])


def chosen(rows: Iterable[GoldRow], split: Split) -> tuple[GoldRow, ...]:
    """The rows of a split; those without a prompt count as readable."""
    if split == "all":
        return tuple(rows)
    wanted = split == "held_out"
    return tuple(row for row in rows if (row.prompt is not None and held_out(row.prompt)) == wanted)


def clusters(rows: Sequence[GoldRow]) -> list[Hashable]:
    """What bootstrap intervals resample: the prompt of each row, or the row itself without one."""
    return [number if row.prompt is None else row.prompt for number, row in enumerate(rows)]
