"""Clusters of a tool with the time and the memory that it took, in a process and an environment of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from measuring import memory

from stages import disk

ROOT = Path(__file__).parent.parent.parent
OURS = "faqtune"
SHARED = (OURS, "thefuzz", "rapidfuzz")  # they are in the main environment
QUIET = {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}


class Run(NamedTuple):
    """What a tool found, and what it took."""

    clusters: list[int]
    seconds: float  # of the clustering, without imports and reading
    peak_mb: float  # resident memory of all its processes together, imports and questions included


class ToolError(Exception):
    """A tool did not do it."""


def interpreter(tool: str) -> Path:
    """Return the Python of a tool's environment."""
    return Path(sys.executable) if tool in SHARED else ROOT / ".cache/bench" / tool / "bin/python"


def run(tool: str, questions: list[str], folder: Path, timeout: float) -> Run:
    """Cluster questions with a tool on two cores.

    Raises:
        ToolError: it failed, or was not ready after `timeout` seconds.
    """
    given, result, errors = folder / "questions.json", folder / "result.json", folder / "errors.txt"
    disk.write_bytes(given, json.dumps(questions).encode())
    result.unlink(missing_ok=True)
    cores = sorted(os.sched_getaffinity(0))[:2]
    command = [interpreter(tool), "-P", Path(__file__).parent / "tools.py", tool, given, result]
    environment = os.environ | QUIET
    environment.pop("PYTHONPATH", None)
    if tool in SHARED:
        environment["PYTHONPATH"] = str(ROOT)
    with errors.open("wb") as file:
        process = subprocess.Popen(
            list(map(str, command)), env=environment, stdout=subprocess.DEVNULL, stderr=file,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )  # fmt: skip
        peak = memory.watch(process, time.monotonic() + timeout)
    if peak is None:
        raise ToolError(f"not ready after {timeout:.0f} s")
    if process.returncode or not result.exists():
        said = errors.read_text(errors="replace").strip().splitlines()
        raise ToolError((said or [f"exit code {process.returncode}"])[-1])
    found = json.loads(result.read_bytes())
    return Run(found["clusters"], found["seconds"], max(peak, found["peak_mb"]))
