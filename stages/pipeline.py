"""What DVC knows of the pipeline here: its stages and their commands, and what runs now.

All of it without DVC's locks: who holds one while another process wants it makes that process fail.
"""

import contextlib
import fcntl
import json
import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psutil

if TYPE_CHECKING:  # slow to import
    from dvc.repo import Repo

FILE, LOCK, PARAMS = FILES = Path("dvc.yaml"), Path("dvc.lock"), Path("params.yaml")


def opened() -> "Repo":
    """Return the repository here. Raises click.ClickException if it is none, or if its files cannot be read."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    if not FILE.exists():
        raise click.ClickException(f"there is no {FILE} here: run this in the root folder of the repository")
    try:
        repo = Repo(".")
        repo.index.check_graph()
    except DvcException as error:
        raise click.ClickException(f"{error}; `dvc status` says more") from error
    return repo


def command(name: str) -> list[str]:
    """Return the arguments of a stage's script, as DVC makes them of dvc.yaml and params.yaml.

    Raises click.ClickException if there is no such pipeline here.
    """
    found = [stage.cmd for stage in opened().index.stages if stage.addressing == name]
    if not found:
        raise click.ClickException(f"no stage {name} in {FILE} here")
    return shlex.split(found[0])[3:]  # python -m stages.<name>


@dataclass(frozen=True)
class Process:
    """A DVC command that is at work."""

    pid: int
    command: str
    seconds: float  # since it was started
    writes: frozenset[str]  # paths that it is about to write


def at_work(repo: "Repo") -> Process | None:
    """Return the DVC command that runs a stage, or else holds the repository."""
    folder = Path(str(repo.tmp_dir))
    writes: dict[int, set[str]] = {}
    with contextlib.suppress(OSError, ValueError):  # there is none, or it is being written
        for path, holder in json.loads((folder / "rwlock").read_text()).get("write", {}).items():
            writes.setdefault(int(holder["pid"]), set()).add(path)
    with contextlib.suppress(OSError, ValueError), (folder / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # let go at once
        except BlockingIOError:
            writes.setdefault(int(lock.read()), set())
    for pid, paths in writes.items():
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            words = [Path(word).name if "/" in word else word for word in process.cmdline()]
            start = next((n for n, word in enumerate(words) if word == "dvc"), 0)
            return Process(pid, " ".join(words[start:]), time.time() - process.create_time(), frozenset(paths))
    return None
