"""Parameters that differ between two versions of params.yaml."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """A parameter with its values as text; None where it does not exist."""

    name: str
    before: str | None
    now: str | None


@dataclass(frozen=True)
class Changes:
    """What differs from the commit that is named."""

    commit: str
    subject: str
    found: list[Change]
    figures: list[Change]  # of headline.json, likewise


def changes(before: Any, now: Any) -> list[Change]:
    """Return which parameters differ, by their dotted names, in the order of the newer ones, then what is gone."""
    old, new = dict(_flat(before)), dict(_flat(now))
    return [
        Change(name, old.get(name), new.get(name))
        for name in [*new, *(name for name in old if name not in new)]
        if old.get(name) != new.get(name)
    ]


def with_intervals(figures: Any) -> Any:
    """Return figures by system in which each that has a `..._low` and `..._high` is a text with both in brackets."""
    if not isinstance(figures, dict):
        return figures
    found = {}
    for name, value in figures.items():
        low, high = figures.get(f"{name}_low"), figures.get(f"{name}_high")
        end = next((end for end in ("_low", "_high") if name.endswith(end) and name.removesuffix(end) in figures), "")
        if not end:
            found[name] = with_intervals(value) if low is None else f"{value} ({low} to {high})"
    return found


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return [(name, str(value))] if name else []
    return [one for key, inner in value.items() for one in _flat(inner, f"{name}.{key}" if name else str(key))]
