"""Questions on two facts that are built alike, by rule: definitions, flags, numbers, measures, rows of a table."""

import re
from collections.abc import Sequence

import msgspec

from stages.documents.verbs import stem as base_form
from stages.llm import kinds
from stages.llm.multi_hop import Join, Written, judge, overlap, spread
from stages.quality.tokens import FUNCTION_WORDS, stem, stems
from stages.records import Fact, content_id

_ARTICLE = r"(?:(?:The|A|An) )?"
_NAME = r"(?P<name>\w(?:[^,.:;()]|(?<=\w)[.:](?=\w)){0,40}?)"
_LONG = r"(?: \([^()]{2,60}\)|, short for [^,]{3,60},| stands for [^,.]{3,60} and)?"
_KINDS = "flag|option|argument|parameter|setting|variable|command|function|method|script|module|tool|class|field"
_DEFINED = re.compile(rf"^{_ARTICLE}{_NAME}{_LONG} (?:is|are) (?P<article>an?|the) (?P<what>\S.*)$")
_DOES = re.compile(rf"^The (?P<kind>{_KINDS}) (?P<name>[^\s,]+) (?P<verb>[a-z]+s) \S")
_COUNT = (
    r"(?:about |around |over |up to |at least |at most |more than |roughly )?(?P<number>\d[\d.,]*|two|three|"
    r"four|five|six|seven|eight|nine|ten|twelve)(?: (?:thousand|million|billion|trillion))? "
    r"(?P<unit>[a-z]+(?: [a-z]+)??s)\b(?! of)"
)
_COUNTED = re.compile(rf"^{_ARTICLE}{_NAME} (?P<verb>[a-z]+s) {_COUNT}")
_PASSIVE = re.compile(
    rf"^{_ARTICLE}{_NAME} (?:is|are|was|were) (?P<verb>[a-z]+(?:ed|en|t)) (?P<by>on|with|in|from|for|to) {_COUNT}"
)
_MEASURE = re.compile(
    r"(?<![\w-])(?:total |estimated |average |overall )?([A-Z]{2,5} hours|"
    r"(?:[a-z]{4,} )?(?:emissions|accuracy|latency|throughput|price|temperature|duration)|"
    r"[a-z]{4,} (?:length|size|rate|speed|cost|capacity|weight|score|limit))(?![\w-])"
)
_MEASURES = frozenset("size price cost length speed accuracy weight score capacity parameters context tokens".split())
_NO_HEAD = re.compile(
    r"(?i)(?:what|which|when|how|who|where|is|are|can|does)\b|"
    r"(?:.* )?(?:use|type|kind|category|entry points?|notes?|remarks?|comments?)$"
)
_NUMBER = re.compile(r"(?<![\w.])\d[\d.,]*\w?")
_ROW = re.compile(r"^(?P<name>[^:–]{2,60}?)(?:: | – )(?P<cells>.+?)\.$")
_BOUNDARY = re.compile(
    r"[,.;:()]|\b(?:that|which|who|whose|for|to|in|on|with|by|from|used|built|designed|made|based|of|where|and|or)\b"
)
_PRONOUN = re.compile(r"(?i)^(?:it|this|that|these|those|they|there|here|what|which|one|he|she|we|you|i|all|both)\b")


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a fact is in a contrast: facts with the same key can be asked about together."""

    fact: Fact
    key: tuple[str, ...]  # its rule first
    name: str  # as the question names it
    detail: tuple[str, ...] = ()


def made_by_rule(facts: Sequence[Fact], most: int) -> tuple[list[tuple[Join, Written]], list[tuple[Written, str]]]:
    """Return at most `most` questions on two facts, spread over what is asked, and the dropped ones with reason."""
    groups: dict[tuple[str, ...], list[Part]] = {}
    plain = {word for fact in facts for word in re.findall(r"[a-z][a-z-]*", fact.says)}
    for fact in sorted(facts, key=lambda fact: fact.id):
        for part in parts(fact, plain):
            groups.setdefault(part.key, []).append(part)
    options: dict[str, list[Join]] = {}
    written: dict[tuple[str, str], Written] = {}
    dropped: list[tuple[Written, str]] = []
    asked: set[tuple[str, ...]] = set()
    for key, group in sorted(groups.items()):
        for number, one in enumerate(group):
            for other in group[number + 1 :]:
                if not _apart(one, other):
                    continue
                made = _asked(one, other)
                names = (*key[:2], *sorted((one.name, other.name)))
                if made is None or names in asked or (one.fact.id, other.fact.id) in written:
                    continue
                asked.add(names)
                join = Join(first=one.fact, second=other.fact, concept=" ".join(key[1:]))
                if verdict := judge(made, join, built=key[0] not in ("defined", "does")):
                    dropped.append((made, verdict[0]))
                    continue
                written[one.fact.id, other.fact.id] = made
                options.setdefault(" ".join(key), []).append(join)
    for found in options.values():
        found.sort(key=lambda join: join.first.document == join.second.document)  # what stands far apart comes first
    chosen = spread(options, most)
    return [(join, written[join.first.id, join.second.id]) for join in chosen], dropped


def parts(fact: Fact, plain: set[str]) -> list[Part]:
    """Return what a fact can be in contrasts; [] if its form is none of the known ones.

    Args:
        fact: a fact.
        plain: words that the facts write in lower case: a column's head that is one of them is no name.
    """
    says = " ".join(fact.says.split())
    found: list[Part] = []
    if match := _DOES.match(says):
        found.append(Part(fact=fact, key=("does", match["kind"], fact.topic), name=match["name"]))
    elif match := _PASSIVE.match(says):
        if _subject(match["name"]):
            key = ("passive", match["verb"], match["by"], match["unit"])
            found.append(Part(fact=fact, key=key, name=match["name"], detail=(match["number"],)))
    elif (match := _COUNTED.match(says)) and (base := base_form(match["verb"])):
        if _subject(match["name"]):
            found.append(Part(
                fact=fact, key=("counted", base, match["unit"]), name=match["name"], detail=(match["number"],)
            ))  # fmt: skip
    elif (match := _DEFINED.match(says)) and _subject(match["name"], plain=True):
        end = _BOUNDARY.search(match["what"])
        head = (match["what"][: end.start()] if end else match["what"]).split()[-1:]
        name = match["name"] if kinds.named(match["name"]) else match["name"][0].lower() + match["name"][1:]
        if head and kinds.named(name):
            found.append(Part(fact=fact, key=("defined", stem(head[0].lower())), name=name))
        if match["article"] != "the":  # "the only size with ..." sets apart, and is no kind
            found.append(Part(fact=fact, key=("defined", "", fact.topic), name=name))
    elif fact.statement and (match := _ROW.match(says)):
        for head, cell in _cells(match["cells"]):
            found.append(
                Part(fact=fact, key=("row", _head(head, cell, plain), fact.topic), name=match["name"], detail=(cell,))
            )
        return found
    heads = dict.fromkeys(match[1] for match in _MEASURE.finditer(says))
    for head in (head for head in heads if not FUNCTION_WORDS & set(head.split())):
        names = [name for name in fact.concepts if kinds.named(name) and name not in head and _measured(name, says)]
        if names and re.search(r"\d", says):
            found.append(Part(fact=fact, key=("measured", head), name=names[0], detail=tuple(_NUMBER.findall(says))))
    return found


def _measured(name: str, says: str) -> bool:
    """Tell whether a name can be of what is measured: it is no unit behind a number, and owns nothing else."""
    return name in says and not name.endswith(("'s", "’s")) and not re.search(rf"\d\s*{re.escape(name)}\b", says)


def _subject(name: str, plain: bool = False) -> bool:
    """Tell whether a sentence's first words are the name of its subject; plain: a short common noun is one, too."""
    if _PRONOUN.match(name) or len(name.split()) > 5 or FUNCTION_WORDS & set(name.lower().split()):
        return False
    return kinds.named(name) or (plain and len(name.split()) <= 2)


