"""Operations that would give every product name and heading one spelling, for OpenRefine or for the history.

Names that stand inside texts are proposed as `core/text-transform`, whole headings and titles as `core/mass-edit`.
A proposal should be right without being looked at, so that much is left alone: code and URLs, identifiers, file
names and model ids, spellings in capitals or in small letters, and names that are part of a longer one.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any

from stages.documents.wordlists import listed
from stages.quality.clustering import Cluster, clusters
from stages.quality.facets import Row, Table
from stages.quality.sheet import guarded, joined, parted, unguarded

WORDS = 3  # of a name, at most
LETTERS = 3  # of a name, at least
CLEAR = 2  # how many times as frequent a name must be in the spelling to take; that of headings may be a tie
PARTED = 3  # how many times as frequent "Code Llama" must be, for "CodeLlama" to be a spelling of it
LEFT, RIGHT = r"(?<![\w\/.@#=~%&+\\-])", r"(?![\w\/@=-]|[.:+#]\w)"  # no part of an identifier, a path or a URL
ALONE = r"(?! [A-Z0-9])"  # no part of a longer name

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*|[0-9]+(?:\.[0-9]+)*[A-Za-z]?")
_LEFT, _RIGHT = re.compile(LEFT), re.compile(RIGHT)
_FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1`*$", re.MULTILINE | re.DOTALL)
_INNER = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]{2}")  # CodeLlama, LLaMA
_CAMEL = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+")  # CodeLlama
_MODEL = re.compile(r"-\d+[A-Za-z]|-.*-|[a-z][A-Z].*-|-.*[a-z][A-Z]")  # Llama-7B, Llama-2-Chat, CodeLlama-Python
_PLAIN = re.compile(r"[^/_`<>=\\]{4,}")  # a heading that is no identifier
_STOP = listed("stop") | listed("openings")


@dataclass(frozen=True)
class Renaming:
    """A name's spellings and the one to take."""

    to: str
    others: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """The regular expression of the spellings where they stand as a name, in Java's and Python's syntax."""
        spellings = "|".join(re.sub(r"([.-])", r"\\\1", other) for other in self.others)
        alone = ALONE if re.fullmatch("[A-Za-z]+", self.to) else ""
        return f"{LEFT}(?:{spellings}){RIGHT}{alone}"

    @property
    def coded(self) -> str:
        """The regular expression of a text in which a spelling stands in code, or after some, which looks the same."""
        return f"`[^`]*{self.pattern}"

    def reaches(self, text: str) -> bool:
        """Say whether the proposed operation changes the text."""
        return bool(re.search(self.pattern, text, re.ASCII)) and not re.search(self.coded, text, re.ASCII)

    def apply(self, text: str) -> str:
        """Return the text with the name in the spelling to take."""
        return re.sub(self.pattern, self.to, text, flags=re.ASCII)


def propose(table: Table, urls: Iterable[str] = ()) -> tuple[list[dict[str, Any]], int]:
    """Return an operation history that gives names and headings one spelling, and of how many clusters it is made.

    What is a part of one of the URLs, such as the name of a repository, is an identifier and stays.
    """
    names = renamings(table.rows, {part for url in urls for part in re.split(r"[^\w-]+", url)})
    operations = [_transform(name) for name in names if any(map(name.reaches, _texts(table.rows)))]
    headings = clusters(Counter(part for part in _parts(table.rows) if _is_plain(part)))

    def respelled(part: str) -> str:
        part = next((cluster.to for cluster in headings if part in cluster.others), part)
        return _after(names, part)

    for column, change in (("title", respelled), ("heading", lambda text: joined(map(respelled, parted(text))))):
        operation = _mass_edit(column, table.rows, change)
        operations += [operation] if operation["edits"] else []
    return operations, len(names) + len(headings)


def renamings(rows: list[Row], identifiers: Set[str] = frozenset()) -> list[Renaming]:
    """Return the product names that have several spellings, short ones first; a longer one then needs no own entry."""
    texts, parts = _texts(rows), _parts(rows)
    spellings = Counter(name for text in [*parts, *(_FENCE.sub("\n", text) for text in texts)] for name in _names(text))
    identifiers = identifiers | {
        name for text in texts for fence in _FENCE.finditer(text) for name in _names(fence[0]) if _CAMEL.fullmatch(name)
    }
    found: list[Renaming] = []
    for cluster in sorted(clusters(spellings), key=lambda cluster: (len(cluster.to.split()), cluster.to)):
        others = [
            other
            for other in cluster.others
            if other not in identifiers and _sure(cluster, other, spellings) and _after(found, other) == other
        ]
        single = [Renaming(cluster.to, (other,)) for other in others if _after(found, cluster.to) == cluster.to]
        used = [
            name.others[0]
            for name in single
            if any(map(name.reaches, texts)) or any(name.apply(part) != part for part in parts)
        ]
        if used:
            found.append(Renaming(cluster.to, tuple(used)))
    return found


