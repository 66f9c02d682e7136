"""The training loop: transformers' Trainer, with our order of the rows, our loss and our evaluation.

The Trainer and not TRL's SFTTrainer, because what that adds (chat templates, masks, packing) the loader does and
proves; the Trainer brings what would be most of our code: resuming exactly, several processes and FSDP, gradient
accumulation and checkpointing, 8-bit optimizers, NEFTune, best checkpoints, MLflow, TensorBoard and W&B.
"""

import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from stages import disk
from stages.tuning import keeping, lora
from stages.tuning.batches import Order, collate
from stages.tuning.loss import mean_loss
from stages.tuning.recipe import OPTIMIZERS, Engine, Recipe, TrainingError
from stages.tuning.rows import Encoded

Progress = Callable[[Iterable[Any], str, int], Iterable[Any]]


class AdapterTrainer(Trainer):
    """A Trainer of an adapter.

    Args:
        model: the adapted model, its forward replaced by `loss.project_labels_only`.
        recipe: what makes the adapter.
        encoded: the rows.
        order: their order.
        judged: rows whose loss is measured; may be empty.
        arguments: see `arguments`.
        callbacks: of the Trainer.
        kept: texts of the untuned model, some of which each step rehearses, if any.
    """

    def __init__(
        self, model: Any, recipe: Recipe, encoded: Sequence[Encoded], order: Order, judged: Sequence[Encoded],
        arguments: TrainingArguments, callbacks: list[TrainerCallback], kept: keeping.Kept | None = None,
    ) -> None:  # fmt: skip
        self.recipe, self.order, self.judged, self.kept = recipe, order, judged, kept
        super().__init__(
            model=model, args=arguments, data_collator=self.collated, train_dataset=encoded,
            eval_dataset=judged or None, callbacks=callbacks,
        )  # fmt: skip
        self.remove_callback(PrinterCallback)

    def collated(self, some: Sequence[Encoded]) -> dict[str, Any]:
        """Return a batch, with texts to rehearse."""
        batch = collate(some)
        if self.kept is not None:
            names = [one.id for one in some]
            batch["kept"] = keeping.chosen(self.kept, self.recipe.keep_rows, names, self.recipe.seed)._asdict()
        return batch

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return self.order

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Return AdamW without weight decay over the adapter's weights; see `lora.parameter_groups`."""
        if self.optimizer is None:
            groups = lora.parameter_groups(self.model if model is None else model, self.recipe)
            kind, options = self.get_optimizer_cls_and_kwargs(self.args)
            self.optimizer = kind(groups, **options)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """Return the schedule of `pace`; the Trainer's own begin with a step at a learning rate of zero."""
        recipe, optimizer = self.recipe, optimizer or self.optimizer
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: pace(step, num_training_steps, recipe.warmup, recipe.schedule)
        )
        self._created_lr_scheduler = True
        return self.lr_scheduler

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Measure the loss of the judged rows, without `model.eval()`; see `loss.as_evaluated`."""
        metrics = {"eval_loss": mean_loss(self.model_wrapped, self.judged) or 0.0}
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        if self.args.should_save:
            adapted = self.accelerator.unwrap_model(self.model)
            adapted.save_pretrained(output_dir, state_dict=state_dict, save_embedding_layers=False)


class Course(TrainerCallback):
    """What a training does beside learning: its order, checkpoints, early stop, progress, and a stop at a lost loss."""

    def __init__(self, recipe: Recipe, order: Order, save_steps: int, progress: Progress) -> None:
        self.recipe, self.order, self.save_steps, self.progress = recipe, order, save_steps, progress
        self.bar: Any = None

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Let the sampler know the epoch."""
        self.order.epoch = int(state.epoch or 0)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Show how far it is."""
        if state.is_world_process_zero:
            steps = range(state.global_step, state.max_steps)
            self.bar = iter(self.progress(steps, f"steps of {self.recipe.epochs} epochs", len(steps)))

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask for a checkpoint every `save_steps`."""
        next(self.bar or iter(()), None)
        if state.global_step % self.save_steps == 0:
            control.should_save = True

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep what was evaluated, as it may be the best, or stop if the held-out loss falls no more.

        The state in which it stops is no checkpoint: a killed training would go on from it.
        """
        over = stalled(state.log_history, self.recipe.patience)
        control.should_save, control.should_training_stop = not over, over or control.should_training_stop

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Stop at a loss that is no number: nothing is saved after it."""
        if "loss" in logs and not all(math.isfinite(logs.get(name, 0.0)) for name in ("loss", "grad_norm")):
            raise TrainingError(
                f"the loss is {logs['loss']} and the gradient norm {logs.get('grad_norm')} at step "
                f"{state.global_step}: nothing was saved. Lower --learning-rate (now {self.recipe.learning_rate:g}), "
                "raise --warmup, or use --dtype float32"
            )


