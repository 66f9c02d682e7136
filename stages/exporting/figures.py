"""How well an adapter does, by the evaluation of its run: the few figures that who serves it should know."""

from collections.abc import Mapping
from typing import Any

from stages.scoring import few

_UNTUNED = "base"
_TITLES = {
    "token_f1_reworded": "token F1 on facts it was trained on, asked in other words",
    "token_f1_faq": "token F1 on the FAQ",
    "token_f1_held_out": "token F1 on facts it was not trained on",
    "refuses_unanswerable": "share of unanswerable questions to which it says that it does not know",
    "refuses_reworded": "share of answerable ones, asked in other words, to which it says so",
    "general_kept": "right answers to general questions, as a multiple of the untuned student's",
    "perplexity_ratio": "perplexity of general text, as a multiple of the untuned student's",
}


def table(evaluated: Mapping[str, Any], name: str) -> str:
    """Return the figures of an adapter as a table in Markdown, or an empty text if it was not evaluated.

    Args:
        evaluated: the metrics of the stage evaluate.
        name: of the adapter.
    """
    if name not in few.adapters(evaluated):
        return ""
    found = few.figures(evaluated, [name, _UNTUNED])
    rows = []
    for key, title in _TITLES.items():
        one, untuned = found[name][key], found[_UNTUNED][key]
        if one:
            beside = f"{untuned['value']:.2f}" if untuned else ""
            rows.append(f"| {title} | {one['value']:.2f} | {one['low']:.2f} to {one['high']:.2f} | {beside} |")
    head = ["| figure | value | 95 % interval | untuned student |", "| --- | ---: | --- | ---: |"]
    return "\n".join([*head, *rows]) + "\n" if rows else ""
