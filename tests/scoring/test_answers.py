from pathlib import Path

import pytest

from stages.scoring import answers
from stages.tuning import models, training, weights
from tests.tuning.examples import row


def messages(question: str) -> list[dict[str, str]]:
    return [models.to_dict(message) for message in models.chat("Be brief.", question)]


def test_an_answer_does_not_depend_on_its_company(tiny_llama: Path):
    model, tokenizer = weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))
    prompts = [messages("Why" + "?" * number) for number in range(5)]
    arrived: dict[int, str] = {}
    together = answers.greedy(model, tokenizer, prompts, 8, batch_size=3, arrived=arrived.__setitem__)
    alone = [answers.greedy(model, tokenizer, [prompt], 8)[0] for prompt in prompts]
    assert together == alone == [arrived[number] for number in range(5)]
    assert answers.greedy(model, tokenizer, []) == []


@pytest.mark.parametrize("quantization", ["none", "nf4"])
def test_a_trained_adapter_says_what_it_was_taught_and_stops(tiny_llama: Path, tmp_path: Path, quantization: str):
    facts = {"What is the size?": "Seven billion.", "How long is it?": "4096 tokens."}
    rows = [row(asked, answer) for asked, answer in facts.items()]
    recipe = training.Recipe(
        student=str(tiny_llama), dtype="float32", quantization=quantization, epochs=250, learning_rate=5e-3, rank=16
    )
    training.train(recipe, rows, [], tmp_path / "adapter")
    tokenizer = models.load_tokenizer(str(tiny_llama))
    model = answers.load_system(str(tiny_llama), "main", "float32", quantization, tmp_path / "adapter")
    assert answers.greedy(model, tokenizer, [messages(q) for q in facts], 20) == list(facts.values())
