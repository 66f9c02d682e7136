"""The loss on the answers alone: the vocabulary projection is made where there is a label, and nowhere else.

For 50,000 words and rows of which a third is answer the projection is what a small model spends most of its time and
memory on. The model's own `forward` is replaced, so that whatever wraps the model (PEFT, DDP, FSDP) goes on working.
"""

import contextlib
import functools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from stages.scoring.likelihood import by_length, hidden_states
from stages.tuning.batches import NO_LABEL, collate
from stages.tuning.keeping import Kept, divergence
from stages.tuning.recipe import TrainingError
from stages.tuning.rows import Encoded

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_PASS = 110  # tokens that take as long as it costs to run another pass, as measured on two cores
EVALUATED = 1024  # tokens of one forward pass without a gradient, padding included


def project_labels_only(model: "PreTrainedModel", share: bool = True, half: bool = False, keep: float = 0.0) -> None:
    """Replace the model's forward by one that takes batches of `collate` and returns the loss on their labels.

    Args:
        model: a causal language model, not wrapped.
        half: compute in bfloat16, the adapter's float32 weights included; see `lora.with_adapter`.
        share: run what all rows begin with once. Not possible where the activations are checkpointed, which knows no
            key-value cache, nor where layers are sharded, which expect to be run once a step.
        keep: how much the divergence from the untuned model counts, where a batch has texts of its own.
    """
    model.forward = functools.partial(_forward, model, share, half, keep)
    model.accepts_loss_kwargs = True  # type: ignore[assignment]  # the Trainer asks: the loss knows the whole batch's labels


def _forward(
    model: "PreTrainedModel",
    share: bool,
    half: bool,
    keep: float,
    input_ids: "torch.Tensor",
    labels: "torch.Tensor",
    weights: "torch.Tensor",
    shared: int = 0,
    num_items_in_batch: "torch.Tensor | int | None" = None,
    kept: "dict[str, torch.Tensor] | None" = None,
    **_: Any,
) -> dict[str, "torch.Tensor"]:
    """Return `loss`, the sum over the labels, each times its row's weight, over their number; and `each` by itself."""
    import torch

    rows, places = labels.ne(NO_LABEL).nonzero(as_tuple=True)
    own = Kept(**kept) if kept is not None else None
    with torch.autocast(input_ids.device.type, torch.bfloat16, enabled=half):
        hidden, of_own, skipped = _states(model, input_ids, shared if share else 0, own)
        logits = model.get_output_embeddings()(hidden[rows, places - 1 - skipped])
    each = torch.nn.functional.cross_entropy(logits.float(), labels[rows, places], reduction="none")
    count = num_items_in_batch if num_items_in_batch is not None else len(each)
    loss = (each * weights[rows]).sum() / count
    if own is not None and of_own is not None:
        with torch.autocast(input_ids.device.type, torch.bfloat16, enabled=half):
            logits = model.get_output_embeddings()(of_own[own.counts])
        # passes that make up one step share the labels of all; so do they share what is kept
        loss = loss + keep * divergence(logits, own) * len(each) / count
    return {"loss": loss, "each": each.detach()}


def _states(
    model: "PreTrainedModel", ids: "torch.Tensor", shared: int, own: Kept | None
) -> tuple["torch.Tensor", "torch.Tensor | None", int]:
    """Return the hidden states of the rows, those of the model's own texts, and the first tokens that the former lack.

    All in one pass, the texts by themselves, or what all rows begin with by itself, too: what takes least.
    """
    import torch

    if own is None:
        return hidden_states(model, ids, shared), None, shared
    texts = own.ids[:, :-1]
    longest = max(ids.shape[1], texts.shape[1])
    one = (len(ids) + len(texts)) * longest  # tokens
    two = ids.numel() + texts.numel() + _PASS
    three = ids.numel() - shared * (len(ids) - 1) + texts.numel() + 2 * _PASS
    if one > min(two, three):
        shared = shared if three < two else 0
        return hidden_states(model, ids, shared), hidden_states(model, texts), shared
    padded = [torch.nn.functional.pad(some, (0, longest - some.shape[1])) for some in (ids, texts)]
    hidden = hidden_states(model, torch.cat(padded))
    return hidden[: len(ids)], hidden[len(ids) :, : texts.shape[1]], 0


def mean_loss(model: Any, encoded: Sequence[Encoded]) -> float | None:
    """Return the mean loss of a label over the rows, weights aside; None for no row.

    Args:
        model: one whose forward was replaced, wrapped or not.
        encoded: rows with their labels.
    """
    import torch

    if not encoded:
        return None
    values: list[float] = []
    device = next(model.parameters()).device
    with torch.no_grad(), as_evaluated(model):
        for batch in by_length(encoded, EVALUATED):
            some = collate([encoded[place] for place in batch])
            some = {key: value.to(device) if isinstance(value, torch.Tensor) else value for key, value in some.items()}
            values += model(**some)["each"].tolist()
    return math.fsum(values) / len(values)


@contextlib.contextmanager
def as_evaluated(model: Any) -> Iterator[None]:
    """Switch dropout and noise off, and nothing else, for as long as a loss is measured in the midst of a training.

    `model.eval()` would do more: on a CPU bitsandbytes then repacks 4-bit weights, in place and for good, for a
    kernel that has no backward pass, and all steps after it get wrong gradients without an error.
    """
    import torch

    noisy = (torch.nn.Dropout, torch.nn.Embedding)  # NEFTune's noise is a hook of the embedding
    modules = [module for module in model.modules() if isinstance(module, noisy) and module.training]
    for module in modules:
        module.eval()
    try:
        yield
    finally:
        for module in modules:
            module.train()


def check_projection(model: "PreTrainedModel", one: Encoded) -> None:
    """Prove on one row that our loss is the model's own: some models do more than project on the vocabulary.

    Called before the forward is replaced. Raises TrainingError if the two differ.
    """
    import torch

    batch = collate([one])
    ids, labels, weights = (batch[key].to(model.device) for key in ("input_ids", "labels", "weights"))
    with as_evaluated(model), torch.no_grad():
        theirs = float(model(input_ids=ids, labels=labels, use_cache=False).loss)
        ours = float(_forward(model, False, False, 0.0, ids, labels, torch.ones_like(weights))["loss"])
    if not abs(ours - theirs) <= 0.02 * max(1.0, abs(theirs)):
        raise TrainingError(
            f"the model's own loss on row {one.id} is {theirs:.4f}, ours {ours:.4f}: this architecture "
            f"({type(model).__name__}) does more than project its hidden states on the vocabulary and is not supported"
        )
