"""The few numbers by which experiments are compared, in words, and all scores as one table for a plot."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from stages.scoring import few
from stages.scoring.items import REWORDED, SETS, UNANSWERABLE
from stages.scoring.systems import System

INTERVALS = ("gap_closed_reworded", "general_kept", "perplexity_ratio")
COLUMNS = ("set", "system", "metric", "value", "low", "high", "n")


def numbers(figures: Mapping[str, Any], systems: Sequence[System]) -> dict[str, dict[str, float | None]]:
    """Return the few figures by which experiments are compared, of each adapter in closed book, as one table for DVC.

    See `few.figures` for what they are; those of INTERVALS have theirs in the table.
    """
    names = [one.name for one in systems if one.adapter and one.reads == "nothing"]
    told: dict[str, dict[str, float | None]] = {}
    for name, found in few.figures(figures, names).items():
        told[name] = {key: one["value"] if one else None for key, one in found.items()}
        for key in INTERVALS:
            ends = found[key]
            told[name] |= {f"{key}_{end}": ends[end] if ends else None for end in ("low", "high")}
    return told


def sentences(told: Mapping[str, Mapping[str, float | None]], figures: Mapping[str, Any]) -> list[str]:
    """Return a line for each adapter: how much of the gap it closes, what it refuses and what it has forgotten."""
    lines = []
    for name, known in told.items():
        parts = []
        if known["gap_closed_reworded"] is not None:
            shown = _with_interval(known, "gap_closed_reworded")
            parts.append(f"closes {shown} of the gap between base and oracle on reworded questions")
        for of in (UNANSWERABLE, REWORDED):
            if one := figures[of].get(name, {}).get("refusal"):
                parts.append(f"refuses {one['value']:.0%} ({one['low']:.0%} to {one['high']:.0%}) of the {of} ones")
        if known["general_kept"] is not None:
            parts.append(f"gives {_with_interval(known, 'general_kept')} of base's right answers to general questions")
        if known["perplexity_ratio"] is not None:
            parts.append(f"perplexity of general text is {_with_interval(known, 'perplexity_ratio')} times base's")
        lines.append(f"{name}: {'; '.join(parts) or 'nothing to compare'}")
    return lines


def _with_interval(known: Mapping[str, float | None], key: str) -> str:
    return f"{known[key]:.2f} ({known[f'{key}_low']:.2f} to {known[f'{key}_high']:.2f})"


def table(figures: Mapping[str, Any]) -> str:
    """Return the scores of all systems as CSV: set, system, metric, value, low, high, n."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name in SETS:
        for system, metrics in figures[name].items():
            for metric, one in metrics.items():
                if one["value"] is not None:
                    writer.writerow([name, system, metric, *(one[column] for column in COLUMNS[3:])])
    return out.getvalue()
