"""What a section states: its sentences, lists, table rows and commands, each put so that it is understood alone."""

import re
from collections.abc import Iterator

from stages.documents import commands, gates, listings, markup, sentences, splitting, subjects, tabular
from stages.documents.candidate import Candidate, Lead
from stages.documents.context import Context
from stages.documents.dangling import ahead, dangling
from stages.documents.verbs import has_verb
from stages.records import Document, Section

ENDLESS = 5000  # characters: what is longer is no sentence
_MARK = re.compile(
    r"\[[xX]\] |\[\d{1,3}\] ?(?=[A-Z])|(?:[a-z]|[ivx]{1,5})[.)] (?=\S)"
)  # of a task done, a note, a clause
# A label or a connective before a sentence that is whole without it: "Note: Llama 2 ...", "However, FSDP ..."
_LABEL = re.compile(
    r"(?:(?:important |please )?note|important|tip|warning|caution|attention|hint|remark|info|update|status|"
    r"(?!(?:The|An?|If|When|To|For|In) )[A-Z][\w-]*(?: [\w-]+){0,2}(?<=[a-z])):\s+(?=[A-Z\d])",
)
_CONNECTIVE = re.compile(
    r"(?:\W{0,4}(?:NOTE|Note)\b\W{1,5}|"
    r"(?i:it['’]s worth noting that|(?:please )?note that|keep in mind that|be aware that),?\s+)(?=\w)|"
    r"(?i:however|moreover|furthermore|additionally|in addition|also|finally|lastly|besides|similarly|likewise|"
    r"nevertheless|in general|generally|in particular|as of now|for example|for instance|in fact|therefore|thus|hence|"
    r"consequently|overall|further|importantly|ultimately),\s+(?=\w)|(?:However|Additionally|Also)\s+(?=[A-Z\d])"
)
_EXAMPLE = re.compile(r"(?i)(?:an? |some )?(?:example|sample|prompt|input|output)s?(?: \d+)?:")


def candidates(
    document: Document, section: Section, body: str, english: bool = True, most: int = 40
) -> Iterator[Candidate]:
    """Yield what a section states; with what is certainly no fact comes the reason.

    Args:
        document: where the section stands.
        section: where to look.
        body: the document's text.
        english: whether the rules that know English apply: without them everything is taken as it stands.
        most: words of a sentence that is not cut into its clauses.
    """
    if not english:
        yield from _as_it_stands(section.text)
        return
    text = section.text
    name = subjects.name(document, section, body)
    context = Context(name=name, title=document.title)
    lead, example, first = Lead(), False, True
    for block in markup.blocks(text):
        kind, heading = block.kind, section.heading[-1] if first and section.heading else None
        if example and kind in ("paragraph", "list"):
            yield Candidate(kind, block.start, block.end, verdict=("example", None))
        elif kind == "code":
            yield from commands.candidates(text, block, lead, heading)
        elif kind == "table":
            yield from tabular.candidates(text, block, name)
            context.paragraph()
        elif kind == "list":

            def split(low: int, high: int) -> Iterator[Candidate]:
                context.paragraph()
                return _sentences(text, low, high, "list", context, most)

            steps = heading or (section.heading[-1] if section.heading else "")
            yield from listings.candidates(text, block, lead, _whole, split, name, steps)
            context.paragraph()
        else:
            context.paragraph()
            yield from _sentences(text, block.start, block.end, "paragraph", context, most)
        example = (example and kind != "code") or _EXAMPLE.fullmatch(text[block.start : block.end]) is not None
        lead = _lead(text, block, context) if kind in ("paragraph", "list") else Lead()
        first = False


def _as_it_stands(text: str) -> Iterator[Candidate]:
    for block in markup.blocks(text):
        if block.kind == "code":
            yield Candidate("code", block.start, block.end, verdict=("code", None))
        elif block.kind == "table":
            for start, end, head in markup.rows(text, block):
                if not head:
                    yield Candidate("table", start, end, verdict=("table_row", None))
        else:
            edges = [(block.start, block.end)]
            if block.kind == "list":
                edges = [(low, high) for _, low, high in markup.items(text, block)]
            for start, end in edges:
                for low, high in sentences.spans(text[start:end]):
                    skip, _ = opening(text[start + low : start + high])
                    yield Candidate(block.kind, start + low + skip, start + high)


