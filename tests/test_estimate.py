"""Estimate: what it says before anything is asked is what generate then asks, and a budget stops it before that."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stages import disk
from stages.records import Chunk
from tests.endpoint import Endpoint, serving
from tests.teacher import counts_with, fact, perfect

FACTS = [
    fact("The pump of Aster moves 12 litres of water in a minute.", "Aster > Pump", "f1"),
    fact("The flag --dry-run of Aster prints all steps.", "Aster > Flags", "f2"),
    fact("The sensor of Aster is stored in the cellar.", "Aster > Sensor", "f3", chunk="c2"),
    fact("The answer of a FAQ.", "FAQ", "f4", chunk="c2", question="Is it asked for?"),
]
STAGE = """
import os, sys
from stages import generate, pipeline
generate.main(pipeline.command("generate"))
"""


class Workspace:
    """dvc.yaml and params.yaml of the repository with facts, a tiny scorer and a scripted endpoint."""

    def __init__(self, folder: Path, scorer: Path, url: str):
        self.folder = folder
        for name in ("dvc.yaml", "engine.yaml", "params.yaml"):
            shutil.copy(name, folder / name)
        shutil.copytree("prompts", folder / "prompts")
        examples = Path("data/sources/examples.jsonl").read_text().splitlines(keepends=True)[:10]
        (folder / "data/sources").mkdir(parents=True)
        (folder / "data/sources/examples.jsonl").write_text("".join(examples))
        disk.write(folder / "data/chunk/facts.jsonl", FACTS)
        chunks = [Chunk(id=one, document="d", source="s", heading=[], header="A", text="Text.", span=(0, 5), tokens=2)
                  for one in ("c", "c2")]  # fmt: skip
        disk.write(folder / "data/chunk/chunks.jsonl", chunks)
        self.set("teacher", model="m", revision="1", endpoint="teacher", scorer=str(scorer))
        self.set(
            "generate", **{"ask": "all", "samples": 3, "top-up": 0, "rules": False, "multi-hop": 0, "unanswerable": 0}
        )
        counts_with(scorer, folder / ".cache")
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "FAQTUNE_", "GIT_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(Path.cwd()), "FAQTUNE_ENDPOINTS__TEACHER__URL": url, "FAQTUNE_THREADS": "1",
            "FAQTUNE_ENDPOINTS__TEACHER__SAMPLES_PER_CALL": "2", "DVC_NO_ANALYTICS": "1",
            "FAQTUNE_ENDPOINTS__TEACHER__PRICES": "{prompt: 2.0, completion: 10.0}",
        }  # fmt: skip
        self.call("dvc", "init", "--no-scm", "-q")

    def set(self, section: str, **changes) -> None:
        path = self.folder / "params.yaml"
        params = yaml.safe_load(path.read_text())
        params[section] |= changes
        path.write_text(yaml.safe_dump(params, sort_keys=False))

    def call(self, *command: str, check: bool = True, **environment: str) -> str:
        done = subprocess.run(command, cwd=self.folder, env=self.environment | environment, capture_output=True,
                              text=True)  # fmt: skip
        assert (done.returncode == 0) == check, done.stdout + done.stderr
        return done.stdout + done.stderr

    def estimate(self, **options) -> str:
        return self.call(sys.executable, "-m", "stages.estimate", **options)

    def generate(self, **options) -> str:
        return self.call(sys.executable, "-c", STAGE, **options)

    @property
    def usage(self) -> dict:
        return json.loads((self.folder / "data/usage.json").read_text())["generate"]


@pytest.fixture
def endpoint():
    with serving(Endpoint(perfect)) as server:
        yield server


@pytest.fixture
def workspace(tmp_path: Path, tiny_llama: Path, endpoint: Endpoint) -> Workspace:
    return Workspace(tmp_path, tiny_llama, endpoint.url)


def test_it_says_exactly_the_calls_that_generate_then_makes_and_only_for_what_is_not_known(workspace, endpoint):
    said = workspace.estimate()
    assert "generate: 3 facts in 2 chunks; 9 replies to ask for in " in said and "USD" in said
    assert endpoint.calls == 0 and not (workspace.folder / "data/replies").exists()
    calls = int(said.split("ask for in ")[1].split()[0])
    made = workspace.generate()
    assert (endpoint.calls, endpoint.asked) == (calls, 9)
    line = said.split("chunks; ")[1].splitlines()[0]
    assert line in made, "the stage says the same before it asks"
    spent = workspace.usage
    assert spent["estimate"]["calls"] == spent["actual"]["calls"] == calls
    assert spent["estimate"]["cost"] > 0 and spent["actual"]["cost"] == pytest.approx((2 + 10) * calls / 1e6)
    assert "nothing to ask" in workspace.estimate()

    edited = fact(FACTS[0].says.replace("12", "14"), FACTS[0].topic, "f9")
    disk.write(workspace.folder / "data/chunk/facts.jsonl", [edited, *FACTS[1:]])
    assert "; 3 replies to ask for" in workspace.estimate(), "those of the edited fact"
    (workspace.folder / "data/replies/generate.jsonl").unlink()
    assert "; 3 replies to ask for" in workspace.estimate(), "the journal knows the others"


def test_a_budget_stops_the_run_before_its_first_call(workspace, endpoint):
    for name, limit, said in (("CALLS", "2", "more than max_calls, 2"), ("COST", "0.0001", "more than max_cost")):
        output = workspace.call(sys.executable, "-c", STAGE, check=False, **{f"FAQTUNE_BUDGET__MAX_{name}": limit})
        assert said in output and "nothing was asked" in output and "Traceback" not in output
        output = workspace.call(
            sys.executable, "-m", "stages.estimate", check=False, **{f"FAQTUNE_BUDGET__MAX_{name}": limit}
        )
        assert said in output and "Traceback" not in output
    assert endpoint.calls == 0 and not (workspace.folder / "data/generate").exists()


def test_it_counts_what_the_other_strategy_and_questions_on_two_facts_would_ask(workspace, endpoint):
    workspace.set("generate", strategy="question_first")
    assert "; 2 replies to ask for in 2 calls" in workspace.estimate(), "one a chunk"
    both = [fact(f"The Borea valve {does}.", "Care", identity, chunk=chunk, document=chunk, concepts=["Borea"])
            for does, identity, chunk in (("opens at a pressure of 4 bar", "h1", "c"),
                                          ("is cleaned with alcohol in spring", "h2", "c2"))]  # fmt: skip
    disk.write(workspace.folder / "data/chunk/facts.jsonl", both)
    workspace.set("generate", **{"strategy": "answer_first", "multi-hop": 5})
    assert "; 7 replies to ask for" in workspace.estimate(), "three samples a fact, and one on both"


def test_what_comes_on_top_is_said(workspace):
    workspace.set("generate", **{"top-up": 2})
    assert "and up to 2 times again" in workspace.estimate()


def test_what_is_missing_is_named_in_one_line(workspace):
    workspace.environment.pop("FAQTUNE_ENDPOINTS__TEACHER__URL")
    output = workspace.call(sys.executable, "-m", "stages.estimate", check=False)
    assert "estimate: endpoint teacher is not in engine.yaml" in output and "Traceback" not in output
    shutil.rmtree(workspace.folder / "data/chunk")
    output = workspace.call(sys.executable, "-m", "stages.estimate", check=False)
    assert "data/chunk" in output and "Traceback" not in output
    (workspace.folder / "dvc.yaml").write_text("stages: {}\n")
    output = workspace.call(sys.executable, "-m", "stages.estimate", check=False)
    assert "no stage generate in dvc.yaml here" in output and "Traceback" not in output


def test_without_facts_it_says_what_to_run(workspace):
    (workspace.folder / "data/chunk/facts.jsonl").unlink()
    said = workspace.call(sys.executable, "-m", "stages.estimate", check=False)
    assert "no facts in data/chunk yet; run `dvc repro chunk` first" in said


def test_a_teacher_without_its_endpoint_is_no_estimate(workspace):
    workspace.set("teacher", endpoint="embedded")
    said = workspace.call(sys.executable, "-m", "stages.estimate", check=False)
    assert "teacher.model is m and teacher.endpoint is embedded: set both" in said


RUN = """
import json, sys
from stages import estimate, pipeline
from stages.reporting.state import Seen, State, Verdict
commands = {one.addressing: one.cmd for one in pipeline.opened().index.stages}
seen = [Seen(name, commands[name]) for name in ("chunk", "generate", "judge", "augment", "grade")]
seen[1] = Seen("generate", commands["generate"], before=("chunk",))
chunk = Verdict("chunk", State(sys.argv[1]))
print(json.dumps(estimate.of_run(seen, [chunk, *(Verdict(one.name, State.WILL_RUN) for one in seen[1:])])))
assert "torch" not in sys.modules
"""


def test_of_a_run_it_says_what_can_be_told_and_unpacks_nothing_for_it(workspace, endpoint):
    workspace.set("judge", model="big", endpoint="teacher")
    workspace.set("augment", forms=["terse", "paraphrase"])

    def asked(chunk: str) -> list[str]:
        return json.loads(workspace.call(sys.executable, "-c", RUN, chunk))

    lines = asked("up to date")
    assert lines[0].startswith("generate: 3 facts in 2 chunks; 9 replies to ask for") and "USD" in lines[0]
    assert lines[1:] == [
        "judge may ask big, which is not counted here",
        "augment may ask the teacher for paraphrases, which is not counted here",
    ]
    assert asked("will run")[0] == "what generate would ask is known only after `dvc repro chunk`"
    workspace.environment["FAQTUNE_BUDGET__MAX_CALLS"] = "2"
    assert "more than max_calls, 2" in asked("up to date")[0]
    (workspace.folder / "data/chunk/chunks.jsonl").write_text("{}")
    assert asked("up to date")[0].startswith("what generate would ask is not known: data/chunk/chunks.jsonl, line 1")
    shutil.rmtree(workspace.folder / ".cache/models")
    assert "`python -m stages.estimate` says what generate would ask" in asked("up to date")[0]
    assert endpoint.calls == 0 and not (workspace.folder / ".cache/models").exists()
