"""A layer that is run in one step gives what peft's own gives, and the same gradients."""

from pathlib import Path

import pytest
import torch

from stages.tuning import fused, lora, recipe, weights


def adapted(tiny_llama: Path, dtype: str = "float32", **changes):
    torch.manual_seed(0)
    made = recipe.Recipe(**{"rank": 4, "alpha": 12, "student": str(tiny_llama), **changes})
    model = lora.with_adapter(weights.load(str(tiny_llama), dtype=dtype), made, half=dtype == "bfloat16")
    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                weight.normal_(std=0.05)
    return model


def gradients(model, half: bool = False):
    ids = torch.arange(24).reshape(2, 12)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        found = model(input_ids=ids, labels=ids)
    found.loss.backward()
    named = {name: weight.grad for name, weight in model.named_parameters() if weight.requires_grad}
    return found.logits.detach().float(), named


@pytest.mark.parametrize("changes", [{}, {"targets": ("attention",)}, {"rslora": True}], ids=["all", "some", "rslora"])
def test_logits_and_gradients_are_those_of_peft(tiny_llama: Path, changes):
    plain, ours = adapted(tiny_llama, **changes), adapted(tiny_llama, **changes)
    assert fused.fuse(ours) == (4 if "targets" in changes else 14)
    expected, wanted = gradients(plain)
    logits, found = gradients(ours)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)
    assert found.keys() == wanted.keys()
    for name, gradient in found.items():
        assert gradient.abs().sum() > 0
        torch.testing.assert_close(gradient, wanted[name], rtol=1e-3, atol=1e-6, msg=name)


def test_in_half_precision_they_are_as_near_to_the_true_ones_as_those_of_peft(tiny_llama: Path):
    plain, ours = adapted(tiny_llama, "bfloat16"), adapted(tiny_llama, "bfloat16")
    fused.fuse(ours)
    _, true = gradients(adapted(tiny_llama))
    (expected, theirs), (logits, found) = gradients(plain, half=True), gradients(ours, half=True)
    torch.testing.assert_close(logits, expected, rtol=0.1, atol=0.1)
    assert all(gradient.dtype == torch.float32 for gradient in found.values()), "as the weights of the adapter"

    def off(some):
        return sum(float((some[name] - right).norm() / right.norm()) for name, right in true.items())

    assert off(found) < 1.2 * off(theirs)


@pytest.mark.parametrize("changes", [{"dropout": 0.1}, {"dora": True}], ids=["dropout", "dora"])
def test_what_does_more_than_that_is_left_to_peft(tiny_llama: Path, changes):
    assert fused.fuse(adapted(tiny_llama, **changes)) == 0


def test_float16_is_left_to_peft_which_computes_in_float32(tiny_llama: Path):
    assert fused.fuse(adapted(tiny_llama, "float16")) == 0


def test_weights_that_are_quantised_are_left_to_peft(tiny_llama: Path):
    made = recipe.Recipe(rank=4, student=str(tiny_llama), quantization="nf4")
    model = lora.with_adapter(weights.load(str(tiny_llama), dtype="float32", quantization="nf4"), made)
    assert fused.fuse(model) == 0
