"""The same edit with other tools: how many calls do they make in full, and how many after it?"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml
from asking.endpoint import Endpoint

HERE = Path(__file__).parent
BENCH = HERE.parent.parent / ".cache/bench"
QUIET = {"DVC_NO_ANALYTICS": "1", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "API_ENDPOINT_KEY": "none"}
TIMEOUT = 900  # seconds for one command
ANSWERS = 1024  # most tokens of a reply to synthetic-data-kit: a small model asked for JSON may find no end


class PeerError(RuntimeError):
    """A tool cannot be run here; the message says why."""


def command(words: list[str | Path], folder: Path, **environment: str) -> str:
    """Run a command in a folder and return its output. Raises PeerError if it fails."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DVC_", "GIT_"))}
    try:
        done = subprocess.run(
            list(map(str, words)), cwd=folder, env=clean | QUIET | environment, capture_output=True, text=True,
            timeout=TIMEOUT,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerError(str(error)) from error
    if done.returncode:
        raise PeerError((done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}")[-500:])
    return done.stdout


def counted(endpoint: Endpoint, full: Callable[[], None], edited: Callable[[], None]) -> dict[str, float]:
    """Return the calls of a run in full and of one after the edit, and the share of the latter."""
    start = endpoint.calls
    full()
    between = endpoint.calls
    edited()
    calls, again = between - start, endpoint.calls - between
    if not calls:
        raise PeerError("it asked nothing")
    return {"calls_full": calls, "calls_repeated": again, "calls_share": round(again / calls, 6)}


def plain_dvc(
    folder: Path, endpoint: Endpoint, before: dict[str, list[str]], after: dict[str, list[str]], each: bool = False
) -> dict[str, float]:
    """Return the counts of a DVC project that asks for each chunk, in one stage or in one for each document.

    Args:
        folder: where the project is made.
        endpoint: who is asked.
        before, after: the chunks of each document.
        each: a stage for each document (`foreach`).
    """
    dvc = Path(sys.executable).with_name("dvc")

    def write(documents: dict[str, list[str]]) -> None:
        whole = {"all": [chunk for chunks in documents.values() for chunk in chunks]}
        for name, chunks in (documents if each else whole).items():
            (folder / f"{name}.json").write_text(json.dumps(chunks))

    def repro(documents: dict[str, list[str]]) -> None:
        write(documents)
        command([dvc, "repro", "-q"], folder)

    folder.mkdir(parents=True)
    stage = {
        "cmd": f"{sys.executable} {HERE / 'plain_stage.py'} ${{item}}.json ${{item}}.replies.json {endpoint.url}",
        "deps": ["${item}.json"],
        "outs": ["${item}.replies.json"],
    }
    names = sorted(before) if each else ["all"]
    # JSON, which is YAML: PyYAML leaves 008 without quotes, which DVC takes for a number
    (folder / "dvc.yaml").write_text(json.dumps({"stages": {"ask": {"foreach": names, "do": stage}}}))
    command([dvc, "init", "-q", "--no-scm"], folder)
    return counted(endpoint, lambda: repro(before), lambda: repro(after))


def synthetic_data_kit(
    folder: Path, endpoint: Endpoint, before: dict[str, str], after: dict[str, str]
) -> dict[str, float]:
    """Return the counts of `synthetic-data-kit create FOLDER`: it has neither cache nor a look at what is there."""
    return counted(endpoint, lambda: create(folder, endpoint.url, before), lambda: create(folder, endpoint.url, after))


def create(
    folder: Path, url: str, texts: dict[str, str], model: str = "scripted", answers: int = ANSWERS
) -> dict[str, list[dict[str, str]]]:
    """Run `synthetic-data-kit create` on a folder of texts; return the pairs of each.

    Its own configuration, with the endpoint's address, no pause between calls and replies of at most `answers` tokens.
    """
    python = BENCH / "synthetic-data-kit/bin/python"
    if not python.exists():
        raise PeerError("synthetic-data-kit is not installed (make bench-setup)")
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / "texts" / f"{name}.txt").write_text(text)
    find = "import synthetic_data_kit as s; print(s.__path__[0])"
    package = command([python, "-c", find], folder).split()[-1]
    config = yaml.safe_load((Path(package) / "config.yaml").read_text())
    config["api-endpoint"] |= {"api_base": url, "api_key": "none", "model": model, "sleep_time": 0}
    config["generation"]["max_tokens"] = answers
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    command(
        [python.with_name("synthetic-data-kit"), "-c", "config.yaml", "create", "texts", "--type", "qa", "-o", "out"],
        folder,
    )
    found = {}
    for name in texts:
        file = folder / "out" / f"{name}_qa_pairs.json"
        found[name] = json.loads(file.read_text())["qa_pairs"] if file.exists() else []
    return found


def distilabel(folder: Path, endpoint: Endpoint, before: list[str], after: list[str]) -> dict[str, float]:
    """Return the counts of a distilabel pipeline with a row for each chunk, run with `use_cache`.

    Its cache does not look at the rows that it is given: `stale` is how many rows came out after the edit that did
    not go in, `calls_cached` how many calls that took. If there are any, the calls repeated are those of a run without
    the cache, which is what gets the edit in.
    """
    python = BENCH / "distilabel/bin/python"
    if not python.exists():
        raise PeerError("distilabel is not installed (make bench-setup)")
    folder.mkdir(parents=True)

    def run(chunks: list[str], cached: bool = True) -> int:
        start = endpoint.calls
        (folder / "chunks.json").write_text(json.dumps(chunks))
        words = [python, HERE / "distilabel_rows.py", "chunks.json", "replies.json", endpoint.url, str(int(cached))]
        command(words, folder, DISTILABEL_CACHE_DIR=str(folder / "cache"))
        return endpoint.calls - start

    full, cached = run(before), run(after)
    stale = sum(row not in after for row, _ in json.loads((folder / "replies.json").read_text()))
    again = run(after, cached=False) if stale else cached
    found = {"calls_full": full, "calls_repeated": again, "calls_share": round(again / full, 6)}
    return found | {"calls_cached": cached, "stale": stale}
