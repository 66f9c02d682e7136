"""The head of a dataset card, which the Hugging Face hub and `datasets` read: YAML between two lines of dashes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import yaml

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
         (10_000_000, "1M<n<10M"))  # fmt: skip
LARGEST = "n>10M"
LANGUAGE = re.compile(r"[a-z]{2,3}")


def head(
    title: str, rows: int, languages: Iterable[str], licences: Sequence[str], columns: Mapping[str, pa.Schema],
    files: Mapping[str, Mapping[str, str]],
) -> str:  # fmt: skip
    """Return the head.

    Args:
        title: of the dataset.
        rows: of all its splits.
        languages: codes of ISO 639; what is none is left out.
        licences: as the hub names them.
        columns: of each format, which is a config; the first one is the default.
        files: of each format, by split.
    """
    spoken = sorted({code for code in languages if LANGUAGE.fullmatch(code)})
    configs = [
        {"config_name": name, **({"default": True} if not number else {}),
         "data_files": [{"split": split, "path": path} for split, path in files[name].items()]}
        for number, name in enumerate(columns)
    ]  # fmt: skip
    found: dict[str, Any] = {
        "pretty_name": title,
        **({"language": spoken} if spoken else {}),
        "license": licences[0] if len(licences) == 1 else list(licences),
        "size_categories": [next((name for most, name in SIZES if rows < most), LARGEST)],
        "task_categories": ["question-answering", "text-generation"],
        "tags": ["faq", "closed-book-qa", "instruction-tuning", "synthetic", "faqtune"],
        "configs": configs,
        "dataset_info": [{"config_name": name, "features": features(schema)} for name, schema in columns.items()],
    }
    return f"---\n{yaml.safe_dump(found, sort_keys=False, allow_unicode=False, width=1000)}---\n"


def features(columns: pa.Schema | pa.StructType) -> list[dict[str, Any]]:
    """Return columns as `datasets` names them; without, it would take a column without values for one of nulls."""
    return [{"name": one.name} | _feature(one.type) for one in columns]


def _feature(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_struct(kind):
        return {"struct": features(kind)}
    if not pa.types.is_list(kind):
        return {"dtype": {"double": "float64"}.get(str(kind), str(kind))}
    inner = kind.value_type
    if pa.types.is_struct(inner):
        return {"list": features(inner)}
    return {"list": _feature(inner) if pa.types.is_list(inner) else _feature(inner)["dtype"]}
