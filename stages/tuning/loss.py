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
from stages.tuning import packing
from stages.tuning.batches import NO_LABEL, collate
from stages.tuning.keeping import Kept, divergence
from stages.tuning.recipe import TrainingError
from stages.tuning.rows import Encoded

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

EVALUATED = 1024  # tokens of one forward pass without a gradient, padding included


def project_labels_only(
    model: "PreTrainedModel", packed: bool = True, half: bool = False, first_token: float = 1.0, keep: float = 0.0
) -> None:
    """Replace the model's forward by one that takes batches of `collate` and returns the loss on their labels.

    Args:
        model: a causal language model, not wrapped.
        packed: run rows one behind the other; see `packing` and `check_projection`.
        half: compute in bfloat16, the adapter's float32 weights included; see `lora.with_adapter`.
        first_token: weight of a row's first label while it is trained. What follows "I do" follows by itself, so that
            one label of some twenty decides whether a question is answered or refused.
        keep: how much the divergence from the untuned model counts, where a batch has texts of its own.
    """
    if packed:
        packing.attend_by_rows(model)
    model.forward = functools.partial(_forward, model, packed, half, first_token, keep)
    model.accepts_loss_kwargs = True  # type: ignore[assignment]  # the Trainer asks: the loss knows the whole batch's labels


def _forward(
    model: "PreTrainedModel",
    packed: bool,
    half: bool,
    first_token: float,
    keep: float,
    input_ids: "torch.Tensor",
    labels: "torch.Tensor",
    weights: "torch.Tensor",
    shared: int = 0,
    num_items_in_batch: "torch.Tensor | int | None" = None,
    kept: "dict[str, torch.Tensor] | None" = None,
    **_: Any,
) -> dict[str, "torch.Tensor"]:
    """Return `loss`, the sum over the labels, each times its weight, over their number; and `each` by itself."""
    import torch

    rows, places = labels.ne(NO_LABEL).nonzero(as_tuple=True)
    own = Kept(**kept) if kept is not None else None
    with torch.autocast(input_ids.device.type, torch.bfloat16, enabled=half):
        hidden = _states(model, packed, input_ids, (rows, places - 1), shared, own)
        logits = model.get_output_embeddings()(hidden)
    each = torch.nn.functional.cross_entropy(logits[: len(rows)].float(), labels[rows, places], reduction="none")
    count = num_items_in_batch if num_items_in_batch is not None else len(each)
    begins = torch.diff(rows, prepend=rows.new_full((1,), -1)) > 0
    loss = (each * weights[rows] * torch.where(begins, first_token, 1.0)).sum() / count
    if own is not None:
        # passes that make up one step share the labels of all; so do they share what is kept
        loss = loss + keep * divergence(logits[len(rows) :], own) * len(each) / count
    return {"loss": loss, "each": each.detach()}


def _states(
    model: "PreTrainedModel", packed: bool, ids: "torch.Tensor", wanted: "tuple[torch.Tensor, torch.Tensor]",
    shared: int, own: Kept | None,
) -> "torch.Tensor":  # fmt: skip
    """Return the last hidden states at wanted places, (rows, columns), then those at the places of texts to be kept."""
    import torch

    if own is not None:
        texts, (which, there) = own.ids[:, :-1], own.counts.nonzero(as_tuple=True)
        wanted = torch.cat([wanted[0], which + len(ids)]), torch.cat([wanted[1], there])
        longest = max(ids.shape[1], texts.shape[1])
        ids = torch.cat([torch.nn.functional.pad(some, (0, longest - some.shape[1])) for some in (ids, texts)])
    if not packed:
        return hidden_states(model, ids)[wanted]
    last = torch.zeros(len(ids), dtype=torch.long, device=ids.device).scatter_reduce(0, *wanted, "amax")
    rows = packing.pack(ids[:, : int(last.max()) + 1], last + 1, shared)  # what follows predicts nothing
    return packing.states(model, rows)[rows.places[wanted]]


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


def check_projection(model: "PreTrainedModel", some: Sequence[Encoded], longest: int) -> bool:
    """Prove on a few rows that our loss is the model's own, and return whether it is so when they are packed.

    Called before the forward is replaced: some models do more than project on the vocabulary, and some have an
    attention of their own. Packed rows know no window of attention: they are packed where `longest`, the tokens of the
    longest row, is within it. Raises TrainingError if not even padded rows have the model's own loss.
    """
    import torch

    batch: dict[str, Any] = {key: value.to(model.device) if isinstance(value, torch.Tensor) else value
                             for key, value in collate(some).items()}  # fmt: skip
    window, kernel = getattr(model.config, "sliding_window", None), model.config._attn_implementation
    with as_evaluated(model), torch.no_grad():
        theirs = float(model(input_ids=batch["input_ids"], labels=batch["labels"], use_cache=False).loss)
        batch["weights"] = torch.ones_like(batch["weights"])
        for packed in [True, False] if not window or longest <= window else [False]:
            try:
                if packed:
                    packing.attend_by_rows(model)
                ours = float(_forward(model, packed, False, 1.0, 0.0, **batch)["loss"])
            except (TypeError, ValueError, KeyError, RuntimeError):
                if not packed:
                    raise
                continue  # what it hands its attention is not for us
            finally:
                model.set_attn_implementation(kernel)
            if abs(ours - theirs) <= 0.02 * max(1.0, abs(theirs)):
                return packed
    raise TrainingError(
        f"the model's own loss on row {some[0].id} is {theirs:.4f}, ours {ours:.4f}: this architecture "
        f"({type(model).__name__}) does more than project its hidden states on the vocabulary and is not supported"
    )
