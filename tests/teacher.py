"""Scripted teachers for the stage generate: one that answers every request well, and what a run leaves behind."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import msgspec
from click.testing import CliRunner, Result

from stages import disk, generate
from stages.llm import questions
from stages.llm.questions import Candidate, Plan
from stages.quality.tokens import FUNCTION_WORDS
from stages.records import Chunk, Fact
from stages.tuning import models

ENOUGH = 4  # questions of a kind
OPENINGS = {
    "what": "What is said of", "how": "How goes", "why": "Why", "which": "Which", "when": "When", "where": "Where",
    "who": "Who", "how_many": "How many", "can": "How can", "command": "What command is for", "error": "What error is",
    "definition": "What is meant by", "purpose": "What is for", "comparison": "How other than", "list": "Which are",
}  # fmt: skip
PLAN = msgspec.convert(
    {option.name: option.default for option in generate.main.params if isinstance(option, click.Option)}, Plan
)


def fact(says: str, topic: str = "Aster", identity: str = "f", **more) -> Fact:
    """Return a fact that says what it quotes."""
    return Fact(**{"id": identity, "chunk": "c", "document": "d", "source": "s", "topic": topic, "quote": says,
                   "span": (0, len(says))} | more)  # fmt: skip


def asked(messages: list[dict]) -> tuple[str, str, str]:
    """Return topic, statement and kind of a request as answer_first.jinja shows them."""
    found = re.fullmatch(r"Topic: (.*)\nStatement: (.*)\nKind: (.*)", messages[-1]["content"], re.DOTALL)
    return found[1], found[2], found[3].replace(" ", "_")


@functools.cache
def questions_for(topic: str, statement: str, kind: str) -> list[str]:
    """Return questions of a kind about a statement that pass the gates, each in other words of the statement.

    Their words are the statement's own, so that none drifts; windows of them, so that none gives it all away.
    """
    words = list(dict.fromkeys(w for w in re.findall(r"[\w./-]+\w", statement) if w.lower() not in FUNCTION_WORDS))
    first = list(OPENINGS).index(kind)
    found: list[Candidate] = []
    for size in (3, 2, 1, 4):
        for place in range(len(words)):
            some = [words[(first + place + step) % len(words)] for step in range(min(size, len(words)))]
            one = Candidate(fact=fact(statement, topic), question=f"{OPENINGS[kind]} {' '.join(some)}?", sample=0)
            questions.judge_form([*found, one], PLAN)
            if not one.reason:
                found.append(one)
            if len(found) == ENOUGH:
                return [one.question for one in found]
    return [one.question for one in found]


def perfect(messages: list[dict], sample: int) -> str:
    """Answer a request for a question with a valid one of the kind that is asked for, another one each sample."""
    found = questions_for(*asked(messages))
    return found[sample % len(found)] if found else "?"


def likely(messages: list[dict]) -> dict:
    """Return what an endpoint with prompt log-probabilities says: a word of the last message is a token of one nat."""
    words = messages[-1]["content"].split()
    tokens = [{"1": {"logprob": -1.0, "decoded_token": f" {word}" if n else word}} for n, word in enumerate(words)]
    choice = {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": ""}}
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
    return {"object": "chat.completion", "choices": [choice], "usage": usage, "prompt_logprobs": [None, *tokens]}


class Stage:
    """The stage generate on a folder, run as a process with a scripted endpoint and a tiny scorer.

    Args:
        folder: for all that is read and written; `chunk/` is to be there or written by `facts`.
        scorer: folder of the tiny model.
        url: of the endpoint.
    """

    def __init__(self, folder: Path, scorer: Path, url: str):
        self.folder, self.scorer = folder, scorer
        self.examples = Path("data/sources/examples.jsonl")
        self.environment = os.environ | {
            "FAQTUNE_CACHE": str(folder / "cache"), "FAQTUNE_ENDPOINTS__TEACHER__URL": url,
            "FAQTUNE_ENDPOINTS__TEACHER__RETRIES": "0", "FAQTUNE_ENDPOINTS__TEACHER__CONCURRENCY": "4",
            "FAQTUNE_ENDPOINTS__TEACHER__SAMPLES_PER_CALL": "4", "FAQTUNE_THREADS": "1", "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        counts_with(scorer, folder / "cache")

    def facts(self, facts: list[Fact]) -> None:
        """Write facts, and one chunk for each chunk that they name."""
        chunks = {
            one.chunk: Chunk(id=one.chunk, document=one.document, source=one.source, heading=[], header=one.topic,
                             text=" ".join(f.quote for f in facts if f.chunk == one.chunk), span=(0, 1), tokens=9)
            for one in facts
        }  # fmt: skip
        disk.write(self.folder / "chunk" / "facts.jsonl", facts)
        disk.write(self.folder / "chunk" / "chunks.jsonl", list(chunks.values()))

    def arguments(self, *options: str) -> list[str]:
        """Return the stage's arguments: thresholds under which a random scorer rejects nothing, then the options."""
        places = [self.folder / "chunk", self.examples, self.folder / "teach", self.folder / "out",
                  self.folder / "ledger.jsonl", self.folder / "metrics" / "generate.json"]  # fmt: skip
        chosen = {
            "--model": "m", "--revision": "1", "--endpoint": "teacher", "--scorer": self.scorer, "--enough": "-1000",
            "--ask": "all", "--samples": "4", "--temperature": "0.8", "--questions-per-fact": "4",
            "--nll-penalty": "0", "--multi-hop": "0", "--unanswerable": "0", "--shots": "2",
            "--min-pairs-per-concept": "0", "--max-alike": "0.95",
        }  # fmt: skip
        return [*map(str, places), *(str(word) for pair in chosen.items() for word in pair), "--no-rules", *options]

    def run(self, *options: str, check: bool = True, **environment: str) -> Result:
        """Run the stage in this process, which has torch loaded."""
        done = CliRunner(env=self.environment | environment).invoke(generate.main, self.arguments(*options))
        unexpected = done.exception is not None and not isinstance(done.exception, SystemExit)
        if unexpected or (check and done.exit_code):
            raise AssertionError(done.output) from done.exception
        return done

    def process(self, *options: str, module: str = "") -> str:
        """Run the stage as a process of its own, or what `module` says; return what it printed."""
        command = ["-c", module] if module else ["-m", "stages.generate"]
        done = subprocess.run(
            [sys.executable, *command, *self.arguments(*options)], capture_output=True, text=True,
            env=self.environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def read(self, name: str, kind: type[disk.R]) -> list[disk.R]:
        return disk.read(self.folder / "out" / f"{name}.jsonl", kind)

    @property
    def metrics(self) -> dict:
        return json.loads((self.folder / "metrics" / "generate.json").read_text())

    @property
    def usage(self) -> dict:
        return json.loads((self.folder / "usage.json").read_text())["generate"]

    def written(self) -> dict[str, bytes]:
        """Return all that the stage wrote which is a function of its input."""
        files = [*(self.folder / "out").iterdir(), self.folder / "ledger.jsonl", self.folder / "metrics/generate.json"]
        return {file.name: file.read_bytes() for file in files}


def counts_with(model: Path, cache: Path) -> None:
    """Put a tiny model where the embedded one is converted to, so that tokens are counted without converting it."""
    folder = cache / "models" / models.file_digest(models.gguf_file())
    if not folder.exists():
        shutil.copytree(model, folder)
