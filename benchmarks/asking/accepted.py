"""Pairs that pass the gates of `decide`, and the tokens that the model was asked for to get them."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from asking import peers
from asking.relay import Relay

from stages import disk
from stages.llm import embedded
from stages.llm.replies import Reply
from stages.records import Document, Evidence, Pair, content_id
from stages.tuning import models

EXAMPLES = Path("data/sources/examples.jsonl")


def options(*sections: str) -> list[str]:
    """Return sections of params.yaml as options, as DVC passes them."""
    words = []
    for name, value in (
        (n, v) for s in sections for n, v in yaml.safe_load(Path("params.yaml").read_text())[s].items()
    ):
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
        else:
            words += [f"--{name}", str(value)]
    return words


def stage(name: str, *words: str | Path) -> None:
    """Run a stage as a process."""
    done = subprocess.run([sys.executable, "-m", f"stages.{name}", *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"


def prepare(documents: Iterable[Path], workspace: Path) -> None:
    """Run collect, parse and chunk on the documents."""
    folder = workspace / "documents"
    folder.mkdir(parents=True)
    for file in documents:
        (folder / file.name).write_bytes(file.read_bytes())
    stage("collect", workspace / "collect", workspace / "metrics/collect.json", "--sources", folder)
    stage("parse", workspace / "collect", workspace / "parse", workspace / "metrics/parse.json")
    chunk = options("chunk")
    stage("chunk", workspace / "parse/documents.jsonl", workspace / "chunk", workspace / "metrics/chunk.json", *chunk)


def ours(workspace: Path, teach: Path, knobs: Sequence[str] = ()) -> dict[str, Any]:
    """Run generate with the embedded model and the parameters of params.yaml, then the gates; return the figures."""
    import stages.generate

    words = [workspace / "chunk", EXAMPLES, teach, workspace / "generate", workspace / "replies.jsonl",
             workspace / "metrics/generate.json", *options("generate"), "--model", "embedded"]  # fmt: skip
    words += knobs
    with scoring() as scored:  # in this process, so that the scorer's tokens can be counted
        stages.generate.main([str(word) for word in words], standalone_mode=False)
    values = [reply.value for reply in disk.stream(workspace / "replies.jsonl", Reply)]
    tokens = spent([value for value in values if "usage" in value])
    kept = curate(workspace, workspace / "generate/pairs.jsonl", "curate")
    generated = [pair for pair in kept if pair.origin == "generated"]
    asked = sum(pair.form == "model" for pair in generated)
    return per_thousand(len(generated), tokens) | {"by_model": asked, "tokens_scored": scored[0]}


def spent(replies: Sequence[dict[str, Any]]) -> int:
    """Return the tokens of prompts and replies.

    Those of replies are counted here: of a call with `n`, llama.cpp says the tokens of one.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(models.tokenizer_file(models.EMBEDDED)))
    texts = [reply.get("text") or "" for reply in replies]
    written = sum(len(found.ids) + 1 for found in tokenizer.encode_batch(texts, add_special_tokens=False))
    return written + sum(reply["usage"].get("prompt", 0) for reply in replies)


def theirs(workspace: Path, answers: int = peers.ANSWERS) -> dict[str, Any]:
    """Run `synthetic-data-kit create` on the same documents and model, then the same gates; return the figures.

    Its pairs name no evidence: the whole document is taken for it. They have no rank, and that gate lets them pass.
    Raises peers.PeerError if it is not installed, or fails.
    """
    documents = {one.id: one for one in disk.read(workspace / "parse/documents.jsonl", Document)}
    with embedded.serve() as url, Relay(url) as relay:
        texts = {identity: document.body for identity, document in documents.items()}
        found = peers.create(workspace / "sdk", relay.url, texts, model="embedded", answers=answers)
    pairs = {one.id: one for identity, some in found.items() for one in map(as_pair(documents[identity]), some) if one}
    disk.write(workspace / "sdk/pairs.jsonl", pairs.values())
    kept = curate(workspace, workspace / "sdk/pairs.jsonl", "sdk/curate")
    return per_thousand(len(kept), relay.prompt + relay.completion) | {"made": len(pairs), "calls": relay.calls}


def as_pair(document: Document) -> Callable[[Any], Pair | None]:
    """Return what makes a pair of an item of synthetic-data-kit, None of one that is none."""

    def made(item: Any) -> Pair | None:
        question, answer = (item.get(name) if isinstance(item, dict) else None for name in ("question", "answer"))
        if not (isinstance(question, str) and isinstance(answer, str) and question.strip() and answer.strip()):
            return None
        evidence = Evidence(document=document.id, quote=document.body, span=(0, len(document.text)))
        identity = content_id(document.id, question, answer)
        return Pair(id=identity, question=question, answer=answer, facts=[], evidence=[evidence],
                    source=document.source, topic=document.title, origin="generated")  # fmt: skip

    return made


def curate(workspace: Path, pairs: Path, out: str) -> list[Pair]:
    """Return the pairs that pass the gates."""
    measured, kept = workspace / out / "measured", workspace / out / "kept"
    stage("curate", pairs, workspace / "chunk", measured, workspace / "metrics/curate.json", *options("curate"))
    decisions = workspace / "decisions.jsonl"  # of no person
    decisions.touch()
    stage("decide", measured / "pairs.jsonl", decisions, kept, workspace / "metrics/decide.json", *options("decide"))
    return disk.read(kept / "pairs.jsonl", Pair)


def per_thousand(pairs: int, tokens: int) -> dict[str, Any]:
    """Return the pairs, the tokens and the former for a thousand of the latter."""
    return {"accepted": pairs, "tokens": tokens, "per_1000": round(1000 * pairs / tokens, 3) if tokens else None}


@contextmanager
def scoring() -> Iterator[list[int]]:
    """Yield a list whose one number grows by the tokens that a scorer's forward passes are asked for meanwhile."""
    from stages.scoring import likelihood

    count, plain = [0], likelihood.encode

    def counting(*args: Any, **named: Any) -> Any:
        encoded = plain(*args, **named)
        count[0] += sum(len(one.ids) for one in encoded)
        return encoded

    likelihood.encode = counting
    try:
        yield count
    finally:
        likelihood.encode = plain
