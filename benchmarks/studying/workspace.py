"""Run experiments in the workspace and leave it as it was."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What an experiment changes and DVC's cache does not hold.
CHANGED = ("params.yaml", "dvc.lock", "data/metrics", "data/seconds.json", "data/speed")


@contextmanager
def put_back() -> Iterator[None]:
    """Put back what experiments change, outputs included; a polite kill is like Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        kept = [name for name in CHANGED if Path(name).exists()]
        for name in kept:
            _copy(Path(name), Path(folder, name))
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # this has to end
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            for name in kept:
                _copy(Path(folder, name), Path(name))
            subprocess.run(["dvc", "checkout", "--quiet", "--force"], check=False)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, before)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)


def exit_code(command: list[str]) -> int:
    """Run a command and return its exit code; on Ctrl-C have it and all that it started end first."""
    process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
    try:
        return process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
        raise
