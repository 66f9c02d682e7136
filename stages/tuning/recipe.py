"""What makes an adapter, besides the rows: the student, the low-rank update, the optimizer and the schedule."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from stages.tuning import models

ALL_LINEAR = "all-linear"
TARGETS = {  # names for sets of modules of Llama-family models; others are given one by one
    "attention": ("q_proj", "k_proj"),
    "qv": ("q_proj", "v_proj"),
}
SCHEDULES = ("linear", "cosine", "constant")
STARTS = ("default", "pissa")
OPTIMIZERS = {  # our name: the Trainer's
    "adamw": "adamw_torch_fused",
    "adamw-8bit": "adamw_bnb_8bit",
    "paged-adamw-8bit": "paged_adamw_8bit",
}


class TrainingError(RuntimeError):
    """A training cannot go on; the message says what to change."""


class Recipe(msgspec.Struct, kw_only=True, frozen=True):
    """What makes an adapter; see the options of `stages.train`."""

    student: str = models.EMBEDDED
    revision: str = "main"
    dtype: str = "auto"
    quantization: str = "none"
    targets: tuple[str, ...] = (ALL_LINEAR,)
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    rslora: bool = False
    dora: bool = False
    start: str = "default"
    optimizer: str = "adamw"
    learning_rate: float = 5e-4
    lora_plus: float = 0.0
    neftune: float = 0.0
    epochs: int = 6
    batch_size: int = 8
    warmup: float = 0.03
    schedule: str = "linear"
    clip: float = 1.0
    max_length: int = 256
    eval_every: int = 0
    patience: int = 0
    restore_best: bool = False
    overfit_steps: int = 0
    first_token: float = 1.0
    keep: float = 0.0
    keep_texts: int = 512
    keep_rows: int = 2
    strength: float = 1.0
    seed: int = 0

    def modules(self) -> str | list[str]:
        """Return the targets as peft takes them: one word for all linear layers, or the names of modules."""
        if self.targets == (ALL_LINEAR,):
            return ALL_LINEAR
        return list(dict.fromkeys(name for target in self.targets for name in TARGETS.get(target, (target,))))


class Engine(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Where and how fast a training runs, from engine.yaml; nothing here is meant to change what is learned."""

    micro_batch: Annotated[int, msgspec.Meta(ge=0)] = 0
    checkpointing: bool = False
    attention: str = "auto"
    save_steps: Annotated[int, msgspec.Meta(ge=1)] = 50
    report_to: str = "none"
    launch: Literal["none", "accelerate"] = "none"
    launch_config: str = "launch/fsdp.yaml"

    def accumulation(self, recipe: Recipe, processes: int) -> tuple[int, int]:
        """Return the rows of one forward pass of a process, and how many passes make a step.

        Raises TrainingError if the batch cannot be parted evenly, as the steps would then be others.
        """
        if recipe.batch_size % processes:
            raise TrainingError(
                f"--batch-size {recipe.batch_size} cannot be parted among {processes} processes; make it a multiple"
            )
        share = recipe.batch_size // processes
        rows = min(self.micro_batch or share, share)
        if share % rows:
            raise TrainingError(
                f"micro_batch: {rows} in engine.yaml does not divide the {share} rows that each of {processes} "
                f"processes has in a batch of {recipe.batch_size}"
            )
        return rows, share // rows


def engine(section: Mapping[str, Any]) -> Engine:
    """Return the settings of engine.yaml's section `training`; raises TrainingError for one that does not exist."""
    try:
        return msgspec.convert(section, Engine)
    except msgspec.ValidationError as error:
        raise TrainingError(f"engine.yaml, training: {error}") from error
