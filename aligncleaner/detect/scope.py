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
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from aligncleaner.detect.evidence import Batch, Flag

#: Where the assistant speaks of itself whatever was asked for.
_ITSELF: Final = re.compile(
    r"\b(?:an?|this|your) (?:\w+[ -]){0,2}(?:AI|artificial intelligence|language model|LLM"
    r"|chat ?bot|assistant)\b|\b(?:your|this|that) request\b"
    r"|\bmy (?:training|guidelines|programming|knowledge|polic)|\b(?:OpenAI|Anthropic)\b",
    re.IGNORECASE,
)
#: Labels of remarks to the reader, who are no speakers of a dialogue.
_REMARK: Final = re.compile(
    r"\W*(?:(?:please )?note|disclaimer|n\.?b|important|caveat|warning|p\.?s|edit|update|remember"
    r"|answer|response|reply|output|result|conclusion|summary|explanation|reason)\b",
    re.IGNORECASE,
)

#: Prompts that want words put into a mouth, and prompts that want given words put otherwise.
_WANTS_TEXT: Final = re.compile(
    r"\b(?:write|compose|create|draft|tell|generate|make|give|prepare|come up with|craft|develop"
    r"|need|want|invent|imagine|show)\b[^.?!\n]{0,80}"
    r"\b(?:stor(?:y|ies)|poem|haiku|sonnet|song|lyrics|rap|verse|monologue|dialog(?:ue)?|play"
    r"|screenplay|script|scene|fan ?fic\w*|novel|chapter|letter|e-?mail|speech|interview"
    r"|conversation|journal|diary|tweets?|bio|blog|excuses?|apolog(?:y|ies)|vows|eulogy|messages?"
    r"|post|testimonial|review)\b"
    r"|\brole-?play|\bpretend|\bimagine (?:that )?you|\bact as\b|\bplay the role"
    r"|\bin the (?:voice|style) of|\bas an? (?:pirate|character|wizard|knight)\b",
    re.IGNORECASE,
)
_WANTS_OTHER_WORDS: Final = re.compile(
    r"\b(?:rewrite|re-?word|rephrase|paraphrase|proofread|correct|edit|polish|convert|summari[sz]e"
    r"|shorten|classify|complete|continue|simplify|translate)\b",
    re.IGNORECASE,
)
#: A refusal stands within the first words; what a text that was asked for says comes later.
_OPENING: Final = 200

#: What leads up to an example: "You could say:", "Here is a template:".
_LEAD_IN: Final = re.compile(
    r"\b(?:sa(?:y|ys|id|ying)|repl(?:y|ies|ied)|respond(?:s|ed)?|tell|told|write|wrote|asks?|asked"
    r"|examples?|instance|template|script|sample|message|e-?mail|letter|statement|sentence|phrases?"
    r"|version|translat\w+|rewrit\w+|paraphrase[ds]?|rephrased|lyrics|quote[ds]?|scenario|dialogue"
    r"|conversation|poem|song|story|such as|like this)\b[^.!?\n]{0,80}:\W*\Z",
    re.IGNORECASE,
)
_LEAD_IN_LENGTH: Final = 160
_FIRST_PERSON: Final = re.compile(r"\b(?:I|my)\b")

_WORD: Final = re.compile(r"\w+")
_FENCE: Final = "```"
_QUOTES: Final = {"“": "”", "«": "»", "„": "“", "「": "」", "『": "』"}
#: "Bryan:" or "**JOURNALIST** (smiling):" before the words of a line.
_SPEAKER: Final = re.compile(
    r"^[ \t*_#>-]*([^\W\d_][\w .'’-]{0,30}?)[ *_]*(?:\([^()\n]{0,30}\))?[ *_]*:", re.MULTILINE
)
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
    r"""(?:["“«„「`]|(?<!\w)['‘](?=\w))[^"”»」`\n]{0,300}\b(?:I|we|my|I['’]m)\b"""
    # somebody says, thinks or asks
    r"|\b(?:sa(?:id|ying)|told|tells|repl(?:ied|ies)|answered|asked|asks|wrote|writes|claim(?:s|ed)"
    r"|whispered|insist(?:s|ed)|respond(?:s|ed)|shouted|thought|thinks|explain(?:s|ed)|admit(?:s|ted)"
    r"|argue[sd]|added|declared|(?:you|they|people) (?:\w+ )?(?:say|reply|respond|answer|write|tell))\b"
    # if, when, whether: what is not said to be so
    r"|\b(?:if|when|whenever|unless|whether|until|suppose|imagine|in case)\b[^,.;]{0,20}\b(?:I|we)\b"
    # why can't I
    r"|\b(?:can|could|won|don|would|wouldn|am|do|did|will)(?:['’]?t|not| not)? (?:I|we)\b"
    # denials of a denial
    r"|\b(?:never|not (?:that|because|say\w*|mean\w*|true|as)|n['’]t (?:mean|think|say|because|as)"
    r"|no (?:reason|way|sense)|nothing)\b[^.;]{0,30}\b(?:I|we)\b",
    re.IGNORECASE,
)


