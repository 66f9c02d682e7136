"""The low-rank adapter of a model: where it sits, how it starts, and how its optimizer groups it."""

from typing import TYPE_CHECKING, Any

from stages.tuning import models
from stages.tuning.recipe import Recipe, TrainingError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def with_adapter(model: "PreTrainedModel", recipe: Recipe, half: bool = False) -> Any:
    """Return the model with a fresh adapter (LoRA, arXiv 2106.09685), whose weights are float32 whatever the model's.

    With `half` it is run under autocast: its inputs then stay in bfloat16, of which peft would otherwise keep a float32
    copy for each adapted layer.

    rsLoRA (2312.03732) scales by alpha / sqrt(rank); DoRA (2402.09353) learns magnitude and direction apart; PiSSA
    (2404.02948) starts from the largest singular values of the weights, which are changed.
    """
    with models.quiet():
        from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
        from peft.tuners.tuners_utils import BaseTunerLayer

    if recipe.start == "pissa" and recipe.quantization != "none":
        raise TrainingError("--start pissa changes the weights, which quantised ones cannot take: --quantization none")
    if recipe.start == "pissa" and (recipe.dora or recipe.rslora):
        raise TrainingError("--start pissa is saved as plain LoRA, which holds neither --dora nor --rslora: drop them")
    if recipe.dora and recipe.strength != 1:
        raise TrainingError("--strength scales a low-rank change, and --dora changes magnitudes, too: --strength 1")
    if recipe.quantization != "none":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        use_rslora=recipe.rslora,
        use_dora=recipe.dora,
        init_lora_weights="pissa" if recipe.start == "pissa" else True,
        target_modules=recipe.modules(),
        revision=recipe.revision if models.of_hub(recipe.student) else None,
    )
    try:
        with models.quiet():
            adapted = get_peft_model(model, config)
    except ValueError as error:  # no module of that name
        known = sorted({name.rsplit(".", 1)[-1] for name, module in model.named_modules() if _is_linear(module)})
        raise TrainingError(
            f"--targets {' '.join(recipe.targets)}: this model has no such layer; it has {', '.join(known)}, and for "
            "several at once there are attention, qv and all-linear"
        ) from error
    for module in adapted.modules():
        if isinstance(module, BaseTunerLayer):
            module.cast_input_dtype_enabled = not half  # type: ignore[assignment]
    return adapted


def _is_linear(module: "torch.nn.Module") -> bool:
    import torch

    return isinstance(module, torch.nn.Linear)


def weights_of(adapted: Any) -> dict[str, "torch.Tensor"]:
    """Return a copy of all that is trained, by name."""
    return {name: weight.detach().clone() for name, weight in adapted.named_parameters() if weight.requires_grad}


def restore(adapted: Any, weights: dict[str, "torch.Tensor"]) -> None:
    """Put back what `weights_of` copied."""
    import torch

    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if weight.requires_grad:
                weight.copy_(weights[name])


def parameter_groups(adapted: Any, recipe: Recipe) -> list[dict[str, Any]]:
    """Return the optimizer's groups: with LoRA+ (arXiv 2402.12354) the B matrices learn `lora_plus` times as fast."""
    trained = [(name, weight) for name, weight in adapted.named_parameters() if weight.requires_grad]
    if not recipe.lora_plus:
        return [{"params": [weight for _, weight in trained], "lr": recipe.learning_rate}]
    fast = recipe.learning_rate * recipe.lora_plus
    return [
        {"params": [weight for name, weight in trained if "lora_B" not in name], "lr": recipe.learning_rate},
        {"params": [weight for name, weight in trained if "lora_B" in name], "lr": fast},
    ]
