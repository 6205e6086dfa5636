"""Rule packs: one YAML file of rules per language, checked as a whole before anything is used.

`load` reports every fault of every pack at once. What a pattern may hold is told by `patterns`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from aligncleaner import config, schema
from aligncleaner.detect import patterns
from aligncleaner.detect.regex_syntax import Refused
from aligncleaner.errors import Fault, PackInvalid

CUES: Final = ("asks_harm", "asks_live", "asks_self", "asks_media", "asks_file", "asks_opinion")
#: Languages written in ASCII, where `\b` and `\w` mean what they seem to.
ASCII_LANGUAGES: Final = frozenset({"en", "id", "ms", "sw", "any"})
#: What the patterns of one rule, and of one pack, may unfold to in all.
MAX_RULE_POSITIONS: Final = 10_000
MAX_POSITIONS: Final = 100_000

Words = Annotated[str, StringConstraints(min_length=1, max_length=5000)]


def _translatable(text: str, info: ValidationInfo) -> str:
    """The pattern itself, if the language of patterns and that of the pack allow it."""
    language = (info.context or {}).get("language")
    try:
        patterns.read(text, language is None or language in ASCII_LANGUAGES)
    except Refused as problem:
        raise ValueError(f"the pattern {text!r:.80} has {problem}") from None
    return text


PatternText = Annotated[str, StringConstraints(min_length=1), AfterValidator(_translatable)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$", max_length=100)]
PatternTexts = Annotated[tuple[PatternText, ...], Field(max_length=200)]


class Rule(BaseModel):
    """One rule: what it looks for, where, what it then says, and its own examples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id = Field(description="Unique over all packs; starts with the pack's name and a dot.")
    label: Literal[(*schema.LABELS, *CUES)] = Field(  # type: ignore[valid-type]
        description="The outcome or trait that a hit shows; for prompt rules a cue."
    )
    on: Literal["answer", "prompt"] = Field(
        "answer", description="What is searched. Prompt rules make no flags."
    )
    reason: Literal[schema.REASONS] | None = Field(  # type: ignore[valid-type]
        None, description="The reason for refusing that a hit speaks for."
    )
    kind: Literal[schema.KINDS] | None = Field(  # type: ignore[valid-type]
        None, description="What a disclaimer is about."
    )
    any: PatternTexts = Field(min_length=1, description="One of these must match in a sentence.")
    all: PatternTexts = Field((), description="Each of these must match too, within `scope`.")
    unless: PatternTexts = Field((), description="None of these may match within `scope`.")
    scope: Literal["sentence", "answer"] = Field(
        "sentence", description="The stretch in which `all` and `unless` are sought."
    )
    where: Literal["anywhere", "opening", "closing", "start"] = Field(
        "anywhere",
        description="Where the hit starts: in the first or last 300 characters, or as the very "
        "first words.",
    )
    at_least: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="How many hits the answer needs; they make one flag."
    )
    span: Literal["sentence", "hit"] = Field("sentence", description="What a flag points at.")
    first_person: bool | None = Field(
        None, description="The sentence must be the assistant's own words."
    )
    weight: Annotated[float, Field(gt=0, le=1)] = Field(description="P(label | hit).")
    why: Words = Field(description="Why the rule exists and what it must not hit.")
    hit: Annotated[tuple[Words, ...], Field(min_length=3)]
    miss: Annotated[tuple[Words, ...], Field(min_length=3)]

    @property
    def needs_scope(self) -> bool:
        """Whether a hit counts only in the assistant's own words."""
        if self.first_person is not None:
            return self.first_person
        return self.label in ("refuses", "partly_refuses") or self.kind == "self"

    @property
    def texts(self) -> tuple[str, ...]:
        """Every pattern of the rule as written."""
        return self.any + self.all + self.unless

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        problems = []
        if (self.on == "prompt") != (self.label in CUES):
            one, other = ("a cue", CUES) if self.on == "prompt" else ("no cue", schema.LABELS)
            problems.append(f"label '{self.label}', but {one} on: {self.on} ({', '.join(other)})")
        if self.kind and self.label != "disclaimer":
            problems.append("`kind` is only for disclaimer")
        if self.reason and self.on == "prompt":
            problems.append("`reason` is only for rules on answers")
        if self.at_least > 1 and (self.span == "hit" or self.where != "anywhere"):
            problems.append("`at_least` goes with neither `span: hit` nor `where`")
        if problems:
            raise ValueError("; ".join(problems))
        return self


