"""About how often common words stand in a megabyte of English answers.

Counted in chat logs and rounded down to powers of two; it only helps to choose what a matcher
looks for first.
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from typing import Final

#: What is taken for words that are not listed.
RARE: Final = 6.0

_WORDS: Final = {
    4096: "a and the to",
    2048: "in of",
    1024: "for is or that with your",
    512: "are as be by can have it on this you",
    256: "an at from i if its like more not such their they time use we which",
    128: """
        about all also any based been but could create data day each has help here how including
        information into it's learning life make may my name new number one other our over provide
        so social some specific them there these through up used using was what when where while
        who will work world would
    """,
    64: """
        add after ai around become before being best between both check complex consider deep
        development different do don't due during end enjoy ensure essential even example
        experience find first future get good had here's high history however human impact
        important include just keep key know known language large lead learn let light made making
        many me might most need no offer often only out own people place popular potential power
        process quality questions remember right set should significant small start step support
        sure system take technology than then together traditional true two type understanding
        unique until us various way well were within without years
    """,
    32: """
        ability able access across additional address allows along always among amount another
        answer approach area areas ask attention avoid back because better break build building
        called certain challenges change changes choose clear come common considered context
        continue control creating crucial depending designed develop diverse does down easy
        effective effectively elements enhance ensuring environment especially events every
        experiences explore factors features feel few focus follow following form found free
        further give given go great group guide hand happy helps higher home hope i'm improve
        individuals involves issues knowledge last leading less level likely long look low main
        maintain means model models much multiple must natural nature necessary needed needs next
        non note now off once open options order others output overall part particularly person
        personal play please points positive possible powerful present provides providing question
        range reach real related relevant require research resources response result results role
        same see sense several share short side simple since single source space state stay steps
        still strong structure style summary systems taking term that's those throughout times too
        tools top try typically under understand uses value variety want ways why working you're
    """,
    16: """
        above accurate achieve action adding additionally against allow allowing appropriate
        aspects associated available away balance behind beyond bring cannot case certainly
        challenging choice combination comes complete comprehensive conclusion course current
        detailed details determine difficult direct directly done easily else engaging enough etc
        examples final finally full fully general helpful highly i'd idea includes individual
        instead itself larger line looking maintaining makes methods mind ones perfect point
        provided purpose quickly rather remains requires safe second setting significantly similar
        something specifically starting takes terms things think towards types vary very whether
        wide works yet
    """,
}

PER_MEGABYTE: Final = {
    word: float(frequency) for frequency, words in _WORDS.items() for word in words.split()
}
_SORTED: Final = sorted(PER_MEGABYTE)


@functools.lru_cache(maxsize=4096)
def starting_with(letters: str) -> float:
    """About how often words that start with these letters stand in a megabyte."""
    first, last = bisect_left(_SORTED, letters), bisect_left(_SORTED, letters + "\x7f")
    unlisted = RARE * (1 << max(0, 6 - len(letters)))
    return unlisted + sum(PER_MEGABYTE[word] for word in _SORTED[first:last])
