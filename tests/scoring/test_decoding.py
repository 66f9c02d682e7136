from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.scoring import decoding, likelihood
from stages.scoring.decoding import Said, Wanted
from stages.tuning import models, training, weights
from tests.tuning.examples import row


def messages(question: str) -> list[dict[str, str]]:
    return [models.to_dict(message) for message in models.chat("Be brief.", question)]


@pytest.fixture(scope="module")
def student(tiny_llama: Path):
    return weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))


def tokens_of(student, question: str, most: int) -> list[int]:
    """What `generate` of transformers says to one prompt."""
    import torch

    model, tokenizer = student
    text = models.render(tokenizer, messages(question), add_generation_prompt=True)
    ids = torch.tensor([tokenizer(text, add_special_tokens=False)["input_ids"]])
    with torch.inference_mode():
        said = model.generate(ids, max_new_tokens=most, do_sample=False, eos_token_id=tokenizer.eos_token_id)
    return said[0, ids.shape[1] :].tolist()


def generated(student, question: str, most: int) -> str:
    return str(student[1].decode(tokens_of(student, question, most), skip_special_tokens=True)).strip()


def test_in_any_batch_an_answer_is_what_generate_says_to_its_prompt_alone(student):
    questions = ["Why" + "?" * number for number in range(7)] + ["What is the context length of Llama 2?"]
    arrived: dict[int, Said] = {}
    wanted = [Wanted(messages=messages(question)) for question in questions]
    said = decoding.run(*student, wanted, 8, batch_size=3, arrived=arrived.update)
    assert [one.text for one in said] == [generated(student, question, 8) for question in questions]
    assert [arrived[number] for number in range(len(said))] == said
    assert decoding.run(*student, []) == []


@settings(max_examples=15, deadline=None)
@given(
    questions=st.lists(st.text("ab ?", min_size=1, max_size=30), min_size=1, max_size=6),
    answer=st.text("abc.", min_size=1, max_size=20),
    size=st.integers(1, 4),
)
def test_the_nll_of_a_reference_is_that_of_a_forward_pass_over_it(student, questions, answer, size):
    model, tokenizer = student
    prompts = [messages(question) for question in questions]
    wanted = [Wanted(messages=prompt, answer=bool(n % 2), reference=answer) for n, prompt in enumerate(prompts)]
    said = decoding.run(model, tokenizer, wanted, 3, batch_size=size)
    expected = likelihood.token_nlls(model, tokenizer, prompts, [answer] * len(prompts))
    assert [one.nll for one in said] == pytest.approx([likelihood.mean_nll(one) for one in expected], abs=1e-4)
    assert [one.text is not None for one in said] == [bool(n % 2) for n in range(len(prompts))]


def test_batches_are_filled_up_to_prompts_and_tokens():
    lengths = [10, 300, 20, 30, 5000, 290]
    assert decoding._batches(lengths, 3, 600) == [[4], [1, 5], [3, 2, 0]], "one that is too long runs alone"
    assert decoding._batches(lengths, 2, 10_000) == [[4, 1], [5, 3], [2, 0]] and decoding._batches([], 2, 9) == []


def test_what_ends_early_is_left_out_and_the_others_go_on(student, monkeypatch: pytest.MonkeyPatch):
    model, tokenizer = student
    questions = [f"Number {number}?" for number in range(6)]
    whole = [tokens_of(student, question, 12) for question in questions]
    stops = {whole[0][2], whole[1][7], tokenizer.eos_token_id}  # as if the first two ended an answer
    monkeypatch.setattr(decoding, "stops", lambda *_: list(stops))
    said = decoding.run(model, tokenizer, [Wanted(messages=messages(question)) for question in questions], 12, 6)
    expected = [next((n for n, token in enumerate(one, 1) if token in stops), 12) for one in whole]
    assert [one.tokens for one in said] == expected and min(expected) < 4
    left = [[token for token in one[:end] if token not in stops] for one, end in zip(whole, expected, strict=True)]
    assert [one.text for one in said] == [str(tokenizer.decode(one, skip_special_tokens=True)).strip() for one in left]


@pytest.mark.parametrize("quantization", ["none", "nf4"])
def test_a_trained_adapter_says_what_it_was_taught_and_stops(tiny_llama: Path, tmp_path: Path, quantization: str):
    facts = {"What is the size?": "Seven billion.", "How long is it?": "4096 tokens."}
    rows = [row(asked, answer) for asked, answer in facts.items()]
    recipe = training.Recipe(
        student=str(tiny_llama), dtype="float32", quantization=quantization, epochs=250, learning_rate=5e-3, rank=16
    )
    training.train(recipe, rows, [], tmp_path / "adapter")
    tokenizer = models.load_tokenizer(str(tiny_llama))
    model = weights.load(str(tiny_llama), "main", "float32", quantization)
    wanted = [Wanted(messages=messages(question), reference=answer) for question, answer in facts.items()]
    before = [decoding.run(model, tokenizer, wanted, 20) for _ in range(2)][-1]  # bitsandbytes packs at the first call
    with weights.tuned(model, tmp_path / "adapter", merged=quantization == "none") as tuned:
        taught = decoding.run(tuned, tokenizer, wanted, 20)
    assert [one.text for one in taught] == list(facts.values()) and max(one.nll or 9 for one in taught) < 0.1
    assert decoding.run(model, tokenizer, wanted, 20) == before, "afterwards the model is as before"
