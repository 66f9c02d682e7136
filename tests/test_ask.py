"""Ask: what the evaluation would answer, with the settings of the pipeline and no options."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from starlette.testclient import TestClient

from stages import ask, disk, evaluate, pipeline
from stages.chat.answerer import Answerer, Token, Waiting
from stages.quality.leaks import FaqItem
from stages.records import Answer, Evidence, Message, Pair, Row
from stages.scoring.items import GeneralItem
from stages.tuning import models, training
from stages.web import app
from tests.chat.scripted import chunks
from tests.chat.test_terminal import HOSTILE, answered

QUESTIONS = ["How fast does Rover drive on sand?", "How long does the battery last?", "Who built the battery?"]
REWORDED = "How fast is Rover on sand?"


@pytest.fixture(scope="module")
def adapter(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an adapter that has learnt one answer."""
    folder = tmp_path_factory.mktemp("adapters") / "tiny"
    learnt = [Message(role="assistant", content="At 5 km/h.")]
    row = Row(id="r", pair="p", origin="seed", prompt=models.chat("S", QUESTIONS[0]), completion=learnt)
    recipe = training.Recipe(student=str(tiny_llama), dtype="float32", epochs=15, learning_rate=0.02)
    training.train(recipe, [row], [], folder)
    return folder


@pytest.fixture(scope="module")
def evaluated(adapter: Path, tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with what `dvc repro` leaves there that is asked for, after its stage evaluate."""
    root = tmp_path_factory.mktemp("workspace")
    for name in ("dvc.yaml", "engine.yaml"):
        shutil.copy(name, root / name)
    shutil.copytree("prompts", root / "prompts")
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["student"] |= {"student": str(tiny_llama), "dtype": "float32"}
    params["chat"]["system"] = "S"
    params["evaluate"] |= {"max-new-tokens": 12, "passages": 1, "draws": 100}
    (root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    data = root / "data"
    shutil.copytree(adapter, data / "adapters" / "tiny")
    disk.write(data / "chunk" / "chunks.jsonl", chunks())
    quote = "Rover drives at 5 km/h on sand."
    for split in ("train", "reworded", "held_out"):
        pair = Pair(
            id=split, question=REWORDED, answer="At 5 km/h.", facts=["f"], source="d.md", origin="generated",
            evidence=[Evidence(document="d", quote=quote, span=(0, len(quote)))],
        )  # fmt: skip
        disk.write(data / "split" / f"{split}.jsonl", [pair])
    disk.write(data / "mix" / "train.jsonl", [Row(id="r", pair="train", origin="seed", prompt=[], completion=[])])
    asked = [FaqItem(id=str(n), question=one, answer="So.", document="d") for n, one in enumerate(QUESTIONS)]
    disk.write(data / "sources" / "faq.jsonl", asked)
    general = GeneralItem(id="g", kind="sense", question="Is ice cold?", answer="Yes.", accept=["yes"])
    disk.write(data / "sources" / "general.jsonl", [general])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAQTUNE_CACHE", str(root / ".cache"))
        patch.setenv("FAQTUNE_THREADS", "1")
        patch.chdir(root)
        subprocess.run(["dvc", "init", "--no-scm", "-q"], check=True)
        result = CliRunner().invoke(evaluate.main, pipeline.command("evaluate"))
        assert result.exit_code == 0, result.output
    return root


@pytest.fixture
def workspace(evaluated: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(evaluated)
    return evaluated


@pytest.fixture
def bare(evaluated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace in which nothing has run."""
    for name in ("dvc.yaml", "params.yaml", ".dvc"):
        copy = shutil.copytree if (evaluated / name).is_dir() else shutil.copy
        copy(evaluated / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, said: str | None = None):
    return CliRunner().invoke(ask.main, arguments, input=said)


def scripted(monkeypatch: pytest.MonkeyPatch, *events) -> None:
    monkeypatch.setattr(Answerer, "stream", lambda self, *given: iter(events))


def test_it_answers_as_the_evaluation_did(workspace: Path):
    recorded = {
        (one.system, one.question): one.answer
        for one in disk.read(workspace / "data/evaluate/answers.jsonl", Answer)
        if one.set == "faq"
    }
    made = ask.made(ask.resolved())
    for question in QUESTIONS:
        for system, adapter, retrieval in (
            ("base", "base", False), ("retrieval", "base", True), ("tiny", "tiny", False),
            ("tiny+retrieval", "tiny", True),
        ):  # fmt: skip
            *_, end = made.stream(question, adapter, retrieval)
            assert end.done == recorded[system, question], (system, question)
    assert len(set(recorded.values())) > 4


def test_without_options_the_best_adapter_answers_from_memory_and_shows_where_to_check(workspace: Path):
    result = run(QUESTIONS[0])
    assert result.exit_code == 0, result.output
    *_, end = ask.made(ask.resolved()).stream(QUESTIONS[0], "tiny")
    assert result.stdout.startswith(f"{end.done}\n\n(tiny, closed book, from memory)\n")
    assert "Where to check" in result.stdout and "Rover drives at 5 km/h on sand." in result.stdout
    assert result.stderr == "", "what it waits for is told on a terminal only"


def test_one_json_object_and_a_question_from_standard_input(workspace: Path):
    result = run("-", "--json", "--retrieval", "--adapter", "base", said=f"{QUESTIONS[1]}\n")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["question"], told["adapter"], told["retrieval"]) == (QUESTIONS[1], "base", True)
    assert [one["heading"] for one in told["passages"]] in ([], ["Guide > battery"])


