"""Which parameters differ between two commands of a stage, whose options they are."""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

LONGEST = 40  # characters of a value


def options(command: str) -> dict[str, list[str]]:
    """Return the values of a command's options; a switch is true or false. Raises ValueError for an open quote."""
    found: dict[str, list[str]] = {}
    values: list[str] = []  # words before the first option are none of these
    for word in shlex.split(command):
        if word.startswith("--"):
            values = found.setdefault(word[2:], [])
        else:
            values.append(word)
    return {
        name if values else name.removeprefix("no-"): values or ["false" if name.startswith("no-") else "true"]
        for name, values in found.items()
    }


def changed(old: str, new: str, template: str, item: str, params: Mapping[str, Any]) -> list[str]:
    """Return which parameters differ between two commands of a stage, from what to what.

    Args:
        old, new: the command of the last run and that of now.
        template: what the new one is made of; `${section}` stands for the options of a section.
        item: the section that `${item}` stands for.
        params: the sections.
    """
    try:
        before, now = options(old), options(new)
    except ValueError:
        return []
    keys = _keys(template.replace("${item}", f"${{{item}}}"), params)
    return [
        f"{keys.get(name, f'--{name}')} {_difference(before.get(name, []), now.get(name, []))}"
        for name in dict.fromkeys([*now, *before])
        if before.get(name) != now.get(name)
    ]


def _keys(template: str, params: Mapping[str, Any]) -> dict[str, str]:
    """Return for each option which parameter it is."""
    found: dict[str, str] = {}
    for option, key in re.findall(r"(?:--(\S+)\s+)?\$\{([^}]+)\}", template):
        section: Any = params
        for part in key.split("."):
            section = section.get(part, {}) if isinstance(section, Mapping) else {}
        if isinstance(section, Mapping):
            found |= {name: f"{key}.{name}" for name in section}
        elif option:
            found[option] = key
    return found


def _difference(old: Sequence[str], new: Sequence[str]) -> str:
    if len(old) <= 1 and len(new) <= 1 or sorted(old) == sorted(new):
        return f"{_value(old)} → {_value(new)}"
    parts = [(sign, [one for one in some if one not in others]) for sign, some, others in
             (("+", new, old), ("−", old, new))]  # fmt: skip
    return "; ".join(f"{sign} {_value(some)}" for sign, some in parts if some)


def _value(words: Sequence[str]) -> str:
    said = ", ".join(words) or ("''" if words else "(absent)")
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
