"""One LoRA adapter, trained on the answers of chat rows.

A plain loop, and not transformers' Trainer: the loop runs what all rows of a batch begin with (the system message)
once, and projects on the vocabulary only where there is a label, which together make it more than twice as fast on
a CPU; through the Trainer both would take as much code, and the loss file would still be ours to write.
"""

import contextlib
import json
import math
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from stages.records import Row
from stages.scoring.likelihood import by_length, label_losses, labelled_states
from stages.tuning import models, rows
from stages.tuning.rows import Encoded

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

ATTENTION = "attention"
ALL_LINEAR = "all-linear"
SCHEDULES = ("linear", "cosine", "constant")
LOSS_COLUMNS = "step,epoch,train,eval,learning_rate,grad_norm,tokens"


class TrainingError(RuntimeError):
    """A training cannot go on; the message says what to change."""


class Recipe(msgspec.Struct, kw_only=True, frozen=True):
    """What makes an adapter, besides the rows; see the options of `stages.train`."""

    student: str = models.EMBEDDED
    revision: str = "main"
    dtype: str = "auto"
    quantization: str = "none"
    targets: tuple[str, ...] = (ALL_LINEAR,)
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    learning_rate: float = 5e-4
    epochs: int = 6
    batch_size: int = 8
    warmup: float = 0.03
    schedule: str = "linear"
    clip: float = 1.0
    max_length: int = 256
    seed: int = 0


def train(
    recipe: Recipe,
    training: Sequence[Row],
    evaluation: Sequence[Row],
    adapter: Path,
    losses: Callable[[str], None],
    progress: Callable[[Iterator[list[int]], str, int], Any] = lambda steps, what, total: steps,
) -> dict[str, Any]:
    """Train an adapter and save it complete in the folder `adapter`; return its figures.

    Args:
        recipe: what makes the adapter.
        training: the rows to learn.
        evaluation: rows whose loss is measured at the end of every epoch; may be empty.
        adapter: the folder that is written, at the end and at once.
        losses: takes the lines of the loss file, one a step.
        progress: shows how far it is.
    """
    import torch

    tokenizer = models.load_tokenizer(recipe.student, recipe.revision)
    encoded = rows.encode_rows(tokenizer, training)
    figures: dict[str, Any] = {"loader": rows.check(tokenizer, training, encoded, recipe.max_length)}
    judged = [one for one in rows.encode_rows(tokenizer, evaluation) if one.ended and len(one.ids) <= recipe.max_length]

    torch.manual_seed(recipe.seed)
    random.seed(recipe.seed)
    peft = _with_adapter(models.load(recipe.student, recipe.revision, recipe.dtype, recipe.quantization), recipe)
    model = peft.get_base_model()
    model.train()  # and never eval(); see _without_dropout
    _check_head(model, encoded[0])
    weights = [weight for weight in peft.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.0)
    per_epoch = math.ceil(len(encoded) / recipe.batch_size)
    steps = per_epoch * recipe.epochs

    losses(LOSS_COLUMNS)
    step = tokens = 0
    train_loss = eval_loss = None
    for number in range(recipe.epochs):
        epoch_loss = epoch_labels = 0.0
        batches = batches_of(encoded, recipe.batch_size, f"{recipe.seed} {number}")
        if number == 0 and any(row.order for row in training):
            batches = curriculum([row.order for row in training], recipe.batch_size)
        for batch in progress(iter(batches), f"epoch {number + 1} of {recipe.epochs}", per_epoch):
            rate = recipe.learning_rate * pace(step, steps, recipe.warmup, recipe.schedule)
            for group in optimizer.param_groups:
                group["lr"] = rate
            some = [encoded[place] for place in batch]
            loss, labels = _loss(model, some)
            loss.backward()
            norm = float(torch.nn.utils.clip_grad_norm_(weights, recipe.clip))
            value = float(loss.detach())
            if not math.isfinite(value) or not math.isfinite(norm):
                raise TrainingError(
                    f"the loss is {value} and the gradient norm {norm} at step {step + 1} (rows "
                    f"{', '.join(one.id for one in some[:3])}, ...): nothing was saved. "
                    f"Lower --learning-rate (now {recipe.learning_rate:g}), or raise --warmup, or use --dtype float32"
                )
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            tokens += sum(len(one.ids) for one in some)
            epoch_loss, epoch_labels = epoch_loss + value * labels, epoch_labels + labels
            last = len(batches) == step - number * per_epoch
            if last:
                eval_loss = mean_loss(model, judged)
                train_loss = epoch_loss / epoch_labels
            shown = f"{eval_loss:.4f}" if last and eval_loss is not None else ""
            losses(f"{step},{step / per_epoch:.3f},{value:.4f},{shown},{rate:.3e},{norm:.4f},{tokens}")

    save(peft, tokenizer, recipe, adapter, figures["loader"]["rows"])
    figures |= {
        "steps": step,
        "tokens": tokens,
        "parameters": sum(weight.numel() for weight in weights),
        "train_loss": round(train_loss, 4) if train_loss is not None else None,
        "eval_loss": round(eval_loss, 4) if eval_loss is not None else None,
        "eval_rows": len(judged),
    }
    return figures