def test_no_text_of_others_commands_the_terminal(workspace: Path, monkeypatch: pytest.MonkeyPatch):
    scripted(monkeypatch, Waiting(waiting="x"), *(Token(token=one) for one in HOSTILE), answered(done=HOSTILE))
    for options in ([], ["--json"]):
        result = run("How?", *options)
        assert result.exit_code == 0, result.output
        assert result.stdout.replace("\n", "").isprintable() and "red" in result.stdout
    assert result.stdout.isascii()


def test_pieces_are_printed_as_they_come(workspace: Path, monkeypatch: pytest.MonkeyPatch):
    printed: list[tuple[str, bool]] = []
    monkeypatch.setattr(ask.click, "echo", lambda text, nl=True, err=False: printed.append((text, nl)))
    scripted(monkeypatch, Token(token="Ro"), Token(token="ver"), answered())
    assert run("How?").exit_code == 0
    assert printed[:2] == [("Ro", False), ("ver", False)] and printed[2][0].startswith("\n\n(tuned")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["  "], "the question is empty"), (["How?", "--adapter", "x"], "no adapter 'x'; there is tiny, base"),
     (["x" * 3000], "ask a shorter one")],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(workspace: Path, arguments: list[str], said: str):
    result = run(*arguments)
    assert result.exit_code == 1 and result.output.startswith("Error: ask: ") and said in result.output


def test_where_nothing_has_run_it_says_what_to_run(bare: Path, evaluated: Path):
    result = run("How?")
    assert result.exit_code == 1 and "no chunks to search yet: run `dvc repro`, or `dvc pull`" in result.output
    shutil.copytree(evaluated / "data/chunk", bare / "data/chunk")
    result = run("How?")
    assert result.exit_code == 1 and "no adapter yet: run `dvc repro`, or `dvc pull`" in result.output


def test_outside_a_repository_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    result = run("How?")
    assert result.exit_code == 1 and "there is no dvc.yaml here" in result.output


def test_without_a_question_the_page_is_served_with_questions_to_click(workspace: Path, monkeypatch):
    served: list = []
    monkeypatch.setattr(app, "serve", lambda *given: served.extend(given))
    result = run("--port", "8799", "--adapter", "base")
    assert result.exit_code == 0, result.output
    built, path, port, token, browse = served
    assert (path, port, browse) == ("/ask", 8799, False)
    page = TestClient(built, f"http://127.0.0.1:{port}").get(f"/ask?token={token}").text
    assert page.index(">base (untuned)</option>") < page.index(">tiny</option>") and REWORDED in page
    assert "<nav" not in page, "there is nothing to review here"


def test_a_port_that_cannot_be_had_is_told(workspace: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(*given):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(app, "serve", refused)
    result = run("--port", "80")
    assert result.exit_code == 1 and "port 80: Permission denied; choose another one" in result.output


def test_the_page_is_served_until_it_is_interrupted(workspace: Path):
    command = [sys.executable, "-m", "stages.ask", "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(Path(ask.__file__).parents[1])}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert server.stdout
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), server.communicate()[1]
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        assert b'id="question"' in browser.open(address).read()
        base = address.split("/ask")[0]
        body = json.dumps({"question": QUESTIONS[0], "adapter": "tiny"}).encode()
        asked = urllib.request.Request(f"{base}/ask/answer", body, {"Origin": base, "Content-Type": "application/json"})
        events = [json.loads(line) for line in browser.open(asked, timeout=120)]
        assert "done" in events[-1] and events[0] == {"waiting": "the model is being loaded"}
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0 and server.stderr and server.stderr.read() == ""
    finally:
        server.kill()
        server.wait()
