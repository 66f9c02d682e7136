"""Teach: the writer that comes along, one taught anew, or none; and generate asks whoever there is."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from stages import disk, generate
from stages.llm import embedded, gateway, writer
from stages.llm.prompts import Example, Prompt
from stages.llm.replies import Replies
from stages.records import Pair
from stages.teach import main
from stages.tuning import models, weights
from tests.endpoint import Endpoint, serving
from tests.teacher import Stage, counts_with, fact, perfect

FILES = {writer.ADAPTER, writer.CARD, writer.CONFIG, writer.WEIGHTS}
EXAMPLES = [
    Example(id=f"e{n}", topic="Aster", answer=answer, question=question, form="what")
    for n, (answer, question) in enumerate([
        ("The pump of Aster moves water.", "What does the pump of Aster move?"),
        ("The fan of Aster cools the motor.", "What does the fan of Aster cool?"),
        ("The relay of Aster is made of copper.", "What is the relay of Aster made of?"),
        ("The flag --cold of Aster stops the fan.", "What does the flag --cold stop?"),
        ("A sensor of Aster measures heat.", "What does a sensor of Aster measure?"),
        ("The screen of Aster shows errors.", "What does the screen of Aster show?"),
        ("The cable of Aster is red.", "What colour has the cable of Aster?"),
        ("The clock of Aster runs on sunlight.", "What does the clock of Aster run on?"),
    ])
]  # fmt: skip


class Teach:
    """The stage teach in a folder, with a tiny model in the place of the embedded one unless `real`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.examples, self.carried = folder / "examples.jsonl", folder / "carried"
        disk.write(self.examples, EXAMPLES)

    def run(self, *options: str, output: str = "teach"):
        places = [self.examples, self.carried, self.folder / output, self.folder / "metrics" / "teach.json"]
        done = CliRunner().invoke(main, [*map(str, places), *options])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    def carry(self, **changes: str) -> None:
        """Put what was taught where the repository carries its writer, with a changed card."""
        shutil.rmtree(self.carried, ignore_errors=True)
        shutil.copytree(self.folder / "teach", self.carried)
        (self.carried / writer.ADAPTER).unlink()
        card = json.loads((self.carried / writer.CARD).read_text()) | changes
        (self.carried / writer.CARD).write_text(json.dumps(card))

    @property
    def card(self) -> dict:
        return json.loads((self.folder / "teach" / writer.CARD).read_text())

    @property
    def metrics(self) -> dict:
        return json.loads((self.folder / "metrics" / "teach.json").read_text())


@pytest.fixture(scope="module")
def once(tmp_path_factory, tiny_llama) -> Path:
    """Return a folder in which the tiny model was taught."""
    folder = tmp_path_factory.mktemp("taught")
    counts_with(tiny_llama, folder / "cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAQTUNE_CACHE", str(folder / "cache"))
        done = Teach(folder).run("--writer", "taught", "--epochs", "1", "--rank", "2")
        assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def teach(once, tmp_path) -> Teach:
    shutil.copytree(once, tmp_path, dirs_exist_ok=True)
    return Teach(tmp_path)


def test_taught_it_is_four_files_of_half_precision_and_a_card_that_says_from_what(teach):
    from safetensors import safe_open

    assert {file.name for file in (teach.folder / "teach").iterdir()} == FILES
    with safe_open(teach.folder / "teach" / writer.WEIGHTS, "pt") as tensors:
        assert {tensors.get_slice(name).get_dtype() for name in tensors.keys()} == {"BF16"}  # noqa: SIM118
    assert teach.card["model"] == models.fingerprint(models.EMBEDDED)
    assert teach.card["prompt"] == Prompt("answer_first").hash
    assert teach.card["examples"] == {"own": writer.digest(EXAMPLES), "squad": writer.digest([])}
    assert (teach.card["recipe"]["epochs"], teach.card["recipe"]["rank"]) == (1, 2)
    assert teach.metrics["in"] == teach.metrics["kept"] == 8 and teach.metrics["writer"] == "taught"
    assert str(teach.folder) not in (teach.folder / "teach" / writer.CONFIG).read_text(), "no path of this machine"


