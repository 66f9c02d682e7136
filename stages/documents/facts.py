"""Which sentences of a chunk are facts: verbatim, and understood without the text before them.

These rules decide what the model is taught, so they are strict: a sentence that leans on its neighbours ("it", "this
model", "the table above") is no fact, however true. They know English only; of a text in another language only the
rules on length, form and structure are applied.
"""

import bisect
import re
from collections import Counter
from collections.abc import Iterator

import msgspec

from stages.documents import chunker, headers, markup, sentences
from stages.documents.concepts import concepts
from stages.documents.dangling import dangling
from stages.documents.fragments import CLOSED, fragment
from stages.documents.verbs import has_verb
from stages.records import Chunk, Document, Fact, Section

ENDLESS = 5000  # characters: what is longer is no sentence, and its concepts are not looked for
Verdict = tuple[str, float | str | None]  # reason, what gave it away


class Dropped(msgspec.Struct, gc=False):
    """A candidate that is no fact, with the reason and what gave it away."""

    fact: Fact
    reason: str
    value: float | str | None = None


class Candidate(msgspec.Struct, frozen=True):
    """A stretch of a text that might be a fact: text[start:end]."""

    kind: str  # paragraph, list, table, code
    start: int
    end: int
    hangs: bool = False  # a list item that means the contrary without the words before the list


def extract(
    document: Document,
    chunks: list[Chunk],
    seen: Counter[tuple[str, ...]] | None = None,
    min_words: int = 6,
    max_words: int = 40,
) -> tuple[list[Fact], list[Dropped]]:
    """Return the facts of a document and what was dropped.

    Args:
        document: where to look. A language other than English switches off the rules that know English only.
        chunks: the chunks of the document.
        seen: how often each (source, topic, quote) was met, for a number on the ids of equal quotes.
        min_words: least words of a fact.
        max_words: most words of a fact.
    """
    seen = Counter() if seen is None else seen
    english = (document.language or "en").lower().startswith("en")
    ends = [chunk.span[1] for chunk in chunks]
    kept: list[Fact] = []
    dropped: list[Dropped] = []
    for section in document.sections:
        topic = headers.topic(document, section)
        if section.question:
            kept.append(_asked(document, section, topic, chunks[bisect.bisect_right(ends, section.span[0])], seen))
            continue
        for candidate in candidates(section.text):
            quote = section.text[candidate.start : candidate.end]
            start, end = section.span[0] + candidate.start, section.span[0] + candidate.end
            nameless = candidate.kind in ("code", "table") or len(quote) > ENDLESS
            fact = Fact(
                id=chunker.numbered(seen, (document.source, topic, quote), document.source, topic, quote),
                chunk=chunks[bisect.bisect_right(ends, start)].id,
                also=section.also,
                document=document.id,
                source=document.source,
                topic=topic,
                quote=quote,
                span=(start, end),
                concepts=[] if nameless else concepts(quote, topic),
            )
            verdict = judge(quote, candidate.kind, bool(fact.concepts), min_words, max_words, english)
            if verdict is None and candidate.hangs and english:
                verdict = "dangling", "list under a negation"
            if verdict is None:
                kept.append(fact)
            else:
                dropped.append(Dropped(fact, *verdict))
    return kept, dropped


def _asked(document: Document, section: Section, topic: str, chunk: Chunk, seen: Counter[tuple[str, ...]]) -> Fact:
    """Return an item of a structured FAQ file as a fact: its whole answer, as it was given."""
    quote = section.text
    key = (document.source, topic, section.question or "", quote)
    return Fact(
        id=chunker.numbered(seen, key, *key),
        chunk=chunk.id,
        document=document.id,
        source=document.source,
        topic=topic,
        quote=quote,
        span=section.span,
        concepts=concepts(quote, topic),
        question=section.question,
        also=section.also,
    )


_NEGATIVE_LEAD = re.compile(
    r"(?i)\b(?:not|n't|never|cannot|prohibit(?:s|ed)?|forbid(?:s|den)?|avoid|without|except|unless|wrong|ban(?:s|ned)?|"
    r"violat(?:es?|ions?)|instead of|mistakes?|deprecated|removed)\b[^.]*:$"
)


def candidates(text: str) -> Iterator[Candidate]:
    """Yield every sentence and list item, and every table row and code block, of a section's text."""
    hangs = False
    for block in markup.blocks(text):
        if block.kind == "code":
            yield Candidate("code", block.start, block.end)
        elif block.kind == "table":
            for start, end, head in markup.rows(text, block):
                if not head:
                    yield Candidate("table", start, end)
        elif block.kind == "list":
            for _, start, end in markup.items(text, block):
                yield from _sentences(text, start, end, "list", hangs)
        else:
            hangs = _NEGATIVE_LEAD.search(text[block.start : block.end]) is not None
            yield from _sentences(text, block.start, block.end, "paragraph")


