"""How large is the report for thousands of pairs, and how soon can it be used?

    python benchmarks/report.py            # 5,000 and 20,000 pairs, five loads each
    python benchmarks/report.py --quick    # 5,000 pairs, three loads, within a minute on two cores

Needs a finished run (`make demo`, or `dvc repro --pull`) and Chromium. The pairs of the run are replaced by distinct
ones (curating/pairs.py), so that the page lists so many; of more than it lists it draws a sample. The browser is
headless, without a network, and new for each load: from its first request to the moment when plots, answers and pairs
are set up and answer to a click (`ready`), and from a key in the search box to the changed list (`search`).

The last line is one JSON object: bytes and ready_seconds of 5,000 pairs (median of the loads), and those of 20,000.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # tests/browser.py

from curating import pairs as made  # noqa: E402

from stages import disk  # noqa: E402
from stages.records import Pair  # noqa: E402
from stages.report import main as report  # noqa: E402
from tests import browser  # noqa: E402

LARGE = ("adapters", "collect", "parse", "report", "teach", "replies")  # folders that the page does not need
SEARCH = "model"


def main() -> None:
    """Make, load, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"), help="data folder of a finished run")
    parser.add_argument("--quick", action="store_true", help="5,000 pairs only, three loads")
    given = parser.parse_args()
    path = browser.executable()
    if path is None or not (given.data / "evaluate" / "answers.jsonl").exists():
        sys.exit(f"needs a finished run in {given.data} (make demo) and Chromium: {browser.MISSING}")
    figures: dict[str, Any] = {"bytes": None, "ready_seconds": None, "bytes_20k": None, "ready_seconds_20k": None}
    print(f"{'pairs':>7}  {'kB':>6}  {'made, s':>7}  {'ready, s':>8}  {'search, s':>9}")
    for total, suffix in ((5_000, ""), (20_000, "_20k"))[: 1 if given.quick else 2]:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            shutil.copytree(given.data, data, ignore=shutil.ignore_patterns(*LARGE, ".*"))
            for name in ("collect", "parse"):
                (data / name).mkdir()
                shutil.copy(given.data / name / "rejected.jsonl", data / name)
            seconds = render(data, total)
            file = data / "report" / "index.html"
            loads = [load(path, file.as_uri()) for _ in range(3 if given.quick else 5)]
            ready, search = (statistics.median(one[n] for one in loads) for n in (0, 1))
            size = file.stat().st_size
            print(f"{total:>7,}  {size / 1000:>6,.0f}  {seconds:>7.1f}  {ready:>8.2f}  {search:>9.2f}", flush=True)
            figures |= {f"bytes{suffix}": size, f"ready_seconds{suffix}": round(ready, 3)}
    print(json.dumps(figures))


def render(data: Path, total: int) -> float:
    """Write the report of a folder with so many pairs for training; return the seconds that it took."""
    made.write(data / "made", total)
    disk.write(data / "augment" / "pairs.jsonl", disk.read(data / "made" / "pairs.jsonl", Pair))
    started = time.perf_counter()
    report([str(data), str(data / "report")], standalone_mode=False)
    return time.perf_counter() - started


def load(path: str, address: str) -> tuple[float, float]:
    """Return the seconds until a page can be used, and from a key in the search box to the changed list."""
    with browser.launched(path) as opened, browser.opened(opened) as tab:
        page, started = tab.page, time.perf_counter()
        page.goto(address)
        page.wait_for_function("document.documentElement.dataset.ready !== undefined")
        ready = time.perf_counter() - started
        before, started = page.locator("#pairs-state").inner_text(), time.perf_counter()
        page.locator("#pairs-form [name=text]").fill(SEARCH)
        page.wait_for_function("old => document.getElementById('pairs-state').textContent !== old", arg=before)
        searched = time.perf_counter() - started
        assert not tab.errors, tab.errors
        return ready, searched


if __name__ == "__main__":
    main()
