"""What was delivered: rows and tokens of all rows by origin, and of those made of pairs by source, form and trust."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from stages.mixing.drawing import Drawn, group_of
from stages.mixing.tokens import Count
from stages.records import Pair, Row, Source

SHOWN = 5  # capped groups in the summary

Lengths = dict[str, tuple[int, int]]  # tokens of prompt and answer, by Row.id


def lengths(rows: Sequence[Row], count: Count) -> Lengths:
    """Return the tokens of each row's prompt and answer: of what is said, without those of the chat template."""
    found: list[list[int]] = []
    for side in ("prompt", "completion"):
        texts = [(place, message.content) for place, row in enumerate(rows) for message in getattr(row, side)]
        sums = [0] * len(rows)
        for (place, _), tokens in zip(texts, count([text for _, text in texts]), strict=True):
            sums[place] += tokens
        found.append(sums)
    return {row.id: (prompt, answer) for row, prompt, answer in zip(rows, *found, strict=True)}


def table(rows: Sequence[Row], long: Lengths, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return rows and tokens by name, of which there is one a row, with shares; those of tokens are of the answers'."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row, name in zip(rows, names, strict=True):
        for place, more in enumerate((1, *long[row.id])):
            sums[name][place] += more
    answers = sum(one[2] for one in sums.values()) or 1
    return {
        key: {
            "rows": number, "share": round(number / len(rows), 4), "prompt_tokens": prompt, "answer_tokens": answer,
            "token_share": round(answer / answers, 4),
        }
        for key, (number, prompt, answer) in sorted(sums.items())
    }  # fmt: skip


def tables(
    rows: Sequence[Row], long: Lengths, pairs: Mapping[str, Pair], sources: Mapping[str, Source]
) -> dict[str, dict[str, dict[str, float]]]:
    """Return the tables of all rows by origin, and of the rows made of pairs by source, form and, if known, trust."""
    taught = [row for row in rows if row.pair in pairs]
    found = {"origin": table(rows, long, [row.origin for row in rows])}
    for by in ("source", "form", *(["trust"] if sources else [])):
        found[by] = table(taught, long, [group_of(pairs[row.pair], by, sources) for row in taught])
    return found


def licences(rows: Sequence[Row], pairs: Mapping[str, Pair], sources: Mapping[str, Source]) -> dict[str, int]:
    """Return the licences of the documents that rows were made from, and how many rows each has; others have none."""
    named = [sources[pairs[row.pair].source].licence or "unknown" for row in rows
             if row.pair in pairs and pairs[row.pair].source in sources]  # fmt: skip
    return dict(sorted(Counter(named).items()))


def delivered(drawn: Drawn, rows: Sequence[Row], long: Lengths, unit: str) -> dict[str, int]:
    """Return the units of each group that has a quota, counted in the finished rows."""
    sums = dict.fromkeys(drawn.quotas, 0)
    for row in rows:
        name = drawn.groups.get(row.pair)
        if name in sums:
            sums[name] += long[row.id][1] if unit == "tokens" else 1
    return sums


def against(drawn: Drawn, sums: Mapping[str, int]) -> dict[str, Any]:
    """Return what was asked and what was delivered, in units, and for each group as shares, too; {} without quotas."""
    whole = sum(sums.values())
    groups = {
        name: {
            "weight": quota.weight, "available": quota.available, "asked": round(float(quota.asked), 4),
            "delivered": round(sums[name] / whole, 4), "quota": quota.units, "units": sums[name],
            "capped": quota.capped,
        }
        for name, quota in drawn.quotas.items()
    }  # fmt: skip
    return {"asked": drawn.total, "delivered": whole, "groups": groups} if groups else {}


def told(origins: Mapping[str, Mapping[str, float]], shares: Mapping[str, Any]) -> list[str]:
    """Return the lines of a summary: what was delivered by origin, and the groups that could not fill their share."""
    answers = sum(one["answer_tokens"] for one in origins.values())
    lines = [
        f"{answers:,} tokens of answers; rows: "
        + ", ".join(f"{name} {one['rows']:,} ({one['share']:.0%})" for name, one in origins.items())
    ]
    if shares:
        capped = [f"{name} (asked {one['asked']:.1%}, delivered {one['delivered']:.1%})"
                  for name, one in shares["groups"].items() if one["capped"]]  # fmt: skip
        more = f" and {len(capped) - SHOWN} more" if len(capped) > SHOWN else ""
        lines.append(
            f"{shares['delivered']:,} of {shares['asked']:,} units asked for, in {len(shares['groups'])} groups; "
            f"{', '.join(capped[:SHOWN]) or 'none'}{more} capped"
        )
    return lines
