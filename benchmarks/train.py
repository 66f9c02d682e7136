"""How many rows a second does the stage `train` take, in how much memory, and does it learn as much?

    python benchmarks/train.py
    python benchmarks/train.py --llama-2-7b              # on a GPU; --tiny tries the same on a CPU

Side by side: the stage as the pipeline calls it, TRL's SFTTrainer with its defaults, the same without gradient
checkpointing, which costs time and spares memory, a plain transformers Trainer whose batches are padded, the same with
bf16 (autocast), and the stage with gradient checkpointing. Same model, rows, LoRA (all linear layers, rank 16), batch,
learning rate, schedule and steps, and the same type of the frozen weights; each in a process of its own, by turns. Rows
are those of data/mix/train.jsonl where that exists, else made of data/sources/examples.jsonl; a tenth is held out.

Seconds are those of the steps alone, of the fastest round; `wall` has loading, tokenising and our self-test too. Memory
is what all processes of a system hold (RSS). The held-out loss of all adapters is measured by one function; the
interval of its difference to ours is a bootstrap over the rows, and ours with another seed says how much chance does.

The last line is one JSON object: `rows_ratio_trl` and `rows_ratio_trainer` are our rows a second over those of the
faster TRL and the faster Trainer, `memory_ratio` is our memory over that of the system that holds least, and
`memory_ratio_fastest` over that of the fastest one.
"""

import argparse
import json
import tempfile
from pathlib import Path

import msgspec
from training import losses, material, measured, qlora
from training.measured import OURS, PLAIN, PLAIN_BF16, TRL, TRL_FAST, Job, Run

from stages import settings
from stages.tuning import models, weights
from stages.tuning import rows as loader

ROWS, EXAMPLES, PARAMS = Path("data/mix/train.jsonl"), Path("data/sources/examples.jsonl"), Path("params.yaml")
MOST, QUICK = 300, 18  # rows, the held-out ones included
ROUNDS, EPOCHS = 2, 2
CHECKPOINTED, AGAIN = f"{OURS} with checkpointing", f"{OURS}, another seed"


