"""Where and how fast things run: engine.yaml, overridden by FAQTUNE_* environment variables.

Nothing here may change what comes out, so that no stage depends on it. A nested key is spelled with two
underscores: `FAQTUNE_ENDPOINTS__TEACHER__URL` overrides `endpoints: {teacher: {url: ...}}`.
"""

import os
from pathlib import Path
from typing import Any

import msgspec

FILE = Path("engine.yaml")


def load(file: Path = FILE) -> dict[str, Any]:
    """Return the settings of engine.yaml with the environment's overrides, whose values are read as YAML."""
    settings: dict[str, Any] = (msgspec.yaml.decode(file.read_bytes()) if file.exists() else None) or {}
    for name, value in sorted(os.environ.items()):
        if not name.startswith("FAQTUNE_"):
            continue
        *folders, leaf = name.removeprefix("FAQTUNE_").lower().split("__")
        place = settings
        for folder in folders:
            place = place.setdefault(folder, {})
        place[leaf] = msgspec.yaml.decode(value)
    return settings


def root() -> Path:
    """Return the main workspace: DVC_ROOT, which is the same in every experiment's temporary folder."""
    return Path(os.environ.get("DVC_ROOT", "."))


def cache() -> Path:
    """Return the untracked cache folder, shared by all experiments; it costs time to delete, never results."""
    return root() / load().get("cache", ".cache")


def threads() -> int:
    """Return how many threads a model may use: `threads` of engine.yaml, by default all cores given to us."""
    return count("threads")


def count(name: str) -> int:
    """Return a number of engine.yaml for which 0 means all cores given to us."""
    return int(load().get(name) or len(os.sched_getaffinity(0)))
