"""One of 100 documents is edited: which share of the time do parse and chunk take then, and who is asked what again?

    python benchmarks/incremental.py                       # documents of ten chapters in four formats, made here
    python benchmarks/incremental.py --documents FOLDER    # real documents, copied to 100 with an edition line

Both stages run as the pipeline runs them, as processes of their own. "Full" is a run without what earlier runs kept.
After the edit the outputs must be, byte for byte, those of a full run.

Calls are counted on 100 manuals that are made here (asking/manuals.py), by a scripted endpoint: the stages collect to
generate run, three facts of one manual change, they run again. Beside them stand, for the same edit, a DVC project
without a ledger, one with a stage for each document, `synthetic-data-kit create` and a distilabel pipeline with its
cache. The last line is one JSON object; null: not installed, or not run with --quick.
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
from collections.abc import Callable
from pathlib import Path

from asking import edited, manuals, peers
from asking.endpoint import Endpoint
from parsing.documents import content, make

CHAPTERS = 10  # of a document that is made: about 4,600 words
QUICK_CHAPTERS = 1
OUTPUTS = {"parse": ("documents.jsonl", "rejected.jsonl"), "chunk": ("chunks.jsonl", "facts.jsonl", "rejected.jsonl")}


def main() -> None:
    """Measure, print a table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=Path, help="folder of documents; default: made")
    parser.add_argument("--quick", action="store_true", help="one round, on small documents, less asked")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        figures = times(Path(name), given.documents, given.quick)
    with tempfile.TemporaryDirectory() as name:
        figures |= calls(Path(name), given.quick)
    print(json.dumps({"documents": 100, "identical": True} | figures))


def times(workspace: Path, documents: Path | None, quick: bool) -> dict[str, float]:
    """Measure parse and chunk, print their table, return the shares."""
    folder = workspace / "documents"
    chapters = QUICK_CHAPTERS if quick else CHAPTERS
    touched = copies(documents, folder, 100) if documents else made_documents(folder, 100, chapters)
    environment = os.environ | {"FAQTUNE_CACHE": str(cache(workspace))}
    run(workspace, environment, "warm")
    found = []
    for number in range(1 if quick else 3):
        shutil.rmtree(workspace / "cache" / "results")
        full = run(workspace, environment, "full")
        touched.write_bytes(touched.read_bytes() + f"\n\nEdit {number} speaks of Llama 2 and its 7B model.\n".encode())
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
    return figures


def calls(workspace: Path, quick: bool) -> dict:
    """Count the calls after an edit, ours and those of other tools, print their table, return the figures."""
    folder = workspace / "manuals"
    manuals.write(folder, 100, 2 if quick else 5)
    count = 20 if quick else 100  # manuals that the others get
    texts = {file.stem: file.read_text() for file in sorted(folder.iterdir())[:count]}
    environment = {"FAQTUNE_CACHE": str(cache(workspace))}
    with Endpoint() as endpoint:
        ours = edited.measure(workspace, folder, endpoint, environment, 1 if quick else 4, scored=not quick)
        edits = texts | {"000": (folder / "000.md").read_text()}
        one, two = ({name: sections(text) for name, text in state.items()} for state in (texts, edits))
        rows = {
            "plain DVC": lambda: peers.plain_dvc(workspace / "dvc", endpoint, one, two),
            "plain DVC, a stage a document": lambda: peers.plain_dvc(workspace / "each", endpoint, one, two, each=True),
            "synthetic-data-kit": lambda: peers.synthetic_data_kit(workspace / "sdk", endpoint, texts, edits),
            "distilabel": lambda: peers.distilabel(workspace / "distilabel", endpoint, flat(one), flat(two)),
        }
        if quick:
            del rows["plain DVC, a stage a document"]
        others = {name: attempt(name, measured) for name, measured in rows.items()}
    print(f"\n{'tool':32}{'documents':>10}{'calls in full':>15}{'after the edit':>16}{'share':>8}")
    for name, found in {"faqtune": ours, **others}.items():
        if found:
            documents = 100 if name == "faqtune" else count
            counts = f"{found['calls_full']:15}{found['calls_repeated']:16}{found['calls_share']:8.2%}"
            print(f"{name:32}{documents:10}{counts}")
    print(f"faqtune: {ours['facts_changed']} of {ours['facts']} facts changed: {ours['facts_changed_share']:.2%}")
    if (found := others["distilabel"]) and found["stale"]:
        print(
            f"distilabel: with its cache {found['calls_cached']} calls after the edit, but {found['stale']} rows "
            "that came out are older; counted is a run without the cache"
        )
    return {"calls_share": ours["calls_share"], "facts_changed_share": ours["facts_changed_share"]} | {
        "calls": {"faqtune": ours, "plain DVC, a stage a document": None} | others
    }


def attempt(name: str, measured: Callable[[], dict]) -> dict | None:
    """Return what was measured, None (and say why) if the tool cannot be run here."""
    try:
        return measured()
    except peers.PeerError as error:
        print(f"{name}: {error}")
        return None


def sections(manual: str) -> list[str]:
    """Return the sections of a manual: the chunks that tools without a chunker are asked about."""
    head, *rest = manual.split("\n## ")
    return [f"{head}\n## {section}" for section in rest]


def flat(documents: dict[str, list[str]]) -> list[str]:
    """Return the chunks of all documents."""
    return [chunk for chunks in documents.values() for chunk in chunks]


def cache(workspace: Path) -> Path:
    """Make the cache folder of a workspace; the student's tokenizer comes from ours, or it is converted first."""
    folder = workspace / "cache"
    folder.mkdir(parents=True)
    if Path(".cache/models").exists():
        (folder / "models").symlink_to(Path(".cache/models").absolute())
    return folder


def made_documents(folder: Path, count: int, chapters: int) -> Path:
    """Fill a folder with documents, a format after the other; return one that is to be edited."""
    folder.mkdir(parents=True)
    for number, suffix in zip(range(count), itertools.cycle([".md", ".html", ".pdf", ".docx"]), strict=False):
        (folder / f"{number:03}{suffix}").write_bytes(make(content(chapters, seed=number), suffix))
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
