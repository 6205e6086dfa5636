"""Whether a flagged sentence is the assistant speaking for itself.

"I cannot help you" is no refusal where a wizard says it, where a letter or a dialogue was asked
for, in an example, in code, or in "why can't I log in?". Flags of rules with `first_person` are
dropped there; all others stay as they are.

Four cheap looks settle nearly every sentence: where it stands (code, quotation, dialogue,
letter), what the prompt wanted written, what leads up to it, and whether anything in it is
ambiguous at all. Only an ambiguous sentence (1 in 50) is parsed, by `detect.own_words`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from aligncleaner.detect.evidence import Batch, Flag

#: Where the assistant speaks of itself whatever was asked for.
_ITSELF: Final = re.compile(
    r"\b(?:an?|this|your) (?:\w+[ -]){0,2}(?:AI|artificial intelligence|language model|LLM"
    r"|chat ?bot|assistant)\b|\byour request\b|\bmy (?:training|guidelines|programming|knowledge)\b"
    r"|\b(?:as|OpenAI|Anthropic)['’]s? (?:content )?polic",
    re.IGNORECASE,
)
#: Notes to the reader stand outside the text that was asked for.
_NOTE: Final = re.compile(
    r"\W*(?:(?:please )?note|disclaimer|n\.?b\.?|important|caveat|warning|p\.?s\.?|edit|update"
    r"|answer|response|reply|output|result|conclusion|summary|in summary|explanation)\b\W",
    re.IGNORECASE,
)

#: Prompts that want words put into a mouth, and prompts that want given words put otherwise.
_WANTS_TEXT: Final = re.compile(
    r"\b(?:stor(?:y|ies)|poem|poetry|haiku|sonnet|song|lyrics|rap|verse|monologue|dialog(?:ue)?"
    r"|screenplay|script|scene|(?:first )?act of a play|fan ?fic\w*|novel|fiction|chapter|letter"
    r"|e-?mail|speech|interview|conversation|journal|diary|tweet|bio|blog|cover letter|resignation"
    r"|excuse|apolog(?:y|ies)|vows|eulogy|role-?play\w*|pretend|imagine you|act as|play the role"
    r"|in the (?:voice|style) of|as an? (?:pirate|character|wizard)|quotes?|sample (?:reply|answer))\b",
    re.IGNORECASE,
)
_WANTS_OTHER_WORDS: Final = re.compile(
    r"\b(?:rewrite|re-?word|rephrase|paraphrase|translate|proofread|correct|edit|polish|convert"
    r"|summari[sz]e|shorten|classify|complete|continue|simplify|make (?:it|this) \w+er)\b",
    re.IGNORECASE,
)
_FIRST_PERSON: Final = re.compile(r"\b(?:I|we|my|our)\b")
#: A refusal stands within the first words; what a text that was asked for says comes later.
_OPENING: Final = 200

#: What leads up to an example: "You could say:", "Here is a template:".
_LEAD_IN: Final = re.compile(
    r"\b(?:sa(?:y|ys|id|ying)|repl(?:y|ies|ied)|respond(?:s|ed)?|answer(?:s|ed)?|tell|told|write"
    r"|wrote|asks?|asked|example|instance|template|script|sample|message|e-?mail|letter|statement"
    r"|sentence|phrases?|phrasing|version|translation|rewrite|rewritten|paraphrase[ds]?|lyrics"
    r"|quote[ds]?|lines?|text|scenario|dialogue|such as|like this)\b[^.!?\n]{0,80}:\W*\Z",
    re.IGNORECASE,
)
_OWN_LEAD_IN: Final = re.compile(r"\b(?:my|I|I'm|I’m)\b")

_FENCE: Final = "```"
_OPEN_QUOTES: Final = "“«„「『"
_CLOSE_QUOTES: Final = "”»“」』"
_QUOTES: Final = re.compile('["“”«»„「」『』]')
#: "Bryan:" or "**JOURNALIST**:" before the words of a line.
_SPEAKER: Final = re.compile(r"[ \t*_#>-]*([^\W\d_][\w .'’-]{0,30}?)[ *_]*(?:\([^()\n]{0,30}\))?[ *_]*:")
_SALUTATION: Final = re.compile(
    r"^[ \t*_\"“>]*(?:Dear|Hi|Hello|Hey|Greetings|To)\b[^\n.!?]{0,60}[,:][ \t*_]*$", re.MULTILINE
)
_CLOSING: Final = re.compile(
    r"^[ \t*_]*(?:Sincerely|Yours|(?:Best|Kind|Warm)(?:est)?(?: regards| wishes)?|Regards|Love"
    r"|Respectfully|Cheers|Thank you|Thanks|With \w+)[^\n]{0,20}[,!]?[ \t*_]*$",
    re.MULTILINE,
)

#: Marks and words by which a sentence may not mean what its cue says. `own_words` decides.
_AMBIGUOUS: Final = re.compile(
    # first person inside quotation marks or code
    r"""["“«„「`‘'][^"”»」`’']{0,200}\b(?:I|we|I['’]m|my)\b"""
    # somebody says, thinks or asks
    r"|\b(?:sa(?:id|ys|ying)|told|tells|repl(?:ied|ies)|answered|asked|asks|wrote|writes|claim(?:s|ed)"
    r"|stat(?:es|ed)|whisper(?:s|ed)|insist(?:s|ed)|respond(?:s|ed)|shout(?:s|ed)|think(?:s|ing)?"
    r"|thought|explain(?:s|ed)|admit(?:s|ted)|argue[sd]?)\b"
    # if, when, why: what is not said to be so
    r"|\b(?:if|when|whenever|unless|whether|why|until|suppose|imagine)\b[^,.;]{0,20}\b(?:I|we)\b"
    r"|\b(?:can|could|won|don|wouldn|am|do|will)(?:['’]?t|not)? (?:I|we)\b"
    # denials of a denial
    r"|\b(?:never|not (?:that|because|say\w*|mean\w*|true)|(?:doesn|don|didn)['’]t (?:mean|think|say)"
    r"|no (?:reason|way) (?:why|that)|nothing|isn['’]t that|rather than)\b[^.;]{0,40}\b(?:I|we)\b"
    r"|\b(?:for example|for instance|such as|e\.g\.|imagine)\b",
    re.IGNORECASE,
)


def filter_flags(
    batch: Batch, flags: list[Flag], needs_scope: Callable[[str], bool]
) -> list[Flag]:
    """`flags` without those that need the assistant's own words and do not have them.

    `needs_scope` says of a rule's id whether it does. Flags are ordered by row and start, and
    keep that order.
    """
    kept: list[Flag] = []
    known: dict[tuple[int, int, int], bool] = {}
    spoken: set[int] = set()
    for flag in flags:
        if flag.rule is not None and needs_scope(flag.rule):
            place = (flag.row, flag.start, flag.end)
            if place not in known:
                answer, prompt = batch.answers[flag.row], batch.prompts[flag.row] or ""
                known[place] = _own(answer, prompt, flag.start, flag.end, flag.row in spoken)
            if not known[place]:
                continue
            spoken.add(flag.row)
        kept.append(flag)
    return kept


def _own(answer: str, prompt: str, start: int, end: int, spoken: bool) -> bool:
    """Whether code points `start` to `end` of the answer are the assistant's own words.

    `spoken`: an earlier sentence of the answer was, by another flag.
    """
    sentence = answer[start:end]
    if start and _stands_in_other_words(answer, start, end):
        return False
    if _AMBIGUOUS.search(sentence):
        from aligncleaner.detect import own_words

        if not own_words.are_own(sentence) and not _whole_answer(answer, start, end):
            return False
    if spoken or _ITSELF.search(sentence) or _NOTE.match(_line_before(answer, start) + sentence):
        return True
    wanted = _wanted(prompt)
    return not (
        (wanted == "text" and start > _OPENING)
        or (wanted == "other words" and not _ITSELF.search(answer[:start]))
    )


@lru_cache(maxsize=4096)
def _wanted(prompt: str) -> str:
    if _WANTS_OTHER_WORDS.search(prompt) and _FIRST_PERSON.search(prompt):
        return "other words"
    return "text" if _WANTS_TEXT.search(prompt) else ""
