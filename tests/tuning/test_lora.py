from pathlib import Path

import pytest

from stages.tuning import lora, recipe, weights


def adapted(tiny_llama: Path, **changes):
    made = recipe.Recipe(**{"rank": 4, "student": str(tiny_llama), **changes})
    return lora.with_adapter(weights.load(str(tiny_llama), dtype="float32"), made), made


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (("attention",), {"q_proj", "k_proj"}),
        (("qv",), {"q_proj", "v_proj"}),
        (("v_proj", "o_proj"), {"v_proj", "o_proj"}),
        (("attention", "up_proj"), {"q_proj", "k_proj", "up_proj"}),
        (("all-linear",), {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}),
    ],
)
def test_only_the_targets_get_an_adapter(tiny_llama: Path, targets, expected):
    model, _ = adapted(tiny_llama, targets=targets)
    assert {name.split(".lora_")[0].rsplit(".", 1)[-1] for name in lora.weights_of(model)} == expected


def test_b_learns_faster_by_the_factor_of_lora_plus(tiny_llama: Path):
    model, made = adapted(tiny_llama, lora_plus=16.0, learning_rate=1e-3)
    slow, fast = lora.parameter_groups(model, made)
    assert (slow["lr"], fast["lr"]) == (1e-3, 16e-3) and len(slow["params"]) == len(fast["params"]) == 14
    together = lora.parameter_groups(*adapted(tiny_llama))
    assert len(together) == 1 and len(together[0]["params"]) == 28


def test_what_was_trained_can_be_put_back(tiny_llama: Path):
    import torch

    model, _ = adapted(tiny_llama)
    before = lora.weights_of(model)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                weight.normal_()
    lora.restore(model, before)
    assert all(torch.equal(weight, before[name]) for name, weight in lora.weights_of(model).items())