def _sentences(text: str, start: int, end: int, kind: str, hangs: bool = False) -> Iterator[Candidate]:
    for low, high in sentences.spans(text[start:end]):
        sentence = text[start + low : start + high]
        yield Candidate(kind, start + low + _lead(sentence), start + high, hangs)


_MARK = re.compile(r"\[[xX]\] |\[\d{1,3}\] ?(?=[A-Z])")  # of a task that is done; of a note
# A label or a connective before a sentence that is whole without it: "Note: Llama 2 ...", "However, FSDP ..."
_LEAD = re.compile(
    r"(?:(?:(?:important |please )?note|important|tip|warning|caution|attention|hint|remark|info|update|status|"
    r"(?!(?:The|An?|If|When|To|For|In) )[A-Z][\w-]*(?: [\w-]+){0,2}(?<=[a-z])):|(?i:please note that|note that|"
    r"however|moreover|furthermore|additionally|in addition|"
    r"also|finally|lastly|besides|similarly|likewise|nevertheless|in general|in particular|as of now|for example|"
    r"for instance|in fact),?)\s+(?=[A-Z\d])"
)


def _lead(sentence: str) -> int:
    mark = _MARK.match(sentence)
    if mark:
        return mark.end() + _lead(sentence[mark.end() :])
    match = _LEAD.match(sentence)
    if not match:
        return 0
    label = match[0].rstrip().endswith(":")
    # behind a label stands a sentence of its own or the rest of a definition ("TGI: Text Generation Inference")
    return match.end() if not label or has_verb(sentence[match.end() :], strict=True) else 0


def judge(
    quote: str, kind: str, has_concept: bool, min_words: int = 6, max_words: int = 40, english: bool = True
) -> Verdict | None:
    """Return why a candidate is no fact, as (reason, value), or None if it is one."""
    if kind in ("code", "table"):
        return ("code" if kind == "code" else "table_row"), None
    if match := _HIDDEN.search(quote):
        return ("open_task" if match[0] == "[ ]" else "masked"), match[0]
    count = len(quote.split())
    if count < min_words:
        return "too_short", count
    if count > max_words:
        return "too_long", count
    for_english = [_no_content, _heading_like, _dangling, _fragment]
    for rule in [_question, *(for_english if english else [_heading_like])]:
        verdict = rule(quote, kind)
        if verdict:
            return verdict
    return None if has_concept else ("no_concept", None)


_HIDDEN = re.compile(r"^\[ \](?= )|\[(?:EMAIL|PHONE|CARD|IBAN|SSN|IP|SECRET)\]")  # a plan; masked personal data


def _question(quote: str, kind: str) -> Verdict | None:
    asks = re.match(r"(?i)(?:how|what|why|which|who|where)\b", quote) and not CLOSED.search(quote)
    return ("question", None) if asks or re.search(r"[?？][\"'”’»)\]]*$", quote) else None


_NO_CONTENT = re.compile(
    r"click (?:here|on|the (?:link|button))|all rights reserved|\bcopyright\b (?:\(c\)|©|\d{4})|"
    r"for (?:more|further|additional) (?:\w+ )?(?:information|details|info|background|examples)|"
    r"^(?:\w+ ){0,2}(?:more|further|additional) (?:\w+ )?(?:details?|information|background|examples|instructions?) "
    r"(?:\w+ )?(?:is|are|can|about|on)\b|(?:find|found|get) (?:more|further|additional)|"
    r"feel free to|stay tuned|happy to|thank(?:s| you)|welcome to|we hope|have fun|enjoy|don't hesitate|"
    r"table of contents|terms of (?:service|use)\b.*privacy|subscribe|newsletter|page \d+ of|skip to|"
    r"if you (?:find|use) .* (?:cite|citing)|please (?:cite|star|report|contact|open|file)|instructions on how|"
    r"for (?:more|further) in[- ]depth|more in[- ]depth|(?:to|you can) (?:learn|read) more",
    re.IGNORECASE,
)


def _no_content(quote: str, kind: str) -> Verdict | None:
    match = _NO_CONTENT.search(quote)
    return ("no_content", match[0].lower()) if match else None


def _heading_like(quote: str, kind: str) -> Verdict | None:
    letters = [character for character in quote if character.isalpha()]
    if not letters:
        return "heading_like", None
    if sum(map(str.isupper, letters)) > 0.6 * len(letters) and len(quote.split()) < 15:
        return "heading_like", None
    if kind == "list" or CLOSED.search(quote):
        return None
    if quote.rstrip("\"'”’)]")[-1:] in ":,;":
        return "fragment", quote[-1]
    return ("heading_like", None) if len(quote.split()) <= 12 and not re.search(r"://\S+$", quote) else None


def _dangling(quote: str, kind: str) -> Verdict | None:
    pointer = dangling(quote)
    return None if pointer is None else ("dangling", pointer)


def _fragment(quote: str, kind: str) -> Verdict | None:
    sign = fragment(quote, kind)
    return None if sign is None else ("fragment", sign)
