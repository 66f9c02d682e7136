"""One LoRA adapter, trained on the answers of chat rows: from rows to a finished folder.

A training that is killed goes on from its last checkpoint when it is started again, and ends with the bytes it would
have had; what is published is complete.
"""

import contextlib
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from stages import disk, settings, tally
from stages.records import Row
from stages.tuning import checkpoints, curves, keeping, lora, loss, models, publish, rows, selftest, tokenised, weights
from stages.tuning.batches import Order
from stages.tuning.recipe import Engine, Recipe, TrainingError

if TYPE_CHECKING:
    from stages.tuning.trainer import AdapterTrainer, Course, Progress

_SELFTEST = "overfit.json"
_STEPS = "steps.json"  # of the clock
_KEPT = "kept.safetensors"  # what the untuned model wrote
_CHECKED = 3  # rows on which our loss is held against the model's own
_START = "start"  # folder of the adapter as it started


class Trained(msgspec.Struct, kw_only=True):
    """What a training leaves beside the adapter.

    Attributes:
        figures: of the loader, the self-test and the training.
        curve: lines of CSV, one a step: mean loss of its labels, held-out loss where it was measured, ...
        speed: lines of CSV, one a step: seconds and tokens.
        examples: rows as the model saw them; see `selftest.examples`.
        first: whether this is the one process that writes.
        checkpoints: to `checkpoints.forget` once all that is written, so that a kill before that costs nothing.
    """

    figures: dict[str, Any]
    curve: list[str]
    speed: list[str]
    examples: list[dict[str, Any]]
    first: bool
    checkpoints: Path


def train(
    recipe: Recipe,
    training: Sequence[Row],
    evaluation: Sequence[Row],
    adapter: Path,
    how: Engine = Engine(),  # noqa: B008  # frozen
    licences: Mapping[str, int] | None = None,
    progress: "Progress" = tally.progress,
) -> Trained:
    """Train an adapter and save it complete in the folder `adapter`.

    Args:
        recipe: what makes the adapter.
        training: the rows to learn.
        evaluation: rows whose loss is measured; may be empty. Too long ones are left out.
        adapter: the folder that is written, at the end and at once.
        how: where and how fast it runs.
        licences: of the sources of the rows, and how many rows each has, for the model card.
        progress: shows how far it is.

    Raises TrainingError, RowsError or ModelError, whose messages say what to do; no output is left then.
    """
    processes, first = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0)) == 0
    how.accumulation(recipe, processes)
    tokenizer = models.load_tokenizer(recipe.student, recipe.revision)
    encoded = tokenised.prepared(tokenizer, training, recipe.student, recipe.revision, recipe.max_length)
    order = Order(encoded.lengths, recipe.batch_size, recipe.seed, [row.order for row in training])
    figures: dict[str, Any] = {"loader": encoded.figures | selftest.check_batches(order, encoded)}
    judged = [one for one in rows.encode_rows(tokenizer, evaluation) if one.ended and len(one.ids) <= recipe.max_length]
    if not judged and (recipe.patience or recipe.restore_best):
        raise TrainingError("--patience and --restore-best need held-out rows: --eval-rows, and rows in eval.jsonl")

    commit = models.resolved(recipe.student, recipe.revision)
    if commit != recipe.revision and models.of_hub(recipe.student):
        print(f"{recipe.student}: {recipe.revision} is {commit} now; student.revision: {commit} pins it", flush=True)
    key = checkpoints.key(recipe, how, training, evaluation, processes)
    folder = settings.cache() / "training" / key
    with disk.locked(folder.with_suffix(f".{os.environ.get('RANK', 0)}.lock")), _told(recipe, how, folder, adapter):
        folder.mkdir(exist_ok=True)
        adapted, kept = _adapted(recipe, how, encoded, tokenizer, folder, _system(training[0]))
        before = _kept_start(adapted, folder) if recipe.start == "pissa" else None
        if recipe.overfit_steps and not _sharded():  # no process holds a whole sharded model
            figures["overfit"] = _by_heart(adapted, encoded, recipe, folder, progress)
        with models.quiet():
            from stages.tuning.trainer import Course
        course = Course(recipe, order, how.save_steps, progress)
        trained = sum(weight.numel() for weight in adapted.parameters() if weight.requires_grad)
        trainer = _trainer(adapted, recipe, how, encoded, judged, folder, adapter.name, course, kept)
        history = _run(trainer, folder)
        figures |= curves.figures(history, order, encoded, trainer.args.load_best_model_at_end)
        figures |= {"eval_rows": len(judged), "parameters": trained, "revision": commit}
        made = publish.record(recipe, checkpoints.data_digest(training), licences or {}, figures, training[0].prompt)
        state = trainer.accelerator.get_state_dict(trainer.model) if trainer.is_fsdp_enabled else None
        speed = []
        if first:
            publish.save(trainer.accelerator.unwrap_model(trainer.model), state, tokenizer, made, adapter, before)
            speed = curves.speed(disk.read_json(folder / _STEPS))
    return Trained(
        figures=figures,
        curve=curves.curve(history, order),
        speed=speed,
        examples=selftest.examples(tokenizer, encoded, encoded.lengths),
        first=first,
        checkpoints=folder,
    )


