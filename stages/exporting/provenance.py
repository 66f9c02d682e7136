"""Where an example comes from, as further columns."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from stages.exporting.examples import Example
from stages.records import Source

TEXT, TEXTS = pa.string(), pa.list_(pa.string())
UNKNOWN = "unknown"


class Provenance:
    """The columns of provenance, which are the same in every split.

    Args:
        examples: all that are exported; each score that one of them has gets a place.
        sources: what was collected.

    Attributes:
        schema: the columns with their types.
    """

    def __init__(self, examples: Iterable[Example], sources: Iterable[Source]):
        self.sources = {source.id: source for source in sources}  # the id of a document is that of its source
        self.by_path = {source.path: source for source in self.sources.values()}
        self.scores = sorted({name for one in examples if one.pair for name in one.pair.scores})
        names = ("id", "split", "pair", "origin", "form", "parent", "source", "licence", "link", "topic")
        columns = dict.fromkeys(names, TEXT) | {
            "concepts": TEXTS, "facts": TEXTS, "evidence": pa.list_(pa.struct({"source": TEXT, "quote": TEXT})),
            "teacher": TEXT, "prompt_hash": TEXT, "weight": pa.float64(), "order": pa.int64(),
        }  # fmt: skip
        if self.scores:
            columns["scores"] = pa.struct(dict.fromkeys(self.scores, pa.float64()))
        self.schema = pa.schema(columns)

    def of(self, one: Example) -> dict[str, Any]:
        """Return the columns of an example; what is of no document has nulls and empty lists."""
        row, pair = one.row, one.pair
        found = dict.fromkeys(self.schema.names) | {
            "id": row.id, "split": one.split, "pair": row.pair, "origin": row.origin, "concepts": [], "facts": [],
            "evidence": [], "weight": row.weight, "order": row.order,
        }  # fmt: skip
        if self.scores:
            found["scores"] = {name: pair.scores.get(name) if pair else None for name in self.scores}
        if pair:
            quotes = [
                {"source": self.sources[said.document].path if said.document in self.sources else pair.source,
                 "quote": said.quote} for said in pair.evidence
            ]  # fmt: skip
            found |= {
                "form": pair.form, "parent": pair.parent, "source": pair.source,
                "licence": " AND ".join(self.licences(one)), "link": pair.link, "topic": pair.topic,
                "concepts": pair.concepts, "facts": pair.facts, "evidence": quotes, "teacher": pair.model,
                "prompt_hash": pair.prompt,
            }  # fmt: skip
        return found

    def licences(self, one: Example) -> list[str]:
        """Return the licences of the documents that an example stands on."""
        return sorted({source.licence or UNKNOWN for source in self.documents(one)})

    def documents(self, one: Example) -> list[Source]:
        """Return the sources that an example stands on, that of its pair first."""
        if one.pair is None:
            return []
        own = [self.by_path[one.pair.source]] if one.pair.source in self.by_path else []
        quoted = [self.sources[said.document] for said in one.pair.evidence if said.document in self.sources]
        return list({source.id: source for source in [*own, *quoted]}.values())
