"""Whether an ambiguous sentence is its writer's own refusal: quotation, report, condition, denial.

Read by tokens (spaCy's English tokenizer and `Matcher`, no trained model). In a sentence, *cues*
are the words by which one speaks of oneself and declines ("I'm unable to", "as an AI"). The
sentence is the writer's own if one of its cues stands outside quotation marks and is not what
somebody else says, a condition, a question or something denied.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from aligncleaner.detect import lean_spacy

if TYPE_CHECKING:
    from spacy.tokens import Doc

#: Of a longer sentence, which hardly is one, this many code points are read.
_LONGEST: Final = 1000
_SELF: Final = ["i", "we"]
_BE_OR_MODAL: Final = [
    "am", "'m", "’m", "m", "are", "'re", "’re", "was", "ca", "can", "could", "do", "did", "wo",
    "will", "would", "'d", "’d", "'ll", "’ll", "have", "'ve", "’ve", "must", "should", "may",
    "might",
]  # fmt: skip
_NOT: Final = ["not", "n't", "n’t", "nt", "never", "cannot", "unable", "only", "just"]
_MACHINE: Final = [
    "ai", "assistant", "chatbot", "bot", "robot", "program", "programme", "model", "machine",
    "llm", "intelligence",
]  # fmt: skip
_SAYS: Final = [
    "said", "says", "saying", "told", "tells", "replied", "replies", "answered", "answers",
    "asked", "asks", "wrote", "writes", "claimed", "claims", "whispered", "insisted", "insists",
    "responded", "responds", "shouted", "thought", "thinks", "explained", "explains", "admitted",
    "admits", "argued", "argues", "added", "adds", "muttered", "cried", "sighed", "warned",
    "declared",
]  # fmt: skip
_SAY: Final = ["say", "tell", "reply", "respond", "answer", "ask", "write", "claim", "think"]
#: Before a verb of saying, these are not who says it: "as already said, I cannot".
_NO_SPEAKER: Final = [
    *_SELF, "as", "already", "previously", "above", "been", "be", "is", "was", "not", "n't",
    "n’t", "just", "to", "that", "have", "has", "had", "being", "and", "or", "but", "with", "of",
    "the", "a", "an", "my", "your",
]  # fmt: skip
_CONDITIONS: Final = {
    "if", "when", "whenever", "unless", "whether", "until", "suppose", "supposing", "imagine",
    "case", "wherever",
}  # fmt: skip
_QUESTIONS: Final = {
    "why", "how", "when", "what", "where", "which", "who", "can", "ca", "could", "do", "does",
    "did", "is", "are", "am", "was", "will", "wo", "would", "should", "have", "has", "may",
}  # fmt: skip
_STOPS: Final = {",", ";", ":", "—", "–", "--", "(", "but", "however"}
_OPENING: Final = set("“«„‘「『`")
_CLOSING: Final = set("”»’」』`")


def are_own(sentence: str) -> bool:
    """Whether the words of one English sentence are its writer's own and meant as they stand.

    True where nothing speaks against it.
    """
    return _are_own(sentence[:_LONGEST])


@lru_cache(maxsize=4096)  # refusals repeat
def _are_own(sentence: str) -> bool:
    doc, matches = _read(sentence)
    quoted = _quoted(doc)
    cues = [start for name, start, _ in matches if name == "cue"]
    if not cues:
        return _unquoted_without_cue(doc, quoted, any(name == "inverted" for name, *_ in matches))
    return any(
        not quoted[cue]
        and not _reported(matches, quoted, cue)
        and not _conditional(doc, cue)
        and not _denied(matches, cue)
        and not _asked(doc, cue)
        for cue in cues
    )


def _unquoted_without_cue(doc: Doc, quoted: list[bool], inverted: bool) -> bool:
    if inverted:
        return False
    words = [token.i for token in doc if token.is_alpha]
    return not words or sum(quoted[word] for word in words) <= len(words) / 2


def _quoted(doc: Doc) -> list[bool]:
    """For each token whether it stands inside quotation marks; an open pair lasts to the end."""
    double, single, marks = False, False, []
    for token in doc:
        if token.text in {'"', "`"}:
            double = not double
        elif token.text in {"'", "’"}:
            # An apostrophe has a letter before it, an opening quotation mark a space.
            spaced = token.i == 0 or bool(doc[token.i - 1].whitespace_) or doc[token.i - 1].is_quote
            single = spaced and not single and not token.whitespace_
        elif token.text == "‘":
            single = True
        elif token.text in _OPENING:
            double = True
        elif token.text in _CLOSING:
            double = False
        marks.append(double or single)
    return marks


def _reported(matches: list[tuple[str, int, int]], quoted: list[bool], cue: int) -> bool:
    """Whether somebody else is said to say it: "he said that I could not"."""
    return any(name == "report" and end <= cue and not quoted[end - 1] for name, _, end in matches)


def _conditional(doc: Doc, cue: int) -> bool:
    """Whether the cue stands in an if or when clause."""
    clause = [token.lower_ for token in doc[_clause_start(doc, cue) : cue]]
    return not _CONDITIONS.isdisjoint(clause)


def _denied(matches: list[tuple[str, int, int]], cue: int) -> bool:
    """Whether it is what is denied: "it does not mean that I can't"."""
    return any(name == "denial" and end <= cue <= end + 3 for name, _, end in matches)


def _asked(doc: Doc, cue: int) -> bool:
    """Whether it is part of a question, and not said before one is asked."""
    first = next((token for token in doc if token.is_alpha), None)
    return (
        doc[-1].text in {"?", "？"}
        and first is not None
        and first.lower_ in _QUESTIONS
        and _clause_start(doc, cue) <= first.i
    )


def _clause_start(doc: Doc, cue: int) -> int:
    return next((token.i + 1 for token in reversed(doc[:cue]) if token.lower_ in _STOPS), 0)


def _read(sentence: str) -> tuple[Doc, list[tuple[str, int, int]]]:
    """The tokens of a sentence, and what was found in them as (name, first token, end)."""
    tokenizer, matcher = _tools()
    doc = tokenizer(sentence)
    names = doc.vocab.strings
    return doc, [(names[name], start, end) for name, start, end in matcher(doc)]


@cache
def _tools() -> tuple[Any, Any]:
    spacy = lean_spacy.load()
    from spacy.matcher import Matcher

    blank = spacy.blank("en")
    matcher = Matcher(blank.vocab)
    any_word = {"IS_ALPHA": True}
    adverb = {"IS_ALPHA": True, "LOWER": {"NOT_IN": [*_SELF, *_BE_OR_MODAL, *_NOT]}, "OP": "{0,2}"}
    matcher.add("cue", [
        [_lower(_SELF), adverb, _lower(_BE_OR_MODAL), adverb, _lower(_NOT)],
        [_lower(_SELF), adverb, _lower(["refuse", "decline", "apologize", "apologise", "lack"])],
        [_lower(["sorry", "apologies", "afraid", "unfortunately", "regret"])],
        [_lower(["as", "just", "only", "'m", "’m", "am"]), _lower(["a", "an"]),
         {**any_word, "OP": "{0,3}"}, _lower(_MACHINE)],
        [_lower(["my", "our"]), _lower(["training", "guidelines", "programming", "policy",
                                        "policies", "knowledge", "purpose"])],
    ])  # fmt: skip
    speaker = {"IS_ALPHA": True, "LOWER": {"NOT_IN": _NO_SPEAKER}}
    helper = _lower(["could", "can", "might", "may", "would", "should", "will", "then", "often",
                     "always", "simply"])  # fmt: skip
    matcher.add("report", [
        [speaker, {"IS_ALPHA": True, "LOWER": {"IN": ["then", "once", "had", "has"]}, "OP": "*"},
         _lower(_SAYS)],
        [_lower(["you", "he", "she", "they", "people", "someone", "one"]), {**helper, "OP": "+"},
         _lower(_SAY)],
        [_lower(["they", "people", "some", "many", "others"]), _lower(_SAY)],
    ])  # fmt: skip
    matcher.add("denial", [
        [_lower(["never", "not", "n't", "n’t"]), _lower(["say", "saying", "said", "mean",
         "meaning", "because", "true", "that", "imply", "think", "claim", "believe", "as"])],
        [_lower(["nothing"]), {**_lower(["that", "which"]), "OP": "?"}],
        [_lower(["no"]), _lower(["reason", "way", "sense"]), {**_lower(["that", "why", "in",
         "which"]), "OP": "*"}],
    ])  # fmt: skip
    matcher.add("inverted", [
        [_lower(["ca", "could", "wo", "would", "do", "did", "am", "have"]),
         _lower(["n't", "n’t", "not"]), _lower(_SELF)],
        [_lower(["can", "could", "am", "do", "will"]), _lower(_SELF), _lower(["not"])],
        [_lower(["cannot"]), _lower(_SELF)],
    ])  # fmt: skip
    return blank.tokenizer, matcher


def _lower(words: list[str]) -> dict[str, Any]:
    return {"LOWER": {"IN": words}}
