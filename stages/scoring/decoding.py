"""Greedy answers in batches, and how likely references are: each prompt is run once for both.

What `generate` of transformers would say, token by token, but in batches of prompts of similar length, of which what
has ended is left out, so that nothing waits for the longest answer; and what several prompts begin with (the system
message, a passage) is run once a batch.
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
_WORTH = 32  # tokens beyond what all prompts begin with, from which a beginning is run once for those that have it
_LESS = 0.75  # share of a beginning that must be left for another prompt to join those that have it


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
    batch_tokens: int = 4096,
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
    stems = _stems(ids)
    batches = _batches(ids, stems, batch_size, batch_tokens)
    stops = _stops(model, tokenizer)
    result = [Said() for _ in wanted]
    import torch

    for batch in progress(batches, "answers", len(batches)):
        with torch.inference_mode():
            state = _Prefix(model, [ids[number] for number in batch], [stems[number] for number in batch])
            rows = {row: scored[number] for row, number in enumerate(batch) if number in scored}
            for row, nll in state.nlls(rows).items():
                result[batch[row]].nll = nll
            asked = [row for row, number in enumerate(batch) if wanted[number].answer]
            for row, tokens in state.decode(asked, stops, max_new_tokens):
                said = [token for token in tokens if token not in stops]
                result[batch[row]].tokens = len(tokens)
                result[batch[row]].text = str(tokenizer.decode(said, skip_special_tokens=True)).strip()
        arrived({number: result[number] for number in batch})
    return result


def _stems(prompts: Sequence[Sequence[int]]) -> list[int]:
    """Return of each prompt how many of its first tokens are worth running once, for others begin with them too.

    Prompts that show the same passages differ in the question alone. In the order of their tokens they are neighbours.
    """
    order = sorted(range(len(prompts)), key=lambda number: list(prompts[number]))
    common = likelihood.common_prefix(prompts, min(map(len, prompts)) - 1) if len(prompts) > 1 else 0
    families: list[tuple[int, list[int]]] = []  # tokens that its members begin with, and these
    for number in order:
        if families:
            size, members = families[-1]
            shared = likelihood.common_prefix([prompts[members[-1]], prompts[number]], len(prompts[number]) - 1)
            shared = min(shared, size)
            if shared >= common + _WORTH and (len(members) == 1 or shared >= _LESS * size):
                families[-1] = shared, [*members, number]
                continue
        families.append((len(prompts[number]) - 1, [number]))
    found = [common] * len(prompts)
    for size, members in families:
        if len(members) > 1:
            for number in members:
                found[number] = size
    return found


def _batches(prompts: Sequence[Sequence[int]], stems: Sequence[int], most: int, tokens: int) -> list[list[int]]:
    """Return the numbers of the prompts in batches of at most so many and so many tokens.

    The longest come first, and those with the same beginning together.
    """
    stem = [tuple(prompt[:size]) for prompt, size in zip(prompts, stems, strict=True)]
    longest: dict[tuple[int, ...], int] = {}
    for number, beginning in enumerate(stem):
        longest[beginning] = max(longest.get(beginning, 0), len(prompts[number]))
    order = sorted(range(len(prompts)), key=lambda n: (-longest[stem[n]], stem[n], -len(prompts[n]), n))
    found: list[list[int]] = []
    width = 0
    for number in order:
        last = found[-1] if found else []
        width = max(width, len(prompts[number]))
        if not last or len(last) == most or width * (len(last) + 1) > tokens:
            found.append(last := [])
            width = len(prompts[number])
        last.append(number)
    return found


class _Prefix:
    """Prompts that have been run: their keys and values, padded on the left, and what follows each.

    Args:
        model: the model.
        prompts: their tokens.
        stems: how many first tokens of each are run once for all that begin with them.
    """

    def __init__(self, model: Any, prompts: Sequence[Sequence[int]], stems: Sequence[int]):
        import torch
        from transformers import DynamicCache

        self.model, self.prompts, self.device = model, prompts, model.device
        self.cache = DynamicCache(config=model.config)
        beginnings = [tuple(prompt[:size]) for prompt, size in zip(prompts, stems, strict=True)]
        once = list(dict.fromkeys(beginnings))
        self.mask = torch.zeros(len(prompts), 0, dtype=torch.long, device=self.device)
        if any(once):
            self.mask = self._mask(once)
            self._forward(self._padded(once), self.mask, self._places(self.mask))
            which = torch.tensor([once.index(beginning) for beginning in beginnings], device=self.device)
            self.cache.batch_select_indices(which)
            self.mask = self.mask[which]
        rest = [prompt[size:] for prompt, size in zip(prompts, stems, strict=True)]
        self.mask = torch.cat([self.mask, self._mask(rest)], 1)
        self.lengths = torch.tensor([len(prompt) for prompt in prompts], device=self.device)
        ids = self._padded(rest)
        places = self._places(self.mask)[:, -ids.shape[1] :]
        self.last = self._forward(ids, self.mask, places)[:, -1]  # (rows, width)

    def _padded(self, rows: Sequence[Sequence[int]]) -> "torch.Tensor":
        """Return the tokens of rows, padded on the left."""
        longest = max(map(len, rows))
        return self._ids([[0] * (longest - len(row)) + list(row) for row in rows])

    def _mask(self, rows: Sequence[Sequence[int]]) -> "torch.Tensor":
        """Return where these have tokens."""
        longest = max(map(len, rows))
        return self._ids([[0] * (longest - len(row)) + [1] * len(row) for row in rows])

    @staticmethod
    def _places(mask: "torch.Tensor") -> "torch.Tensor":
        """Return the place of each token in its own row."""
        return (mask.cumsum(1) - 1).clamp(min=0)

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


def _stops(model: Any, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """Return the tokens that end an answer: the tokenizer's and the ones the model itself names."""
    named = getattr(model.generation_config, "eos_token_id", None)
    named = named if isinstance(named, list) else [named]
    return list(dict.fromkeys(token for token in [tokenizer.eos_token_id, *named] if token is not None))
