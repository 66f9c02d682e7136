"""A version of the dataset: a folder with the files that are compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stages import disk
from stages.disk import R
from stages.records import RecordError

SOURCES, DOCUMENTS = "data/collect/sources.jsonl", "data/refine/documents.jsonl"
CHUNKS, FACTS, NO_FACTS = "data/chunk/chunks.jsonl", "data/chunk/facts.jsonl", "data/chunk/rejected.jsonl"
PAIRS, NOT_ASKED = "data/dedup/pairs.jsonl", "data/generate/rejected.jsonl"
NO_DOCUMENTS = tuple(f"data/{stage}/rejected.jsonl" for stage in ("collect", "parse", "filter", "refine"))
NO_PAIRS = tuple(f"data/{stage}/rejected.jsonl" for stage in ("curate", "judge", "decide", "dedup"))
PARTS = {name: f"data/split/{name}.jsonl" for name in ("train", "reworded", "held_out")}
TAKEN_OUT = "data/split/rejected.jsonl"
ANSWERS = "data/evaluate/answers.jsonl"
FAQ, GENERAL, PARAMS = "data/sources/faq.jsonl", "data/sources/general.jsonl", "params.yaml"
NEEDED = (SOURCES, FACTS, PAIRS)
FILES = (
    *NEEDED, DOCUMENTS, CHUNKS, NO_FACTS, NOT_ASKED, *NO_DOCUMENTS, *NO_PAIRS, *PARTS.values(), TAKEN_OUT, ANSWERS,
    FAQ, GENERAL, PARAMS,
)  # fmt: skip


@dataclass(frozen=True)
class Version:
    """A folder with params.yaml and data/, what that version is called, and its commit if it has one."""

    name: str
    folder: Path
    commit: str | None = None

    def has(self, file: str) -> bool:
        """Tell whether this version has the file."""
        return (self.folder / file).exists()

    def read(self, file: str, kind: type[R]) -> Iterator[R]:
        """Yield the records of a file one by one; none if there is no such file in this version.

        Raises RecordError, which names version, file, line and field, for a line that is no such record.
        """
        if not self.has(file):
            return
        try:
            yield from disk.stream(self.folder / file, kind)
        except RecordError as error:
            raise RecordError(f"{self.name}: {str(error).replace(f'{self.folder}/', '')}") from error

    @property
    def parameters(self) -> Any:
        """The parameters; None without params.yaml. Raises RecordError if that is no YAML."""
        if not self.has(PARAMS):
            return None
        try:
            return yaml.safe_load((self.folder / PARAMS).read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise RecordError(f"{self.name}: {PARAMS}: expected YAML: {error}") from error
