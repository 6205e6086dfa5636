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
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import re2

from aligncleaner.detect.evidence import Batch, Flag

#: Where the assistant speaks of itself whatever was asked for.
_ITSELF: Final = re2.compile(
    r"(?i)\b(?:an?|this|your) (?:\w+[ -]){0,2}(?:AI|artificial intelligence|language model|LLM"
    r"|chat ?bot|assistant)\b|\b(?:your|this|that) request\b"
    r"|\bmy (?:training|guidelines|programming|knowledge|polic)|\b(?:OpenAI|Anthropic)\b"
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
#: A refusal in the prompt itself, which a rewriting of it repeats.
_REFUSES: Final = re.compile(
    r"\b(?:I|we)\b[^.?!\n]{0,20}(?:\bnot\b|n['’]t\b|\bcannot\b|\bunable\b)|\bsorry\b", re.IGNORECASE
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
#: How far back the line, the paragraph and its quotation marks are followed.
_LOOK_BACK: Final = 2000
#: What a long prompt asks for stands at either end of it.
_ENDS: Final = 1000
_FIRST_PERSON: Final = re.compile(r"\b(?:I|my)\b")

_WORD: Final = re.compile(r"\w+")
_FENCE: Final = re.compile("```")
_QUOTES: Final = ("“”", "«»", "„“", "「」", "『』")
#: "Bryan:" or "**JOURNALIST** (smiling):" before the words of a line.
_SPEAKER: Final = re.compile(
    r"^[ \t*_#>-]*([^\W\d_][\w .'’-]{0,30}?)[ *_]*(?:\([^()\n]{0,30}\))?[ *_]*:", re.MULTILINE
)
_SALUTATION: Final = re.compile(
    r"^[ \t*_\"“>]*(?:Dear|Hi|Hello|Hey|Greetings|To)\b[^\n.!?]{0,60}[,:][ \t*_]*$", re.MULTILINE
)
_SALUTATION_WITHIN: Final = 600
_CLOSING: Final = re.compile(
    r"^[ \t*_]*(?:Sincerely|Yours|(?:Best|Kind|Warm)(?:est)?(?: regards| wishes)?|Regards|Love"
    r"|Respectfully|Cheers|Thank you|Thanks|With \w+)[^\n]{0,20}[,!]?[ \t*_]*$",
    re.MULTILINE,
)

#: Marks and words by which a sentence may not mean what its cue says. `own_words` decides.
_AMBIGUOUS: Final = re2.compile(
    # first person inside quotation marks or code
    r"""(?i)["“«„「`][^"”»」`\n]*\b(?:I|we|my)\b"""
    r"""|(?:^|\W)['‘](?:\w[^"”»」`\n]*\b)?(?:I|we|my)\b"""
    # somebody says, thinks or asks
    r"|\b(?:sa(?:id|ying)|told|tells|repl(?:ied|ies)|answered|asked|asks|wrote|writes"
    r"|claim(?:s|ed)|whispered|insist(?:s|ed)|respond(?:s|ed)|shouted|thought|thinks"
    r"|explain(?:s|ed)|admit(?:s|ted)|argue[sd]|added|declared"
    r"|(?:you|they|people) (?:\w+ )?(?:say|reply|respond|answer|write|tell))\b"
    # if, when, whether: what is not said to be so
    r"|\b(?:if|when|whenever|unless|whether|until|suppose|imagine|in case)\b[^,.;]{0,20}"
    r"\b(?:I|we)\b"
    # why can't I
    r"|\b(?:can|could|won|don|would|wouldn|am|do|did|will)(?:['’]?t|not| not)? (?:I|we)\b"
    # denials of a denial
    r"|\b(?:never|not (?:that|because|say\w*|mean\w*|true|as)|no (?:reason|way|sense)|nothing"
    r"|\w+n['’]t (?:mean|think|say|because|as))\b[^.;]{0,30}\b(?:I|we)\b"
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
    if start and _in_letter(answer, start, end):
        return False
    wanted = _wanted(prompt if len(prompt) <= 2 * _ENDS else prompt[:_ENDS] + prompt[-_ENDS:])
    if wanted == "text":
        return start <= _OPENING
    return not (wanted == "other words" and _taken_from(prompt, sentence))


def _stands_in_other_words(answer: str, start: int, end: int) -> bool:
    """Whether it stands in code, in a heading, a quotation or a dialogue, or is an example."""
    before = answer[max(0, start - _LOOK_BACK) : start]
    line = before.rpartition("\n")[2]
    return (
        line.lstrip().startswith((">", "#", "//"))
        or bisect_left(_fences(answer), start) % 2 == 1
        or _in_quotation(answer, before.rpartition("\n\n")[2])
        or _in_dialogue(answer, line + answer[start:end])
        or _is_example(before)
    )


def _in_quotation(answer: str, before: str) -> bool:
    """Whether quotation marks opened earlier in the paragraph are open still."""
    is_open = before.count('"') % 2 == 1 or (
        not before.isascii()
        and any(before.rfind(opening) > before.rfind(closing) for opening, closing in _QUOTES)
    )
    return is_open and not _is_quoted_whole(answer)


def _in_dialogue(answer: str, line: str) -> bool:
    """Whether the line has a speaker's name before it, in a text with two speakers or more."""
    label = _SPEAKER.match(line)
    return (
        label is not None
        and not _REMARK.match(label[1])
        and label[1].casefold() in _speakers(answer)
    )


def _is_example(before: str) -> bool:
    """Whether the words just before announce an example: "You could reply:"."""
    if ":" not in before[-8:]:
        return False
    lead_in = _LEAD_IN.search(before[-_LEAD_IN_LENGTH:])
    return lead_in is not None and not _FIRST_PERSON.search(lead_in[0])


def _in_letter(answer: str, start: int, end: int) -> bool:
    """Whether it stands between the salutation and the closing words of a letter."""
    salutation, closing = _letter(answer)
    return salutation <= start and end <= closing


# What is the same for every sentence of an answer is found once: flags come row by row.


@lru_cache(maxsize=1)
def _fences(answer: str) -> list[int]:
    return [fence.start() for fence in _FENCE.finditer(answer)]


@lru_cache(maxsize=1)
def _speakers(answer: str) -> frozenset[str]:
    """The labels that lines of the answer have more than once, if there are two such."""
    labels = Counter(label[1].casefold() for label in _SPEAKER.finditer(answer))
    repeated = frozenset(label for label, lines in labels.items() if lines > 1)
    return repeated if len(repeated) > 1 else frozenset()


@lru_cache(maxsize=1)
def _letter(answer: str) -> tuple[int, int]:
    """Where a letter's first words end and its last begin; (n, 0) of a text of n without."""
    salutation = _SALUTATION.search(answer, 0, _SALUTATION_WITHIN)
    if not salutation:
        return len(answer), 0
    *_, closing = [0, *(match.start() for match in _CLOSING.finditer(answer, salutation.end()))]
    return salutation.end(), closing


@lru_cache(maxsize=1)
def _is_quoted_whole(answer: str) -> bool:
    """Whether the whole answer stands in one pair of quotation marks, as some models write."""
    text = answer.strip()
    return text[:1] + text[-1:] in ('""', *_QUOTES) and text[-1] not in text[1:-1]


@lru_cache(maxsize=4096)
def _wanted(prompt: str) -> str:
    if _WANTS_OTHER_WORDS.search(prompt) and _REFUSES.search(prompt):
        return "other words"
    return "text" if _WANTS_TEXT.search(prompt) else ""


def _taken_from(prompt: str, sentence: str) -> bool:
    """Whether most longer words of the sentence are the prompt's."""
    words = {word for word in _WORD.findall(sentence.casefold()) if len(word) > 3}
    common = words.intersection(_WORD.findall(prompt.casefold()))
    return len(words) > 2 and len(common) > len(words) / 2
