"""Parameters and figures that differ between two versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stages.scoring import few


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
    figures: list[Change]  # of the evaluation, likewise


def changes(before: Any, now: Any) -> list[Change]:
    """Return which parameters differ, by their dotted names, in the order of the newer ones, then what is gone."""
    old, new = dict(_flat(before)), dict(_flat(now))
    return [
        Change(name, old.get(name), new.get(name))
        for name in [*new, *(name for name in old if name not in new)]
        if old.get(name) != new.get(name)
    ]


def figures(evaluated: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the few figures of each adapter as texts with their intervals; see `few.figures`."""
    told = few.figures(evaluated, few.adapters(evaluated))
    return {
        name: {key: "{value:.2f} ({low:.2f} to {high:.2f})".format(**one) for key, one in found.items() if one}
        for name, found in told.items()
    }


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return [(name, str(value))] if name else []
    return [one for key, inner in value.items() for one in _flat(inner, f"{name}.{key}" if name else str(key))]
