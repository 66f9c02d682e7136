"""Lists: a short one is one statement with its lead-in, a longer one gives a statement an item."""

import re
from collections.abc import Callable, Iterator

import msgspec

from stages.documents import definitions, markup, sentences
from stages.documents.candidate import Candidate, Lead
from stages.documents.gates import MADE
from stages.documents.verbs import VERBS, has_verb
from stages.documents.wordlists import listed

SHORT = 15  # words of an item that is told in one breath with the others
WHOLE = 50  # words of a list that is one statement
_STOP = listed("stop")
Sentences = Callable[[int, int], Iterator[Candidate]]


class Item(msgspec.Struct, frozen=True):
    """An item of a list: text[low:high], its words on one line, and what leads it in."""

    low: int
    high: int
    words: str
    number: int | None
    lead: Lead
    inner: bool  # it stands below another item


NEGATIVE = re.compile(
    r"(?i)\b(?:not|n't|never|cannot|prohibit(?:s|ed)?|forbid(?:s|den)?|avoid|without|except|unless|wrong|ban(?:s|ned)?|"
    r"violat(?:es?|ions?)|instead of|mistakes?|deprecated|removed)\b[^.]*:$"
)


def candidates(
    text: str,
    block: markup.Block,
    lead: Lead,
    whole: Callable[[str], bool],
    split: Sentences,
    name: str | None = None,
    heading: str = "",
) -> Iterator[Candidate]:
    """Yield the statements of a list.

    Args:
        text: the section's text.
        block: the list in it.
        lead: its lead-in.
        whole: whether an item is a statement without its lead-in.
        split: yields the sentences of an item, as they are.
        name: what the section is about, None if nothing is named.
        heading: the heading that the list stands under.
    """
    found = list(_items(text, block, lead))
    if lead.count is not None and (
        lead.count != len(found) or any(item.inner or not _short(item.words) for item in found)
    ):
        lead = Lead(negative=lead.negative)
        found = list(_items(text, block, lead))
    flat = not any(item.inner for item in found)
    steps = not lead.negative and any(item.number for item in found) and any(_instructs(item.words) for item in found)
    alone = [whole(item.words) for item in found]
    defined = [_LOOSE.sub("", definitions.defined(item.words, name) or "") or None for item in found]
    defined = [
        told if told and (not item.lead.negative or definitions.LABELLED.fullmatch(item.words)) else None
        for told, item in zip(defined, found, strict=True)
    ]
    says = lead.says or (f"{heading}:" if steps and _opening(heading) in VERBS and len(heading.split()) > 2 else "")
    if flat and says and len(found) > 1:
        told = _at_once(says, [item.words for item in found], steps)
        if told and (steps or lead.negative or not any(alone) and not any(defined)):
            yield Candidate("made", found[0].low, found[-1].high, told, lead.support)
            return
    for item, good, definition in zip(found, alone, defined, strict=True):
        says = "" if len(found) > 1 and not item.inner and _ALL.search(item.lead.says) else item.lead.says
        single = len(list(sentences.spans(item.words))) == 1
        commands = single and _instructs(item.words)
        led = says and not steps and not item.words.endswith(":") and single
        if steps and flat:
            for part in split(item.low, item.high):
                step = _instructs(text[part.start : part.end])
                yield Candidate("list", part.start, part.end, verdict=("step", item.number)) if step else part
        elif commands and led and len(f"{says} {item.words}".split()) <= MADE:
            yield Candidate("made", item.low, item.high, joined(says, [item.words]), item.lead.support)
        elif commands and item.lead.colon and not re.search(r"\d|[A-Z]\w*[A-Z_]|\w[_./]\w|--", item.words):
            yield Candidate("list", item.low, item.high, verdict=("dangling", "list without its lead-in"))
        elif definitions.LABELLED.fullmatch(item.words) and not definition:
            yield Candidate("list", item.low, item.high, verdict=("dangling", "the model"))
        elif definition and (definitions.KIND.match(item.words) or _opening(definition.partition(": ")[2]) in VERBS):
            yield Candidate("made", item.low, item.high, definition)
        elif good and not item.lead.negative:
            yield from split(item.low, item.high)
        elif definition:
            yield Candidate(
                "made", item.low, item.high, definition if definition != text[item.low : item.high] else None
            )
        elif led and len(f"{says} {item.words}".split()) <= MADE:
            yield Candidate("made", item.low, item.high, joined(says, [item.words]), item.lead.support)
        elif item.lead.negative:
            yield Candidate("list", item.low, item.high, verdict=("dangling", "list under a negation"))
        else:
            yield from split(item.low, item.high)


_LOOSE = re.compile(r" in the (?:script|notebook|example|file|code)(?=\.?$)")  # in which one, stands elsewhere


