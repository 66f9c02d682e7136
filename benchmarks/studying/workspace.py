"""Run experiments in the workspace and leave it as it was.

Started with a command, such as `dvc exp run evaluate`, this runs it so that Ctrl-C ends its stage, and DVC by itself.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

# What an experiment changes and DVC's cache does not hold.
CHANGED = ("params.yaml", "dvc.lock", "data/metrics", "data/seconds.json", "data/speed")


@contextmanager
def put_back() -> Iterator[None]:
    """Put back what experiments change, outputs included; a polite kill is like Ctrl-C."""
    _on_stop(signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        kept = [name for name in CHANGED if Path(name).exists()]
        for name in kept:
            _copy(Path(name), Path(folder, name))
        try:
            yield
        finally:
            _on_stop(signal.SIG_IGN)  # this has to end
            for name in kept:
                _copy(Path(folder, name), Path(name))
            subprocess.run(["dvc", "checkout", "--quiet", "--force"], check=False)
            _on_stop(signal.default_int_handler)


def _on_stop(handler: Any) -> None:
    """Have Ctrl-C and a polite kill handled so; what is started in the background ignores Ctrl-C otherwise."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)


def exit_code(command: list[str]) -> int:
    """Run a command and return its exit code; on Ctrl-C have the stage end that it runs, and wait for its end.

    DVC itself is never interrupted: in the second in which it stashes the workspace that leaves half a .git/index.
    """
    process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
    try:
        return process.wait()
    except KeyboardInterrupt:
        _on_stop(signal.SIG_IGN)
        told: set[psutil.Process] = set()
        while process.poll() is None:
            for one in _below(process.pid) - told:
                with suppress(psutil.Error):  # it has ended
                    if " -m stages." in " ".join(one.cmdline()):
                        one.send_signal(signal.SIGINT)
                        told.add(one)
            time.sleep(0.1)
        raise


def _below(pid: int) -> set[psutil.Process]:
    """Return what a process has started, and what that has."""
    with suppress(psutil.Error):
        return set(psutil.Process(pid).children(recursive=True))
    return set()


if __name__ == "__main__":
    _on_stop(signal.default_int_handler)
    try:
        sys.exit(exit_code(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
