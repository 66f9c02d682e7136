import ast
import json
from pathlib import Path

import pytest
import yaml

from stages.tuning import models, publish, training
from tests.tuning.examples import run, some_rows

FIGURES = {"loader": {"rows": 3}, "steps": 4, "tokens": 50, "parameters": 6, "train_loss": 0.5, "eval_loss": None,
           "eval_rows": 0}  # fmt: skip


def test_a_card_says_what_an_adapter_was_made_of(tiny_llama: Path):
    recipe = training.Recipe(student=str(tiny_llama), targets=("attention",), learning_rate=2e-3)
    made = publish.record(recipe, "ab" * 32, {"Apache-2.0": 2, "CC-BY-4.0": 1}, FIGURES)
    card = publish.card(made)
    front = yaml.safe_load(card.split("---")[1])
    assert front["base_model"] == "tiny-llama" and front["license"] == "unknown" and front["library_name"] == "peft"
    assert made["base"]["fingerprint"] == models.fingerprint(str(tiny_llama))
    for told in ("ab" * 32, made["base"]["revision"],
                 "Apache-2.0 (2 rows), CC-BY-4.0 (1 rows)", "| targets | attention |",
                 "| learning rate | 0.002 |", "| training loss, mean of the last epoch | 0.5 |"):  # fmt: skip
        assert told in card, told
    assert str(tiny_llama.parent) not in card + json.dumps(made)


def test_the_embedded_student_is_named_by_the_model_it_is(monkeypatch):
    made = publish.record(training.Recipe(), "0", {}, FIGURES)
    front = yaml.safe_load(publish.card(made).split("---")[1])
    assert front["base_model"] == "HuggingFaceTB/SmolLM2-135M-Instruct" and front["license"] == "apache-2.0"


def test_a_licence_from_a_manifest_is_text_and_no_markup(tiny_llama: Path):
    recipe = training.Recipe(student=str(tiny_llama))
    card = publish.card(publish.record(recipe, "0", {"<script>alert(1)</script> | [x](http://y)": 1}, FIGURES))
    assert "<script" not in card and "](http" not in card and "script alert 1" in card


def test_the_code_of_a_card_asks_the_adapter_in_its_prompt(tiny_llama: Path, tmp_path: Path, capsys):
    run(tiny_llama, tmp_path / "adapter", epochs=1)
    code = (tmp_path / "adapter" / "README.md").read_text().split("```python")[1].split("```")[0]
    assert 'BASE, ADAPTER = "tiny-llama", "."' in code
    exec(code.replace('"tiny-llama", "."', repr((str(tiny_llama), str(tmp_path / "adapter")))[1:-1]), {})
    said = capsys.readouterr().out
    assert "Be brief." in said and "What is this about?" in said and said.index("Be brief.") < said.index("What is")


def test_a_system_message_cannot_leave_the_code_of_a_card(tiny_llama: Path):
    message = '"\n```\n<script>alert(1)</script>'
    made = publish.record(training.Recipe(student=str(tiny_llama)), "0", {}, FIGURES, models.chat(message, "?"))
    card = publish.card(made)
    code = card.split("```python")[1].split("```")[0]
    assert card.count("```") == 2 and message in [node.value for node in ast.walk(ast.parse(code))
                                                  if isinstance(node, ast.Constant)]  # fmt: skip


@pytest.mark.parametrize(
    "options", [{}, {"start": "pissa"}, {"targets": ("embed_tokens", "v_proj")}], ids=["plain", "pissa", "embedding"]
)
def test_strength_is_the_share_of_the_learnt_change_that_is_saved(tiny_llama: Path, tmp_path: Path, options):
    import torch
    from peft import PeftModel
    from peft.tuners.lora import LoraLayer
    from transformers import AutoModelForCausalLM

    changes = {}
    for strength in (1.0, 0.25):
        made = run(tiny_llama, tmp_path / str(strength), strength=strength, **options)
        base = AutoModelForCausalLM.from_pretrained(tiny_llama, dtype=torch.float32)
        tuned = PeftModel.from_pretrained(base, tmp_path / str(strength))
        layers = [module for module in tuned.modules() if isinstance(module, LoraLayer)]
        changes[strength] = torch.cat([layer.get_delta_weight("default").flatten() for layer in layers])
    assert changes[1.0].abs().max() > 1e-3 and torch.allclose(changes[0.25], changes[1.0] / 4, atol=1e-6)
    assert (
        made.figures["train_loss"]
        == json.loads((tmp_path / "1.0" / "training.json").read_text())["figures"]["train_loss"]
    )  # the losses are of all of it
    assert "| strength | 0.25 |" in (tmp_path / "0.25" / "README.md").read_text()


def test_an_adapter_that_was_there_is_replaced_as_a_whole(tiny_llama: Path, tmp_path: Path):
    run(tiny_llama, tmp_path / "adapter", epochs=1)
    (tmp_path / "adapter" / "stale.bin").touch()
    run(tiny_llama, tmp_path / "adapter", epochs=1, count=8)
    made = json.loads((tmp_path / "adapter" / publish.RECORD).read_text())
    assert made["data"]["rows"] == 8 == len(some_rows(8)) and not (tmp_path / "adapter" / "stale.bin").exists()