class Pack(BaseModel):
    """One file of rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pack: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$", max_length=40)] = Field(
        description="The name of the file without its ending."
    )
    language: Annotated[str, StringConstraints(pattern=r"^([a-z]{2}|any)$")] = Field(
        description="ISO 639-1, or any."
    )
    version: Annotated[int, Field(ge=1)] = Field(description="Raised when the rules change.")
    about: Words
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=5000)]


def json_schema() -> str:
    """The JSON schema of a pack, for editors."""
    return json.dumps(Pack.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def bundled() -> Path:
    """The folder of the packs that come with the package, or with the checkout it runs from."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


def load(folders: Sequence[Path] | None = None) -> list[Pack]:
    """The packs (`*.yaml`) of `folders`, or the bundled ones, in order of their names.

    Raises:
        PackInvalid: a pack cannot be read or breaks a rule for packs; all faults are listed.
    """
    packs: list[Pack] = []
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for path in _files(folders, faults):
        document = config.read_document(path)
        if document.faults:
            faults += document.faults
            continue
        try:
            pack = Pack.model_validate(document.data, context=_language(document.data))
        except ValidationError as problem:
            faults += _explain(problem, path, document)
            continue
        faults += _check(pack, path, document, seen)
        packs.append(pack)
    if faults:
        raise PackInvalid(faults)
    return packs


def rules_hash(packs: Sequence[Pack]) -> str:
    """The sha256 (hexadecimal) of what the packs say, whatever their layout and order."""
    content = sorted(pack.model_dump_json() for pack in packs)
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


def _files(folders: Sequence[Path] | None, faults: list[Fault]) -> Iterator[Path]:
    for folder in [bundled()] if folders is None else folders:
        found = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
        if not found:
            faults.append(Fault(str(folder), "no rule packs", "a folder with *.yaml files"))
        yield from found


def _language(data: object) -> dict[str, object]:
    return {"language": data.get("language") if isinstance(data, dict) else None}


def _place(path: Path, document: config.Document, at: tuple[str | int, ...]) -> str:
    """The file, the line if known, and the rule's id that a fault is about."""
    place = str(path)
    for length in range(len(at), 0, -1):
        if at[:length] in document.lines:
            place = f"{path}:{document.lines[at[:length]]}"
            break
    if at[:1] == ("rules",) and len(at) > 1:
        try:
            place += f" (rule {document.data['rules'][at[1]]['id']})"
        except (KeyError, IndexError, TypeError):
            place += f" (rule number {at[1]})"
    return place


def _explain(problem: ValidationError, path: Path, document: config.Document) -> Iterator[Fault]:
    """Pydantic's errors in the words of this project."""
    errors = problem.errors(include_url=False)
    for error in errors:
        at = error["loc"]
        if error["type"] == "too_short" and any(
            at == other["loc"][: len(at)] for other in errors if other is not error
        ):
            continue  # too short only because its faulty items do not count
        names = at[2:] if at[:1] == ("rules",) and len(at) > 1 else at
        field = ".".join(map(str, names)) or "rule"
        got, expected = f"'{field}' is {error['input']!r:.60}", error["msg"]
        match error["type"]:
            case "missing":
                got, expected = f"no '{field}'", "one"
            case "extra_forbidden":
                known = Rule.model_fields if at[0] == "rules" else Pack.model_fields
                got, expected = f"the unknown key '{field}'", f"one of {', '.join(known)}"
            case "literal_error":
                expected = error["ctx"]["expected"]
            case "value_error":
                told = error["msg"].removeprefix("Value error, ")
                got, expected = (f"in '{field}': {told}" if names else told), ""
        yield Fault(_place(path, document, at), got, expected)


def _check(
    pack: Pack, path: Path, document: config.Document, seen: dict[str, str]
) -> Iterator[Fault]:
    """What the models cannot tell: names, ids over all packs, and the pack's whole size."""
    if pack.pack != path.stem:
        place = _place(path, document, ("pack",))
        yield Fault(place, f"the pack is called '{pack.pack}'", f"'{path.stem}', the file's name")
    is_ascii, total = pack.language in ASCII_LANGUAGES, 0
    for number, rule in enumerate(pack.rules):
        place = _place(path, document, ("rules", number, "id"))
        if not rule.id.startswith(pack.pack + "."):
            yield Fault(place, "an id without the pack's name", f"'{pack.pack}.' before it")
        if rule.id in seen:
            yield Fault(place, f"an id already used in {seen[rule.id]}", "each id once")
        seen[rule.id] = str(path)
        size = sum(patterns.read(text, is_ascii).positions for text in rule.texts)
        if size > MAX_RULE_POSITIONS:
            got = f"patterns that unfold to {size:,} characters"
            yield Fault(place, got, f"at most {MAX_RULE_POSITIONS:,}", "split the rule")
        total += size
    if total > MAX_POSITIONS:
        got = f"patterns that unfold to {total:,} characters"
        yield Fault(str(path), got, f"at most {MAX_POSITIONS:,}", "split the pack")