def filter_flags(batch: Batch, flags: list[Flag], needs_scope: Callable[[str], bool]) -> list[Flag]:
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
    if _AMBIGUOUS.search(sentence) and not _is_quoted_whole(answer):
        # Imported here: it brings spaCy with it, which takes longer than a small log.
        from aligncleaner.detect import own_words

        if not own_words.are_own(sentence):
            return False
    if spoken or _ITSELF.search(sentence) or _REMARK.match(sentence):
        return True
    wanted = _wanted(prompt)
    if wanted == "text":
        return start <= _OPENING
    return not (wanted == "other words" and _taken_from(prompt, sentence))


def _stands_in_other_words(answer: str, start: int, end: int) -> bool:
    """Whether the sentence stands in code, a heading, a quotation, a dialogue, a letter or an
    example."""
    line_start = answer.rfind("\n", 0, start) + 1
    marker = answer[line_start:start].lstrip()
    return (
        marker.startswith((">", "#", "//"))
        or answer.count(_FENCE, 0, start) % 2 == 1
        or _in_quotation(answer, start)
        or _in_dialogue(answer, line_start, end)
        or _in_letter(answer, start, end)
        or _is_example(answer[max(0, start - _LEAD_IN_LENGTH) : start])
    )


def _in_quotation(answer: str, start: int) -> bool:
    """Whether quotation marks opened earlier in the paragraph are open still."""
    before = answer[answer.rfind("\n\n", 0, start) + 1 : start]
    is_open = before.count('"') % 2 == 1 or any(
        before.rfind(opening) > before.rfind(closing) for opening, closing in _QUOTES.items()
    )
    return is_open and not _is_quoted_whole(answer)


def _is_quoted_whole(answer: str) -> bool:
    """Whether the whole answer stands in one pair of quotation marks, as some models write."""
    text = answer.strip()
    inner = text[1:-1]
    closing = _QUOTES.get(text[:1], '"')
    return text[:1] in {'"', *_QUOTES} and text[-1:] == closing and closing not in inner


def _in_dialogue(answer: str, line_start: int, end: int) -> bool:
    """Whether the line has a speaker's name before it, in a text with two speakers or more."""
    label = _SPEAKER.match(answer, line_start, end)
    if not label or _REMARK.match(label[1]):
        return False
    speakers = Counter(match[1].casefold() for match in _SPEAKER.finditer(answer))
    return speakers[label[1].casefold()] > 1 and sum(n > 1 for n in speakers.values()) > 1


def _in_letter(answer: str, start: int, end: int) -> bool:
    return bool(_CLOSING.search(answer, end) and _SALUTATION.search(answer, 0, start))


def _is_example(before: str) -> bool:
    lead_in = _LEAD_IN.search(before)
    return lead_in is not None and not _FIRST_PERSON.search(lead_in[0])


@lru_cache(maxsize=4096)
def _wanted(prompt: str) -> str:
    if _WANTS_OTHER_WORDS.search(prompt):
        return "other words"
    return "text" if _WANTS_TEXT.search(prompt) else ""


def _taken_from(prompt: str, sentence: str) -> bool:
    """Whether most longer words of the sentence are the prompt's."""
    words = {word for word in _WORD.findall(sentence.casefold()) if len(word) > 3}
    return len(words) > 2 and len(words.intersection(_WORD.findall(prompt.casefold()))) > (
        len(words) / 2
    )
