"""Staying near the untuned model where nothing is to be learnt: rehearsal of its own texts, with its own likelihoods.

An adapter that is fitted to a few hundred answers changes what a small model says about everything else. Before the
training the untuned model writes some texts (sampled from nothing, at temperature 1, so that they are drawn from what
it knows), and for each place in them its likeliest next tokens are kept. Each step adds the divergence from these,
KL(untuned || tuned), at the places of a few of the texts: Li and Hoiem 2016, "Learning without Forgetting", with texts
as of Huang et al. 2024 (arXiv 2403.01244), "Self-Synthesized Rehearsal". No data are needed but the model itself.
"""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from stages import disk

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

LENGTH = 48  # tokens of a text
LIKELIEST = 64  # next tokens of which the likelihood is kept; of all others their sum
_STARTS = ("<|endoftext|>", "<|begin_of_text|>", "<s>")
_AT_ONCE = 32  # texts of one forward pass


class Kept(NamedTuple):
    """Texts, and at each place but the last what the untuned model thinks comes next."""

    ids: "torch.Tensor"  # (texts, LENGTH)
    likely: "torch.Tensor"  # (texts, LENGTH - 1, LIKELIEST), token ids
    logs: "torch.Tensor"  # their log-likelihoods, likewise, float32


def written(model: Any, tokenizer: "PreTrainedTokenizerBase", texts: int, seed: int) -> Kept:
    """Return texts that the untuned model writes, the same for a seed.

    Args:
        model: the untuned student, its own forward.
        tokenizer: its tokenizer.
        texts: how many.
        seed: of the sampling.
    """
    import torch

    torch.manual_seed(seed)
    first = torch.full((min(texts, _AT_ONCE), 1), _start(tokenizer), device=model.device)
    ids: list[torch.Tensor] = []
    with torch.no_grad():
        for place in range(0, texts, _AT_ONCE):
            ids.append(model.generate(
                first[: texts - place], attention_mask=torch.ones_like(first[: texts - place]), do_sample=True,
                temperature=1.0, top_k=0, top_p=1.0, min_new_tokens=LENGTH - 1, max_new_tokens=LENGTH - 1,
                pad_token_id=tokenizer.eos_token_id,
            ))  # fmt: skip
        found = [model(input_ids=some, use_cache=False).logits[:, :-1].float().log_softmax(-1) for some in ids]
        likely = [logs.topk(min(LIKELIEST, logs.shape[-1])) for logs in found]
    return Kept(torch.cat(ids).cpu(), torch.cat([one.indices for one in likely]).cpu(),
                torch.cat([one.values for one in likely]).cpu())  # fmt: skip


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


def divergence(logits: "torch.Tensor", likely: "torch.Tensor", logs: "torch.Tensor") -> "torch.Tensor":
    """Return the mean of KL(untuned || tuned) over the places, nats; all unlikely tokens count as one.

    Args:
        logits: of the tuned model, (places, words).
        likely: token ids, (places, LIKELIEST).
        logs: of the untuned model, likewise.
    """
    import torch

    tuned = logits.float().log_softmax(-1).gather(-1, likely)
    pairs = [(logs, tuned), (_others(logs), _others(tuned))]
    return torch.stack([(ours.exp() * (ours - theirs)).sum(-1) for ours, theirs in pairs]).sum(0).mean()


def _others(logs: "torch.Tensor") -> "torch.Tensor":
    """Return the log-likelihood of what is not among the likely ones, (places, 1)."""
    import torch

    known = logs.exp().sum(-1, keepdim=True).clamp(max=1 - 1e-6)
    return torch.log1p(-known)
