"""The words and the tables, declared once.

Labels are stored as plain strings; "not known" is null, never -1, "" or NaN.
`check` holds a table against its declaration at every boundary of the package.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from aligncleaner.errors import Fault, SchemaMismatch

OUTCOMES: Final = ("complies", "partly_refuses", "refuses", "malformed")
TRAITS: Final = ("disclaimer", "hedge", "moralizing")
LABELS: Final = OUTCOMES + TRAITS
KINDS: Final = ("self", "expertise")

SHOULD_NOT: Final = (
    "harm", "illegal", "privacy", "sexual", "hate", "deception", "copyright",
    "professional", "controversy", "policy",
)  # fmt: skip
CANNOT: Final = (
    "no_access", "no_modality", "no_self", "no_knowledge", "missing_input", "infeasible",
)  # fmt: skip
REASONS: Final = (*SHOULD_NOT, *CANNOT, "unexplained")

FATES: Final = (
    "kept", "stripped", "masked", "turn_dropped", "conversation_dropped", "no_answer",
    "quarantined",
)  # fmt: skip

_text, _real, _int = pa.string(), pa.float32(), pa.int32()


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


#: Where an answer stands: its file as given, the record's number in it from 1, the turn from 0.
_PLACE: Final = (
    _required("source", _text),
    _required("line", pa.int64()),
    pa.field("turn", _int),
)

#: One row is one assistant turn.
ANSWERS: Final = pa.schema([
    _required("answer_id", _text),
    _required("conversation_id", _text),
    *_PLACE,
    _required("n_turns", _int),
    pa.field("side", _text),
    pa.field("system", _text),
    pa.field("prompt", _text),
    pa.field("context", _text),
    _required("answer", _text),
    pa.field("model", _text),
    pa.field("lang", _text),
    _required("content_hash", _text),
    pa.field("prompt_hash", _text),
    _required("format", _text),
    pa.field("meta", _text),
])  # fmt: skip

#: One row is one piece of evidence. `start` and `end` count Unicode code points of the answer.
FLAGS: Final = pa.schema([
    _required("answer_id", _text),
    *_PLACE,
    _required("detector", _text),
    _required("version", _text),
    pa.field("rule", _text),
    _required("label", _text),
    pa.field("reason", _text),
    pa.field("kind", _text),
    _required("score", _real),
    _required("start", _int),
    _required("end", _int),
    _required("quote", _text),
])  # fmt: skip

#: One row is one judged answer. The four `p_*` of the outcomes sum to one.
VERDICTS: Final = pa.schema([
    _required("answer_id", _text),
    *_PLACE,
    _required("outcome", _text),
    _required("p_complies", _real),
    _required("p_partly_refuses", _real),
    _required("p_refuses", _real),
    _required("p_malformed", _real),
    _required("p_disclaimer", _real),
    _required("p_hedge", _real),
    _required("p_moralizing", _real),
    _required("reasons", pa.list_(_text)),
    pa.field("over_refusal", _real),
    _required("delivered_share", _real),
    pa.field("lang", _text),
    pa.field("model", _text),
    _required("version", _text),
])  # fmt: skip

#: One row is one answer's end, or that of a record that held none (`answer_id` null).
LEDGER: Final = pa.schema([
    pa.field("answer_id", _text),
    *_PLACE,
    _required("fate", _text),
    pa.field("decided_by", _text),
    pa.field("words", _text),
])  # fmt: skip

TABLES: Final = {"answers": ANSWERS, "flags": FLAGS, "verdicts": VERDICTS, "ledger": LEDGER}

#: What each column holds; one name means one thing in every table. `docs/tables.md` shows it.
MEANINGS: Final = {
    "answer_id": "sha256 of the conversation up to and with the answer (its first 32 hexadecimal"
    " digits); `-2`, `-3` ... are added where the same one comes again",
    "conversation_id": "sha256 of the whole conversation",
    "source": "the input file, as it was given",
    "line": "number of the record in its file, from 1",
    "turn": "number of the turn in its conversation, from 0; null where a record gave no answer",
    "n_turns": "how many turns the conversation has",
    "side": "`chosen`, `rejected`, `desired` or `undesired` in preference data, else null",
    "system": "the system prompt, null if there is none",
    "prompt": "the last user turn before the answer, null if there is none",
    "context": "the turns before the prompt, null if there are none",
    "answer": "the answer's text, as the log has it",
    "model": "the model that answered, null where the log does not say",
    "lang": "the answer's language (ISO 639-1), null where it is too short to tell",
    "content_hash": "sha256 of the answer alone",
    "prompt_hash": "sha256 of the prompt alone, null if there is none",
    "format": "the chat format that the record was read as",
    "meta": "the record's other fields as JSON, null if there are none",
    "detector": "what found it",
    "version": "of the detector, or of what judged",
    "rule": "id of the rule that hit, null for detectors without rules",
    "label": "the outcome or trait it speaks for",
    "reason": "the reason for refusing that it speaks for, null if none",
    "kind": "what a disclaimer is about (`self`, `expertise`), null for other labels",
    "score": "probability of the label given this evidence, in [0, 1]",
    "start": "where the words begin, in Unicode code points of the answer",
    "end": "where they end, exclusive",
    "quote": "the words themselves",
    "outcome": "the one outcome of the answer",
    "p_complies": "probability that it complies; the four of the outcomes sum to 1",
    "p_partly_refuses": "probability that it partly refuses",
    "p_refuses": "probability that it refuses",
    "p_malformed": "probability that it is malformed",
    "p_disclaimer": "probability that it disclaims",
    "p_hedge": "probability that it hedges",
    "p_moralizing": "probability that it moralizes",
    "reasons": "why it refuses or partly refuses, sorted; empty where it does neither",
    "over_refusal": "probability that the refusal is needless, null where nothing is refused",
    "delivered_share": "share of its text outside refusing, disclaiming and lecturing sentences",
    "fate": "what became of it",
    "decided_by": "the rule or detector that decided, null where nothing was done",
    "words": "the words it decided on, null where nothing was done",
}  # fmt: skip


def check(table: pa.Table, schema: pa.Schema, where: str) -> pa.Table:
    """Return `table` unchanged if it has exactly the columns and types of `schema`.

    Raises:
        SchemaMismatch: naming every column that is missing, extra, of another type, or null
            where null is not allowed.
    """
    faults = []
    for field in schema:
        index = table.schema.get_field_index(field.name)
        if index < 0:
            faults.append(Fault(where, f"no column '{field.name}'", f"{field.name}: {field.type}"))
        elif table.schema.field(index).type != field.type:
            got = f"column '{field.name}' is {table.schema.field(index).type}"
            faults.append(Fault(where, got, str(field.type)))
        elif not field.nullable and table.column(index).null_count:
            faults.append(Fault(where, f"column '{field.name}' holds nulls", "none"))
    faults += [
        Fault(where, f"unknown column '{name}'", f"only {', '.join(schema.names)}")
        for name in table.schema.names
        if schema.get_field_index(name) < 0
    ]
    if faults:
        raise SchemaMismatch(faults)
    return table