def _sentences(text: str, start: int, end: int, kind: str, context: Context, most: int) -> Iterator[Candidate]:
    """Yield the sentences of a paragraph or an item, those that lean on a plain subject with it put in."""
    spans = [(start + low, start + high) for low, high in sentences.spans(text[start:end])]
    for low, high in spans:
        labelled = _labelled(text[low:high], context.name) if kind == "paragraph" and len(spans) == 1 else None
        if labelled:
            yield Candidate("made", low, high, labelled)
            continue
        if high - low > ENDLESS:
            context.read("", (low, high), None)
            yield Candidate(kind, low, high)
            continue
        skip, connective = opening(text[low:high])
        low += skip
        quote = text[low:high]
        resolved = context.resolve(quote)
        says, support = (resolved.words, resolved.support) if resolved else (quote, ())
        if connective and re.match(r"[a-z]+\b(?![._(/-])", says):
            says = says[0].upper() + says[1:]
        says = _ANOTHER.sub(_plain_article, says)
        made = " ".join(says.split()) if says != quote else None
        pieces = list(splitting.split(says, most)) if len(says.split()) > most and says == quote else []
        for first, last, clause in pieces:
            yield Candidate(kind, low + first, low + last, clause if clause != quote[first:last] else None)
        head = splitting.head(says) if not pieces and dangling(says) is not None else None
        if head and (says == quote or head not in quote):
            whole = says != quote
            yield Candidate(kind, low, high if whole else low + len(head), head + ".", support)
        elif not pieces:
            yield Candidate(kind, low, high, made, support)
        context.read(quote, (low, high), resolved)


# What was told of before is not in view: "Opal is another format" says that it is one
_ANOTHER = re.compile(r"(?<=[\w)] )(is|was) another (?!of\b|\w+ (?:than|of)\b)(?=([a-z]))")


def _plain_article(match: re.Match[str]) -> str:
    return f"{match[1]} {'an' if match[2] in 'aeiou' else 'a'} "


_PAIR = re.compile(r"(?P<label>[A-Z][\w/-]*(?: [\w/&-]+){0,3}): (?P<rest>\S.{1,200})")


def _labelled(sentence: str, name: str | None) -> str | None:
    """Return "Developer: Meta" as "Llama 2, developer: Meta", of what the title names; None if it is whole."""
    match = _PAIR.fullmatch(sentence)
    if not match or name is None or name in sentence or gates.judge(match["rest"], "paragraph", True, 6) is None:
        return None
    label = match["label"]
    if re.fullmatch(r"(?i)note|tip|warning|important|example|see.*|references?|source|caution|hint|update", label):
        return None
    if match["rest"].endswith(":") or dangling(match["rest"]) is not None:
        return None
    return f"{name}, {label[0].lower() + label[1:] if label[1:].islower() else label}: {match['rest'].rstrip('.')}."


def opening(sentence: str) -> tuple[int, bool]:
    """Return how many characters a sentence is whole without, and whether they are a connective."""
    match = _MARK.match(sentence) or _CONNECTIVE.match(sentence)
    if match:
        skip, connective = opening(sentence[match.end() :])
        return match.end() + skip, connective or _MARK.match(sentence) is None
    if match := _LABEL.match(sentence):
        # behind a label stands a sentence of its own or the rest of a definition ("TGI: Text Generation Inference")
        return (match.end(), False) if has_verb(sentence[match.end() :], strict=True) else (0, False)
    return 0, False


def _whole(item: str) -> bool:
    """Say whether an item of a list is a statement without its lead-in."""
    found = [item[low:high] for low, high in sentences.spans(item)]
    return bool(found) and gates.judge(found[0], "list", True, min_words=5, max_words=60) is None


_NUMBERS = "two three four five six seven eight nine ten".split()
_BARE_LEAD = re.compile(r"(?i)[?]|\bthen\b|, (?:which|who|that|and) \w+$|^(?:some|examples?|a few) (?:\w+ )?\w+$")


def _lead(text: str, block: markup.Block, context: Context) -> Lead:
    """Return the last sentence of a block, if it leads in what follows."""
    low, high = list(sentences.spans(text[block.start : block.end]))[-1]
    low, high = block.start + low, block.start + high
    if block.kind == "list":
        low = next((start for _, start, end in markup.items(text, block) if start > low and end >= high), low)
        low = max(low, max((start for _, start, _ in markup.items(text, block)), default=low))
    if high - low > ENDLESS:
        return Lead()
    skip, _ = opening(text[low:high])
    low += skip
    sentence = re.sub(r"\bwe (?=(?:can|need|have to)\b)", "you ", " ".join(text[low:high].split()))
    negative = listings.NEGATIVE.search(sentence) is not None
    counts = re.search(rf"(?i)\b(?P<number>{'|'.join(_NUMBERS)})\b(?: [a-z-]+){{0,3}} [a-z]+s\.$", sentence)
    if counts and block.kind == "paragraph":
        count = _NUMBERS.index(counts["number"].lower()) + 2
        return Lead(sentence.rstrip(".") + ":", ((low, high),), negative, count=count)
    if block.kind == "list" and not re.search(r"(?i)(?:^|\b)(?:to|for|using|with) \w+", sentence):
        return Lead(negative=negative)
    if not sentence.endswith(":") and not re.search(r"(?i)\bfollowing (?:command|code|script)s?\.$", sentence):
        return Lead(negative=negative)
    resolved = context.last
    says = resolved.words if resolved else sentence
    bare = ahead(says.rstrip(":.")).strip()
    says = says if says.endswith(":") else says.rstrip(".") + ":"
    plain = len(bare.split()) > 2 and dangling(bare + ".") is None and not _BARE_LEAD.search(bare)
    support = resolved.support if resolved else ()
    return Lead(says if plain else "", (*support, (low, high)), negative, colon=True)
