"""100,000 pairs through all gates without a model: how long, in how much memory, and what does each gate cost?

    python benchmarks/curate.py

Distinct pairs are made of labelled ones (curating/pairs.py). The stage `curate` measures them as the pipeline has it
do, as a process of its own: in one process, in two, and on a local Dask cluster, whose outputs must be the same bytes;
then `decide` applies the gates, answers that contradict each other included. All are bound to two cores. Memory is what
driver and workers hold together (RSS). The last line is one JSON object.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil
from curating import pairs

from stages import disk
from stages.curation import conflicts, gates, measure
from stages.curation.context import Documents
from stages.records import Chunk, Fact, Pair

FULL, QUICK = 100_000, 5_000
SAMPLE = 5_000  # pairs on which each gate is timed
SETTINGS = {
    "one process": {"FAQTUNE_WORKERS": "1"},
    "two processes": {"FAQTUNE_WORKERS": "2"},
    "Dask, two workers": {"FAQTUNE_WORKERS": "2", "FAQTUNE_DASK": "local"},
}
# What a gate looks at, where that has another name; `other_language` needs the language, which is told for all
LOOKS_AT = {
    "two_questions": ["questions"], "not_a_question": ["question"], "answer_too_long": ["answer_words"],
    "off_topic": ["on_topic"], "bad_link": ["links"], "ungrounded": ["unsupported", "coverage", "unknown"],
    "foreign_name": ["foreign"], "wrong_language": ["language", "other_language"], "low_rank": [], "low_gain": [],
    "judge": [], "round_trip": [],
}  # fmt: skip


class Run(NamedTuple):
    """What a stage took."""

    seconds: float
    cpu: float  # seconds, of all its processes
    peak_mb: float  # of all its processes together
    driver_mb: float  # of the first one


def main() -> None:
    """Make pairs, run, compare, print a table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, help=f"how many, default {FULL}")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} pairs")
    given = parser.parse_args()
    total = given.pairs or (QUICK if given.quick else FULL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{total} pairs" + (f"; seconds are scaled to {FULL}" if total != FULL else ""))
        runs = stages(folder, total)
        shares, conflict = by_gate(folder), contradicting(folder / "decide" / "pairs.jsonl")
    scale = FULL / total
    print(f"\n{'':20}{'s':>8}{'CPU s':>8}{'MB':>8}{'of driver':>11}")
    for name, run in runs.items():
        times = f"{run.seconds * scale:8.1f}{run.cpu * scale:8.1f}"
        print(f"{name:20}{times}{run.peak_mb:8.0f}{run.driver_mb:11.0f}")
    shares["conflict"] = conflict / total
    print(f"\n{'gate':30}{f's for {FULL} on one core':>30}")
    for name, each in sorted(shares.items(), key=lambda one: -one[1]):
        print(f"{name:30}{each * FULL:30.2f}")
    seconds = {name: round(run.seconds * scale, 1) for name, run in runs.items()}
    print(json.dumps({
        "pairs": total, "seconds_100k": seconds, "identical": True, "peak_mb": {name: round(run.peak_mb) for name, run
        in runs.items()}, "curate_and_decide_100k": round(seconds["two processes"] + seconds["decide"], 1),
        "gates_100k": {name: round(each * FULL, 2) for name, each in shares.items()},
    }))  # fmt: skip


def stages(folder: Path, total: int) -> dict[str, Run]:
    """Make pairs, run curate in each setting, and decide; the outputs of all settings must be the same bytes."""
    pairs.write(folder, total)
    for name in ("labels.jsonl", "decisions.jsonl", "judge/pairs.jsonl", "judge/labels.jsonl"):
        disk.write_bytes(folder / name, b"")
    runs = {}
    for name, setting in SETTINGS.items():
        out = folder / name
        words = ["curate", folder / "pairs.jsonl", folder / "chunk", folder / "labels.jsonl", out, out / "m" / "c.json"]
        runs[name] = run(words, setting)
    first, *others = ((folder / name / "pairs.jsonl").read_bytes() for name in SETTINGS)
    assert first.count(b"\n") == total and all(other == first for other in others), "the outputs differ"
    curated, metrics = folder / next(iter(SETTINGS)), folder / "metrics" / "decide.json"
    words = ["decide", curated, folder / "judge", folder / "decisions.jsonl", folder / "decide", metrics]
    return runs | {"decide": run(words, {})}


def run(words: list[str | Path], setting: dict[str, str]) -> Run:
    """Run a stage as a process of its own on two cores, and watch what memory it and its workers hold."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", f"stages.{words[0]}", *map(str, words[1:])]
    process = subprocess.Popen(
        command, env=os.environ | setting, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, cores)
    )
    peak = driver = 0
    while process.poll() is None:
        try:
            first = psutil.Process(process.pid)
            held = [one.memory_info().rss for one in [first, *first.children(recursive=True)]]
            peak, driver = max(peak, sum(held)), max(driver, held[0])
        except psutil.NoSuchProcess:
            pass  # it has just ended
        time.sleep(0.05)
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, cpu, peak / 1e6, driver / 1e6)


def by_gate(folder: Path) -> dict[str, float]:
    """Return seconds a pair of each gate: what it looks at is measured, and it decides.

    What several look at (words, stems, names of a text) counts for the first that does.
    """
    spent: Counter[str] = Counter()

    def timed(name: str, work: Callable, *given: object) -> object:
        started = time.perf_counter()
        result = work(*given)
        spent[name] += time.perf_counter() - started
        return result

    facts, chunks = disk.read(folder / "chunk/facts.jsonl", Fact), disk.read(folder / "chunk/chunks.jsonl", Chunk)
    documents = Documents(facts, chunks)
    sample = sorted(disk.read(folder / "pairs.jsonl", Pair), key=lambda pair: pair.facts)[:SAMPLE]
    for pair in sample:
        context = timed("what pairs are held against", documents.context, pair)
        case = timed("language", measure.Case, pair, context, "en")
        for table in (measure.SCORES, measure.FOUND):
            for name, work in table.items():
                timed(name, work, case)
        scored = measure.measure(pair, context, mend=False)
        for name, gate in gates.GATES.items():
            timed(f"gate {name}", gate, scored, gates.Thresholds())
    found = {
        name: sum(spent.pop(part, 0.0) for part in (f"gate {name}", *LOOKS_AT.get(name, [name])))
        for name in gates.GATES
    }
    return {name: seconds / len(sample) for name, seconds in (found | spent).items()}


def contradicting(kept: Path) -> float:
    """Return the seconds in which pairs past the gates are looked through for one question with two answers."""
    passed = disk.read(kept, Pair)
    started = time.perf_counter()
    conflicts.conflicting(passed)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
