"""What leaked from the machinery: template tokens, and turns that the model made up.

The batch is scanned as one buffer, with one regex for each first character that a marker can
have: re2 then skips from one such character to the next at the speed of memory.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

import re
import re2

from aligncleaner.detect.malformed.symptom import Symptom

_TOKENS: Final = (
    r"<(?:\|[A-Za-z][A-Za-z_ -]{0,30}\|>|</?SYS>>|/?s>|(?:start|end)_of_turn>|0x[0-9A-F]{2}>"
    r"|(?:no ?(?:in|out)put|bos|eos|eot|eom|eoh|pad|unk)>|<[0-9.+*/() -]{1,40}=[0-9.,]{1,20}>>)",
    r"\[(?:/?INST|/?SYS|PAD|UNK|EOS|BOS|/?ASST|split)\]",
)
_SPEAKERS: Final = "Human|HUMAN|User|USER|Assistant|ASSISTANT|Instruction|INSTRUCTION|Response"
_TURNS: Final = (
    rf"##+ ?(?:{_SPEAKERS})(?: ?:|\s*\n)",
    r"\n(?:Human|HUMAN|User|USER): ",
)
