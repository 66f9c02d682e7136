"""One of 100 documents is edited: which share of the full time do parse and chunk take then?

    python benchmarks/incremental.py                       # documents of ten chapters in four formats, made here
    python benchmarks/incremental.py --documents FOLDER    # real documents, copied to 100 with an edition line

Both stages run as the pipeline runs them, as processes of their own. "Full" is a run without what earlier runs kept.
After the edit the outputs must be, byte for byte, those of a full run. The last line is one JSON object.
"""

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from parsing.documents import content, make

CHAPTERS = 10  # of a document that is made: about 4,600 words
OUTPUTS = {"parse": ("documents.jsonl", "rejected.jsonl"), "chunk": ("chunks.jsonl", "facts.jsonl", "rejected.jsonl")}


def main() -> None:
    """Measure, print a table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=Path, help="folder of documents; default: made")
    parser.add_argument("--quick", action="store_true", help="one round")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        workspace = Path(name)
        folder = workspace / "documents"
        edited = copies(given.documents, folder, 100) if given.documents else made_documents(folder, 100)
        environment = os.environ | {"FAQTUNE_CACHE": str(workspace / "cache")}
        if Path(".cache/models").exists():  # or the student's tokenizer is converted first
            shutil.copytree(".cache/models", workspace / "cache" / "models", symlinks=True)
        run(workspace, environment, "warm")
        found = []
        for number in range(1 if given.quick else 3):
            shutil.rmtree(workspace / "cache" / "results")
            full = run(workspace, environment, "full")
            edited.write_bytes(
                edited.read_bytes() + f"\n\nEdit {number} speaks of Llama 2 and its 7B model.\n".encode()
            )
            part = run(workspace, environment, "edit")
            shutil.rmtree(workspace / "cache" / "results")
            run(workspace, environment, "again")
            for stage, files in OUTPUTS.items():
                for file in files:
                    one, two = (workspace / name / stage / file for name in ("edit", "again"))
                    assert one.read_bytes() == two.read_bytes(), f"{stage}/{file} differs from that of a full run"
            found.append({stage: (full[stage], part[stage]) for stage in OUTPUTS})
    figures: dict[str, float] = {}
    print(f"{'stage':8}{'full, s':>10}{'one edited, s':>16}{'share':>8}")
    for stage in OUTPUTS:
        full_s, part_s = min(one[stage][0] for one in found), min(one[stage][1] for one in found)
        figures[f"{stage}_share"] = round(part_s / full_s, 4)
        print(f"{stage:8}{full_s:10.2f}{part_s:16.2f}{part_s / full_s:8.1%}")
    print(json.dumps(figures | {"documents": 100, "identical": True}))


def made_documents(folder: Path, count: int) -> Path:
    """Fill a folder with documents, a format after the other; return one that is to be edited."""
    folder.mkdir(parents=True)
    for number, suffix in zip(range(count), itertools.cycle([".md", ".html", ".pdf", ".docx"]), strict=False):
        (folder / f"{number:03}{suffix}").write_bytes(make(content(CHAPTERS, seed=number), suffix))
    return folder / "000.md"


def copies(source: Path, folder: Path, count: int) -> Path:
    """Fill a folder with copies of the documents, no two alike; return one that is to be edited."""
    folder.mkdir(parents=True)
    originals = [path for path in sorted(source.iterdir()) if path.is_file() and path.suffix not in (".yaml", ".csv")]
    made = []
    for number, path in zip(range(count), itertools.cycle(originals), strict=False):
        copy = folder / f"{number:03}-{path.name}"
        line = f"Edition {number} of the text with the number {number * 37}.\n\n".encode()
        copy.write_bytes(line + path.read_bytes() if path.suffix in (".md", ".txt") else path.read_bytes())
        if path.suffix == ".pdf":  # a comment behind the end of the file
            copy.write_bytes(path.read_bytes() + f"\n%{number}\n".encode())
        made.append(copy)
    return next(path for path in made if path.suffix == ".md")


def run(workspace: Path, environment: dict[str, str], name: str) -> dict[str, float]:
    """Run collect, parse and chunk; return the seconds of the latter two."""
    out, metrics = workspace / name, workspace / "metrics"
    shutil.rmtree(out, ignore_errors=True)
    commands = {
        "collect": [workspace / "collect", metrics / "collect.json", "--sources", workspace / "documents"],
        "parse": [workspace / "collect", out / "parse", metrics / "parse.json"],
        "chunk": [out / "parse" / "documents.jsonl", out / "chunk", metrics / "chunk.json"],
    }
    seconds = {}
    for stage, words in commands.items():
        started = time.perf_counter()
        command = [sys.executable, "-m", f"stages.{stage}", *map(str, words)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        seconds[stage] = time.perf_counter() - started
    return seconds


if __name__ == "__main__":
    main()