def main() -> None:
    """Train with all systems, compare, print a table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, help="chat rows of stage mix, default " + str(ROWS))
    parser.add_argument("--most", type=int, help=f"rows, the held-out ones included, default {MOST}")
    parser.add_argument("--student", default=models.EMBEDDED, help="embedded (the default), a folder, or a hub id")
    parser.add_argument("--epochs", type=int, help=f"default {EPOCHS}")
    parser.add_argument("--batch-size", type=int, default=8, help="rows a step, default 8")
    parser.add_argument("--learning-rate", type=float, default=5e-4, help="default 5e-4")
    parser.add_argument("--seed", type=int, default=0, help="default 0")
    parser.add_argument("--rounds", type=int, help=f"default {ROUNDS}")
    parser.add_argument("--threads", type=int, help="of the CPU, default those of engine.yaml: all cores")
    parser.add_argument("--alone", action="store_true", help="without other systems")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} rows, one epoch, one round")
    parser.add_argument("--llama-2-7b", action="store_true", help="instead: NF4 QLoRA of that architecture on a GPU")
    qlora.options(parser)
    given = parser.parse_args()
    systems = [OURS] if given.alone else [OURS, PLAIN, TRL, TRL_FAST]
    for system in [one for one in systems if not measured.interpreter(one).exists()]:
        print(f"{system} is not installed (make bench-setup)")
        systems.remove(system)
    given.threads = given.threads or settings.threads()
    with tempfile.TemporaryDirectory() as name:
        if given.llama_2_7b:
            figures = qlora.measure(given, [one for one in systems if one in (OURS, TRL)], Path(name))
        else:
            figures = measure(given, systems, Path(name))
    print(json.dumps(figures))


def measure(given: argparse.Namespace, systems: list[str], folder: Path) -> dict:
    """Train on the rows with each system, so many rounds, and return the figures."""
    file = given.rows or (ROWS if ROWS.exists() else None)
    found, source = material.read(file, EXAMPLES, PARAMS)
    training, held_out = material.parted(found, given.most or (QUICK if given.quick else MOST))
    tokenizer = models.load_tokenizer(given.student)
    encoded, judged = loader.encode_rows(tokenizer, training), loader.encode_rows(tokenizer, held_out)
    material.write(training, encoded, folder / "mix")
    job = Job(
        model=str(models.locate(given.student).absolute()), student=absolute(given.student), mix=str(folder / "mix"),
        encoded=str(folder / "mix/encoded.jsonl"), rows=len(training), tokens=sum(len(one.ids) for one in encoded),
        dtype=str(weights.torch_dtype("auto")).removeprefix("torch."), max_length=max(len(one.ids) for one in encoded),
        epochs=given.epochs or (1 if given.quick else EPOCHS), batch=given.batch_size, micro=given.batch_size,
        learning_rate=given.learning_rate, seed=given.seed, threads=given.threads,
    )  # fmt: skip
    print(
        f"{job.rows} rows of {source} ({job.tokens} tokens), {len(judged)} held out, {job.epochs} epochs of "
        f"{job.steps} steps, {job.threads} threads"
    )
    replace = msgspec.structs.replace
    asked = {system: (system, job) for system in systems}
    further = {AGAIN: (OURS, replace(job, seed=job.seed + 1))}
    if given.quick:
        asked[OURS], further = (OURS, replace(job, overfit=0)), {}
    else:
        if job.dtype == "bfloat16" and not given.alone:
            asked[PLAIN_BF16] = (PLAIN_BF16, job)
        asked[CHECKPOINTED] = (OURS, replace(job, checkpointing=True))
    runs = by_turns(asked, folder, given.rounds or (1 if given.quick else ROUNDS))
    runs |= by_turns(further, folder / "further", 1)
    held = {"base": losses.of_rows(given.student, job.dtype, None, judged)}
    for system, rounds in runs.items():  # all rounds of a system end with the same adapter, or nearly so
        held[system] = losses.of_rows(given.student, job.dtype, Path(rounds[0].adapter), judged)
    figures = {system: flat(rounds, job, held[system], held.get(OURS)) for system, rounds in runs.items()}
    base = sum(held["base"]) / len(judged)
    print(f"\n{table(figures, base)}")
    return overall(figures, job) | {"source": source, "held_out_rows": len(judged), "base_loss": round(base, 4)}


def absolute(student: str) -> str:
    """Return a student that is a folder by its whole path, as the systems run elsewhere."""
    return str(Path(student).absolute()) if Path(student).exists() else student


def by_turns(asked: dict[str, tuple[str, Job]], folder: Path, rounds: int) -> dict[str, list[Run]]:
    """Return the runs of systems with what they are to do, one a round; another one that fails is left out."""
    runs: dict[str, list[Run]] = {}
    left = dict(asked)
    for number in range(1, rounds + 1):
        for name, (system, job) in list(left.items()):
            try:
                made = measured.run(system, job, folder / f"{name} {number}".replace(" ", "-"))
            except measured.TrainerError as error:
                if system == OURS:
                    raise SystemExit(f"{name}: {error}") from error
                print(f"{name}: {error}")
                del left[name]
                runs.pop(name, None)
                continue
            runs.setdefault(name, []).append(made)
            took = f"{sum(made.seconds):.1f} s, {sum(made.cpu):.1f} CPU s, {made.peak_mb:.0f} MB"
            print(f"round {number}, {name}: {took}", flush=True)
    return runs


def flat(rounds: list[Run], job: Job, held: list[float], ours: list[float] | None) -> dict:
    """Return what a system took and learned, by name."""
    best = min(rounds, key=lambda run: sum(run.seconds))
    seconds = sum(best.seconds)
    last = best.losses[-job.steps :]
    return {
        "rows_per_second": round(job.rows * job.epochs / seconds, 3),
        "tokens_per_second": round(job.tokens * job.epochs / seconds, 1),
        "cpu_seconds": round(min(sum(run.cpu) for run in rounds), 2), "seconds": round(seconds, 2),
        "seconds_by_round": [round(sum(run.seconds), 2) for run in rounds],
        "first_step": round(best.seconds[0], 2), "wall": round(best.wall, 1),
        "peak_mb": round(max(run.peak_mb for run in rounds)), "padding": round(best.padding, 4),
        "precision": best.precision, "train_loss": round(sum(last) / len(last), 4),
        "held_out_loss": round(sum(held) / len(held), 4),
        "ours_minus_theirs": losses.compared(ours, held) if ours and held is not ours else None,
    }  # fmt: skip


def table(figures: dict[str, dict], base: float) -> str:
    """Return the figures as a Markdown table."""
    columns = {
        "rows/s": "rows_per_second", "tokens/s": "tokens_per_second", "s": "seconds", "CPU s": "cpu_seconds",
        "wall, s": "wall", "MB": "peak_mb", "padding": "padding", "train loss": "train_loss",
        "held-out loss": "held_out_loss",
    }  # fmt: skip
    head = ["system", *columns, "ours minus theirs", "frozen weights"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for system, one in figures.items():
        gap = one["ours_minus_theirs"]
        apart = f"{gap['value']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})" if gap else "-"
        cells = [system, *(one[figure] for figure in columns.values()), apart, one["precision"]]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, "", f"held-out loss without an adapter: {base:.3f}"])


def overall(figures: dict[str, dict], job: Job) -> dict:
    """Return the figures of the last line; a ratio to a system that did not run is null."""
    ours = figures.get(OURS)

    def ratio(names: tuple[str, ...], figure: str, most: bool) -> float | None:
        theirs = [figures[name][figure] for name in names if name in figures]
        return round(ours[figure] / (max if most else min)(theirs), 3) if ours and theirs else None

    others = tuple(name for name in (PLAIN, PLAIN_BF16, TRL, TRL_FAST) if name in figures)
    fastest = max(others, key=lambda name: figures[name]["rows_per_second"], default="")
    return {
        "rows_ratio_trl": ratio((TRL, TRL_FAST), "rows_per_second", True),
        "rows_ratio_trainer": ratio((PLAIN, PLAIN_BF16), "rows_per_second", True),
        "memory_ratio": ratio(others, "peak_mb", False),
        "fastest": fastest, "memory_ratio_fastest": ratio((fastest,), "peak_mb", False),
        "rows": job.rows, "tokens": job.tokens, "epochs": job.epochs, "batch_size": job.batch, "dtype": job.dtype,
        "threads": job.threads, "systems": figures,
    }  # fmt: skip


if __name__ == "__main__":
    main()
