"""Any number of distinct pairs with the facts and chunks that they stand on, made of labelled ones.

Each fact is a labelled pair told of something else: its name is another one, its digits change places, and its longest
words are others, in question, answer and quotes alike, so that what was right or wrong mostly stays so.
"""

import random
import re
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import msgspec

from stages import disk
from stages.quality.tokens import FUNCTION_WORDS
from stages.records import Chunk, Evidence, Fact, Link, Pair, content_id

LABELS = (Path("tests/data/gates.jsonl"), Path("data/sources/judge_labels.jsonl"))
ASKED = ("{question}", "For {leaf}, {lower}", "In the {title}, {lower}")  # two or three of them a fact
PER_DOCUMENT, PER_CHUNK = 20, 4  # facts
_PROPER = re.compile(r"\b[A-Z][a-z]+")
_LONG = re.compile(r"\b[a-zäöüß]{6,}\b")
DIGITS = "123456789"
KEYS = ("topic", "quotes", "question", "answer", "links")


def write(folder: Path, total: int, seed: int = 0) -> None:
    """Write pairs.jsonl, chunk/facts.jsonl and chunk/chunks.jsonl with so many distinct pairs."""
    given = [_read(msgspec.json.decode(line)) for file in LABELS for line in file.read_bytes().splitlines()]
    pairs: dict[str, Pair] = {}
    facts: dict[str, Fact] = {}
    chunks: list[Chunk] = []
    told = variants(given, random.Random(seed))
    for number in count():
        rows = list(islice(told, PER_CHUNK))
        document = f"d{number * PER_CHUNK // PER_DOCUMENT:06}"
        chunks.append(_chunk(rows, document, number))
        for row in rows:
            fact = _fact(row, chunks[-1], document)
            if fact.id in facts:
                continue
            facts[fact.id] = fact
            for pair in _pairs(row, fact):
                pairs.setdefault(pair.id, pair)
                if len(pairs) == total:
                    disk.write(folder / "pairs.jsonl", pairs.values())
                    disk.write(folder / "chunk" / "facts.jsonl", facts.values())
                    disk.write(folder / "chunk" / "chunks.jsonl", chunks)
                    return


def _read(one: dict) -> dict:
    """Return what is needed of a labelled pair of either file."""
    quotes = one["quotes"] if "quotes" in one else [evidence["quote"] for evidence in one["evidence"]]
    links = one["links"] if "links" in one else [one["link"]] if one["link"] else []
    return {key: one[key] for key in ("topic", "question", "answer", "language")} | {"quotes": quotes, "links": links}


def variants(labels: list[dict], chance: random.Random) -> Iterator[dict]:
    """Yield the labelled pairs again and again, each time told of something else."""
    words = {
        code: sorted({word for one in labels if one["language"] == code for word in _LONG.findall(_text(one))})
        for code in {one["language"] for one in labels}
    }
    for turn in count():
        for one in labels:
            name, shuffled = _name(chance), "".join(chance.sample(DIGITS, len(DIGITS)))
            renamed = {word: chance.choice(words[one["language"]]) for word in _shared(one)}
            own = [word for word in _PROPER.findall(one["question"][1:]) if word in " ".join(one["quotes"])]
            renamed |= {word: name for word in [*own, *_PROPER.findall(one["topic"])][:1]}
            told = {key: _told(one[key], renamed, shuffled) for key in KEYS}
            if told["question"] == one["question"]:  # it holds nothing that could be another thing
                told["question"] = f"{one['question'].rstrip('?')} at {name}?"
            yield one | told | {"turn": turn, "rank": round(chance.gauss(3.0, 1.5), 4)}


def _told(text: str | list[str], renamed: dict[str, str], shuffled: str) -> str | list[str]:
    if isinstance(text, list):
        return [_told(one, renamed, shuffled) for one in text]
    for old, new in renamed.items():
        text = re.sub(rf"(?<!\w){re.escape(old)}(?![a-zäöüß])", new, text)
    return text.translate(str.maketrans(DIGITS, shuffled))


def _text(one: dict) -> str:
    return " ".join([one["question"], one["answer"], *one["quotes"]])


def _shared(one: dict) -> list[str]:
    """Return the longest word that question and quotes share, and the longest that answer and quotes do."""
    quoted = set(_LONG.findall(" ".join(one["quotes"]))) - FUNCTION_WORDS
    found = [max(quoted & set(_LONG.findall(one[key])), key=lambda word: (len(word), word), default="") for key in
             ("question", "answer")]  # fmt: skip
    return [word for word in dict.fromkeys(found) if word]


def _name(chance: random.Random) -> str:
    return "".join(chance.choice("bdfglmnprstv") + chance.choice("aeiou") for _ in range(4)).capitalize()


def _chunk(rows: list[dict], document: str, number: int) -> Chunk:
    title = rows[0]["topic"].split(" > ")[0]
    text = "\n\n".join(quote for row in rows for quote in row["quotes"])
    urls = [*(url for row in rows for url in row["links"]), f"https://{document}.example.org/{number}"]
    return Chunk(
        id=f"c{number:06}", document=document, source=f"{document}.md", heading=[title],
        header=f"{rows[0]['topic']} > what {title} is and does", text=text, span=(0, len(text)),
        tokens=len(text) // 4, links=[Link(text="see", url=url) for url in urls],
    )  # fmt: skip


def _fact(row: dict, chunk: Chunk, document: str) -> Fact:
    quote = row["quotes"][0]
    return Fact(
        id=content_id(row["topic"], *row["quotes"]), chunk=chunk.id, document=document, source=chunk.source,
        topic=row["topic"], quote=quote, span=(0, len(quote)),
        statement=row["answer"] if row["turn"] % 3 == 0 else None,
        support=[Evidence(document=document, quote=other, span=(0, len(other))) for other in row["quotes"][1:]],
    )  # fmt: skip


def _pairs(row: dict, fact: Fact) -> Iterator[Pair]:
    headings, question = row["topic"].split(" > "), row["question"]
    title, leaf = headings[0], headings[-1]
    for place, form in enumerate(ASKED[: 2 + (row["turn"] + len(question)) % 2]):
        asked = form.format(question=question, lower=question[:1].lower() + question[1:], title=title, leaf=leaf)
        yield Pair(
            id=content_id(asked, row["answer"], fact.id), question=asked, answer=row["answer"], facts=[fact.id],
            evidence=[Evidence(document=fact.document, quote=quote, span=(0, len(quote))) for quote in row["quotes"]],
            source=fact.source, link=f"https://{fact.document}.example.org/{int(fact.chunk[1:])}", topic=row["topic"],
            language=row["language"], origin="generated", form="what", scores={"rank": round(row["rank"] - place, 4)},
        )  # fmt: skip
