"""A student in a GGUF file is the model it was made of, and one that cannot be read is named."""

from pathlib import Path

import pytest

from stages import settings
from stages.scoring import decoding
from stages.tuning import models, training, weights
from tests.tuning import gguf_file
from tests.tuning.examples import row


@pytest.fixture(scope="module")
def student(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gguf_file.write(tiny_llama, tmp_path_factory.mktemp("gguf") / "Tiny.F32.gguf")


def test_it_has_the_weights_the_words_and_the_template_of_the_model_it_was_made_of(tiny_llama: Path, student: Path):
    import torch

    theirs, ours = models.load_tokenizer(str(tiny_llama)), models.load_tokenizer(str(student))
    prompt = models.chat("Be brief.", "What is the context length – naïve?")
    text = models.render(theirs, prompt, add_generation_prompt=True)
    assert models.render(ours, prompt, add_generation_prompt=True) == text
    ids = theirs(text, return_tensors="pt", add_special_tokens=False).input_ids
    assert ours(text, return_tensors="pt", add_special_tokens=False).input_ids.tolist() == ids.tolist()
    assert ours.eos_token_id == theirs.eos_token_id
    assert models.tokenizer_file(str(student)).parent == models.locate(str(student))
    with torch.inference_mode():
        wanted = weights.load(str(tiny_llama), dtype="float32")(ids).logits
        found = weights.load(str(student), dtype="float32")(ids).logits
    torch.testing.assert_close(found, wanted)


def test_it_is_converted_once_and_known_by_its_bytes(student: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    digest = models.file_digest(student)
    assert models.fingerprint(str(student)) == f"gguf@{digest}"
    assert models.resolved(str(student), "main") == digest
    assert models.public_name(str(student)) == "Tiny.F32.gguf"
    assert "converting" not in capsys.readouterr().out, "naming it converts nothing"
    folder = models.locate(str(student))
    assert folder == settings.cache() / "models" / digest
    (tmp_path / "elsewhere.gguf").write_bytes(student.read_bytes())
    assert models.locate(str(tmp_path / "elsewhere.gguf")) == folder
    assert capsys.readouterr().out.count("converting") == 1
    assert {file.name for file in folder.parent.iterdir()} == {digest, f"{digest}.lock"}, "nothing half made is left"


def test_what_lies_beside_the_file_is_not_the_model(tiny_llama: Path, student: Path, tmp_path: Path):
    for name in ("config.json", "tokenizer_config.json", "generation_config.json", "chat_template.jinja"):
        (tmp_path / name).write_text("no")
    (tmp_path / "model.gguf").write_bytes(student.read_bytes())
    tokenizer = models.load_tokenizer(str(tmp_path / "model.gguf"))
    assert tokenizer.chat_template == models.load_tokenizer(str(tiny_llama)).chat_template


def test_it_is_trained_and_answers(student: Path, tmp_path: Path):
    said = {"What is the size?": "Seven billion.", "How long is it?": "4096 tokens."}
    rows = [row(asked, answer) for asked, answer in said.items()]
    recipe = training.Recipe(student=str(student), dtype="float32", epochs=250, learning_rate=5e-3, rank=16)
    training.train(recipe, rows, [], tmp_path / "adapter")
    model = weights.with_adapter(weights.load(str(student), dtype="float32"), tmp_path / "adapter")
    wanted = [decoding.Wanted(messages=[models.to_dict(message) for message in row.prompt]) for row in rows]
    answered = decoding.run(model, models.load_tokenizer(str(student)), wanted, 20)
    assert [one.text for one in answered] == list(said.values())


def test_its_licence_is_the_one_in_its_header(tiny_llama: Path, student: Path, tmp_path: Path):
    assert models.licence(str(student)) == "unknown"
    for number, (given, known) in enumerate({"llama2": "llama2", "](http://x) free": "unknown"}.items()):
        file = gguf_file.write(tiny_llama, tmp_path / f"{number}.gguf", general__license=given)
        assert models.licence(str(file)) == known


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"template": False}, "has no chat template .* chat \\(instruct\\) model"),
        ({"architecture": "nonesuch"}, "cannot convert it .*nonesuch.*transformers format, or its hub id"),
        ({"general__type": "adapter"}, "it is of type 'adapter'; give the GGUF file of the base model"),
        ({"split__count": 3}, "one of 3 parts; join them with `llama-gguf-split --merge`"),
    ],
)
def test_a_file_that_cannot_be_a_student_is_named_and_nothing_is_left(tiny_llama, tmp_path, how, said):
    file = gguf_file.write(tiny_llama, tmp_path / "odd.gguf", **how)
    with pytest.raises(models.ModelError, match=f"odd.gguf: .*{said}"):
        models.locate(str(file))
    assert [path for path in (settings.cache() / "models").iterdir() if path.suffix != ".lock"] == []


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.05, 0.5, 0.99, -1])
def test_a_broken_file_is_named(student: Path, tmp_path: Path, share: float):
    whole = student.read_bytes()
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(whole[: int(share * len(whole))] if share >= 0 else b"<html>not found</html>" * 100)
    with pytest.raises(models.ModelError, match="broken.gguf: expected a whole GGUF file.* fetch it again"):
        models.locate(str(broken))


def test_a_file_that_is_not_there_is_not_looked_for_on_the_hub(monkeypatch: pytest.MonkeyPatch):
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: pytest.fail("asked the hub"))
    for ask in (models.locate, models.fingerprint, models.resolved, models.licence):
        with pytest.raises(models.ModelError, match="models/none.gguf: there is no such GGUF file"):
            ask("models/none.gguf")
