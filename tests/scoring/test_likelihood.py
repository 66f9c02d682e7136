from pathlib import Path

import pytest

from stages.scoring import likelihood
from stages.tuning import models, weights


def messages(question: str) -> list[dict[str, str]]:
    return [models.to_dict(message) for message in models.chat("Be brief, always, whatever happens.", question)]


@pytest.mark.parametrize("batch_tokens", [1, 200, 10_000])
def test_each_token_has_the_nats_the_model_itself_gives(tiny_llama: Path, batch_tokens: int):
    import torch

    model, tokenizer = weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))
    prompts = [messages(f"What is {number}?" + "?" * number) for number in range(7)]
    answers = [f"It is naïve – number {number}." for number in range(7)]
    found = likelihood.token_nlls(model, tokenizer, prompts, answers, batch_tokens)
    for prompt, answer, tokens in zip(prompts, answers, found, strict=True):
        text = models.render(tokenizer, [*prompt, {"role": "assistant", "content": answer}])
        ids = tokenizer(text, return_tensors="pt", add_special_tokens=False).input_ids
        start = len(tokenizer(models.render(tokenizer, prompt, True), add_special_tokens=False).input_ids)
        logs = torch.log_softmax(model(ids).logits[0].float(), -1)
        wanted = [-logs[place - 1, ids[0, place]].item() for place in range(start, ids.shape[1] - 2)]  # end, newline
        assert [value for _, _, value in tokens] == pytest.approx(wanted, abs=1e-4)
        assert all(answer[begin:end] == shown for shown, (begin, end), _ in tokens)
        assert tokens[0][1][0] == 0 and tokens[-1][1][1] == len(answer)


def test_an_empty_answer_has_no_tokens(tiny_llama: Path):
    model, tokenizer = weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))
    assert likelihood.token_nlls(model, tokenizer, [messages("Why?")], [""]) == [[]]
    assert likelihood.token_nlls(model, tokenizer, [], []) == []
    assert likelihood.mean_nll([]) == 0.0


def test_the_common_prefix_stops_before_what_differs():
    assert likelihood.common_prefix([[1, 2, 3, 4], [1, 2, 9], [1, 2, 3]], 9) == 2
    assert likelihood.common_prefix([[1, 2, 3], [1, 2, 3]], 2) == 2
    assert likelihood.common_prefix([[1], [2]], -1) == 0
