from pathlib import Path

import pytest

from stages.tuning import weights
from stages.tuning.models import ModelError


def test_an_unknown_dtype_is_named(tiny_llama: Path):
    with pytest.raises(ModelError, match="'fp8': expected one of auto"):
        weights.load(str(tiny_llama), dtype="fp8")


@pytest.mark.parametrize("quantization", ["none", "int8", "nf4"])
def test_a_model_loads_in_every_quantization(tiny_llama: Path, quantization: str):
    import torch

    model = weights.load(str(tiny_llama), dtype="float32", quantization=quantization)
    kind = {"none": torch.float32, "int8": torch.int8, "nf4": torch.uint8}[quantization]
    assert model.model.layers[0].mlp.up_proj.weight.dtype == kind
    assert not model.training