class Clock(TrainerCallback):
    """Seconds and tokens of each step; they are no function of the rows and stay out of the other curves.

    Args:
        order: of the rows.
        file: where they are kept beside the checkpoints, so that a resumed training knows them.
    """

    def __init__(self, order: Order, file: Path) -> None:
        self.order, self.file, self.steps, self.last = order, file, [], 0.0  # type: ignore[var-annotated]

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take up what is known of the steps before."""
        if self.file.exists():
            self.steps = disk.read_json(self.file)[: state.global_step]
        self.last = time.perf_counter()

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Leave evaluation and saving out."""
        self.last = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Note the step, once a GPU is done with it too: what it is asked is only queued."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.steps.append([round(time.perf_counter() - self.last, 4), self.order.tokens(state.global_step)])

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep the steps."""
        self.on_save(args, state, control)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep the steps."""
        if state.is_world_process_zero:
            disk.write_bytes(self.file, msgspec.json.encode(self.steps))


def arguments(recipe: Recipe, engine: Engine, folder: Path, name: str, steps: int, judged: int) -> TrainingArguments:
    """Return what the Trainer is to do.

    Args:
        recipe: what makes the adapter.
        engine: how it runs.
        folder: of the checkpoints.
        name: of the run, where it is reported.
        steps: of an epoch.
        judged: rows that are evaluated.
    """
    rows, accumulated = engine.accumulation(recipe, int(os.environ.get("WORLD_SIZE", 1)))
    every = recipe.eval_every or steps
    return TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=rows,
        gradient_accumulation_steps=accumulated,
        num_train_epochs=recipe.epochs,
        learning_rate=recipe.learning_rate,
        optim=OPTIMIZERS[recipe.optimizer],
        max_grad_norm=recipe.clip,
        neftune_noise_alpha=recipe.neftune or None,
        gradient_checkpointing=engine.checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False} if engine.checkpointing else None,
        eval_strategy="steps" if judged else "no",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=bool(judged and (recipe.restore_best or recipe.patience)),
        metric_for_best_model="loss" if judged else None,
        greater_is_better=False if judged else None,
        logging_steps=1,
        logging_nan_inf_filter=False,
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        remove_unused_columns=False,
        ddp_find_unused_parameters=False,
        report_to=engine.report_to,
        run_name=name,
        disable_tqdm=True,
        seed=recipe.seed,
    )


def pace(step: int, steps: int, warmup: float, schedule: str) -> float:
    """Return the share of the learning rate at a step: up over the warm-up, then down by the schedule."""
    first = math.ceil(warmup * steps)
    if step < first:
        return (step + 1) / (first + 1)
    if schedule == "constant":
        return 1.0
    done = (step - first) / max(1, steps - first)
    return 1.0 - done if schedule == "linear" else 0.5 * (1.0 + math.cos(math.pi * done))


def stalled(history: Sequence[dict[str, Any]], patience: int) -> bool:
    """Say whether the held-out loss was no lower than its best for `patience` evaluations; never with 0."""
    losses = [entry["eval_loss"] for entry in history if "eval_loss" in entry]
    return bool(patience and losses) and len(losses) - 1 - losses.index(min(losses)) >= patience
