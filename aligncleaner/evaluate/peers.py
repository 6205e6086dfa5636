"""The phrase lists that people filter refusals with today, as baselines to measure against.

A list is a set of phrases and the way they are looked for. Each way is compiled to one re2
automaton, so that hundreds of phrases cost one pass and a hostile pattern cannot hang.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, Literal

import re2
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from aligncleaner.errors import Fault, PackInvalid

#: Whether an answer is flagged. Lists see the answer alone, never the prompt.
Flagger = Callable[[str], bool]

_OPENING: Final = 300
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("\u2019\u02bc\u2018`\u00b4", "'"))


class PhraseList(BaseModel):
    """One published list.

    `match` says how: "sub" substring; "isub" the same without case; "iprefix" the trimmed answer
    starts with a phrase, without case; "regex" a pattern is found in the lower-cased answer;
    "opening300" substring of the first 300 characters, lower-cased, without asterisks and with
    runs of white space as one blank; "promptfoo" one of `prefixes` starts the answer or one of
    `words` stands in it as whole words.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    match: Literal["sub", "isub", "iprefix", "regex", "opening300", "promptfoo"]
    phrases: list[str]
    prefixes: list[str] = []
    words: list[str] = []
    source: str = ""
    licence: str = ""


_LISTS: Final = TypeAdapter(dict[str, PhraseList])


def load(path: Path) -> dict[str, Flagger]:
    """Read a JSON object of name -> `PhraseList` and compile every list.

    Raises:
        PackInvalid: naming each list and what is wrong with it.
    """
    try:
        lists = _LISTS.validate_json(path.read_bytes())
    except OSError as error:
        got = f"cannot be read ({error.strerror})"
        raise PackInvalid(Fault(str(path), got, "a JSON file of phrase lists")) from None
    except ValidationError as error:
        raise PackInvalid(
            Fault(f"{path}: {'.'.join(map(str, problem['loc']))}", problem["msg"])
            for problem in error.errors(include_url=False, include_input=False)
        ) from None
    compiled, faults = {}, []
    for name, phrases in lists.items():
        try:
            compiled[name] = flagger(phrases)
        except ValueError as error:
            faults.append(Fault(f"{path}: {name}", str(error), "patterns that re2 knows"))
    if faults:
        raise PackInvalid(faults)
    return compiled


def flagger(phrases: PhraseList) -> Flagger:
    """A list as a function of an answer.

    Raises:
        ValueError: if a pattern is not one that re2 knows.
    """
    return _WAYS[phrases.match](phrases)


def _sub(phrases: PhraseList) -> Flagger:
    return _any_of(map(re2.escape, phrases.phrases))


def _isub(phrases: PhraseList) -> Flagger:
    # Python's lower() on both sides, as the lists' authors have it; re2 folds case differently.
    found = _any_of(re2.escape(phrase.lower()) for phrase in phrases.phrases)
    return lambda answer: found(answer.lower())


def _iprefix(phrases: PhraseList) -> Flagger:
    prefixes = tuple(phrase.lower() for phrase in phrases.phrases)
    return lambda answer: answer.lower().strip().startswith(prefixes)


def _regex(phrases: PhraseList) -> Flagger:
    found = _any_of(phrases.phrases)
    return lambda answer: found(answer.lower())


def _opening300(phrases: PhraseList) -> Flagger:
    found = _sub(phrases)

    def flags(answer: str) -> bool:
        plain = answer.lower().strip().translate(_APOSTROPHES).replace("*", "")
        return found(" ".join(plain.split())[:_OPENING])

    return flags


def _promptfoo(phrases: PhraseList) -> Flagger:
    prefixes = tuple(prefix.lower().translate(_APOSTROPHES) for prefix in phrases.prefixes)
    # re2 knows word boundaries of ASCII only, and so does the JavaScript that this list is from.
    found = _any_of(rf"\b{re2.escape(word.lower())}\b" for word in phrases.words)

    def flags(answer: str) -> bool:
        plain = answer.strip().lower().translate(_APOSTROPHES)
        return plain.startswith(prefixes) or found(plain)

    return flags


_WAYS: Final[Mapping[str, Callable[[PhraseList], Flagger]]] = {
    "sub": _sub,
    "isub": _isub,
    "iprefix": _iprefix,
    "regex": _regex,
    "opening300": _opening300,
    "promptfoo": _promptfoo,
}


def _any_of(patterns: Iterable[str]) -> Flagger:
    """Whether any of the patterns is found; none at all finds nothing."""
    listed = list(patterns)
    if not listed:
        return lambda answer: False
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        # Compiled from bytes: for text the binding would map every offset back, unasked.
        pattern = re2.compile("|".join(f"(?:{each})" for each in listed).encode(), options)
    except re2.error as error:
        raise ValueError(f"unreadable pattern: {error}") from None
    return lambda answer: pattern.search(answer.encode(errors="replace")) is not None
