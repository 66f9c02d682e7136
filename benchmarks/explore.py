"""How fast does the explorer answer, in how much memory, against `datasets` and plain Python, with equal results?

    python benchmarks/explore.py            # 1,000,000 pairs
    python benchmarks/explore.py --quick    # 50,000 pairs, within a minute on two cores

All three answer the same questions about the same generated pairs (exploring/pairs.py), each in a process of its own,
with the two threads or processes that they know how to use: counts with lengths, the most common trigrams of the
answers, duplicate questions (word for word, and with the same words), and search by text and by expression. Their
answers must be equal, or the benchmark fails. Seconds have the start of the process in them; MB is the most resident
memory of the process and its children together.

The last line is one JSON object: seconds of the explorer for all questions, and ratio_to_python, what plain Python
takes over that; those of 1,000,000 pairs, null with --quick, and with _50k those of 50,000.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from exploring import pairs
from measuring.memory import watch

SYSTEMS = ("explorer", "datasets", "python")
LONGEST = 900  # seconds for one question
QUESTIONS = ("counts", "trigrams", "duplicates", "search")


def main() -> None:
    """Generate, ask, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--total", type=int, default=1_000_000, help="pairs")
    parser.add_argument("--quick", action="store_true", help="50,000 pairs")
    given = parser.parse_args()
    total = 50_000 if given.quick else given.total
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pairs.jsonl"
        pairs.write(file, total)
        print(f"{total:,} pairs, {file.stat().st_size / 1e6:,.0f} MB")
        print(f"{'question':<11} {'system':<9} {'s':>7} {'MB':>6}")
        seconds = dict.fromkeys(SYSTEMS, 0.0)
        for question in QUESTIONS:
            answers: dict[str, Any] = {}
            for system in SYSTEMS:
                answers[system], took, memory = asked(system, question, file)
                seconds[system] += took
                print(f"{question:<11} {system:<9} {took:>7.1f} {memory:>6,.0f}", flush=True)
            for system in SYSTEMS[1:]:
                assert answers[system] == answers["explorer"], f"{question}: {system} answers otherwise"
    for system in SYSTEMS:
        print(f"{'all':<11} {system:<9} {seconds[system]:>7.1f}")
    found = {"seconds": round(seconds["explorer"], 2),
             "ratio_to_python": round(seconds["python"] / seconds["explorer"], 2),
             "ratio_to_datasets": round(seconds["datasets"] / seconds["explorer"], 2)}  # fmt: skip
    print(json.dumps({name: None for name in found} | {f"{name}_50k": one for name, one in found.items()}
                     if given.quick else found))  # fmt: skip


def asked(system: str, question: str, file: Path) -> tuple[Any, float, float]:
    """Return the answer, the seconds and the megabytes of one question."""
    command = [sys.executable, "-m", f"exploring.{system}", question, str(file)]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=Path(__file__).parent, stdout=subprocess.PIPE)  # its answer is short
    memory = watch(process, time.monotonic() + LONGEST)
    took = time.perf_counter() - started
    answer = process.communicate()[0]
    if process.returncode or memory is None:
        sys.exit(f"{system} failed at {question}, or took more than {LONGEST} s")
    return json.loads(answer.splitlines()[-1]), took, memory


if __name__ == "__main__":
    main()
