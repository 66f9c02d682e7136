"""Run by test_launch.py in two processes: is the gradient of a sharded model that of the whole one?

python -m torch.distributed.run --nproc_per_node 2 -m tests.tuning.sharded FOLDER none|nf4
"""

import os
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from peft.utils.other import fsdp_auto_wrap_policy
from torch.distributed.fsdp import FullStateDictConfig, StateDictType
from torch.distributed.fsdp import FullyShardedDataParallel as Sharded

from stages.tuning import batches, lora, loss, models, recipe, rows, weights
from tests.tuning.examples import some_rows


def main(student: Path, quantization: str) -> None:
    """Compare in each process; a difference is an error."""
    dist.init_process_group("gloo")
    torch.manual_seed(0)
    made = recipe.Recipe(rank=4, quantization=quantization)
    model = weights.load(str(student), dtype="float32", quantization=quantization, sharded=True).train()
    adapted = lora.with_adapter(model, made)
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1)
    loss.project_labels_only(adapted.get_base_model(), packed=False)
    encoded = rows.encode_rows(models.load_tokenizer(str(student)), some_rows(8))

    whole = adapted(**batches.collate(encoded))
    whole["loss"].backward()
    expected = {name: weight.grad.clone() for name, weight in adapted.named_parameters() if weight.requires_grad}
    before = lora.weights_of(adapted)
    adapted.zero_grad()

    os.environ["FSDP_TRANSFORMER_CLS_TO_WRAP"] = "LlamaDecoderLayer"
    sharded = Sharded(adapted, auto_wrap_policy=fsdp_auto_wrap_policy(adapted), device_id=torch.device("cpu"))
    mine = batches.collate(encoded[4 * dist.get_rank() : 4 * dist.get_rank() + 4])
    part = sharded(**mine, num_items_in_batch=len(whole["each"]))["loss"]
    (part * dist.get_world_size()).backward()  # FSDP takes the mean over the processes
    total = part.detach().clone()
    dist.all_reduce(total)
    assert torch.isclose(total, whole["loss"].detach(), atol=1e-4), (total, whole["loss"])

    torch.optim.SGD([weight for weight in sharded.parameters() if weight.requires_grad], lr=1.0).step()
    with Sharded.state_dict_type(
        sharded, StateDictType.FULL_STATE_DICT, FullStateDictConfig(offload_to_cpu=False, rank0_only=False)
    ):
        after = sharded.state_dict()
    for name, gradient in expected.items():
        assert torch.allclose(before[name] - after[name], gradient, atol=1e-5), name
    print(f"{len(expected)} gradients are the same")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
