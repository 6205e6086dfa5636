"""What leaked from the machinery: template tokens, and turns that the model made up.

A batch is scanned as one buffer with one regex for each first character that a marker can have:
re2 then skips from one such character to the next at the speed of memory.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

import re2

from aligncleaner.detect.evidence import Batch
from aligncleaner.detect.malformed.symptom import Symptom

#: Tokens of chat templates and tokenisers, and the calculator notes of one arithmetic data set.
_TOKENS: Final = (
    (
        r"<(?:\|[A-Za-z][A-Za-z_ -]{0,30}\|>|</?SYS>>|/?s>|(?:start|end)_of_turn>|0x[0-9A-F]{2}>"
        r"|(?:no ?(?:in|out)put|bos|eos|eot|eom|eoh|pad|unk)>|<[0-9.+*/() -]{1,40}=[0-9.,]{1,20}>>)"
    ),
    r"\[(?:/?INST|/?SYS|/?ASST|PAD|UNK|EOS|BOS|split)\]",
)
_TURNS: Final = (
    r"##+ ?(?:Human|User|Assistant|Instruction|Response)(?: ?:|[ \t]*\n)",
    r"\n(?:Human|HUMAN|User|USER): ",
)
#: UTF-8 never holds this byte but for the control character of that name, which marks records.
_BETWEEN: Final = b"\x1e"


def _over_bytes(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(pattern.encode(), options)


_SCANS: Final = tuple(map(_over_bytes, _TOKENS + _TURNS))
_TOKEN: Final = re.compile("|".join(_TOKENS))
_TURN: Final = re.compile("|".join(_TURNS))

#: Prompts that are about templates, that hold turns themselves, or that want a talk written down.
_ABOUT_TOKENS: Final = re.compile(
    r"\btokens?\b|tokeni|template|\bhtml\b|chatml|strikethrough|markup|fine.?tun", re.IGNORECASE
)
_HOLDS_TURNS: Final = re.compile(
    r"(?:human|user|assistant|instruction|response) ?:|# ?(?:human|user|instruction|response)",
    re.IGNORECASE,
)
_WANTS_TURNS: Final = re.compile(
    r"dialog|conversation|\bchat|\bscript|interview|transcript|role.?play|messages?\b|\bprompts?\b",
    re.IGNORECASE,
)


def suspects(batch: Batch) -> list[int]:
    """Rows that hold a marker of either kind: 1 in 100."""
    joined = _BETWEEN.join(batch.utf8)
    ends = list(accumulate(len(row) + 1 for row in batch.utf8))
    hits = {bisect_right(ends, hit.start()) for scan in _SCANS for hit in scan.finditer(joined)}
    return sorted(hits)


def symptoms(answer: str, prompt: str) -> Iterator[Symptom]:
    """The leaked tokens from the first to the last, and the first turn that was made up."""
    tokens = [match for match in _TOKEN.finditer(answer) if _leaked(answer, match, prompt)]
    if tokens:
        score = 0.4 if _ABOUT_TOKENS.search(prompt) else 0.8
        yield Symptom("template_tokens", score, tokens[0].start(), tokens[-1].end())
    turn = next((m for m in _TURN.finditer(answer) if not _in_code(answer, m.start())), None)
    if (
        turn
        and not _HOLDS_TURNS.search(prompt)
        # A turn with a header is a training format; "User:" alone is any written dialogue's.
        and ("#" in turn.group() or not _WANTS_TURNS.search(prompt))
    ):
        # A header before all else is a leak, but the answer below it is whole.
        yield Symptom("invented_turns", 0.75 if turn.start() else 0.4, turn.start(), len(answer))


def _leaked(answer: str, token: re.Match[str], prompt: str) -> bool:
    if token.group() in prompt or _in_code(answer, token.start()):
        return False
    # <s> strikes text through in HTML; as a token it stands at either end or ends a line.
    if token.group() not in {"<s>", "</s>"}:
        return True
    return token.start() == 0 or not answer[token.end() :].partition("\n")[0].strip()


def _in_code(answer: str, start: int) -> bool:
    if answer.count("```", 0, start) % 2:
        return True
    line = answer[answer.rfind("\n", 0, start) + 1 : start]
    return line.count("`") % 2 == 1
