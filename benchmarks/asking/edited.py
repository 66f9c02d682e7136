"""An edit in one of 100 documents: which share of the facts is new, and which share of the calls is made again?"""

import os
import subprocess
import sys
from pathlib import Path

from asking import manuals, tiny
from asking.endpoint import Endpoint

from stages import disk
from stages.records import Chunk, Fact

EXAMPLES = Path("data/sources/examples.jsonl")


def measure(
    workspace: Path, documents: Path, endpoint: Endpoint, environment: dict[str, str], samples: int, scored: bool = True
) -> dict[str, float]:
    """Run the pipeline from collect to generate on manuals, edit one, run again; return what was counted.

    After the edit all is also made anew without what earlier runs kept: the outputs must be the same bytes, and the
    calls of that are the calls in full.

    Args:
        workspace: where all is written.
        documents: folder of manuals.
        endpoint: who is asked.
        environment: variables of the stages.
        samples: questions asked for a fact.
        scored: whether questions are scored, by a tiny model; else all are dropped before it, and no model is loaded.
    """
    options: list[str | Path] = ["--samples", str(samples), "--scorer", workspace / "scorer"]
    if scored:
        tiny.save(workspace / "scorer")
    else:
        options += ["--max-drift", "0"]
    environment = environment | {
        "FAQTUNE_ENDPOINTS__SCRIPTED__URL": endpoint.url,
        "FAQTUNE_THREADS": environment.get("FAQTUNE_THREADS", "1"),
    }
    before = run(workspace, "kept", documents, endpoint, environment, options)
    old = facts(workspace / "kept")
    manuals.edit(documents / "000.md")
    after = run(workspace, "kept", documents, endpoint, environment, options)
    new = facts(workspace / "kept")
    environment = environment | {"FAQTUNE_CACHE": str(workspace / "cache-anew")}
    (workspace / "cache-anew").mkdir()
    (workspace / "cache-anew" / "models").symlink_to(workspace / "cache" / "models")
    full = run(workspace, "anew", documents, endpoint, environment, options)
    for file in ("chunk/facts.jsonl", "generate/pairs.jsonl", "generate/rejected.jsonl", "replies.jsonl"):
        one, two = ((workspace / name / file).read_bytes() for name in ("kept", "anew"))
        assert one == two, f"{file} differs from that of a full run"
    return {
        "facts": len(new),
        "facts_changed": len(new - old),
        "facts_changed_share": share(len(new - old), len(new)),
        "calls_before": before,
        "calls_full": full,
        "calls_repeated": after,
        "calls_share": share(after, full),
    }


def share(part: int, whole: int) -> float:
    """Return part / whole, rounded."""
    return round(part / whole, 6)


def facts(folder: Path) -> set[str]:
    """Return the ids of the facts that a run found."""
    return {fact.id for fact in disk.stream(folder / "chunk/facts.jsonl", Fact)}


def chunk_texts(folder: Path) -> list[str]:
    """Return the chunks of a run, each with its header: what a tool without facts is asked about."""
    found = disk.read(folder / "chunk/chunks.jsonl", Chunk)
    return [f"{chunk.header}\n\n{chunk.text}" for chunk in sorted(found, key=lambda c: (c.source, c.span))]


def run(
    workspace: Path, name: str, documents: Path, endpoint: Endpoint, environment: dict[str, str], options: list
) -> int:
    """Run collect, parse, chunk and generate as processes, as the pipeline does; return the calls they made."""
    out, before = workspace / name, endpoint.calls
    stages = {
        "collect": [out / "collect", out / "collect.json", "--sources", documents],
        "parse": [out / "collect", out / "parse", out / "parse.json"],
        "chunk": [out / "parse/documents.jsonl", out / "chunk", out / "chunk.json"],
        "generate": [
            out / "chunk", EXAMPLES, workspace / "no-writer", out / "generate", out / "replies.jsonl",
            out / "generate.json", "--endpoint", "scripted", "--model", "scripted", "--no-rules",
            "--top-up", 0, "--multi-hop", 0, *options,
        ],
    }  # fmt: skip
    for stage, words in stages.items():
        command = [sys.executable, "-m", f"stages.{stage}", *map(str, words)]
        done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{stage}: {done.stderr[-2000:]}"
    return endpoint.calls - before
