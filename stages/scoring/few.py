"""The few figures by which runs are compared, each with its interval."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

Figure = dict[str, float]  # value, low and high
ENDS = ("value", "low", "high")


def figures(evaluated: Mapping[str, Any], names: Sequence[str]) -> dict[str, dict[str, Figure | None]]:
    """Return the few figures of each adapter, answering in closed book; None for what was not measured.

    `gap_closed_*`: share of the gap between base and oracle in token F1; `refuses_*`: share of answers that say that
    they do not know; `general_kept`: right answers to general questions, of base's; `perplexity_ratio`: on general
    text, to base's.

    Args:
        evaluated: the metrics of the stage evaluate.
        names: of the adapters.
    """
    gaps, differences = (evaluated.get(part, {}) for part in ("gap_closed", "differences"))
    told = {}
    for name in names:
        few = {f"gap_closed_{of}": _figure(gaps, of, name, "token_f1") for of in ("reworded", "faq", "held_out")}
        few |= {f"token_f1_{of}": _figure(evaluated, of, name, "token_f1") for of in ("reworded", "faq", "held_out")}
        few |= {f"refuses_{of}": _figure(evaluated, of, name, "refusal") for of in ("unanswerable", "reworded", "faq")}
        few["general_kept"] = _figure(evaluated, "general", name, "kept")
        rise = _figure(differences, "general", f"{name} - base", "text_nll")
        few["perplexity_ratio"] = rise and {end: round(math.exp(rise[end]), 4) for end in ENDS}
        told[name] = few
    return told


def adapters(evaluated: Mapping[str, Any]) -> list[str]:
    """Return the names of the adapters that were evaluated."""
    helped = ("base", "oracle", "retrieval")
    found = dict.fromkeys(name for of in ("reworded", "faq", "general") for name in evaluated.get(of, {}))
    return [name for name in found if name not in helped and not name.endswith("+retrieval")]


def _figure(of: Mapping[str, Any], name: str, system: str, metric: str) -> Figure | None:
    found = of.get(name, {}).get(system, {}).get(metric, {})
    return {end: float(found[end]) for end in ENDS} if found.get("value") is not None else None