def _cells(text: str) -> list[tuple[str, str]]:
    """Return (head, value) of a row that is written as a statement."""
    if ": " in text:
        return [(head, cell) for head, _, cell in (part.partition(": ") for part in text.split("; ")) if cell]
    cells = [part.rsplit(" ", 1) for part in text.split(", ")]
    return [(cell[0], cell[1]) for cell in cells if len(cell) == 2 and re.search(r"\d|^(?:yes|no)$", cell[1])]


def _apart(one: Part, other: Part) -> bool:
    """Tell whether two facts are about two things, and say different things of them."""
    first, second = kinds.squeezed(one.name), kinds.squeezed(other.name)
    same_start = first in second or second in first
    if first == second or (same_start and one.key[0] != "row"):
        return False
    if one.key[0] in ("row", "counted", "passive"):
        return one.detail != other.detail
    if one.key[0] == "measured":
        alike = overlap(stems(one.fact.says) - stems(one.name), stems(other.fact.says) - stems(other.name))
        return set(one.detail) != set(other.detail) and alike > 0.3 and one.name not in other.fact.says
    return overlap(stems(one.fact.says), stems(other.fact.says)) < 0.7


def _asked(one: Part, other: Part) -> Written | None:
    """Return the question that two parts of one key allow, and its answer."""
    rule, both = one.key[0], f"{one.name} and {other.name}"
    if rule == "row":
        return _of_rows(one, other)
    if rule == "counted":
        question = f"How many {one.key[2]} do {both} {one.key[1]}?"
    elif rule == "passive":
        _, verb, by, unit = one.key
        question = f"{by.capitalize()} how many {unit} were {both} {verb}?"
    elif rule == "measured":
        question = f"How do {both} compare in {one.key[1]}?"
    else:
        kind = f"the {one.key[1]}s " if rule == "does" else ""
        wordings = (f"What is the difference between {kind}{both}?", f"How do {kind}{both} differ?")
        question = wordings[int(content_id(one.fact.id, other.fact.id), 16) % 2]
    answer = " ".join(_sentence(part.fact.says) for part in (one, other))
    return Written(question=question, answer=answer)


