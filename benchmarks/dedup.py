"""Which duplicates does the matcher find, does it leave near-misses alone, and how fast is it?

    python benchmarks/dedup.py
    python benchmarks/dedup.py --edits dev --rows 10000 --wrong

Labelled sets of questions (deduping/questions.py) of growing size are clustered by `similarity.clusters`, and, as far
as their time allows, by other tools (deduping/tools.py), each in a process and an environment of its own on two cores
(`make bench-setup`); a tool without an environment is left out. Seconds are those of the clustering without imports,
ours up to 200,000 rows the best of three runs; memory is what all processes of a tool hold together, its imports and
the questions included.

The last line is one JSON object. `recall` (of surface duplicates) and `precision` (of all merged pairs) are the worst
of all sizes; `false_merges` counts near-misses of the kinds number, unit, version, negation and entity that are merged
with their base question, over all sizes; `growth` is how many times as long ten times the rows take, at worst.
"""

import argparse
import json
import math
import tempfile
from collections import Counter
from pathlib import Path

from deduping import measured, questions, scores
from deduping.duplicates import SURFACE
from deduping.measured import OURS
from deduping.near_misses import KINDS as NEAR_MISSES
from deduping.scores import STRICT, Scores

SIZES, QUICK = (1_000, 10_000, 50_000, 200_000, 1_000_000), (1_000, 10_000)
# The most rows that a tool is given: comparing all pairs, or near it, it would take hours
OTHERS = {
    "thefuzz": 1_000, "rapidfuzz": 10_000, "datasketch": 50_000, "rensa": 50_000, "datatrove": 50_000,
    "recordlinkage": 50_000,
}  # fmt: skip
TIMEOUT = 900  # seconds
ROUNDS, AGAIN = 3, 200_000  # ours runs so often up to so many rows, and the fastest run counts
EXAMPLES = 8  # of each kind


def main() -> None:
    """Make sets, cluster, score, print tables and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", help=f"sizes, default {' '.join(map(str, SIZES))}")
    parser.add_argument("--edits", choices=("dev", "test"), default="test", help="words of the edits, default test")
    parser.add_argument("--seed", type=int, default=0, help="of the sets, default 0")
    parser.add_argument("--alone", action="store_true", help="without other tools")
    parser.add_argument("--wrong", action="store_true", help="list what is missed or merged in the largest set")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK[0]} and {QUICK[1]} rows, others {QUICK[0]}")
    given = parser.parse_args()
    sizes = sorted(given.rows or (QUICK if given.quick else SIZES))
    tools = {OURS: max(sizes)} | ({} if given.alone else OTHERS)
    for tool in [tool for tool in tools if not measured.interpreter(tool).exists()]:
        print(f"{tool} is not installed (make bench-setup)")
        del tools[tool]
    figures: dict[str, dict[int, dict]] = {tool: {} for tool in tools}
    ours: dict[int, Scores] = {}
    for size in sizes:
        rows = questions.make(size, given.seed, given.edits)
        for tool, most in tools.items():
            if size > most or (given.quick and tool != OURS and size > QUICK[0]):
                continue
            try:
                rounds = 1 if tool != OURS or given.quick or size > AGAIN else ROUNDS
                with tempfile.TemporaryDirectory() as folder:
                    run = best(tool, [row.question for row in rows], Path(folder), rounds)
            except measured.ToolError as error:
                print(f"{tool} with {size} rows: {error}")
                continue
            scored = scores.score(rows, run.clusters)
            figures[tool][size] = flat(scored, run)
            if tool == OURS:
                ours[size] = scored
                if given.wrong and size == sizes[-1]:
                    wrong(rows, run.clusters)
    print(f"sets with the edits of {given.edits}, seed {given.seed}\n\n{by_kind(ours)}\n\n{by_tool(figures)}")
    print(json.dumps(overall(figures, given.edits)))


def best(tool: str, texts: list[str], folder: Path, rounds: int) -> measured.Run:
    """Return a tool's fastest run of so many, which must all find the same."""
    runs = [measured.run(tool, texts, folder, TIMEOUT) for _ in range(rounds)]
    assert all(run.clusters == runs[0].clusters for run in runs), "a further run finds something else"
    return min(runs, key=lambda run: run.seconds)


