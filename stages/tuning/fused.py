"""LoRA layers in one step each: the same sums as peft's layers, with a gradient written out by hand.

peft runs a layer as five operations, of which autograd keeps all; for rows as short as questions a processor spends
more time on these than on the products. Here the scale sits on the narrow side, sums are added where they are made, and
what the gradient needs is kept once (as Unsloth does for GPUs, Han and Han 2023, github.com/unslothai/unsloth).
"""

from typing import Any

import torch


def fuse(adapted: Any) -> int:
    """Replace the forward of all plain LoRA layers of a peft model, and return how many these are.

    Left alone are layers with dropout, DoRA or a bias, those over quantised weights, and those over float16, in which
    the gradients of an adapter may vanish: peft computes them in float32.

    Args:
        adapted: the model, with one adapter.
    """
    from peft.tuners.lora import Linear

    count = 0
    for module in adapted.modules():
        if isinstance(module, Linear) and _plain(module):
            module.forward = _Layer(module)  # type: ignore[method-assign]
            count += 1
    return count


def _plain(module: Any) -> bool:
    (name,) = module.active_adapters
    base, dropout = module.get_base_layer(), module.lora_dropout[name]
    return (
        type(base) is torch.nn.Linear
        and base.bias is None
        and base.weight.dtype in (torch.float32, torch.bfloat16)
        and isinstance(dropout, torch.nn.Identity)
        and not module.use_dora[name]
        and not module.lora_bias[name]
    )


class _Layer:
    """The forward of one layer."""

    def __init__(self, module: Any) -> None:
        (name,) = module.active_adapters
        self.base, self.scale = module.get_base_layer(), float(module.scaling[name])
        self.down, self.up = module.lora_A[name], module.lora_B[name]

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = _Adapted.apply(x, self.base.weight, self.down.weight, self.up.weight, self.scale)
        return out


class _Adapted(torch.autograd.Function):
    """x W' + scale x A' B' for x (..., inputs), W (outputs, inputs), A (rank, inputs), B (outputs, rank).

    Computed in the type of W; the gradients of A and B are returned in theirs.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, w: torch.Tensor, a: torch.Tensor, b: torch.Tensor, scale: float) -> Any:
        with torch.autocast(x.device.type, enabled=False):
            rows, down, up = x.reshape(-1, x.shape[-1]).to(w.dtype), a.to(w.dtype), b.to(w.dtype)
            low = (rows @ down.T).mul_(scale)
            ctx.save_for_backward(rows, w, down, up, low)
            ctx.scale, ctx.types = scale, (x.dtype, a.dtype, b.dtype)
            return torch.mm(rows, w.T).addmm_(low, up.T).view(*x.shape[:-1], w.shape[0])

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> Any:
        rows, w, down, up, low = ctx.saved_tensors
        of_x, of_a, of_b = ctx.types
        grad = grads[0].reshape(-1, w.shape[0]).to(w.dtype)
        of_low = torch.mm(grad, up).mul_(ctx.scale)
        back = None
        if ctx.needs_input_grad[0]:
            back = torch.mm(grad, w).addmm_(of_low, down).to(of_x).view(*grads[0].shape[:-1], w.shape[1])
        return back, None, torch.mm(of_low.T, rows).to(of_a), torch.mm(grad.T, low).to(of_b), None