def _of_rows(one: Part, other: Part) -> Written | None:
    """Return a question on a column, in which two rows of a table differ; None where the column says too little."""
    head = one.key[1]
    figures = all(re.match(r"[~<>≈±+$€£-]*\d", part.detail[0]) for part in (one, other))
    benchmark = figures and kinds.named(head) and not re.search(r" [a-z]", head)
    if figures and not (benchmark or " " in head or head in _MEASURES):
        return None  # "differ in code?": what is measured stands elsewhere
    name, further = (re.sub(r" \([^()]*\)$", "", part.name) for part in (one, other))
    if name == further or _NO_HEAD.match(head) or {one.detail[0], other.detail[0]} & {"yes", "no"}:
        return None
    values = (one.name, one.detail[0], other.name, other.detail[0])
    if benchmark:
        question = f"How do {name} and {further} compare on {head}?"
        return Written(
            question=question, answer=f"On {head}, {values[0]} has {values[1]} and {values[2]} has {values[3]}."
        )
    wordings = (
        f"How do {name} and {further} differ in {head}?",
        f"What is the difference in {head} between {name} and {further}?",
    )
    verb = "are" if re.search(r"[^s]s$", head) else "is"
    return Written(
        # the difference of figures is a number, which the answer does not give
        question=wordings[0 if figures else int(content_id(one.fact.id, other.fact.id), 16) % 2],
        answer=f"The {head} {verb} {values[1]} for {values[0]} and {values[3]} for {values[2]}.",
    )


def _head(head: str, cell: str, plain: set[str]) -> str:
    """Return a column's head as it stands in a sentence: in lower case, unless it is a name."""
    head = re.sub(r"(?<=\w)\(", " (", head)
    words = head.split()
    figure = re.match(r"\W*\d", cell) is not None
    single = len(words) == 1 and (not figure or words[0].lower() in plain)  # a benchmark has figures
    several = len(words) > 1 and not (figure and re.match(r"[A-Z]\w*[A-Z]", head))
    if not (single or several):
        return head
    return " ".join(word.lower() if re.fullmatch(r"[A-Z][a-z]+(?:-[A-Za-z][a-z]+)*", word) else word for word in words)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if re.search(r"[.!?][\"”)]?$", text) else f"{text}."