def test_taught_again_it_is_the_same_bytes(teach):
    before = {file.name: file.read_bytes() for file in (teach.folder / "teach").iterdir()}
    assert teach.run("--writer", "taught", "--epochs", "1", "--rank", "2").exit_code == 0
    assert {file.name: file.read_bytes() for file in (teach.folder / "teach").iterdir()} == before


def test_the_carried_writer_is_taken_as_it_is_with_its_gguf_form(teach):
    before = {file.name: file.read_bytes() for file in (teach.folder / "teach").iterdir()}
    teach.carry()
    done = teach.run("--writer", "carried", output="again")
    assert done.exit_code == 0 and "has changed" not in done.output
    again = {file.name: file.read_bytes() for file in (teach.folder / "again").iterdir()}
    assert again.keys() == FILES and all(again[name] == before[name] for name in FILES - {writer.CARD})
    assert teach.metrics["writer"] == "carried" and teach.metrics["rows"] == 8


def test_a_carried_writer_taught_on_other_examples_is_taken_with_a_word(teach):
    teach.carry()
    disk.write(teach.examples, EXAMPLES[:-1])
    done = teach.run()
    assert (
        done.exit_code == 0 and "has changed since the writer" in done.output and "teach.writer: taught" in done.output
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"model": "embedded@other"}, "made for another model"), ({"prompt": "0"}, "another prompts/answer_first.jinja")],
)
def test_a_carried_writer_that_does_not_fit_is_refused_with_what_to_do(teach, changes, said):
    teach.carry(**changes)
    done = teach.run(output="again")
    assert done.exit_code == 1 and said in done.output and "set teach.writer: taught" in done.output
    assert not (teach.folder / "again").exists()


def test_where_none_is_carried_it_says_so(teach):
    done = teach.run(output="again")
    assert done.exit_code == 1 and "expected the question writer there" in done.output


@pytest.mark.parametrize(
    "options", [("--writer", "none"), ("--endpoint", "teacher", "--scorer", "a/model", "--writer", "taught")]
)
def test_no_writer_wanted_leaves_an_empty_folder_and_generate_shows_worked_examples(teach, tiny_llama, options):
    assert teach.run(*options).exit_code == 0
    assert list((teach.folder / "teach").iterdir()) == [] and teach.metrics["writer"] == "none"
    with serving(Endpoint(perfect)) as endpoint:
        stage = Stage(teach.folder, tiny_llama, endpoint.url)
        stage.facts([fact("The pump of Aster moves 12 litres of water in a minute.", "Aster > Pump")])
        stage.run("--shots", "3")
        assert {len(body["messages"]) for body in endpoint.bodies} == {2 + 2 * 3}


def test_a_taught_writer_is_asked_without_examples_and_named_in_every_key_and_pair(teach, tiny_llama, monkeypatch):
    loaded = []
    with serving(Endpoint(perfect)) as endpoint:

        @embedded.contextmanager
        def serve(adapter=None):
            loaded.append(adapter)
            yield endpoint.url

        monkeypatch.setattr(embedded, "serve", serve)
        stage = Stage(teach.folder, tiny_llama, endpoint.url)
        stage.facts([fact("The pump of Aster moves 12 litres of water in a minute.", "Aster > Pump")])
        embedded_one = ("--endpoint", "embedded", "--model", "embedded", "--scorer", "embedded")
        stage.run(*embedded_one)
        assert loaded == [teach.folder / "teach" / writer.ADAPTER]
        assert {len(body["messages"]) for body in endpoint.bodies} == {2}
        digest = models.file_digest(teach.folder / "teach" / writer.ADAPTER)
        assert all(pair.model.endswith(digest) for pair in stage.read("pairs", Pair))
        calls = endpoint.calls
        stage.run(*embedded_one)
        assert endpoint.calls == calls and len(loaded) == 1, "known replies and scores: nothing is loaded"
        shutil.rmtree(teach.folder / "teach")
        stage.run(*embedded_one)
        assert endpoint.calls > calls and loaded[1:] == [None], "another teacher: all is asked anew"


