"""The word lists of words.en.yaml, read once."""

from pathlib import Path

import yaml

_LISTS: dict[str, str] = yaml.safe_load(Path(__file__).with_name("words.en.yaml").read_text(encoding="utf-8"))


def listed(name: str) -> frozenset[str]:
    """Return the words of one list."""
    return frozenset(_LISTS[name].split())
