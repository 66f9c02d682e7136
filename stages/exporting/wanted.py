"""What of a tuned model is exported and how, and what was written of it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from stages.tuning import models

FORMATS = ("adapter", "merged", "gguf-adapter", "gguf")
ADAPTER_GGUF, MERGED_GGUF = "adapter.gguf", "merged.gguf"


class Wanted(msgspec.Struct, kw_only=True, frozen=True):
    """What is exported, and how."""

    adapter: Path
    student: str
    revision: str = "main"
    system: str = ""  # message of the training rows, where the adapter's record has none
    formats: Sequence[str] = ()  # none: all that are possible
    dtype: str = "student"  # of merged weights
    gguf: str = "f16"  # type of the matrices in a merged GGUF file
    adapter_dtype: str = "float16"  # of the matrices of an adapter as GGUF
    question: str = ""  # an example for the guide
    figures: str = ""  # how well the adapter does: a table in Markdown

    @property
    def name(self) -> str:
        """What servers call it: the folder's name, as one word."""
        return re.sub(r"[^A-Za-z0-9._-]+", "-", self.adapter.resolve().name).strip("-.") or "adapter"

    def gguf_file(self) -> Path | None:
        """Return the student's own GGUF file, if it is one."""
        if self.student == models.EMBEDDED:
            return models.gguf_file()
        file = Path(self.student)
        return file if file.suffix.lower() == ".gguf" and file.is_file() else None

    def files(self) -> list[Path]:
        """Return what of it lies on this machine: the adapter, and a student that is no hub's."""
        return [one for one in (self.adapter, self.gguf_file() or Path(self.student)) if one.exists()]


class Written(msgspec.Struct, kw_only=True):
    """What was written, and what is to be known of it."""

    formats: list[str]
    notes: list[str]
    system: str
    model: Any  # the merged one, in memory, if it was made