def test_the_writer_helps_to_rank_the_questions_of_another_teacher_which_are_trusted_as_those_of_rules(
    teach, tiny_llama
):
    """Without it valid questions are too unlikely to any untaught small model, and none would be kept."""
    with serving(Endpoint(perfect)) as endpoint:
        stage = Stage(teach.folder, tiny_llama, endpoint.url)
        stage.facts([fact("The pump of Aster moves 12 litres of water in a minute.", "Aster > Pump")])
        options = ("--scorer", "embedded", "--shots", "3", "--rank-offset", "0", "--gain-weight", "0")
        stage.run(*options, "--teacher-bonus", "5")
        assert {len(body["messages"]) for body in endpoint.bodies} == {2 + 2 * 3}, "it is asked with examples"
        assert {pair.scores["rank"] for pair in stage.read("pairs", Pair)} == {5.0}
        helped = {pair.question: pair.scores["question_nll"] for pair in stage.read("pairs", Pair)}
        shutil.rmtree(teach.folder / "teach")
        stage.run(*options)
        alone = {pair.question: pair.scores["question_nll"] for pair in stage.read("pairs", Pair)}
        assert {q: alone[q] for q in helped.keys() & alone.keys()} != helped


def test_squad_files_are_learned_from_too(teach):
    context = "King Haakon built Akershus in 1299."
    answer = {"text": "King Haakon", "answer_start": context.index("King")}
    item = {"question": "Who built Akershus?", "id": "1", "answers": [answer]}
    article = {"title": "Oslo", "paragraphs": [{"context": context, "qas": [item]}]}
    file = teach.folder / "squad.json"
    file.write_text(json.dumps({"data": [article]}))
    done = teach.run("--writer", "taught", "--epochs", "1", "--squad", str(file), "--squad", str(file))
    assert done.exit_code == 0, done.output
    assert teach.card["figures"]["squad"] == 1 and teach.metrics["in"] == 9, "the same in two files counts once"
    file.write_text("{}")
    done = teach.run("--writer", "taught", "--squad", str(file))
    assert done.exit_code == 1 and "squad.json: expected SQuAD format" in done.output
    done = teach.run("--writer", "taught", "--squad", str(teach.folder / "gone.json"))
    assert done.exit_code == 1 and "gone.json" in done.output


def test_a_training_that_fails_says_what_to_change_and_leaves_no_writer(teach):
    long = Example(id="long", topic="Aster", answer="word " * 400, question="What is long?", form="what")
    disk.write(teach.examples, [*EXAMPLES, long])
    done = teach.run("--writer", "taught", "--epochs", "1", output="again")
    assert done.exit_code == 1 and "long" in done.output and writer.known(teach.folder / "again") is None


@pytest.mark.model
def test_the_real_model_is_taught_and_served_it_writes_what_transformers_writes(tmp_path, monkeypatch):
    teach = Teach(tmp_path)
    options = ("--writer", "taught", "--epochs", "3", "--batch-size", "4", "--learning-rate", "0.004")
    assert teach.run(*options).exit_code == 0
    assert teach.metrics["train_loss"] < 1.5
    folder, prompt = tmp_path / "teach", Prompt("answer_first")
    assert {file.name for file in folder.iterdir()} == FILES
    monkeypatch.setenv("FAQTUNE_EMBEDDED__SLOTS", "1")
    new = prompt.messages(topic="Aster", answer="The motor of Aster drives the belt.", form="what")
    requests = [gateway.Request(messages=new, temperature=0, max_tokens=12)]

    def served(file: Path | None) -> str:
        model = gateway.Model(name="embedded", revision="1", adapter=str(file), adapter_file=file)
        store = Replies(tmp_path / f"{file is None}.jsonl", tmp_path / f"{file is None}.sqlite")
        return gateway.ask(requests, model, store)[0]["text"]

    tokenizer = models.load_tokenizer(models.EMBEDDED)
    tuned = weights.with_adapter(weights.load(models.EMBEDDED, dtype="float32"), folder)
    text = models.render(tokenizer, [{"role": role, "content": said} for role, said in new], add_generation_prompt=True)
    ids = tokenizer(text, return_tensors="pt", add_special_tokens=False)
    out = tuned.generate(**ids, do_sample=False, max_new_tokens=12)
    expected = tokenizer.decode(out[0, ids.input_ids.shape[1] :], skip_special_tokens=True)
    assert served(folder / writer.ADAPTER) == expected != served(None)
    assert expected.startswith("What") and generate.generation.asker(
        models.EMBEDDED, "main", "embedded", folder, []).teacher.adapter_file == folder / writer.ADAPTER  # fmt: skip