def _items(text: str, block: markup.Block, lead: Lead) -> Iterator[Item]:
    """Yield the items of a list; those below an item that ends with a colon have that one in their lead-in.

    A list within a list is told by its indentation or, where a document has lost it, by numbers that begin anew.
    """
    levels: list[tuple[int, int | None, Lead]] = []  # indentation, number of the last item, lead-in
    before: Item | None = None
    for start, low, high in markup.items(text, block):
        words = " ".join(text[low:high].split())
        indent = start - (text.rfind("\n", 0, start) + 1)
        mark = re.match(r"\d+", text[start:])
        number = int(mark[0]) if mark else None
        while len(levels) > 1 and indent < levels[-1][0]:
            levels.pop()
        below = before is not None and before.words.endswith(":") and number == 1 and before.number is not None
        if levels and before and (indent > levels[-1][0] or below):
            levels.append((indent, None, _below(before)))
        while (
            len(levels) > 1 and number is not None and levels[-2][0] == indent and not _follows(levels[-1][1], number)
        ):
            levels.pop()
        if levels:
            levels[-1] = (levels[-1][0], number, levels[-1][2])
        else:
            levels.append((indent, number, lead))
        before = Item(low, high, words, number, levels[-1][2], len(levels) > 1)
        yield before


def _follows(last: int | None, number: int) -> bool:
    return number == 1 if last is None else number == last + 1


def _below(item: Item) -> Lead:
    if not item.words.endswith(":"):
        return Lead(negative=item.lead.negative)
    negative = item.lead.negative or NEGATIVE.search(item.words) is not None
    if not item.lead.says:
        return Lead(negative=negative)
    says = joined(item.lead.says, [item.words.rstrip(":")]).rstrip(".") + ":"
    return Lead(says, (*item.lead.support, (item.low, item.high)), negative)


def _opening(words: str) -> str:
    return words.split(None, 1)[0].lower() if words else ""


def _instructs(words: str) -> bool:
    """Say whether an item tells to do something: "Open the form", not "Prompt injections are ..." or "Open: ..."."""
    if _opening(words) not in VERBS or re.match(r"[\w -]+: ", words):
        return False
    rest = re.split(r"[,;]| (?:which|that|who|if|when|as|and|to)\b", words.partition(" ")[2])[0]
    return not has_verb(rest, strict=True) or re.match(r"(?:the|an?|your)\b", rest) is not None


def _at_once(says: str, items: list[str], steps: bool) -> str | None:
    """Return a whole list as one statement, None if it is too long for that."""
    if steps:
        if any(item.endswith(":") for item in items):
            return None
        told = " ".join(f"({number}) {item.rstrip('.')};" for number, item in enumerate(items, 1))
        statement = f"{says} {told.rstrip(';')}."
        return statement if len(statement.split()) <= MADE else None
    if not all(_short(item) for item in items):
        return None
    statement = joined(says, items)
    return statement if len(statement.split()) <= WHOLE else None


def _short(item: str) -> bool:
    return 0 < len(item.split()) <= SHORT and not re.search(r"[.!?:] \S|:$|://", item)


def joined(says: str, items: list[str]) -> str:
    """Return a lead-in and its items as one statement."""
    bare = [re.sub(r"(?:[,;.]| and|, and|; and| or|, or)+$", "", item).strip() for item in items]
    lead = re.sub(r"\s*:$", "", says)
    last = lead.rsplit(None, 1)[-1].lower()
    runs_on = last in _RUNS_ON
    bare = [_lowered(item, last) for item in bare] if runs_on else bare
    mark = "; " if len(bare) > 1 and any("," in item for item in bare) else ", "
    many = len(bare) > 2 or mark == "; "
    told = bare[0] if len(bare) == 1 else f"{mark.join(bare[:-1])}{mark.rstrip() if many else ''} and {bare[-1]}"
    return f"{lead}{'' if runs_on else ':'} {told}."


_RUNS_ON = frozenset(
    "to as include includes including are is by with for of supports support offers provides contains".split()
)


def _lowered(item: str, last: str) -> str:
    """Return an item as it goes on behind its lead-in: without the capital of an ordinary word."""
    first = re.match(r"[\w'-]*", item)
    word = first[0] if first else ""
    plain = word[:1].isupper() and word[1:].islower()
    verb = word.lower() in VERBS or word.endswith("ly")
    if plain and (verb if last == "to" else word.lower() in _STOP):
        return item[:1].lower() + item[1:]
    return item


_ALL = re.compile(
    r"(?i)\b(?:consists? of|are|is|comes? in|following|two|three|four|five|six|seven|eight|nine|ten):$|"
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten) [^:]*:$"
)