def _texts(rows: Iterable[Row]) -> list[str]:
    return [unguarded(row.cells["text"]) for row in rows]


def _parts(rows: list[Row]) -> list[str]:
    """Return the parts of all headings, and the documents' titles."""
    titles = {row.cells["source"]: unguarded(row.cells["title"]) for row in rows}
    return [part for row in rows for part in parted(unguarded(row.cells["heading"]))] + list(titles.values())


def _sure(cluster: Cluster, other: str, counts: Counter[str]) -> bool:
    """Say whether a spelling is one of a product's name and not of a common word or an identifier."""
    to, members = cluster.to, (cluster.to, *cluster.others)
    camel = any(_CAMEL.fullmatch(member) for member in members)
    if not any(_INNER.search(member) or re.search(r"\d", member) for member in members):
        return False  # nothing says that it is a product
    if not all(word[0].isupper() or word[0].isdigit() for word in re.split("[ -]", to)):
        return False  # "Llama 2 models"
    if _MODEL.search(to) or _MODEL.search(other):
        return False
    if " " in other and _CAMEL.fullmatch(to):
        return False  # LlamaTokenizer is a class
    if _CAMEL.fullmatch(other) and counts[to] < PARTED * counts[other]:
        return False
    if counts[to] < CLEAR * counts[other]:
        return False
    capitals = {word for word in re.split("[ -]", other) if len(word) > 1 and word.isupper() and not word[-1].isdigit()}
    if capitals - set(re.split("[ -]", to)):
        return False  # a title in capitals
    small = any(word[0].islower() for word in re.split("[ -]", other))
    return camel or not small  # "Code llama" is a slip where there is a CodeLlama; "Llama 2 chat" may be a description


def _after(found: Iterable[Renaming], text: str) -> str:
    for name in found:
        text = name.apply(text)
    return text


def _names(text: str) -> Iterator[str]:
    """Yield what could be a name: up to WORDS words with blanks or hyphens between, the first one capitalised."""
    tokens = list(_TOKEN.finditer(text))
    for first, token in enumerate(tokens):
        if not token[0][0].isupper() or token[0].lower() in _STOP or not _LEFT.match(text, token.start()):
            continue
        for last in range(first, min(first + WORDS, len(tokens))):
            if last > first and text[tokens[last - 1].end() : tokens[last].start()] not in (" ", "-"):
                break
            name = text[token.start() : tokens[last].end()]
            if _RIGHT.match(text, tokens[last].end()) and sum(map(str.isalpha, name)) >= LETTERS:
                yield name


def _is_plain(heading: str) -> bool:
    """Say whether a heading or a title is no identifier, path or file name."""
    return bool(_PLAIN.fullmatch(heading)) and not re.search(r"\.\w", heading)


def _transform(name: Renaming) -> dict[str, Any]:
    """Return the operation that respells a name in texts, as OpenRefine exports it; a row's code is out of reach."""
    facet = {
        "type": "text", "name": "text", "columnName": "text", "query": name.coded, "mode": "regex",
        "caseSensitive": True, "invert": True,
    }  # fmt: skip
    return {
        "op": "core/text-transform",
        "engineConfig": {"facets": [facet], "mode": "row-based"},
        "columnName": "text",
        "expression": f'value.replace(/{name.pattern}/,"{name.to}")',
        "onError": "keep-original",
        "repeat": False,
        "repeatCount": 0,
        "description": f"{name.to} for {', '.join(name.others)}",
    }


def _mass_edit(column: str, rows: Iterable[Row], change: Callable[[str], str]) -> dict[str, Any]:
    """Return the operation that changes whole cells of a column, as OpenRefine exports it."""
    edits: dict[str, list[str]] = {}
    for cell in sorted({row.cells[column] or "" for row in rows}):
        to = guarded(change(unguarded(cell))) or ""
        if cell and to != cell:
            edits.setdefault(to, []).append(cell)
    return {
        "op": "core/mass-edit",
        "engineConfig": {"facets": [], "mode": "row-based"},
        "columnName": column,
        "expression": "value",
        "edits": [
            {"from": cells, "fromBlank": False, "fromError": False, "to": to} for to, cells in sorted(edits.items())
        ],
        "description": f"Mass edit cells in column {column}",
    }
