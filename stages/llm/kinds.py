"""What kind of thing the named subjects of the documents are, by the nouns that the documents use of them.

A subject whose kind no text tells has none: it is not asked for a price that only a product has.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from stages.records import Fact

# A name that is a kind of thing itself, or stands for too much.
_GENERIC = frozenset(
    "ai api apis app cli cpu cpus cuda english faq gpu gpus id json llm llms ml model models nlp note os ram sdk sql "
    "step ui python url urls us vm yaml you your i".split()
)
_BOUNDARY = re.compile(
    r"[,.;:()!?]|\b(?:that|which|who|whose|for|to|in|on|with|by|from|used|built|designed|made|based|of|where|when|and|"
    r"or)\b"
)
_IS_A = re.compile(
    r"(?: \([^)]*\)|, [^,\n]{3,60},| stands for [^,.\n]{3,60} and)? (?:is|are|was) "
    r"(?:an?|the|one of the|another) ([^\n]+)"
)
_LISTED = re.compile(r"\b([a-z]+)(?: such as|,? including|,? like|:) (?:[^.\n]*, |[^.\n]* and )?$")
_FAMILY = re.compile(r"\b(?:family|collection|set|series|kind|type|group|suite) of ")
_FILE = re.compile(r"[\w./-]+\.(?:py|sh|slurm|ipynb|md|txt|ya?ml|jsonl?|csv|toml|cfg|ini)")
_MAKES = r"(?:released|announced|published|trained|founded|grants|granted|developed)"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the documents name, and how a question names it."""

    name: str
    kind: str
    shown: str  # "the flag --x"
    topic: str  # of the first fact that names it
    aliases: tuple[str, ...] = ()  # other names of it, and the name without its version


def named(concept: str) -> bool:
    """Tell whether a concept is the name of one thing: no number, no common word."""
    if concept.casefold() in _GENERIC or re.match(r"[\d$€£]", concept) or len(concept) < 3:
        return False
    if re.match(r"(?:[\w-]+\.)+(?:com|org|net|io|ai|edu|gov|dev)\b", concept):
        return False  # an address
    several = re.fullmatch(r"[A-Z][a-z]+s", concept)  # Weights, Datasets
    return re.search(r"[A-Z_()]|^--?\w|\.\w", concept) is not None and not several


def squeezed(text: str) -> str:
    """Return a text as names are looked for in it: in lower case, without blanks, hyphens and underscores."""
    return re.sub(r"[\s_-]+", "", text.casefold())


def subjects(facts: Sequence[Fact], texts: Iterable[str], kinds: dict[str, str]) -> list[Subject]:
    """Return the named subjects of the facts of which the texts tell the kind, by name.

    Args:
        facts: their concepts are the names.
        texts: where nouns stand beside the names.
        kinds: nouns by kind, in the singular; see asked.en.yaml.
    """
    topics: dict[str, str] = {}
    for fact in facts:
        for concept in fact.concepts:
            if named(concept):
                topics.setdefault(concept, fact.topic)
    body = "\n".join(texts)
    nouns = {noun: kind for kind, listed in kinds.items() for noun in listed.split()}
    short = _abbreviations(body)
    for name in list(topics):  # "Model Catalog" is a short way of saying "Azure Model Catalog"
        if any(other.endswith(f" {name}") for other in topics):
            del topics[name]
    found: list[Subject] = []
    known: dict[str, str] = {}
    for name in sorted(topics):  # a name stands before its longer ones
        kind, noun, before = _kind(name, body, nouns)
        parent = re.sub(r"(?: - \w+| v?\d[\w.]*)$", "", name)
        kind = known[name] = kind or known.get(parent, "")  # "Code Llama 70B" is what "Code Llama" is
        if kind:
            shown = f"the {noun} {name}" if before else f"the {name} {noun}" if noun else name
            if kind in ("document", "dataset", "benchmark") and " " in name and _own_noun(name, nouns):
                shown = f"the {name}"
            aliases = {short.get(name, ""), *(long for long, abbreviation in short.items() if abbreviation == name)}
            aliases |= {parent} if named(parent) else set()
            found.append(Subject(
                name=name, kind=kind, shown=shown, topic=topics[name], aliases=tuple(sorted(aliases - {name, ""}))
            ))  # fmt: skip
    return found