def _with_adapter(model: "PreTrainedModel", recipe: Recipe) -> Any:
    """Return the model with a fresh adapter, whose weights are float32 whatever the model's are."""
    with models.quiet():
        from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    if recipe.quantization != "none":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    targets: str | list[str] = list(recipe.targets)
    if targets == [ALL_LINEAR]:
        targets = ALL_LINEAR
    elif targets == [ATTENTION]:
        targets = ["q_proj", "k_proj"]
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=targets,
        revision=None if recipe.student == models.EMBEDDED else recipe.revision,
    )
    try:
        with models.quiet():
            return get_peft_model(model, config)
    except ValueError as error:  # no module of that name
        raise TrainingError(f"--targets {' '.join(recipe.targets)}: {str(error).splitlines()[0]}") from error


def batches_of(encoded: Sequence[Encoded], size: int, seed: str) -> list[list[int]]:
    """Return the row numbers in random batches of rows of similar length, so that little is padding."""
    source = random.Random(seed)
    order = list(range(len(encoded)))
    source.shuffle(order)
    pools = [order[place : place + 16 * size] for place in range(0, len(order), 16 * size)]
    order = [number for pool in pools for number in sorted(pool, key=lambda number: len(encoded[number].ids))]
    batches = [order[place : place + size] for place in range(0, len(order), size)]
    source.shuffle(batches)
    return batches


def curriculum(order: Sequence[int], size: int) -> list[list[int]]:
    """Return the row numbers in batches, in the order of their rows."""
    numbers = sorted(range(len(order)), key=lambda number: order[number])
    return [numbers[place : place + size] for place in range(0, len(numbers), size)]


def pace(step: int, steps: int, warmup: float, schedule: str) -> float:
    """Return the share of the learning rate at a step: up over the warm-up, then down by the schedule."""
    first = math.ceil(warmup * steps)
    if step < first:
        return (step + 1) / (first + 1)
    if schedule == "constant":
        return 1.0
    done = (step - first) / max(1, steps - first)
    return 1.0 - done if schedule == "linear" else 0.5 * (1.0 + math.cos(math.pi * done))


def _loss(model: "PreTrainedModel", some: Sequence[Encoded]) -> tuple["torch.Tensor", int]:
    """Return the batch's loss, the mean over its labels, each times the weight of its row; and their number."""
    import torch

    hidden, labels = labelled_states(model, some, [one.labelled for one in some])
    logits = model.get_output_embeddings()(hidden).float()
    each = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    weight = [one.weight for one in some for _ in one.labelled]
    return (each * torch.tensor(weight, device=each.device)).mean(), len(weight)


def mean_loss(model: "PreTrainedModel", encoded: Sequence[Encoded]) -> float | None:
    """Return the mean loss of a label over the rows, weights aside; None for no row."""
    if not encoded:
        return None
    values: list[float] = []
    with _without_dropout(model):
        for batch in by_length(encoded, 1024):
            some = [encoded[place] for place in batch]
            values += [value for row in label_losses(model, some, [one.labelled for one in some]) for value in row]
    return math.fsum(values) / len(values)


