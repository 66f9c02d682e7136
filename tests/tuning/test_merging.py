"""A merged model is the student with its adapter: the same logits, in any dtype, and no path of this machine in it."""

import json
from pathlib import Path

import pytest

from stages.tuning import merging, models, weights
from stages.tuning.merging import MergeError
from tests.tuning.test_gguf_adapter import adapter

PROMPT = [[1, 50, 60, 70, 2, 1, 90]]


@pytest.fixture(scope="module")
def tuned(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters") / "tuned"
    adapter(str(tiny_llama), folder, scale=0.1)
    return folder


def logits(model):
    import torch

    with torch.inference_mode():
        return model(torch.tensor(PROMPT)).logits.float()


@pytest.mark.parametrize(("dtype", "within"), [("float32", 1e-4), ("bfloat16", 0.1)])
def test_read_back_it_says_what_the_adapter_beside_the_student_says(
    tiny_llama: Path, tuned: Path, tmp_path: Path, dtype: str, within: float
):
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = weights.load(str(tiny_llama), dtype="float32")
    untuned = logits(base)
    beside = logits(PeftModel.from_pretrained(base, tuned).eval())
    tokenizer = models.load_tokenizer(str(tiny_llama))
    merging.save(merging.merged(str(tiny_llama), "main", dtype, tuned), tokenizer, "tiny", tmp_path / "merged")
    read = AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
    assert read.dtype == getattr(torch, dtype)
    spread = float((beside - untuned).abs().max())
    assert float((logits(read) - beside).abs().max()) < within * spread, "rounding, beside what the adapter changes"
    prompt = models.chat("S", "What is it?")
    assert models.render(AutoTokenizer.from_pretrained(tmp_path / "merged"), prompt) == models.render(tokenizer, prompt)


def test_it_answers_greedily_and_names_no_path(tiny_llama: Path, tuned: Path, tmp_path: Path):
    model = merging.merged(str(tiny_llama), "main", "float32", tuned)
    model.generation_config.do_sample, model.generation_config.temperature = True, 0.6
    merging.save(model, models.load_tokenizer(str(tiny_llama)), "tiny", tmp_path / "merged")
    greedy = json.loads((tmp_path / "merged" / "generation_config.json").read_text())
    assert not greedy.get("do_sample") and "temperature" not in greedy and greedy["eos_token_id"] == 2
    for file in (tmp_path / "merged").glob("*.json"):
        assert str(tiny_llama.parent) not in file.read_text(), file.name


def test_all_chat_templates_of_a_tokenizer_are_saved_and_can_be_read(tiny_llama: Path, tuned: Path, tmp_path: Path):
    from transformers import AutoTokenizer

    tokenizer = models.load_tokenizer(str(tiny_llama))
    tokenizer.chat_template = {"default": tokenizer.chat_template, "tool_use": "{{ tools }}"}
    merging.save(merging.merged(str(tiny_llama), "main", "float32", tuned), tokenizer, "tiny", tmp_path / "merged")
    assert AutoTokenizer.from_pretrained(tmp_path / "merged").chat_template["tool_use"] == "{{ tools }}"
    modes = {one.is_dir(): one.stat().st_mode & 0o777 for one in (tmp_path / "merged").rglob("*")}
    assert modes[False] == 0o644 and modes[True] & 0o111


def test_the_dtype_of_a_student_is_that_of_its_files(tiny_llama: Path, tmp_path: Path):
    assert merging.dtype_of(str(tiny_llama)) == "float32"
    config = json.loads((tiny_llama / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"dtype": "bfloat16"}))
    assert merging.dtype_of(str(tmp_path)) == "bfloat16"


def test_a_matrix_that_two_layers_share_is_not_merged(tiny_llama: Path, tmp_path: Path):
    adapter(str(tiny_llama), tmp_path, ["q_proj", "lm_head"])
    with pytest.raises(MergeError, match="changes lm_head, and lm_head and embed_tokens are one matrix in tiny-llama"):
        merging.merged(str(tiny_llama), "main", "float32", tmp_path)
