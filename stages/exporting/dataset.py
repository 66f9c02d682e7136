"""A folder that the Hugging Face hub and `datasets` read: rows in each format, by split, and the card."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from stages import disk
from stages.exporting import card, files, licences, metadata
from stages.exporting.examples import Example
from stages.exporting.provenance import Provenance
from stages.exporting.shapes import SHAPES
from stages.tally import progress

JSONL, PARQUET = "jsonl", "parquet"


def write(
    folder: Path, examples: Sequence[Example], told: Mapping[str, Any], provenance: Provenance, traced: bool,
    formats: Sequence[str], kinds: Sequence[str], name: str,
) -> None:  # fmt: skip
    """Write a dataset into an empty folder.

    Args:
        folder: to write into.
        examples: rows of all splits; a split without rows gets no file.
        told: what the card says of them; see `card.content`.
        provenance: of the examples.
        traced: do rows have columns of provenance, where the format allows it?
        formats: of SHAPES.
        kinds: of files; `datasets` reads the Parquet ones if there are both, in which every text stays as it is.
        name: by which the dataset is loaded.
    """
    splits: dict[str, list[Example]] = {}
    for one in examples:
        splits.setdefault(one.split, []).append(one)
    columns = {form: schema(form, provenance if traced else None) for form in formats}
    read = PARQUET if PARQUET in kinds else JSONL
    for form, split in progress([(form, split) for form in formats for split in splits], "files"):
        records = [record(form, one, provenance if traced else None) for one in splits[split]]
        if JSONL in kinds:
            files.jsonl(folder / form / f"{split}.{JSONL}", records)
        if PARQUET in kinds:
            files.parquet(folder / form / f"{split}.{PARQUET}", records, columns[form])
    configs = {form: {split: f"{form}/{split}.{read}" for split in splits} for form in formats}
    said = {licence for one in examples for licence in provenance.licences(one)}
    known = licences.identifiers(said | ({licences.UNKNOWN} if told["of_no_document"] else set()))
    languages = {one.language for one in told["documents"]}
    head = metadata.head(card.title(len(told["documents"])), len(examples), languages, known, columns, configs)
    digests = {path: files.digest(folder / path) for path in files.names(folder)}
    traced = traced and any(SHAPES[form].open for form in formats)
    text = card.render({**told, "traced": traced}, head, list(formats), digests, name)
    disk.write_bytes(folder / card.FILE, text.encode())


def schema(form: str, provenance: Provenance | None) -> pa.Schema:
    """Return the columns of a format."""
    shape = SHAPES[form]
    further = list(provenance.schema) if provenance and shape.open else []
    return pa.schema([*shape.columns, *further])


def record(form: str, one: Example, provenance: Provenance | None) -> dict[str, Any]:
    """Return an example in a format."""
    shape = SHAPES[form]
    return shape.of(one.row) | (provenance.of(one) if provenance and shape.open else {})
