"""The student says token by token what the evaluation says in batches, with whichever adapter, loaded once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages.chat import prompt
from stages.chat.answerer import Answerer
from stages.chat.student import Speaker
from stages.records import Message, Row
from stages.scoring import decoding, passages
from stages.scoring.systems import Student
from stages.tuning import models, training, weights
from stages.tuning.models import ModelError
from tests.chat.scripted import REFUSAL, chunks, last

MOST = 12
QUESTIONS = ["How fast is Rover?", "What is the context length of Llama 2?", "How long does the battery of Rover last?"]


@pytest.fixture(scope="module")
def adapter(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters") / "tiny"
    learnt = [Message(role="assistant", content="At 5 km/h – on sand.")]
    row = Row(id="r", pair="p", origin="seed", prompt=models.chat("S", QUESTIONS[0]), completion=learnt)
    recipe = training.Recipe(student=str(tiny_llama), dtype="float32", epochs=15, learning_rate=0.02)
    training.train(recipe, [row], [], folder)
    return folder


@pytest.fixture
def student(tiny_llama: Path) -> Student:
    return Student(name=str(tiny_llama), dtype="float32")


def answerer(student: Student, **adapters: Path | None) -> Answerer:
    return Answerer(student, adapters, chunks(), system="S", refusal=REFUSAL, depth=1, max_new_tokens=MOST)


def evaluated(student: Student, adapter: Path | None, retrieval: bool) -> list[str | None]:
    """Return what the evaluation's decoder answers, all questions in a batch."""
    tokenizer, model = models.load_tokenizer(student.name), weights.load(student.name, dtype=student.dtype)
    if adapter:
        model = weights.with_adapter(model, adapter)
    near = passages.Searcher(chunks()).search(QUESTIONS, 1)
    read = [[passages.shown(one) for one in some] if retrieval else [] for some in near]
    wanted = [
        decoding.Wanted(messages=prompt.messages("S", [], texts, question))
        for question, texts in zip(QUESTIONS, read, strict=True)
    ]
    return [one.text for one in decoding.run(model, tokenizer, wanted, MOST)]


@pytest.mark.parametrize("retrieval", [False, True])
def test_answers_are_those_of_the_evaluation_whichever_adapter_answered_before(student, adapter, retrieval):
    one = answerer(student, tiny=adapter, base=None)
    expected = {"tiny": evaluated(student, adapter, retrieval), "base": evaluated(student, None, retrieval)}
    for name in ("tiny", "base", "tiny", "base"):
        said = [last(one.stream(question, name, retrieval)).done for question in QUESTIONS]
        assert said == expected[name]
    assert expected["tiny"] != expected["base"] and any(expected["tiny"])


def test_what_was_learnt_is_said_and_ends_where_it_ends(student, adapter):
    end = last(answerer(student, tiny=adapter).stream(QUESTIONS[0], "tiny"))
    assert end.done.startswith("At 5") and "<|im_end|>" not in end.done


def test_the_weights_are_loaded_once_for_all_adapters(student, adapter, monkeypatch):
    loaded = []
    load = weights.load
    monkeypatch.setattr(weights, "load", lambda *given: loaded.append(given) or load(*given))
    speaker = Speaker(student)
    for one in (adapter, None, adapter, adapter):
        assert not speaker.ready(one) or one == adapter
        speaker.prepare(one)
        assert speaker.ready(one)
    assert len(loaded) == 1 and speaker.context == 512


def test_after_a_broken_adapter_all_is_as_before(student, adapter, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(adapter, broken)
    config = broken / "adapter_config.json"
    config.write_text(config.read_text().replace('"r": 16', '"r": 8'))
    one = answerer(student, tiny=adapter, broken=broken)
    before = last(one.stream(QUESTIONS[0], "tiny"))
    for _ in range(2):
        with pytest.raises(ModelError, match="another shape"):
            last(one.stream(QUESTIONS[0], "broken"))
        assert last(one.stream(QUESTIONS[0], "tiny")) == before


def test_torch_is_not_imported_before_the_first_question():
    code = (
        "import sys; from stages import ask; from stages.web import app, chat; from tests.chat import scripted;"
        "from stages.chat.answerer import Answerer; from stages.scoring.systems import Student;"
        "one = Answerer(Student(name='embedded'), {'base': None}, scripted.chunks(), system='S', refusal='R', depth=1,"
        "max_new_tokens=9); app.build('t', chat.routes(one, 'base', []), '/ask');"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.model
def test_the_embedded_model_answers():
    one = answerer(Student(name=models.EMBEDDED), base=None)
    assert "Paris" in last(one.stream("What is the capital of France?", "base")).done
