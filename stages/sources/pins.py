"""The block of pins at the end of a manifest, rewritten without touching what stands before it."""

import re

import msgspec
import yaml

from stages import disk
from stages.sources.errors import SourcesError
from stages.sources.manifest import Manifest, Pin

HEAD = "pinned:  # written by python -m stages.pin\n"


def write(manifest: Manifest, pins: list[Pin]) -> bool:
    """Replace the pins of a manifest file, atomically; say whether it changed.

    Everything before the key `pinned`, which is the last one of the file, stays as it is, byte for byte.

    Raises SourcesError if the file cannot be changed that way; it is then left alone.
    """
    if pins == manifest.pins:
        return False
    path = manifest.path.resolve()
    before = path.read_bytes().decode("utf-8")
    kept = _before(before, manifest)
    if kept and not kept.endswith("\n"):
        kept += "\n"
    after = kept + (HEAD + _dump(pins) if pins else "")
    try:
        same = _parsed(after) == _parsed(before) | {"pinned": [msgspec.to_builtins(pin) for pin in pins]}
    except yaml.YAMLError:
        same = False
    if not same:
        raise SourcesError(f"{manifest.path}: pins cannot be added; write its `sources:` as a block, a line an entry")
    disk.write_bytes(path, after.encode())
    return True


def _before(text: str, manifest: Manifest) -> str:
    """Return the text before the key `pinned`."""
    found = list(re.finditer(r"^pinned\s*:", text, re.MULTILINE))
    if not found:
        return text
    if re.search(r"^[^\s#-]", text[found[-1].end() :], re.MULTILINE):
        raise SourcesError(f"{manifest.path}: `pinned` must be the last key of the file")
    return text[: found[-1].start()]


def _dump(pins: list[Pin]) -> str:
    return yaml.safe_dump(
        [msgspec.to_builtins(pin) for pin in pins], sort_keys=False, allow_unicode=True, width=10**6
    )  # one line a value, so that a diff of two pins is readable


def _parsed(text: str) -> dict[str, object]:
    value = yaml.safe_load(text) or {}
    return {"sources": value.get("sources"), "pinned": value.get("pinned") or []}
