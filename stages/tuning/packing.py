"""Rows one behind the other in one pass: no padding, and what rows begin with (the system message) once.

All of a layer but its attention treats tokens by themselves, so that rows need not be kept apart there. For the
attention they are laid out again as rows, padded on the right, where causal attention never looks. This is what
varlen kernels do (Dao 2023, arXiv 2307.08691, `cu_seqlens`), with any kernel, and with a shared beginning.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_NAME = "rows_"  # of our attention, before the name of the kernel that it calls
_OTHERS = ("softcap", "s_aux", "position_bias")  # what makes attention another one; our own kernel has none of them


class Packed(NamedTuple):
    """Tokens of several rows, one behind the other, each token that rows share once."""

    ids: "torch.Tensor"  # (1, tokens)
    positions: "torch.Tensor"  # (1, tokens), of a token in its row
    places: "torch.Tensor"  # (rows, longest), where the tokens of a row are among all; 0 behind its last one
    at: "torch.Tensor"  # (tokens,), where a token is in the flat `places`


def pack(ids: "torch.Tensor", lengths: "torch.Tensor", shared: int) -> Packed:
    """Return rows packed.

    Args:
        ids: (rows, longest), padded on the right.
        lengths: (rows,), tokens of each.
        shared: how many first tokens the first row shares with those others that begin with the same.
    """
    import torch

    columns = torch.arange(ids.shape[1], device=ids.device)
    begins = (ids[:, :shared] == ids[:1, :shared]).all(1) & (lengths >= shared)
    again = begins[:, None] & (columns < shared)
    again[0] = False
    own = (columns < lengths[:, None]) & ~again
    places = torch.zeros_like(ids)
    places[own] = torch.arange(int(own.sum()), device=ids.device)
    places = torch.where(again, columns, places)  # the first row's first tokens come first
    return Packed(ids[own][None], columns.expand_as(ids)[own][None], places, own.flatten().nonzero()[:, 0])


def states(model: "PreTrainedModel", packed: Packed) -> "torch.Tensor":
    """Return the last hidden state of each token, (tokens, width), of a model under `attend_by_rows`."""
    return model.base_model(
        input_ids=packed.ids, position_ids=packed.positions, use_cache=False, places=packed.places, at=packed.at
    ).last_hidden_state[0]


def attend_by_rows(model: "PreTrainedModel") -> str:
    """Make the attention of a model that of `states`, with the kernel it had; return the kernel's name."""
    from transformers import AttentionInterface
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    kernel: str = model.config._attn_implementation
    inner = _eager if kernel == "eager" else ALL_ATTENTION_FUNCTIONS[kernel]
    AttentionInterface.register(_NAME + kernel, _by_rows(inner))
    model.set_attn_implementation(_NAME + kernel)
    return kernel


def _by_rows(inner: Callable[..., Any]) -> Callable[..., Any]:
    """Return an attention function that lays packed tokens out as rows, and packs what comes of it again."""

    def attention(
        module: Any, query: "torch.Tensor", key: "torch.Tensor", value: "torch.Tensor", mask: None,
        places: "torch.Tensor", at: "torch.Tensor", position_ids: Any = None, **options: Any,
    ) -> tuple["torch.Tensor", None]:  # fmt: skip
        more = [name for name in _OTHERS if options.get(name) is not None]
        if more:
            raise ValueError(f"attention with {' and '.join(more)} is not run on packed rows")
        rows = [_laid_out(one, places) for one in (query, key, value)]
        out = inner(module, *rows, None, **options)[0]  # (rows, longest, heads, size)
        return out.flatten(0, 1).index_select(0, at)[None], None

    return attention


def _laid_out(states: "torch.Tensor", places: "torch.Tensor") -> "torch.Tensor":
    """Return states of packed tokens, (1, heads, tokens, size), as (rows, heads, longest, size)."""
    tokens = states[0].transpose(0, 1)
    return tokens.index_select(0, places.flatten()).view(*places.shape, *tokens.shape[1:]).transpose(1, 2)


def _eager(
    module: Any, query: "torch.Tensor", key: "torch.Tensor", value: "torch.Tensor", mask: None, scaling: float,
    dropout: float = 0.0, **_: Any,
) -> tuple["torch.Tensor", None]:  # fmt: skip
    """Causal attention of its parts; heads that share keys are one product, and keys are not repeated."""
    import torch

    rows, heads, longest, size = query.shape
    few = key.shape[1]
    query = query.reshape(rows * few, -1, size)  # (rows * key heads, heads a key head * longest, size)
    key, value = key.reshape(rows * few, longest, size), value.reshape(rows * few, longest, -1)
    ahead = query.new_full((longest, longest), torch.finfo(query.dtype).min).triu(1).repeat(heads // few, 1)
    scores = torch.baddbmm(ahead, query, key.transpose(1, 2), alpha=scaling)
    shares = torch.nn.functional.dropout(scores.softmax(-1), dropout, module.training)
    out = torch.bmm(shares, value).view(rows, heads, longest, -1)
    return out.transpose(1, 2), None
