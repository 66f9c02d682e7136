"""Greedy answers in batches, and how likely references are: each prompt is run once for both.

What `generate` of transformers would say, token by token, but in batches of prompts of similar length, of which what
has ended is left out, so that nothing waits for the longest answer; and what all prompts begin with (the system
message) is run once a batch.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from stages import tally
from stages.scoring import likelihood
from stages.tuning import models
from stages.tuning.rows import Encoded, encode

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

_COMPACT = 0.75  # share of rows still running below which the others' keys and values are dropped


class Wanted(msgspec.Struct, kw_only=True):
    """What is wanted of one prompt: an answer, or how likely a reference is, or both."""

    messages: list[dict[str, str]]  # always with a system message
    answer: bool = True
    reference: str | None = None


class Said(msgspec.Struct, kw_only=True):
    """What came of it."""

    text: str | None = None
    tokens: int = 0  # of the text, the end token included
    nll: float | None = None  # of the reference, mean nats a token


def run(
    model: Any,
    tokenizer: "PreTrainedTokenizerBase",
    wanted: Sequence[Wanted],
    max_new_tokens: int = 48,
    batch_size: int = 32,
    batch_tokens: int = 8192,
    arrived: Callable[[dict[int, Said]], None] = lambda said: None,
    progress: Callable[[Iterable[list[int]], str, int], Iterable[list[int]]] = tally.progress,
) -> list[Said]:
    """Return the most likely answer to each prompt, token by token, and the mean nll of its reference.

    Args:
        model: a causal language model with a key-value cache.
        tokenizer: its tokenizer, with a chat template.
        wanted: the prompts, and what is wanted of each.
        max_new_tokens: where an answer is cut off.
        batch_size: most prompts run together; a step takes almost the same time for 1 and for 32 of them.
        batch_tokens: most tokens of these prompts, padding included: long ones fill the memory with keys and values,
            and on a CPU leave its caches.
        arrived: takes what a batch brought, by the number of the prompt, as soon as it is there.
        progress: shows how far it is.

    Raises RowsError if the chat template does not keep prompt and reference apart.
    """
    texts = [models.render(tokenizer, one.messages, add_generation_prompt=True) for one in wanted]
    ids: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"] if texts else []
    with_reference = [number for number, one in enumerate(wanted) if one.reference is not None]
    references = encode(
        tokenizer,
        [wanted[number].messages for number in with_reference],
        [str(wanted[number].reference) for number in with_reference],
    )
    scored = dict(zip(with_reference, references, strict=True))
    batches = _batches([len(one) for one in ids], batch_size, batch_tokens)
    ends = stops(model, tokenizer)
    result = [Said() for _ in wanted]
    import torch

    for batch in progress(batches, "answers", len(batches)):
        with torch.inference_mode():
            state = _Prefix(model, [ids[number] for number in batch])
            rows = {row: scored[number] for row, number in enumerate(batch) if number in scored}
            for row, nll in state.nlls(rows).items():
                result[batch[row]].nll = nll
            asked = [row for row, number in enumerate(batch) if wanted[number].answer]
            for row, tokens in state.decode(asked, ends, max_new_tokens):
                said = [token for token in tokens if token not in ends]
                result[batch[row]].tokens = len(tokens)
                result[batch[row]].text = str(tokenizer.decode(said, skip_special_tokens=True)).strip()
        arrived({number: result[number] for number in batch})
    return result


def _batches(lengths: Sequence[int], most: int, tokens: int) -> list[list[int]]:
    """Return the numbers of the prompts in batches, the longest first, of at most so many and so many tokens."""
    found: list[list[int]] = []
    for number in sorted(range(len(lengths)), key=lambda number: (-lengths[number], number)):
        last = found[-1] if found else []
        if not last or len(last) == most or lengths[last[0]] * (len(last) + 1) > tokens:
            found.append(last := [])
        last.append(number)
    return found


class _Prefix:
    """Prompts that have been run: their keys and values, padded on the left, and what follows each."""

    def __init__(self, model: Any, prompts: Sequence[Sequence[int]]):
        import torch

        from stages.scoring import growing

        self.model, self.prompts, self.device = model, prompts, model.device
        self.cache = growing.cache(model.config)
        shared = likelihood.common_prefix(prompts, min(map(len, prompts)) - 1) if len(prompts) > 1 else 0
        if shared:
            everyone = torch.ones(1, shared, dtype=torch.long, device=self.device)
            self._forward(self._ids([prompts[0][:shared]]), everyone, torch.arange(shared, device=self.device)[None])
            self.cache.batch_repeat_interleave(len(prompts))
        longest = max(map(len, prompts))
        gaps = [longest - len(prompt) for prompt in prompts]
        rest = [[0] * gap + list(prompt[shared:]) for gap, prompt in zip(gaps, prompts, strict=True)]
        self.mask = torch.tensor([[1] * shared + [0] * gap + [1] * (longest - gap - shared) for gap in gaps],
                                 device=self.device)  # fmt: skip
        self.lengths = torch.tensor([len(prompt) for prompt in prompts], device=self.device)
        places = (self.mask.cumsum(1) - 1).clamp(min=0)[:, shared:]
        self.last = self._forward(self._ids(rest), self.mask, places)[:, -1]  # (rows, width)

    def _ids(self, rows: Sequence[Sequence[int]]) -> "torch.Tensor":
        import torch

        return torch.tensor(rows, dtype=torch.long, device=self.device)

    def _forward(self, ids: "torch.Tensor", mask: "torch.Tensor", places: "torch.Tensor") -> "torch.Tensor":
        """Return the last hidden states of further tokens, (rows, tokens, width); the cache takes them in."""
        return self.model.base_model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=places,
            use_cache=True,
            **{likelihood.cache_argument(self.model): self.cache},
        ).last_hidden_state

    def nlls(self, references: dict[int, Encoded]) -> dict[int, float]:
        """Return the mean nll of the reference of each row that has one; the cache is as before."""
        import torch

        if not references:
            return {}
        asked = [len(prompt) for prompt in self.prompts]
        further = {row: one.ids[asked[row] : one.end] for row, one in references.items()
                   if one.ids[: asked[row]] == list(self.prompts[row])}  # fmt: skip
        longest = max(map(len, further.values()), default=0)
        if len(further) < len(references) or longest == 0:
            raise models.ModelError("the tokens of a prompt change when an answer follows it; choose another student")
        rows = [further.get(row, []) for row in range(len(self.prompts))]
        ids = self._ids([row + [0] * (longest - len(row)) for row in rows])
        mask = torch.cat([self.mask, torch.ones_like(ids)], 1)  # causal attention never looks at padding on the right
        places = self.lengths[:, None] + torch.arange(longest, device=self.device)
        hidden = torch.cat([self.last[:, None], self._forward(ids, mask, places)[:, :-1]], 1)
        self.cache.crop(-longest)
        labelled = [(row, place - asked[row]) for row, one in references.items() for place in _spoken(one)]
        which = torch.tensor(labelled, device=self.device)
        losses = likelihood.losses(self.model, hidden[which[:, 0], which[:, 1]], ids[which[:, 0], which[:, 1]])
        found: dict[int, list[float]] = {row: [] for row in references}
        for (row, _), loss in zip(labelled, losses.tolist(), strict=True):
            found[row].append(loss)
        return {row: sum(values) / len(values) for row, values in found.items() if values}

    def decode(self, rows: Sequence[int], stops: Sequence[int], most: int) -> Iterator[tuple[int, list[int]]]:
        """Yield (row, its tokens up to and with the first that stops, at most so many) of the rows; ends the cache."""
        import torch

        said: dict[int, list[int]] = {row: [] for row in rows}
        running = torch.tensor(list(rows), dtype=torch.long, device=self.device)  # the rows of the cache, by number
        mask, places, last = self.mask, self.lengths, self.last
        if len(rows) < len(self.prompts):
            self.cache.batch_select_indices(running)
            mask, places, last = mask[running], places[running], last[running]
        ends = torch.tensor(list(stops), device=self.device)
        done = torch.zeros(len(running), dtype=torch.bool, device=self.device)
        head = self.model.get_output_embeddings()
        for step in range(most):
            if bool(done.all()):
                break
            tokens = head(last).argmax(-1)
            for row, token, over in zip(running.tolist(), tokens.tolist(), done.tolist(), strict=True):
                if not over:
                    said[row].append(token)
            done = done | torch.isin(tokens, ends)
            if step + 1 == most or bool(done.all()):
                break
            if float((~done).float().mean()) < _COMPACT:
                keep = torch.nonzero(~done)[:, 0]
                self.cache.batch_select_indices(keep)
                running, done, mask = running[keep], done[keep], mask[keep]
                places, tokens = places[keep], tokens[keep]
            mask = torch.cat([mask, mask.new_ones(len(mask), 1)], 1)
            last = self._forward(tokens[:, None], mask, places[:, None])[:, -1]
            places = places + 1
        yield from said.items()


def _spoken(one: Encoded) -> list[int]:
    """Return the places of the tokens that hold characters of the answer, not only a space that the template puts."""
    first, last = one.answer
    return [
        place
        for place in range(one.start, one.end)
        if max(one.offsets[place][0], first) < min(one.offsets[place][1], last)
    ]


def stops(model: Any, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """Return the tokens that end an answer: the tokenizer's and the ones the model itself names."""
    named = getattr(model.generation_config, "eos_token_id", None)
    named = named if isinstance(named, list) else [named]
    return list(dict.fromkeys(token for token in [tokenizer.eos_token_id, *named] if token is not None))
