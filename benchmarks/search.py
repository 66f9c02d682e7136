"""Which rank, learning rate, epochs and targets suit an adapter? Optuna drives `dvc exp run`: a trial, an experiment.

    pip install -e '.[search]'
    python benchmarks/search.py --adapter all-linear --trials 20
    python benchmarks/search.py --adapter all-linear --trials 40   # 20 more; one that was cut off is run again

TPE with a seed; the same command proposes the same trials, in one go or in several. A trial that fails counts as
failed, and the search goes on. Parameters, metrics, dvc.lock and outputs are put back at the end, also after Ctrl-C.
The last line is one JSON object. `--quick` runs no trial and says what is known.
"""

import argparse
import importlib.util
import json
import math
import subprocess
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import yaml
from studying.workspace import exit_code, put_back

from stages.records import content_id

METRICS = Path("data/metrics/evaluate.json")


def main() -> None:
    """Open the study, run trials, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter", default="all-linear", help="an entry of adapters in params.yaml")
    parser.add_argument("--metric", help=f"to maximise, in {METRICS} (reworded.ADAPTER.token_f1.value)")
    parser.add_argument("--trials", type=int, default=20, help="of the study in all, failed ones included")
    parser.add_argument("--name", help="of the study; its experiments are NAME-number (search-ADAPTER)")
    parser.add_argument("--log2-rank", type=int, nargs=2, default=(2, 6), help="lowest and highest power of two")
    parser.add_argument("--learning-rate", type=float, nargs=2, default=(1e-4, 5e-3), help="lowest and highest")
    parser.add_argument("--epochs", type=int, nargs=2, default=(1, 8), help="fewest and most")
    parser.add_argument("--targets", nargs="+", default=["attention", "qv", "all-linear"], help="to choose from")
    parser.add_argument("--seed", type=int, default=0, help="of TPE")
    parser.add_argument("--quick", action="store_true", help="run no trial")
    given = parser.parse_args()
    given.metric = given.metric or f"reworded.{given.adapter}.token_f1.value"
    adapters = yaml.safe_load(Path("params.yaml").read_text())["adapters"]
    if given.adapter not in adapters:
        parser.error(f"--adapter: params.yaml has {', '.join(adapters)}, not {given.adapter}")
    if (now := value(given.metric)) is None:
        parser.error(f"--metric: {METRICS} has no number {given.metric}; run dvc repro first, or give another")
    if not importlib.util.find_spec("optuna"):
        print("optuna is not installed: pip install -e '.[search]'")
        raise SystemExit(0 if given.quick else 1)
    given.name = given.name or f"search-{given.adapter}"
    try:
        study = opened(given)
        with nullcontext() if given.quick else put_back():
            while not given.quick and one_more(study, given, adapters[given.adapter]):
                pass
    except ValueError as error:
        parser.error(str(error))
    columns = ["log2-rank", "learning-rate", "epochs", "targets"]
    done = [one for one in study.trials if one.state.is_finished() and one.params.keys() >= set(columns)]
    best = max((one for one in done if one.values), key=lambda one: one.value, default=None)
    print(f"\n| experiment | {' | '.join(columns)} | {given.metric} |\n{'|-' * 6}|")
    for one in sorted(done, key=lambda one: -(one.value if one.values else -math.inf)):
        cells = [f"{one.params[key]:.3g}" if key == "learning-rate" else str(one.params[key]) for key in columns]
        print(f"| {given.name}-{one.number} | {' | '.join(cells)} | {one.value if one.values else 'failed'} |")
    print(f"before the search: {now}; to go on with one: dvc exp apply NAME")
    figures = {"trials": len(done), "failed": sum(not one.values for one in done), "before": now}
    print(json.dumps(figures | {"best": best and f"{given.name}-{best.number}", "value": best and best.value}))


def opened(given: argparse.Namespace) -> Any:
    """Return the study of that name, which is in a file; trials that were cut off are put in the queue again."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    file = Path(".cache/search", f"{given.name}.journal")
    file.parent.mkdir(parents=True, exist_ok=True)
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(file)))
    study = optuna.create_study(storage=storage, study_name=given.name, direction="maximize", load_if_exists=True)
    if given.quick:
        return study
    commit = subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()
    about = {"adapter": given.adapter, "metric": given.metric, "commit": commit}
    if study.trials and study.user_attrs != about:
        raise ValueError(f"--name: {file} is of {study.user_attrs}, not of {about}: give another name")
    for key, known in about.items():
        study.set_user_attr(key, known)
    for one in study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
        study.tell(one.number, state=optuna.trial.TrialState.FAIL)
        study.enqueue_trial(one.params, user_attrs={"again": one.number})
    return study


def one_more(study: Any, given: argparse.Namespace, now: dict[str, Any]) -> bool:
    """Run a trial and tell the study what came of it; return whether there was one to run."""
    import optuna

    done = [one for one in study.trials if one.state.is_finished() and "again" not in one.user_attrs]
    if len(done) >= given.trials and all(one.state.is_finished() for one in study.trials):
        return False
    seed = int(content_id(given.seed, len(done))[:8], 16)  # of this trial, so that it is the same after an interruption
    study.sampler = optuna.samplers.TPESampler(seed=seed)
    trial = study.ask()
    rank = 2 ** trial.suggest_int("log2-rank", *given.log2_rank)
    chosen = {
        "rank": rank,
        "alpha": round(rank * now["alpha"] / now["rank"]),  # the scale of the update stays
        "learning-rate": f"{trial.suggest_float('learning-rate', *given.learning_rate, log=True):.3g}",
        "epochs": trial.suggest_int("epochs", *given.epochs),
        "targets": f"[{trial.suggest_categorical('targets', given.targets)}]",
    }
    command = ["dvc", "exp", "run", "--name", f"{given.name}-{trial.number}", "evaluate"]
    command += [f"--set-param=adapters.{given.adapter}.{key}={wanted}" for key, wanted in chosen.items()]
    found = value(given.metric) if exit_code(command) == 0 else None
    study.tell(trial, found, state=None if found is not None else optuna.trial.TrialState.FAIL)
    print(f"{given.name}-{trial.number}: {given.metric} {'failed' if found is None else found}", flush=True)
    return True


def value(metric: str) -> float | None:
    """Return a figure of the last evaluation by its dotted name, None if there is none."""
    found: Any = json.loads(METRICS.read_text()) if METRICS.exists() else None
    for key in metric.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, int | float) and found == found else None


if __name__ == "__main__":
    main()
