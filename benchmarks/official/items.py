"""Make the hand-written items on the official Llama documents sources of this project.

    dvc repro chunk                            # with these documents as collect.sources
    python benchmarks/official/items.py        # writes faq, wordings and unanswerable.jsonl into data/sources
    dvc repro

The documents are not in this repository, and neither are their sentences: an item names the one that answers it by its
hash, which is looked up among the facts of stage chunk. Items whose sentence is no fact there are left out and counted.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from stages import disk
from stages.records import Fact, content_id

ITEMS = Path(__file__).parent
REFUSAL = "I do not know: the documents do not say."


def main() -> None:
    """Read, look up, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facts", type=Path, default=Path("data/chunk/facts.jsonl"), help="of stage chunk")
    parser.add_argument("--sources", type=Path, default=Path("data/sources"), help="folder that is written to")
    given = parser.parse_args()
    if not given.facts.exists():
        parser.error(f"{given.facts} is not there: run `dvc repro chunk` first")
    facts: dict[str, Fact] = {}
    for fact in sorted(disk.stream(given.facts, Fact), key=lambda fact: (fact.source, fact.span)):
        facts.setdefault(sentence(fact.quote), fact)
    items, wordings = (list(read(f"{name}.jsonl")) for name in ("faq", "wordings"))
    if not any(one["sentence"] in facts for one in items):
        sys.exit(f"items: none of the sentences is in {given.facts}: are collect.sources the official documents?")
    asked = [answered(one, facts) for one in items if one["sentence"] in facts]
    asked += [refused(one) for one in items if one["sentence"] is None]
    ask = [answered(one, facts) for one in wordings if one["sentence"] in facts]
    for name, some in (("faq", asked), ("wordings", ask), ("unanswerable", list(read("unanswerable.jsonl")))):
        disk.write_bytes(given.sources / f"{name}.jsonl", b"".join(msgspec.json.encode(one) + b"\n" for one in some))
    lost = len(items) + len(wordings) - len(asked) - len(ask)
    print(f"items: {len(asked)} of the FAQ and {len(ask)} wordings in {given.sources}; {lost} left out, no such fact")


def read(name: str) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file beside this one."""
    return (msgspec.json.decode(line) for line in (ITEMS / name).read_bytes().splitlines())


def sentence(quote: str) -> str:
    """Return the hash by which an item names a sentence."""
    return content_id(" ".join(quote.split()))


def answered(one: dict[str, Any], facts: dict[str, Fact]) -> dict[str, Any]:
    """Return an item with the place and the words of its sentence."""
    fact = facts[one["sentence"]]
    told = {name: value for name, value in one.items() if name != "sentence"}
    return told | {"document": fact.source, "quote": fact.quote} | ({"answerable": True} if "answer" in one else {})


def refused(one: dict[str, Any]) -> dict[str, Any]:
    """Return an item that nothing answers."""
    told = {"id": one["id"], "question": one["question"], "answer": REFUSAL}
    return told | {"document": None, "quote": None, "answerable": False}


if __name__ == "__main__":
    main()