def flat(scored: Scores, run: measured.Run) -> dict:
    """Return scores and costs by name."""
    return {
        "seconds": round(run.seconds, 3), "peak_mb": round(run.peak_mb), "recall": round(scored.recall, 4),
        "precision": round(scored.precision, 4), "false_merges": scored.false_merges, "elsewhere": scored.elsewhere,
        "found_by_kind": {kind: round(share.rate, 4) for kind, share in scored.found.items()},
        "merged_by_kind": {kind: round(share.rate, 4) for kind, share in scored.merged.items()},
    }  # fmt: skip


def by_kind(ours: dict[int, Scores]) -> str:
    """Return our scores by kind and size as a table, with the intervals of the largest set."""
    if not ours:
        return f"{OURS} failed"
    last = ours[max(ours)]
    lines = [f"{'of ' + OURS:28}" + "".join(f"{size:>10}" for size in ours) + f"   Wilson's 95 % at {max(ours)}"]
    for title, field in (("found, of duplicates", "found"), ("merged, of near-misses", "merged")):
        lines.append(title)
        for kind, share in getattr(last, field).items():
            rates = "".join(f"{getattr(one, field)[kind].rate:>10.1%}" for one in ours.values())
            note = "" if kind in (*SURFACE, *STRICT) else f"  ({'no surface' if field == 'found' else 'not strict'})"
            lines.append(f"  {kind:26}{rates}   {share}{note}")
    pairs = "".join(f"{one.right.whole - one.right.part:>10}" for one in ours.values())
    lines.append(f"{'wrong pairs':28}{pairs}   right: {last.right}")
    lines.append(f"{'  of other questions':28}" + "".join(f"{one.elsewhere:>10}" for one in ours.values()))
    return "\n".join(lines)


def by_tool(figures: dict[str, dict[int, dict]]) -> str:
    """Return time, memory, recall, precision and merged near-misses of all tools as a Markdown table."""
    kinds = next((list(one["merged_by_kind"]) for sizes in figures.values() for one in sizes.values()), [])
    head = ["rows", "tool", "s", "MB", "recall", "precision", *(f"{kind} merged" for kind in kinds)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for size in sorted({size for sizes in figures.values() for size in sizes}):
        for tool, sizes in figures.items():
            if one := sizes.get(size):
                cells = [size, tool, f"{one['seconds']:.2f}", one["peak_mb"], f"{one['recall']:.3f}"]
                cells += [f"{one['precision']:.4f}", *(f"{one['merged_by_kind'][kind]:.3f}" for kind in kinds)]
                lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def overall(figures: dict[str, dict[int, dict]], edits: str) -> dict:
    """Return the figures of the last line."""
    ours = figures[OURS]
    return {
        "edits": edits,
        "rows": list(ours),
        "recall": min((one["recall"] for one in ours.values()), default=None),
        "precision": min((one["precision"] for one in ours.values()), default=None),
        "false_merges": sum(one["false_merges"] for one in ours.values()) if ours else None,
        "seconds_50k": ours.get(50_000, {}).get("seconds"),
        "seconds_1m": ours.get(1_000_000, {}).get("seconds"),
        "peak_mb_1m": ours.get(1_000_000, {}).get("peak_mb"),
        "growth": growth({size: one["seconds"] for size, one in ours.items()}),
        "by_size": ours,
        "others": {tool: sizes for tool, sizes in figures.items() if tool != OURS},
    }


def growth(seconds: dict[int, float]) -> float | None:
    """Return how many times as long ten times the rows take, the worst between two sizes that follow each other."""
    sizes = sorted(seconds)
    factors = [
        (seconds[more] / seconds[less]) ** (1 / math.log10(more / less))
        for less, more in zip(sizes, sizes[1:], strict=False)
    ]
    return round(max(factors), 2) if factors else None


def wrong(rows: list[questions.Row], clusters: list[int]) -> None:
    """Print surface duplicates that are missed and rows that are merged with another question, some of each kind."""
    shown: Counter[str] = Counter()

    def show(title: str, row: questions.Row, other: questions.Row) -> None:
        shown[title] += 1
        if shown[title] <= EXAMPLES:
            print(f"{title}\n  {other.question}\n  {row.question!r}")

    first: dict[int, questions.Row] = {}
    for row, cluster in zip(rows, clusters, strict=True):
        base, other = rows[row.base], first.setdefault(cluster, row)
        if row.kind in SURFACE and cluster != clusters[row.base]:
            show(f"{row.kind} missed", row, base)
        elif row.kind in NEAR_MISSES and cluster == clusters[row.base]:
            show(f"{row.kind} merged", row, base)
        elif base.label != rows[other.base].label:
            show("other questions merged", row, other)


if __name__ == "__main__":
    main()
