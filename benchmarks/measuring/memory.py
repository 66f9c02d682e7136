"""How much memory a benchmarked process and its children hold."""

import subprocess
import time

import psutil


def watch(process: subprocess.Popen, until: float) -> float | None:
    """Return the most memory that a process and its children hold together, in MB; None if it had to be killed."""
    peak = 0
    while process.poll() is None:
        try:
            first = psutil.Process(process.pid)
            family = [first, *first.children(recursive=True)]
            peak = max(peak, sum(one.memory_info().rss for one in family))
        except psutil.NoSuchProcess:
            continue  # one has just ended
        if time.monotonic() > until:
            for one in reversed(family):
                one.kill()
            process.wait()
            return None
        time.sleep(0.05)
    return peak / 1e6
