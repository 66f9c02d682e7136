"""Keep what a setting came to, beside others, in data/study.csv, which the report shows.

    dvc exp run -S mix.refusals=64 -S adapters.all-linear.epochs=5
    python benchmarks/studying/settings.py "64 refusals, 5 epochs" --adapter all-linear
    python benchmarks/studying/settings.py "64 refusals, 5 epochs" --adapter all-linear --default

Takes the figures of one adapter from the last evaluation; a setting of the same name is replaced. Nothing is run.
"""

import argparse
import csv
import io
import json
from pathlib import Path

from stages import disk

FILE = Path("data/study.csv")
COLUMNS = (
    "gap_closed_reworded", "gap_closed_faq", "key_match_reworded", "refuses_unanswerable", "refuses_reworded",
    "refuses_faq", "general_kept", "perplexity_ratio", "train_minutes",
)  # fmt: skip


def main() -> None:
    """Read, add, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("setting", help="in a few words")
    parser.add_argument("--adapter", default="all-linear", help="whose figures")
    parser.add_argument("--default", action="store_true", help="it is the default of params.yaml, and no other one is")
    parser.add_argument(
        "--metrics", type=Path, default=Path("data/metrics"), help="folder of evaluate.json, headline.json"
    )
    parser.add_argument("--seconds", type=float, help="of the training; else from data/seconds.json")
    given = parser.parse_args()
    few = json.loads((given.metrics / "headline.json").read_text())
    scores = json.loads((given.metrics / "evaluate.json").read_text())
    if given.adapter not in few:
        parser.error(f"{given.metrics / 'headline.json'} has no adapter {given.adapter}, but {', '.join(few)}")
    seconds = given.seconds or json.loads(Path("data/seconds.json").read_text())[f"train-{given.adapter}"]
    found = {name: f"{few[given.adapter][name]:.2f}" for name in COLUMNS if few[given.adapter].get(name) is not None}
    gap, keys = few[given.adapter], scores["reworded"][given.adapter]["key_match"]
    found["gap_closed_reworded"] += f" ({gap['gap_closed_reworded_low']:.2f} to {gap['gap_closed_reworded_high']:.2f})"
    found["key_match_reworded"] = f"{keys['value']:.2f} ({keys['low']:.2f} to {keys['high']:.2f})"
    found["train_minutes"] = f"{seconds / 60:.1f}"
    rows = [row for row in known() if row["setting"] != given.setting]
    if given.default:
        rows = [row | {"default": ""} for row in rows]
    rows.append({"setting": given.setting, "default": "yes" if given.default else "", **found})
    out = io.StringIO()
    writer = csv.DictWriter(out, ["setting", "default", *COLUMNS], lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    disk.write_bytes(FILE, out.getvalue().encode())
    print(f"settings: {len(rows)} in {FILE}")


def known() -> list[dict[str, str]]:
    """Return what is kept already."""
    if not FILE.exists():
        return []
    with FILE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
