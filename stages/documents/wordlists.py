"""The word lists of words.en.yaml, read once."""

from pathlib import Path

import msgspec

_LISTS: dict[str, str] = msgspec.yaml.decode(Path(__file__).with_name("words.en.yaml").read_bytes())


def listed(name: str) -> frozenset[str]:
    """Return the words of one list."""
    return frozenset(_LISTS[name].split())
