"""Staying near the untuned model where nothing is to be learnt: rehearsal of its own texts, with its own likelihoods.

An adapter that is fitted to a few hundred answers changes what a small model says about everything else. Before the
training the untuned model writes some texts, and for each place in them its likeliest next tokens are kept. Each step
adds the divergence from these, KL(untuned || tuned), at the places of a few of the texts: Li and Hoiem 2016, "Learning
without Forgetting", with texts as of Huang et al. 2024 (arXiv 2403.01244), "Self-Synthesized Rehearsal". A quarter of
the texts are sampled from nothing, a quarter go on from the first words of answers that are trained, as a text and not
as a chat: these are near what is learnt. Half are its answers to what it makes up as a user (Xu et al. 2024,
arXiv 2406.08464, "Magpie"), below the system message of the training.
"""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from stages import disk
from stages.tuning import models

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

LENGTH = 72  # tokens of a text that is no chat
OPENING = 6  # tokens of a trained answer from which a text goes on
QUESTION = 20  # most tokens of a question that the model makes up
ANSWER = 16  # most tokens of its answer
LIKELIEST = 64  # next tokens of which the likelihood is kept; of all others their sum
_STARTS = ("<|endoftext|>", "<|begin_of_text|>", "<s>")
_AT_ONCE = 128  # texts of one forward pass
_PROJECTED = 512  # places projected on the vocabulary at a time: 100 MB for 50,000 words in float32
_MARK = "\u2042"  # where a user's words stand in a rendered chat; no template has it


class Kept(NamedTuple):
    """Texts, and at each place but the last what the untuned model thinks comes next."""

    ids: "torch.Tensor"  # (texts, tokens), padded on the right
    likely: "torch.Tensor"  # (texts, tokens - 1, LIKELIEST), token ids
    logs: "torch.Tensor"  # their log-likelihoods, likewise, float32
    counts: "torch.Tensor"  # (texts, tokens - 1), whether a place is kept: all of a text; see `_chats`