def _sharded() -> bool:
    """Say whether FSDP will shard the model; accelerate does so on GPUs only."""
    import torch

    return os.environ.get("ACCELERATE_USE_FSDP", "false").lower() == "true" and torch.cuda.is_available()


def _adapted(
    recipe: Recipe, how: Engine, encoded: tokenised.Tokenised, tokenizer: Any, folder: Path, system: str
) -> tuple[Any, "keeping.Kept | None"]:
    """Return the student with a fresh adapter, its forward the loss on the labels, and what it is to keep."""
    import torch
    from accelerate import PartialState

    if "LOCAL_RANK" in os.environ:
        PartialState(cpu=not torch.cuda.is_available())  # before the model: FSDP then reads it once, not once a process
    torch.manual_seed(recipe.seed)
    random.seed(recipe.seed)
    # torch's own attention has a gradient that on a CPU takes several times as long as that of its parts
    attention = "eager" if how.attention == "auto" and not torch.cuda.is_available() else how.attention
    model = weights.load(
        recipe.student, recipe.revision, recipe.dtype, recipe.quantization, attention, sharded=_sharded()
    )
    model.train()  # and never eval() from here on; see `loss.as_evaluated`
    packed = False
    if not _sharded():  # else only the first process has the weights by now
        some = [encoded[number] for number in range(min(_CHECKED, len(encoded)))]
        packed = loss.check_projection(model, some, max(encoded.lengths))
    half = weights.torch_dtype(recipe.dtype) == torch.bfloat16
    kept = _kept_texts(model, tokenizer, recipe, folder, system, encoded) if recipe.keep else None
    torch.manual_seed(recipe.seed)
    adapted = lora.with_adapter(model, recipe, half)
    if not _sharded():  # whose parts are gathered when peft's own modules run
        from stages.tuning import fused

        fused.fuse(adapted)
    loss.project_labels_only(adapted.get_base_model(), packed, half, recipe.first_token, recipe.keep)
    return adapted, kept


def _system(row: Row) -> str:
    """Return the system message of a row, which all rows have."""
    return next((message.content for message in row.prompt if message.role == "system"), "")


def _kept_texts(
    model: Any, tokenizer: Any, recipe: Recipe, folder: Path, system: str, encoded: tokenised.Tokenised
) -> keeping.Kept:
    """Return the untuned model's own texts, which a resumed training has already."""
    if _sharded():
        raise TrainingError("--keep needs the whole untuned model in each process: take --keep 0, or launch: none")
    file = folder / _KEPT
    if not file.exists():
        answers = [row.ids[row.start : row.end] for row in encoded]
        keeping.save(keeping.written(model, tokenizer, recipe.keep_texts, recipe.seed, system, answers), file)
    return keeping.load(file)


