"""Both sides answer the same prompts in the same way, so that a difference is one of the models."""

import urllib.request
from pathlib import Path

import pytest

from stages.exporting import served
from stages.tuning import models, weights
from tests.endpoint import Endpoint, serving
from tests.tuning import gguf_file

QUESTIONS = ["What is the context length?", "Who?", "Llama – naïve? 12345", "Why?" * 9]


def test_answers_in_a_batch_are_those_of_each_question_alone(tiny_llama: Path):
    model, tokenizer = weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))
    together = served.of_transformers(model, tokenizer, "Be brief.", QUESTIONS)
    for number, question in enumerate(QUESTIONS):
        alone = served.of_transformers(model, tokenizer, "Be brief.", [question])
        assert (alone.prompts[0], alone.tokens[0]) == (together.prompts[number], together.tokens[number])
    assert all(len(tokens) == served.LENGTH or tokens[-1] == tokenizer.eos_token_id for tokens in together.tokens)


@pytest.mark.parametrize("ends", [False, True])
def test_the_token_that_ends_an_answer_is_one_of_it_on_both_sides(tiny_llama: Path, tmp_path: Path, ends: bool):
    model, tokenizer = weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))
    file, end = tmp_path / "tiny.gguf", tokenizer.eos_token_id
    if ends:  # what is said first of all ends the next answer
        end = served.of_transformers(model, tokenizer, "Be brief.", ["Who?"]).tokens[0][3]
        tokenizer.eos_token = tokenizer.convert_ids_to_tokens(end)
        model.generation_config.eos_token_id = end
    from stages.tuning import gguf_merged, gguf_tokenizer

    gguf_merged.write(model, file, "f32", "tiny", lambda writer: gguf_tokenizer.add(writer, tokenizer, len(tokenizer)))
    theirs = served.of_transformers(model, tokenizer, "Be brief.", ["Who?"])
    assert served.of_llama_cpp(file, None, "Be brief.", ["Who?"]) == theirs
    assert (len(theirs.tokens[0]) < served.LENGTH and theirs.tokens[0][-1] == end) or not ends


def test_no_proxy_is_asked_for_a_server_on_this_machine(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # which remembers the proxies of its first use
    with serving(Endpoint(lambda messages, number: "So.")) as endpoint:
        said = served.Asking(endpoint.url)("chat/completions", {"messages": [{"role": "user", "content": "Why?"}]})
    assert said["choices"]


def test_a_file_that_llama_cpp_cannot_load_is_named(tmp_path: Path):
    (tmp_path / "broken.gguf").write_bytes(b"GGUF")
    with pytest.raises(served.ServedError, match="cannot load broken.gguf"):
        served.of_llama_cpp(tmp_path / "broken.gguf", None, "", ["Who?"])


def test_another_model_answers_otherwise(tiny_llama: Path, tmp_path: Path):
    model, tokenizer = weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))
    model.model.layers[0].mlp.up_proj.weight.data.neg_()
    theirs = served.of_transformers(model, tokenizer, "Be brief.", QUESTIONS)
    ours = served.of_llama_cpp(gguf_file.write(tiny_llama, tmp_path / "tiny.gguf"), None, "Be brief.", QUESTIONS)
    assert ours.prompts == theirs.prompts and ours.tokens != theirs.tokens