def written(
    model: Any, tokenizer: "PreTrainedTokenizerBase", texts: int, seed: int, system: str, answers: Iterable[list[int]]
) -> Kept:
    """Return texts that the untuned model writes, the same for a seed.

    Args:
        model: the untuned student, its own forward.
        tokenizer: its tokenizer.
        texts: how many.
        seed: of the sampling.
        system: the system message of its answers.
        answers: that are trained, token ids; those shorter than an opening begin no text.
    """
    import torch

    torch.manual_seed(seed)
    start, plain = [_start(tokenizer)], texts - texts // 2
    openings = sorted({tuple(one[:OPENING]) for one in answers if len(one) >= OPENING})
    opened = random.Random(seed).sample(openings, min(plain // 2, len(openings)))
    begun = [start] * (plain - len(opened)), [[*start, *one] for one in opened]
    rows = [(text, 0) for some in begun for text in _sampled(model, tokenizer, some, LENGTH, whole=True)]
    rows += _chats(model, tokenizer, texts // 2, system)
    longest = max(len(row) for row, _ in rows)
    ids = torch.tensor([row + [0] * (longest - len(row)) for row, _ in rows])
    ends = torch.tensor([len(row) - 1 for row, _ in rows])[:, None]
    starts = torch.tensor([start for _, start in rows])[:, None]
    places = torch.arange(longest - 1)[None]
    counts = (places >= starts) & (places < ends)
    values, likely = _likeliest(model, ids, counts)
    shape = (*counts.shape, values.shape[-1])
    return Kept(ids, torch.zeros(shape, dtype=torch.long).masked_scatter_(counts[..., None], likely),
                torch.zeros(shape).masked_scatter_(counts[..., None], values), counts)  # fmt: skip


def _likeliest(model: Any, ids: "torch.Tensor", counts: "torch.Tensor") -> tuple["torch.Tensor", "torch.Tensor"]:
    """Return the log-likelihoods and the ids of the likeliest tokens behind the places that count, (places, LIKELIEST).

    The projection on the vocabulary is made for few places at a time: of all it would be gigabytes.
    """
    import torch

    from stages.scoring.likelihood import hidden_states

    found = []
    with torch.no_grad():
        for some, there in zip(ids.split(_AT_ONCE), counts.split(_AT_ONCE), strict=True):
            hidden = hidden_states(model, some[:, :-1].to(model.device))[there.to(model.device)]
            for few in hidden.split(_PROJECTED):
                logits = model.get_output_embeddings()(few).float()
                best = logits.topk(min(LIKELIEST, logits.shape[-1]))
                found.append((best.values - logits.logsumexp(-1, keepdim=True), best.indices))
    return torch.cat([values for values, _ in found]).cpu(), torch.cat([likely for _, likely in found]).cpu()


def _sampled(
    model: Any, tokenizer: "PreTrainedTokenizerBase", starts: Sequence[list[int]], length: int, whole: bool
) -> list[list[int]]:
    """Return texts that go on from starts of the same length, sampled at temperature 1; with `whole` they do not end.

    Args:
        length: of a text at most, its start included, tokens.
    """
    import torch

    found: list[list[int]] = []
    with torch.no_grad():
        for some in (torch.tensor(starts[n : n + _AT_ONCE]) for n in range(0, len(starts), _AT_ONCE)):
            free = length - some.shape[1]
            found += model.generate(
                some.to(model.device), attention_mask=torch.ones_like(some).to(model.device), do_sample=False,
                logits_processor=[_drawn], min_new_tokens=free * whole, max_new_tokens=free,
                pad_token_id=tokenizer.eos_token_id,
            ).tolist()  # fmt: skip
    return found


def _drawn(_: "torch.Tensor", logits: "torch.Tensor") -> "torch.Tensor":
    """Return logits (texts, words) that leave one word a text, drawn by its likelihood.

    By the inverse of the cumulative likelihoods, one random number a text: `multinomial` draws one for each word, which
    takes as long as all else together.
    """
    import torch

    below = logits.float().softmax(-1).cumsum(-1)
    drawn = torch.searchsorted(below, torch.rand(len(logits), 1, device=logits.device) * below[:, -1:], right=True)
    return torch.full_like(logits, -torch.inf).scatter(1, drawn.clamp(max=logits.shape[1] - 1), 0.0)


def _chats(model: Any, tokenizer: "PreTrainedTokenizerBase", texts: int, system: str) -> list[tuple[list[int], int]]:
    """Return chats, of which the model makes up both sides, and of each the place from which on it is kept.

    That one predicts the second token of the answer. The first one is left free: it decides between answering and
    refusing, and the untuned model never refuses.
    """
    from stages.scoring import decoding

    def rendered(question: str, *before: dict[str, str]) -> str:
        return models.render(tokenizer, [*before, {"role": "user", "content": question}], bool(before))

    opened = rendered(_MARK)
    start = tokenizer(opened[: opened.index(_MARK)], add_special_tokens=False)["input_ids"]
    made = _sampled(model, tokenizer, [start] * texts, len(start) + QUESTION, whole=False)
    said = [str(tokenizer.decode(one[len(start) :])) for one in made]
    for end in tokenizer.all_special_tokens:  # a question ends where the model ends it
        said = [one.split(end)[0] for one in said]
    told = {"role": "system", "content": system}
    questions = [" ".join(one.split()) or "Hello" for one in said]
    wanted = [decoding.Wanted(messages=[told, {"role": "user", "content": one}]) for one in questions]
    answers = decoding.run(model, tokenizer, wanted, ANSWER, _AT_ONCE, progress=lambda some, *_: some)
    found = []
    for question, answer in zip(questions, answers, strict=True):
        asked = tokenizer(rendered(question, told), add_special_tokens=False)["input_ids"]
        ids = tokenizer(answer.text, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
        found.append((asked + ids[:ANSWER], len(asked)))
    return found


def _start(tokenizer: "PreTrainedTokenizerBase") -> int:
    """Return the token before a text: in a chat model the one named bos may open a message."""
    known = tokenizer.get_vocab()
    found = [known[name] for name in _STARTS if name in known]
    named = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    return int(found[0] if found else named)


def save(kept: Kept, file: Path) -> None:
    """Write the texts where a resumed training finds them."""
    from safetensors.torch import save as as_bytes

    disk.write_bytes(file, as_bytes({name: value.contiguous() for name, value in kept._asdict().items()}))


def load(file: Path) -> Kept:
    """Return the texts of a file."""
    from safetensors.torch import load_file

    return Kept(**load_file(file))


def chosen(kept: Kept, count: int, batch: Sequence[str], seed: int) -> Kept:
    """Return some of the texts for a batch: a function of its rows, so that a resumed training takes the same."""
    import torch

    places = random.Random("\0".join([str(seed), *batch])).sample(range(len(kept.ids)), min(count, len(kept.ids)))
    return Kept(*(each[torch.tensor(places)] for each in kept))


def divergence(logits: "torch.Tensor", kept: Kept) -> "torch.Tensor":
    """Return KL(untuned || tuned), nats: the mean over the texts of the mean over the places that count.

    All unlikely tokens count as one.

    Args:
        logits: of the tuned model at the places that count, text after text, (places, words).
        kept: the texts.
    """
    import torch

    likely, logs = kept.likely[kept.counts], kept.logs[kept.counts]
    tuned = logits.gather(-1, likely).float() - logits.float().logsumexp(-1, keepdim=True)
    pairs = [(logs, tuned), (_others(logs), _others(tuned))]
    each = torch.stack([(ours.exp() * (ours - theirs)).sum(-1) for ours, theirs in pairs]).sum(0)
    texts = kept.counts.nonzero()[:, 0]
    shares = 1 / kept.counts.sum(1)
    return (each * shares[texts]).sum() / len(kept.counts)


def _others(logs: "torch.Tensor") -> "torch.Tensor":
    """Return the log-likelihood of what is not among the likely ones, (places, 1)."""
    import torch

    known = logs.exp().sum(-1, keepdim=True).clamp(max=1 - 1e-6)
    return torch.log1p(-known)