def _kind(name: str, body: str, nouns: dict[str, str]) -> tuple[str, str, bool]:
    """Return the kind, the noun to show with the name, if any, and whether it stands before it."""
    if name.startswith("-"):
        return "flag", "flag", True
    if name.endswith("()"):
        return "function", "function", True
    exact = rf"(?<![\w/.-]){re.escape(name)}(?![\w/-]|\.\w)"
    code = re.search(r"[a-z]_|_[a-z]|[A-Z]_[A-Z]", name) is not None
    votes: Counter[tuple[str, str, bool]] = Counter()
    for match in re.finditer(exact, body):
        before, after = body[max(0, match.start() - 60) : match.start()], body[match.end() : match.end() + 160]
        last = re.search(r"(?<![\w-])([a-z]+) $", before)
        if (
            last
            and (noun := _noun(last[1], nouns))
            and re.search(rf"\b(?:[Tt]he|[Aa]n?) (?:[\w-]+ )?{last[1]} $", before)
        ):
            votes[nouns[noun], noun if code else "", code] += 2
        if is_a := _IS_A.match(after):
            phrase = _FAMILY.sub("", is_a[1])
            end = _BOUNDARY.search(phrase)
            words = (phrase[: end.start()] if end else phrase).split()
            if words and (noun := _noun(words[-1].lower(), nouns)):
                votes[nouns[noun], "", False] += 3
        listed = _LISTED.search(before)
        if listed and (noun := _noun(listed[1], nouns)):
            votes[nouns[noun], "", False] += 1
        follows = re.match(r" ([a-z]+)\b", after)
        if follows and (noun := _noun(follows[1], nouns)) and re.search(r"\b(?:[Tt]he|and|of) $", before):
            if code:
                votes[nouns[noun], noun, True] += 2
            elif noun in ("dataset", "benchmark", "library", "framework", "package", "service", "licence", "license"):
                votes[nouns[noun], noun, False] += 1
        if re.search(rf"{_MAKES[:-1]}) by $", before) or re.match(rf" {_MAKES}\b", after):
            votes["organisation", "", False] += 1
    if not votes and (noun := _own_noun(name, nouns)):
        votes[nouns[noun], "", False] += 1
    if not votes and _FILE.fullmatch(name):
        return ("script", "script", True) if re.search(r"\.(?:py|sh|slurm)$", name) else ("file", "file", True)
    by_kind: Counter[str] = Counter()
    for (kind, _, _), count in votes.items():
        by_kind[kind] += count
    if not by_kind:
        return "", "", False
    ranked = sorted(by_kind.items(), key=lambda item: (-item[1], item[0]))
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        return "", "", False  # the texts do not agree
    best = max((v for v in votes if v[0] == ranked[0][0]), key=lambda v: (votes[v], v))
    return best


def _noun(word: str, nouns: dict[str, str]) -> str:
    """Return the kind noun that a word is, in the singular, or ""."""
    singular = re.sub(r"ies$", "y", word) if word.endswith("ies") else word.removesuffix("s")
    return next((form for form in (word, singular) if form in nouns), "")


def _own_noun(name: str, nouns: dict[str, str]) -> str:
    """Return the kind noun that a name ends with, or "": "Responsible Use Guide", samsum_dataset."""
    if re.match(r"(?:get|set|load|save|use|make|is|has|run|with|no)_", name) or name.isupper():
        return ""
    *rest, last = re.split(r"[ _]", name)
    found = last.lower() if rest and last.lower() in nouns else ""  # a plural is no one thing
    return found if "_" not in name or nouns.get(found) in ("dataset", "benchmark") else ""


def _abbreviations(body: str) -> dict[str, str]:
    """Return long names by the abbreviation that follows them in brackets: "Text Generation Inference (TGI)"."""
    found = {}
    for match in re.finditer(r"((?:[A-Z][\w-]*[ -]){1,6}[A-Z]?[\w-]+) \(([A-Z][A-Za-z]{1,7})\)", body):
        words = re.split(r"[ -]", match[1])
        for start in range(len(words)):
            if "".join(word[0] for word in words[start:]).casefold() == match[2].casefold():
                found[match[2]] = " ".join(words[start:])
                break
    return found
