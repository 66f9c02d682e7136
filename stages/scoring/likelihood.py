"""How likely a model finds an answer: the negative log-likelihood of each of its tokens, in one forward pass."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from stages import tally
from stages.records import Span
from stages.tuning.rows import Encoded, encode

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TokenNll = tuple[str, Span, float]  # the token's characters, where they are in the answer, nats
_WORTH = 64  # tokens that sharing must save, to be worth a second, small forward pass
_LOGITS = 512  # positions projected on the vocabulary at a time: 100 MB for 50,000 words in float32


def token_nlls(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    prompts: Sequence[list[dict[str, str]]],
    answers: Sequence[str],
    batch_tokens: int = 1024,
    progress: Callable[[Iterable[list[int]], str, int], Iterable[list[int]]] = tally.progress,
) -> list[list[TokenNll]]:
    """Return for each answer the nats of each of its tokens, given its prompt.

    Args:
        model: a causal language model; best in bfloat16 where the machine computes in it.
        tokenizer: its tokenizer, with a chat template.
        prompts: the messages before each answer, always with a system message.
        answers: what the model is to find likely; an empty answer has no tokens.
        batch_tokens: most tokens of one forward pass, padding included; on a CPU small batches stay in its caches.
        progress: shows how far it is.
    """
    encoded = encode(tokenizer, prompts, answers)
    result: list[list[TokenNll]] = [[] for _ in encoded]
    batches = list(by_length(encoded, batch_tokens))
    for numbers in progress(batches, "likelihood", len(batches)):
        some = [encoded[number] for number in numbers]
        losses = label_losses(model, some, [range(one.start, one.end) for one in some])
        for number, one, values in zip(numbers, some, losses, strict=True):
            first, last = one.answer
            for place, value in zip(range(one.start, one.end), values, strict=True):
                begin, end = (min(max(character, first), last) for character in one.offsets[place])
                if begin < end:  # not a space that the template puts around the answer
                    result[number].append((one.text[begin:end], (begin - first, end - first), value))
    return result


def mean_nll(tokens: Sequence[TokenNll]) -> float:
    """Return the mean nats of a token; 0 for no token."""
    return sum(value for _, _, value in tokens) / len(tokens) if tokens else 0.0


def by_length(encoded: Sequence[Encoded], batch_tokens: int) -> Iterator[list[int]]:
    """Yield the indices in batches of similar length, longest first, each at most `batch_tokens` with its padding."""
    order = sorted(range(len(encoded)), key=lambda number: (-len(encoded[number].ids), number))
    batch: list[int] = []
    for number in order:
        if batch and len(encoded[batch[0]].ids) * (len(batch) + 1) > batch_tokens:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def label_losses(model: "PreTrainedModel", encoded: Sequence[Encoded], labelled: Sequence[range]) -> list[list[float]]:
    """Return the loss at each labelled token of each row, without a gradient."""
    import torch

    if not any(labelled):
        return [[] for _ in labelled]
    with torch.inference_mode():
        values = iter(losses(model, *labelled_states(model, encoded, labelled)).tolist())
    return [[next(values) for _ in places] for places in labelled]


def losses(model: "PreTrainedModel", hidden: "torch.Tensor", labels: "torch.Tensor") -> "torch.Tensor":
    """Return the loss of each label, (labels,), by the hidden states that predict them, (labels, width)."""
    import torch

    head = model.get_output_embeddings()
    found = []
    for place in range(0, len(labels), _LOGITS):
        logits = head(hidden[place : place + _LOGITS]).float()
        found.append(torch.nn.functional.cross_entropy(logits, labels[place : place + _LOGITS], reduction="none"))
    return torch.cat(found)


def labelled_states(
    model: "PreTrainedModel", encoded: Sequence[Encoded], labelled: Sequence[range]
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Return the hidden states that predict the labelled tokens, row after row, and these tokens.

    The vocabulary projection is the largest matrix of a small model; it is left to the caller, who needs it at the
    labels only. Rows are padded on the right, where causal attention never looks: no padding mask is needed. What all
    rows begin with (the system message) is run once and shared through the key-value cache.
    """
    import torch

    shared = shared_prefix([one.ids for one in encoded], labelled)
    longest = max(len(one.ids) for one in encoded)
    ids = torch.tensor([one.ids + [0] * (longest - len(one.ids)) for one in encoded], device=model.device)
    rows = torch.tensor(
        [row for row, places in enumerate(labelled) for _ in places], dtype=torch.long, device=model.device
    )
    places = torch.tensor([place for places in labelled for place in places], dtype=torch.long, device=model.device)
    return hidden_states(model, ids, shared)[rows, places - 1 - shared], ids[rows, places]


def hidden_states(model: "PreTrainedModel", ids: "torch.Tensor", shared: int = 0) -> "torch.Tensor":
    """Return the last hidden states (rows, tokens - shared, width) behind the first `shared` tokens of all rows.

    Args:
        model: a causal language model.
        ids: (rows, tokens), padded on the right.
        shared: how many first tokens are the same in all rows; they are run once. See `shared_prefix`.
    """
    from transformers import DynamicCache

    cache = None
    if shared:
        cache = DynamicCache(config=model.config)
        model.base_model(input_ids=ids[:1, :shared], use_cache=True, **{cache_argument(model): cache})
        cache.batch_repeat_interleave(len(ids))
    return model.base_model(
        input_ids=ids[:, shared:], use_cache=cache is not None, **{cache_argument(model): cache}
    ).last_hidden_state


def shared_prefix(rows: Sequence[Sequence[int]], labelled: Sequence[range]) -> int:
    """Return how many first tokens all rows have in common before any label's predictor; 0 if it is not worth it."""
    shared = common_prefix(rows, min(places.start for places in labelled) - 1)
    return shared if shared * (len(rows) - 1) >= _WORTH else 0


def cache_argument(model: "PreTrainedModel") -> str:
    """Return what the model's forward calls its cache: `past_key_values` before transformers renamed it."""
    known = inspect.signature(model.base_model.forward).parameters
    return "cache" if "cache" in known else "past_key_values"


def common_prefix(rows: Sequence[Sequence[int]], most: int) -> int:
    """Return how many first tokens all rows have in common, at most `most`."""
    low, high = min(map(list, rows)), max(map(list, rows))  # the first and last in order differ where any two do
    length = min(len(low), len(high), max(most, 0))
    return next((place for place in range(length) if low[place] != high[place]), length)
