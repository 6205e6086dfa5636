"""Which words set two equal piles of texts apart.

Each distinct text counts a word once, so that one prompt sent a hundred times is no topic. Shares
are of all words counted, not of texts, since a refusal is short and would look poor in every word.
A word's log-odds are drawn towards those of both piles together, so that rare words do not win by
luck (the informative Dirichlet prior of Monroe, Colaresi and Quinn, "Fightin' Words", Political
Analysis 16, 2008).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import exp, log, sqrt
from typing import Final, TypedDict

#: Words shown for each side, and what one needs to be shown: standard errors from even odds
#: (3, for thousands are tried) and texts that hold it.
SHOWN: Final = 15
LEAST_Z: Final = 3.0
LEAST_TEXTS: Final = 3

#: How many pseudo-words the prior weighs.
PRIOR: Final = 500.0

# Anything but space, digits and punctuation (ASCII, Latin-1, general, CJK, full-width), so that
# words keep their combining marks.
_WORD: Final = re.compile(
    r"[^\s\d\x00-\x1f!-/:-@\[-`{-\x9f\xa1-\xbf\u2000-\u206f\u3000-\u3020"
    r"\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+"
)
# Chinese characters and kana, written without spaces: their pairs stand in for words.
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")

_FUNCTION_WORDS: Final = """
    a about above after again against ain all also am an and any are aren as at be because been
    before being below between both but by can cannot could couldn did didn do does doesn doing don
    down during each either else ever every few for from further get gets got had hadn has hasn have
    haven having he her here hers herself him himself his how however i if in into is isn it its
    itself just let like ll may me might mightn more most much must mustn my myself neither no nor
    not now of off often on once one only onto or other others ought our ours ourselves out over own
    per quite rather re really same shall shan she should shouldn since so some such than that the
    their theirs them themselves then there therefore these they this those though through thus to
    too under until up upon us ve very was wasn we well were weren what when where whether which
    while who whom whose why will with within without won would wouldn yet you your yours yourself
    yourselves
"""
_STOP_WORDS: Final = frozenset(_FUNCTION_WORDS.split())


class Word(TypedDict):
    """A word, the distinct texts of each pile that hold it, and how it leans.

    `odds_ratio` is over 1 where it is commoner among the removed; `z` is its logarithm in
    standard errors.
    """

    word: str
    removed: int
    kept: int
    odds_ratio: float
    z: float


class Shift(TypedDict):
    """The words that lean to either pile, the furthest first. Both empty if none stands out."""

    removed: list[Word]
    kept: list[Word]


def tokens(text: str) -> set[str]:
    """The distinct content words of a text, lower-cased.

    Words of one or two letters (one syllable in Korean) and English function words are left out.
    Runs of Chinese characters and kana yield their pairs. Thai, Lao, Khmer and Burmese have no
    spaces and are not cut, so their phrases count whole.
    """
    text = text.lower()
    if text.isascii():
        return {word for word in _WORD.findall(text) if len(word) > 2} - _STOP_WORDS
    pairs = {a + b for run in _UNSPACED.findall(text) for a, b in pairwise(run)}
    spaced = _WORD.findall(_UNSPACED.sub(" ", text))
    # Hangul packs a syllable into one character.
    long = {w for w in spaced if len(w) > (1 if "가" <= w[0] <= "힣" else 2) and w[0].isalpha()}
    return (long - _STOP_WORDS) | pairs


def document_frequencies(texts: Iterable[str]) -> Counter[str]:
    """How many of the distinct texts hold each word."""
    counts: Counter[str] = Counter()
    for text in set(texts):
        counts.update(tokens(text))
    return counts


def shift(removed: Sequence[str], kept: Sequence[str]) -> Shift:
    """What sets the removed texts apart from about as many kept ones."""
    in_removed, in_kept = document_frequencies(removed), document_frequencies(kept)
    of_removed, of_kept = in_removed.total(), in_kept.total()
    leaning = []
    for word, count in (in_removed + in_kept).items():
        if count < LEAST_TEXTS:
            continue
        prior = PRIOR * count / (of_removed + of_kept)
        here, there = in_removed[word] + prior, in_kept[word] + prior
        # The 1 stands for a word never seen: without it a pile of one word has odds of infinity.
        rest_here, rest_there = (
            of_removed + PRIOR + 1 - here,
            of_kept + PRIOR + 1 - there,
        )
        log_odds = log(here / rest_here) - log(there / rest_there)
        z = log_odds / sqrt(1 / here + 1 / there)
        if abs(z) >= LEAST_Z:
            leaning.append(
                Word(
                    word=word,
                    removed=in_removed[word],
                    kept=in_kept[word],
                    odds_ratio=round(exp(log_odds), 3),
                    z=round(z, 2),
                )
            )
    leaning.sort(key=lambda word: (-abs(word["z"]), word["word"]))
    return Shift(
        removed=[word for word in leaning if word["z"] > 0][:SHOWN],
        kept=[word for word in leaning if word["z"] < 0][:SHOWN],
    )