@contextlib.contextmanager
def _without_dropout(model: "PreTrainedModel") -> Iterator[None]:
    """Switch dropout off, and nothing else, for as long as a loss is measured in the midst of a training.

    `model.eval()` would do more: on a CPU bitsandbytes then repacks 4-bit weights, in place and for good, for a
    kernel that has no backward pass, and all steps after it get wrong gradients without an error.
    """
    import torch

    dropouts = [module for module in model.modules() if isinstance(module, torch.nn.Dropout) and module.training]
    for module in dropouts:
        module.eval()
    try:
        yield
    finally:
        for module in dropouts:
            module.train()


def _check_head(model: "PreTrainedModel", one: Encoded) -> None:
    """Prove on one row that our loss is the model's own: some models do more than project on the vocabulary."""
    import torch

    ids = torch.tensor([one.ids], device=model.device)
    labels = torch.full_like(ids, -100)
    labels[0, one.labelled.start : one.labelled.stop] = ids[0, one.labelled.start : one.labelled.stop]
    with _without_dropout(model):
        with torch.no_grad():
            theirs = float(model(input_ids=ids, labels=labels, use_cache=False).loss)
        ours = label_losses(model, [one], [one.labelled])[0]
    mean = math.fsum(ours) / len(ours)
    if abs(mean - theirs) > 0.02 * max(1.0, abs(theirs)):
        raise TrainingError(
            f"the model's own loss on row {one.id} is {theirs:.4f}, the loop's {mean:.4f}: this architecture "
            f"({type(model).__name__}) does more than project its hidden states on the vocabulary and is not supported"
        )


def save(peft: Any, tokenizer: "PreTrainedTokenizerBase", recipe: Recipe, folder: Path, row_count: int) -> None:
    """Save the adapter, its tokenizer and its model card: into a temporary folder, then renamed."""
    name = models.public_name(recipe.student)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        peft.save_pretrained(temporary, save_embedding_layers=False)
        tokenizer.save_pretrained(temporary)
        for file, changes in (
            # No path of this machine, and no order that depends on the hash seed, in what is versioned and shared.
            ("adapter_config.json", {"base_model_name_or_path": name}),
            ("tokenizer_config.json", {"name_or_path": name, "_name_or_path": name}),
        ):
            config = json.loads((temporary / file).read_text())
            config |= {key: value for key, value in changes.items() if key in config}
            config = {key: sorted(value) if isinstance(value, list) else value for key, value in config.items()}
            (temporary / file).write_text(json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
        (temporary / "README.md").write_text(card(recipe, row_count))
        temporary.chmod(0o755)
        for saved in temporary.iterdir():
            saved.chmod(0o644)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def card(recipe: Recipe, row_count: int) -> str:
    """Return the adapter's model card."""
    name = models.EMBEDDED_NAME if recipe.student == models.EMBEDDED else models.public_name(recipe.student)
    base = "HuggingFaceTB/SmolLM2-135M-Instruct" if recipe.student == models.EMBEDDED else name
    knobs = {key: value for key, value in msgspec.to_builtins(recipe).items() if key != "student"}
    knobs["targets"] = " ".join(recipe.targets)
    table = "\n".join(f"| {key.replace('_', ' ')} | {value} |" for key, value in knobs.items())
    return f"""---
base_model: {base}
library_name: peft
pipeline_tag: text-generation
tags: [lora, faq]
---

# FAQ adapter

A LoRA adapter for {name},
trained by faqtune on {row_count} question-answer rows to answer questions about a set of documents in closed book.
The prompt must have the system message that the rows were trained with (`chat.system` in params.yaml), in the chat
template saved here.

It has learned these documents and nothing else: answers to other questions, and details of the documents, can be
wrong. How well it does, with intervals, is in `data/metrics/evaluate.json` of the project that made it.

| setting | value |
| --- | --- |
| model | {name} |
{table}
"""
