"""The few numbers by which experiments are compared, in words, and all scores as one table for a plot."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from stages.scoring.items import FAQ, GENERAL, HELD_OUT, REWORDED, SETS, UNANSWERABLE
from stages.scoring.systems import BASE, System

COLUMNS = ("set", "system", "metric", "value", "low", "high", "n")


def numbers(figures: Mapping[str, Any], systems: Sequence[System]) -> dict[str, dict[str, float | None]]:
    """Return the few numbers by which experiments are compared, of each adapter in closed book.

    `gap_closed_*`: share of the gap between base and oracle in token F1; `refuses_*`: share of answers that say that
    they do not know; `general_kept`: right answers to general questions, of base's; `perplexity_ratio`: on general
    text, to base's.
    """
    told = {}
    for one in systems:
        if not one.adapter or one.reads != "nothing":
            continue
        gap = figures["gap_closed"].get(REWORDED, {}).get(one.name, {}).get("token_f1", {})
        few: dict[str, float | None] = {
            "gap_closed_reworded": gap.get("value"),
            "gap_closed_reworded_low": gap.get("low"),
            "gap_closed_reworded_high": gap.get("high"),
        }
        for name in (FAQ, HELD_OUT):
            few[f"gap_closed_{name}"] = (
                figures["gap_closed"].get(name, {}).get(one.name, {}).get("token_f1", {}).get("value")
            )
        for name in (REWORDED, FAQ, HELD_OUT):
            few[f"token_f1_{name}"] = _value(figures, name, one.name, "token_f1")
        for name in (UNANSWERABLE, REWORDED, FAQ):
            few[f"refuses_{name}"] = _value(figures, name, one.name, "refusal")
        kept = figures[GENERAL].get(one.name, {}).get("kept", {})
        rise = figures["differences"][GENERAL].get(f"{one.name} - {BASE}", {}).get("text_nll", {})
        for end, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
            few[f"general_kept{suffix}"] = kept.get(end)
            few[f"perplexity_ratio{suffix}"] = round(math.exp(rise[end]), 4) if end in rise else None
        told[one.name] = few
    return told


def _value(figures: Mapping[str, Any], name: str, system: str, metric: str) -> float | None:
    found = figures.get(name, {}).get(system, {}).get(metric, {}).get("value")
    return None if found is None else float(found)


def sentences(told: Mapping[str, Mapping[str, float | None]], figures: Mapping[str, Any]) -> list[str]:
    """Return a line for each adapter: how much of the gap it closes, what it refuses and what it has forgotten."""
    lines = []
    for name, few in told.items():
        parts = []
        if few["gap_closed_reworded"] is not None:
            shown = _with_interval(few, "gap_closed_reworded")
            parts.append(f"closes {shown} of the gap between base and oracle on reworded questions")
        for of in (UNANSWERABLE, REWORDED):
            if one := figures[of].get(name, {}).get("refusal"):
                parts.append(f"refuses {one['value']:.0%} ({one['low']:.0%} to {one['high']:.0%}) of the {of} ones")
        if few["general_kept"] is not None:
            parts.append(f"gives {_with_interval(few, 'general_kept')} of base's right answers to general questions")
        if few["perplexity_ratio"] is not None:
            parts.append(f"perplexity of general text is {_with_interval(few, 'perplexity_ratio')} times base's")
        lines.append(f"{name}: {'; '.join(parts) or 'nothing to compare'}")
    return lines


def _with_interval(few: Mapping[str, float | None], key: str) -> str:
    return f"{few[key]:.2f} ({few[f'{key}_low']:.2f} to {few[f'{key}_high']:.2f})"


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