def _kept_start(adapted: Any, folder: Path) -> Path:
    """Save the adapter as it starts, which PiSSA needs at the end, and return its folder."""
    adapted.peft_config["default"].init_lora_weights = True  # it has happened; a later load must not repeat it
    adapted.save_pretrained(folder / _START, save_embedding_layers=False)
    return folder / _START


def _by_heart(
    adapted: Any, encoded: tokenised.Tokenised, recipe: Recipe, folder: Path, progress: "Progress"
) -> dict[str, float]:
    """Return the figures of the self-test, which a resumed training has passed before."""
    known = folder / _SELFTEST
    if not known.exists():
        disk.write_json(known, selftest.overfit(adapted, encoded, recipe, progress))
    return disk.read_json(known)


def _trainer(
    adapted: Any, recipe: Recipe, how: Engine, encoded: tokenised.Tokenised, judged: list[rows.Encoded], folder: Path,
    name: str, course: "Course", kept: keeping.Kept | None,
) -> "AdapterTrainer":  # fmt: skip
    from stages.tuning.trainer import AdapterTrainer, Clock, arguments

    os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(settings.cache() / "tensorboard" / name))
    with models.quiet():
        try:
            asked = arguments(recipe, how, folder, name, course.order.steps(), len(judged))
            clock = Clock(course.order, folder / _STEPS)
            return AdapterTrainer(adapted, recipe, encoded, course.order, judged, asked, [course, clock], kept)
        except (ImportError, ValueError, RuntimeError) as error:  # a tracker or an optimizer that is not there
            if _is_out_of_memory(error):
                raise
            raise TrainingError(
                f"the training cannot be set up ({str(error).splitlines()[0]}); see training.report_to in engine.yaml "
                f"and training.optimizer ({recipe.optimizer}) in params.yaml"
            ) from error


def _run(trainer: "AdapterTrainer", folder: Path) -> list[dict[str, Any]]:
    """Train, from the last checkpoint on if there is one, and return the history of its losses."""
    checkpoint = checkpoints.last(folder)
    if checkpoint:
        step = disk.read_json(checkpoint / checkpoints.STATE)["global_step"]
        print(f"going on from step {step} of a training that was stopped", flush=True)
    with models.quiet():
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    return list(trainer.state.log_history)


@contextlib.contextmanager
def _told(recipe: Recipe, how: Engine, folder: Path, adapter: Path) -> Iterator[None]:
    """Turn a full disk and too little memory into messages that say what to do."""
    try:
        yield
    except OSError as error:
        raise TrainingError(_no_space(error, folder, adapter)) from error
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        raise TrainingError(_no_memory(error, recipe, how)) from error


def _is_out_of_memory(error: BaseException) -> bool:
    import torch

    told = isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "can't allocate memory" in str(error)
    return told or "out of memory" in str(error).lower()


def _no_memory(error: BaseException, recipe: Recipe, how: Engine) -> str:
    rows_now = how.micro_batch or recipe.batch_size
    return (
        f"out of memory ({str(error).splitlines()[0][:120]}); nothing was saved but the last checkpoint, from which "
        f"the training goes on only with these settings. Set micro_batch (now {rows_now} rows) lower or checkpointing: "
        f"true, in engine.yaml under training, or use --quantization nf4 (now {recipe.quantization})"
    )


def _no_space(error: OSError, folder: Path, adapter: Path) -> str:
    named = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    return (
        f"a file could not be written ({named}). Checkpoints are in {folder}, the adapter goes to {adapter}: no part "
        "of it was left there. Make space and start again: the training goes on from its last checkpoint"
    )


__all__ = ["Engine", "Recipe", "Trained", "TrainingError", "train"]
