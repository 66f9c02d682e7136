"""Greedy answers in batches: prompts of similar length together, padded on the left, with a key-value cache."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages import tally
from stages.tuning import models, weights

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def load_system(
    student: str, revision: str = "main", dtype: str = "auto", quantization: str = "none", adapter: Path | None = None
) -> Any:
    """Return the student, with the adapter where there is one, merged unless the weights are quantised."""
    model = weights.load(student, revision, dtype, quantization)
    if adapter is None:
        return model
    base, exact = models.fingerprint(student, revision), models.resolved(student, revision)
    return weights.with_adapter(model, adapter, merged=quantization == "none", base=base, revision=exact)


def greedy(
    model: Any,
    tokenizer: "PreTrainedTokenizerBase",
    prompts: Sequence[list[dict[str, str]]],
    max_new_tokens: int = 48,
    batch_size: int = 32,
    arrived: Callable[[int, str], None] = lambda number, answer: None,
    progress: Callable[[Iterable[list[int]], str, int], Iterable[list[int]]] = tally.progress,
) -> list[str]:
    """Return the most likely answer to each prompt, token by token.

    Args:
        model: a causal language model.
        tokenizer: its tokenizer, with a chat template.
        prompts: the messages of each question, always with a system message.
        max_new_tokens: where an answer is cut off.
        batch_size: prompts run together; a step takes almost the same time for 1 and for 32 of them.
        arrived: takes the number of each prompt and its answer as soon as there is one.
        progress: shows how far it is.
    """
    import torch

    texts = [models.render(tokenizer, prompt, add_generation_prompt=True) for prompt in prompts]
    ids: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"] if texts else []
    order = sorted(range(len(ids)), key=lambda number: (-len(ids[number]), number))
    batches = [order[place : place + batch_size] for place in range(0, len(order), batch_size)]
    stops = _stops(model, tokenizer)
    answers = [""] * len(ids)
    for batch in progress(batches, "answers", len(batches)):
        longest = max(len(ids[number]) for number in batch)
        gaps = [longest - len(ids[number]) for number in batch]
        with torch.inference_mode():
            said = model.generate(
                input_ids=torch.tensor(
                    [[stops[0]] * gap + ids[number] for gap, number in zip(gaps, batch, strict=True)],
                    device=model.device,
                ),
                attention_mask=torch.tensor([[0] * gap + [1] * (longest - gap) for gap in gaps], device=model.device),
                max_new_tokens=max_new_tokens,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                eos_token_id=stops,
                pad_token_id=stops[0],
            )[:, longest:].tolist()
        for number, tokens in zip(batch, said, strict=True):
            end = next((place for place, token in enumerate(tokens) if token in stops), len(tokens))
            answers[number] = str(tokenizer.decode(tokens[:end], skip_special_tokens=True)).strip()
            arrived(number, answers[number])
    return answers


def _stops(model: Any, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """Return the tokens that end an answer: the tokenizer's and the ones the model itself names."""
    named = getattr(model.generation_config, "eos_token_id", None)
    named = named if isinstance(named, list) else [named]
    return list(dict.fromkeys(token for token in [tokenizer.eos_token_id, *named] if token is not None))
