"""`kill -9` at any moment, and several processes on one journal: nothing is asked again that had arrived, nothing lost.

A reply has arrived when it is in the journal. Of what was on its way at a kill, at most as many calls as run at once,
the endpoint may have been paid and nobody knows: only that may be asked a second time.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stages.llm import gateway
from tests.endpoint import Endpoint, Fault, serving

TOTAL, AT_ONCE = 40, 4
STAGE = f"""
import sys
from pathlib import Path
from stages.llm import gateway
from stages.llm.replies import Replies

replies = Replies(Path(sys.argv[1]))
model = gateway.Model(name="m", revision="1", endpoint="teacher")
requests = [
    gateway.Request(messages=(("user", "q%d" % n),), temperature=0.8, max_tokens=8) for n in range({TOTAL})
]
answers = gateway.ask(requests, model, replies)
assert [a["text"] for a in answers] == ["q%d 0" % n for n in range({TOTAL})], answers
replies.save()
print(replies.summary())
"""
TEACHER = gateway.Model(name="m", revision="1", endpoint="teacher")
NAMES = {
    gateway.request_key(
        TEACHER, gateway.Request(messages=(("user", f"q{n}"),), temperature=0.8, max_tokens=8)
    ): (f"q{n}", 0)
    for n in range(TOTAL)
}  # fmt: skip


class Runs:
    """Runs of the stage in a folder, and what the endpoint says of them."""

    def __init__(self, folder: Path, endpoint: Endpoint):
        self.folder, self.endpoint = folder, endpoint
        self.known: dict[str, int] = {}  # key in the journal at a kill: how often it had been paid by then
        self.kills = 0
        (folder / "ask.py").write_text(STAGE)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "FAQTUNE_", "GIT_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(Path.cwd()),
            "FAQTUNE_ENDPOINTS__TEACHER__URL": endpoint.url,
            "FAQTUNE_ENDPOINTS__TEACHER__CONCURRENCY": str(AT_ONCE),
            "DVC_NO_ANALYTICS": "1",
        }

    def start(self, *command: str) -> subprocess.Popen:
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ask(self, ledger: str = "ledger.jsonl") -> subprocess.Popen:
        return self.start(sys.executable, "ask.py", ledger)

    def kill_after(self, process: subprocess.Popen, more: int, pause: float = 0.0) -> None:
        """Kill a run with all its children, when the endpoint has been paid so many more replies."""
        until, limit = min(TOTAL, self.endpoint.delivered.total() + more), time.monotonic() + 60
        while self.endpoint.delivered.total() < until and process.poll() is None and time.monotonic() < limit:
            time.sleep(0.001)
        time.sleep(pause)
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        assert process.returncode == -signal.SIGKILL, output
        time.sleep(0.1)  # until the endpoint has noticed
        self.kills += 1
        for key in self.journal():
            self.known.setdefault(key, self.endpoint.delivered[NAMES[key]])

    def end(self, process: subprocess.Popen) -> str:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
        return output

    def journal(self) -> list[str]:
        with sqlite3.connect(self.folder / ".cache/journal.sqlite") as connection:
            return [key for (key,) in connection.execute("SELECT key FROM replies")]

    def check(self, ledger: str = "ledger.jsonl") -> None:
        rows = [json.loads(line) for line in (self.folder / ledger).read_text().splitlines()]
        assert {row["id"]: row["value"]["text"] for row in rows} == {k: f"{name} 0" for k, (name, _) in NAMES.items()}
        paid = self.endpoint.delivered
        assert {key: paid[NAMES[key]] for key in self.known} == self.known, "what had arrived is not asked again"
        assert TOTAL <= paid.total() <= TOTAL + self.kills * AT_ONCE


@pytest.fixture
def runs(tmp_path):
    with serving(Endpoint(lambda messages, n: f"{messages[-1]['content']} {n}")) as endpoint:
        endpoint.fault = lambda call, body: Fault(delay=0.03)
        yield Runs(tmp_path, endpoint)


def test_kill_at_ten_random_moments(runs):
    chance = random.Random(7)
    for _ in range(10):
        runs.kill_after(runs.ask(), more=chance.randint(1, 4), pause=chance.uniform(0, 0.04))
    assert 0 < len(runs.known) < TOTAL, "killed in the middle"
    runs.end(runs.ask())
    runs.check()
    assert "'asked': 0" in runs.end(runs.ask())


def test_two_at_once_ask_nothing_twice(runs):
    both = [runs.ask("one.jsonl"), runs.ask("two.jsonl")]
    outputs = [runs.end(process) for process in both]
    runs.check("one.jsonl")
    runs.check("two.jsonl")
    assert set(runs.endpoint.delivered.values()) == {1}
    asked = [int(output.split("'asked': ")[1].split(",")[0]) for output in outputs]
    assert sum(asked) == TOTAL


def test_of_two_at_once_one_is_killed_and_the_other_takes_over(runs):
    killed, other = runs.ask("one.jsonl"), runs.ask("two.jsonl")
    runs.kill_after(killed, more=8)
    runs.end(other)
    runs.check("two.jsonl")


def test_killed_under_dvc_repro_and_under_dvc_exp_run(runs):
    (runs.folder / "dvc.yaml").write_text(
        "stages: {ask: {cmd: python ask.py ledger.jsonl, deps: [ask.py], outs: [ledger.jsonl: {persist: true}]}}\n"
    )
    for command in (
        "git init -q .", "git config user.email a@example.org", "git config user.name A", "dvc init -q",
        "dvc config core.autostage false",
    ):  # fmt: skip
        subprocess.run(command.split(), cwd=runs.folder, env=runs.environment, check=True)
    (runs.folder / ".gitignore").write_text("/.cache\n/ledger.jsonl\n")
    subprocess.run("git add -A && git commit -qm start", shell=True, cwd=runs.folder, env=runs.environment, check=True)
    chance = random.Random(8)
    for command in ["dvc repro", "dvc exp run"] * 5:
        runs.kill_after(runs.start(*command.split()), more=chance.randint(1, 3), pause=chance.uniform(0, 0.04))
    assert 0 < len(runs.known) < TOTAL, "killed in the middle"
    runs.end(runs.start("dvc", "exp", "run"))
    runs.check()
    paid = runs.endpoint.delivered.total()
    runs.end(runs.start("dvc", "repro", "--force"))
    assert runs.endpoint.delivered.total() == paid, "the journal and the ledger have it all"
