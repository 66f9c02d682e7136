"""Say which stages are up to date and why others are not, what came out last, and what `dvc repro` would cost.

    python -m stages.status

Nothing is run, asked or locked, so that it may be called while `dvc repro` runs. What a stage costs is what its last
run took. In a pipe it is plain text.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from stages import disk, freshness, pipeline
from stages.reporting import state, terminal
from stages.reporting.state import Seen, Verdict
from stages.scoring import few

GIVEN = [*map(str, pipeline.FILES), "data/sources", "prompts"]  # what a person changes, and Git tracks


@click.command(help=__doc__)
@click.option(
    "--data",
    default="data",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the outputs, which also has metrics and seconds.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def main(data: Path, as_json: bool) -> None:
    """Look, judge, print."""
    repo = pipeline.opened()
    process = pipeline.at_work(repo)
    seen = freshness.seen(repo, data, process)
    found = state.verdicts(seen)
    of = {one.name: known(data / "metrics" / f"{stem(one.name)}.json") for one in found}
    took = known(data / "seconds.json")
    seconds = {name: float(took[stem(name)]) for name in of if stem(name) in took}
    price = state.cost(found, seconds)
    evaluated = known(data / "metrics" / "evaluate.json")
    told = {
        "at_work": process and {"pid": process.pid, "command": process.command, "seconds": round(process.seconds)},
        "stages": [
            {"name": one.name, "state": str(one.state), "why": one.reasons, "in": of[one.name].get("in"),
             "kept": of[one.name].get("kept"), "seconds": seconds.get(one.name)}
            for one in found
        ],
        "last_run": last_run(),  # seconds since the epoch
        "funnel": {name: of[name]["kept"] for name in terminal.UNITS if "kept" in of.get(name, {})},
        "headline": few.figures(evaluated, few.adapters(evaluated)),
        "cost": {
            "least_seconds": price.least,
            "most_seconds": price.most,
            "not_timed": list(price.untimed),
            "adapters": [one.name.partition("@")[2] for one in found if one.runs and one.name.startswith("train@")],
            "teacher": asked(seen, found),
        },
        "advice": state.advice(found),
        "uncommitted": [line[3:] for line in git("status", "--porcelain", "--", *GIVEN).splitlines()],
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        terminal.show(told)


def stem(stage: str) -> str:
    """Return what the metrics of a stage are called."""
    return stage.replace("@", "-")


def known(file: Path) -> Mapping[str, Any]:
    """Return the figures of a file; none if it is missing or broken, which is said of the stage that makes it."""
    try:
        figures = disk.read_json(file)
    except (OSError, ValueError):
        return {}
    return figures if isinstance(figures, dict) else {}


def asked(seen: Sequence[Seen], found: Sequence[Verdict]) -> list[str]:
    """Return in lines what a run would ask of models."""
    if not any(one.runs for one in found):
        return []
    from stages import estimate  # which imports all of generate

    return estimate.of_run(seen, found)


def last_run() -> float | None:
    """Return when dvc.lock was last written by a run; what Git checked out is no younger than its commit."""
    if not pipeline.LOCK.exists():
        return None
    written = pipeline.LOCK.stat().st_mtime
    committed = git("log", "-1", "--format=%ct", "--", str(pipeline.LOCK)).strip()
    changed = git("status", "--porcelain", "--", str(pipeline.LOCK))
    return written if changed or not committed else min(written, float(committed))


def git(*words: str) -> str:
    """Return what Git says, which takes no lock; nothing where there is no Git or no repository of it."""
    try:
        done = subprocess.run(["git", "--no-optional-locks", *words], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout if done.returncode == 0 else ""


if __name__ == "__main__":
    main()
