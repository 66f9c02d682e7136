"""Compare the experiments of paraphrase_study.sh: what was asked and delivered, and what it did to the answers.

    python benchmarks/studying/paraphrases.py check -S augment.seed=1 0=REVISION 2=REVISION
    python benchmarks/studying/paraphrases.py compare --adapters all-linear --runs 0=REVISION 2=REVISION

check: stop if the parameters of an experiment, but for the count, are not those of params.yaml with -S.
compare: print tables, and in the last line the best count for each adapter.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from stages.records import Answer, Pair
from stages.scoring import statistics

SETS = ("reworded", "held_out")
METRIC = "token_f1"
COUNT = ("per-pair", "share")  # what the study varies, of augment


def main() -> None:
    """Read the experiments, check or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check")
    check.add_argument("-S", dest="overrides", action="append", default=[], help="as of `dvc exp run`")
    check.add_argument("runs", nargs="*", help="count=revision")
    compare = commands.add_parser("compare")
    compare.add_argument("--adapters", nargs="+", required=True)
    compare.add_argument("--runs", nargs="+", required=True, help="count=revision, 0 among them")
    given = parser.parse_args()
    runs = {int(count): revision for count, revision in (one.split("=") for one in given.runs)}
    if given.command == "check":
        same_parameters(runs, given.overrides)
    else:
        print("\n".join(compared(runs, given.adapters)))


def same_parameters(runs: dict[int, str], overrides: list[str]) -> None:
    """Stop at an experiment that was run with other parameters than it would be now."""
    from dvc.exceptions import DvcException
    from dvc.utils.hydra import apply_overrides  # what `dvc exp run -S` does

    with tempfile.TemporaryDirectory() as folder:
        file = shutil.copy("params.yaml", folder)
        try:
            if overrides:
                apply_overrides(file, overrides)
        except DvcException as error:
            raise SystemExit(f"paraphrase_study: -S {' -S '.join(overrides)}: {error}: {error.__cause__}") from error
        wanted = flat(yaml.safe_load(Path(file).read_text()))
    for count, revision in runs.items():
        had = flat(yaml.safe_load(git_file(revision, "params.yaml")))
        other = [f"{key} (then {had.get(key)}, now {wanted.get(key)})" for key in sorted(had.keys() | wanted.keys())
                 if had.get(key) != wanted.get(key) and key not in [f"augment.{one}" for one in COUNT]]  # fmt: skip
        if other:
            raise SystemExit(
                f"paraphrase_study: the experiment of k={count} had other parameters: {', '.join(other[:5])}. Choose "
                f"another -n, or remove it with `dvc exp remove`"
            )


def flat(params: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Return nested parameters by their dotted name."""
    found: dict[str, Any] = {}
    for key, value in params.items():
        found |= flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return found


def git_file(revision: str, path: str) -> str:
    """Return a file that Git tracks, at a revision."""
    return subprocess.run(["git", "show", f"{revision}:{path}"], check=True, capture_output=True, text=True).stdout


def dvc_rows(revision: str, path: str, kind: type[Any]) -> list[Any]:
    """Return the records of a file that DVC tracks, at a revision."""
    return msgspec.json.Decoder(kind).decode_lines(files(revision).read_bytes(path))


@cache
def files(revision: str) -> Any:
    """Return all files at a revision; DVC takes a second to open it."""
    import dvc.api

    return dvc.api.DVCFileSystem(rev=revision)


def compared(runs: dict[int, str], adapters: list[str]) -> list[str]:
    """Return the lines to print."""
    lines = ["| k | forms a pair | training rows |", "|-|-|-|"]
    short = []
    for count, revision in runs.items():
        made = json.loads(git_file(revision, "data/metrics/augment.json"))
        each = sum(made["children"].values()) / max(1, made["parents"])
        rows = json.loads(git_file(revision, "data/metrics/mix.json"))["kept"]
        lines.append(f"| {count} | {each:.2f} | {rows} |")
        if each < count:
            short.append(f"k={count} is {each:.2f} forms a pair")
    if short:
        lines += ["", f"Not delivered in full: {', '.join(short)}. No more of the forms in augment.forms apply to the "
                  "pairs and pass the gates; paraphrase by a capable teacher adds one a pair at most."]  # fmt: skip
    answers = {count: scores(revision) for count, revision in runs.items()}
    lines += ["", "| adapter | items | k | token F1 | difference to k=0 | |", "|-|-|-|-|-|-|"]
    best, sizes = [], []
    for name in SETS:
        facts = {one.id: one.facts[0] if one.facts else one.id for one in pairs(runs[0], name)}
        sizes.append(f"{len(facts)} {name}")
        for adapter in adapters:
            of = {count: found[name, adapter] for count, found in answers.items()}
            if odd := [count for count in of if of[count].keys() != facts.keys()]:
                raise SystemExit(f"paraphrase_study: k={odd[0]} was evaluated on other {name} items than k=0: did the "
                                 "documents change between the runs? Remove it with `dvc exp remove`")  # fmt: skip
            means = {count: sum(of[count].values()) / max(1, len(facts)) for count in of}
            shown = {}
            for count in of:
                difference = statistics.paired(
                    [of[count][item] for item in facts], [of[0][item] for item in facts], list(facts.values())
                )
                shown[count] = (
                    f"{difference.value:+.3f} ({difference.low:+.3f} to {difference.high:+.3f})", difference.verdict
                )  # fmt: skip
                cells = shown[count] if count else ("", "")
                lines.append(f"| {adapter} | {name} | {count} | {means[count]:.3f} | {cells[0]} | {cells[1]} |")
            if name == SETS[0]:
                top = max(means, key=lambda count: (means[count], -count))
                best.append(f"{adapter} k={top}" + (", " + ", ".join(shown[top]) if top else ", none is better"))
    lines += [
        "",
        f"k changes the training rows and nothing else: the same items ({', '.join(sizes)}) in all runs. More rows are "
        "more steps, as the epochs are the same. Intervals are over items, for one training seed; that of the best k "
        "flatters, as it was chosen on these items.",
        "",
        f"Best k by token F1 on {SETS[0]}, with the difference to k=0 and its 95 % interval: {'; '.join(best)}.",
    ]
    return lines


def pairs(revision: str, name: str) -> list[Pair]:
    """Return the evaluated pairs of a set, by id."""
    return sorted(dvc_rows(revision, f"data/split/{name}.jsonl", Pair), key=lambda pair: pair.id)


def scores(revision: str) -> dict[tuple[str, str], dict[str, float]]:
    """Return {(set, system): {item: score}}."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for one in dvc_rows(revision, "data/evaluate/answers.jsonl", Answer):
        if METRIC in one.scores:
            found.setdefault((one.set, one.system), {})[one.item] = one.scores[METRIC]
    return found


if __name__ == "__main__":
    main()
