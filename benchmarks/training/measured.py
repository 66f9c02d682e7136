"""A training with one system, in a process and an environment of its own: its time, its memory and its losses."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
from measuring import memory

from stages import disk, settings

ROOT = Path(__file__).parent.parent.parent
OURS, PLAIN, PLAIN_BF16 = "faqtune", "trainer", "trainer with bf16"
TRL, TRL_FAST = "trl", "trl without checkpointing"
QUIET = {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", "TRL_EXPERIMENTAL_SILENCE": "1"}
TIMEOUT = 3600  # seconds


class Job(msgspec.Struct, kw_only=True):
    """What all systems are to do.

    Attributes:
        model: folder in transformers format.
        student: the same as the stage is told it.
        mix: folder with the rows, as stage `mix` leaves it.
        encoded: file with the rows' `input_ids` and `labels`.
        rows: how many.
        tokens: of all rows, padding aside.
        dtype: of the frozen weights.
        quantization: of them: none or nf4.
        micro: rows of one forward pass; divides `batch`.
        max_length: at least the tokens of the longest row.
        warmup: share of the steps.
        checkpointing: for our stage, gradient checkpointing.
        overfit: for our stage, most steps of its self-test.
        threads: of the CPU.
        gpu_gib: most memory of a GPU that is used; 0: all.
    """

    model: str
    student: str
    mix: str
    encoded: str
    rows: int
    tokens: int
    dtype: str
    max_length: int
    epochs: int
    batch: int
    micro: int
    learning_rate: float
    seed: int
    threads: int
    quantization: str = "none"
    rank: int = 16
    alpha: int = 32
    warmup: float = 0.03
    checkpointing: bool = False
    overfit: int = 100
    gpu_gib: float = 0

    @property
    def steps(self) -> int:
        """The steps of an epoch."""
        return -(-self.rows // self.batch)


class Run(msgspec.Struct, kw_only=True):
    """What a system took.

    Attributes:
        seconds: of each step.
        cpu: seconds of each step on all cores together, waiting in a loop for other threads included.
        losses: of each step, mean of its labels.
        padding: share of the tokens.
        precision: in words.
        peak_mb: resident memory of all processes together, the model and the imports included.
        gpu: bytes allocated and reserved at most, or nothing.
        wall: seconds of the whole process, from its start to the saved adapter.
        adapter: its folder.
    """

    seconds: list[float]
    cpu: list[float]
    losses: list[float]
    padding: float
    precision: str
    gpu: dict[str, int] | None = None
    peak_mb: float = 0
    wall: float = 0
    adapter: str = ""


class TrainerError(Exception):
    """A system did not do it."""


def interpreter(system: str) -> Path:
    """Return the Python of a system's environment; ours has all that the plain Trainer needs."""
    return Path(sys.executable) if system in (OURS, PLAIN, PLAIN_BF16) else ROOT / ".cache/bench/trl/bin/python"


def run(system: str, job: Job, folder: Path) -> Run:
    """Train with a system in an empty folder.

    Raises:
        TrainerError: it failed, or was not ready after TIMEOUT seconds.
    """
    folder.mkdir(parents=True)
    given, result, errors, adapter = (folder / name for name in ("job.json", "result.json", "errors.txt", "adapter"))
    disk.write_json(given, msgspec.to_builtins(job) | {
        "words": words(job, folder), "adapter": str(adapter), "folder": str(folder / "trainer"),
        "warmup_steps": -int(-job.warmup * job.steps * job.epochs // 1),
    })  # fmt: skip
    command = [interpreter(system), "-P", Path(__file__).parent / "systems.py", system, given, result]
    started = time.monotonic()
    with errors.open("wb") as file:
        process = subprocess.Popen(
            list(map(str, command)), env=environment(system, job, folder), cwd=folder, stdout=subprocess.DEVNULL,
            stderr=file,
        )  # fmt: skip
        peak = memory.watch(process, started + TIMEOUT)
    if peak is None:
        raise TrainerError(f"not ready after {TIMEOUT} s")
    if process.returncode or not result.exists():
        said = errors.read_text(errors="replace").strip().splitlines()
        raise TrainerError((said or [f"exit code {process.returncode}"])[-1])
    made = msgspec.convert(json.loads(result.read_bytes()), Run)
    if len(made.seconds) != job.steps * job.epochs:
        raise TrainerError(f"{len(made.seconds)} steps instead of {job.steps * job.epochs}")
    return msgspec.structs.replace(made, peak_mb=peak, wall=time.monotonic() - started, adapter=str(adapter))


def words(job: Job, folder: Path) -> list[str]:
    """Return what our stage is told; of `params.yaml` it has the defaults."""
    options = {
        "student": job.student, "dtype": job.dtype, "quantization": job.quantization, "targets": "all-linear",
        "rank": job.rank, "alpha": job.alpha, "learning-rate": job.learning_rate, "epochs": job.epochs,
        "batch-size": job.batch, "warmup": job.warmup, "max-length": job.max_length, "eval-rows": 0,
        "overfit-steps": job.overfit, "seed": job.seed,
    }  # fmt: skip
    places = [Path(job.mix), folder / "adapter", folder / "loss/it.csv", folder / "metrics/train-it.json"]
    return [*map(str, places), *(str(word) for name, value in options.items() for word in (f"--{name}", value))]


def environment(system: str, job: Job, folder: Path) -> dict[str, str]:
    """Return the environment of a system: nothing of engine.yaml, and a cache of its own but for converted models."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "DVC_ROOT", "FAQTUNE_"))
    }
    made = kept | QUIET | {"HF_DATASETS_CACHE": str(folder / "datasets")}
    if system != OURS:
        return made
    (folder / "cache").mkdir()
    models = (settings.cache() / "models").absolute()
    models.mkdir(parents=True, exist_ok=True)
    (folder / "cache/models").symlink_to(models)
    ours: dict[str, Any] = {"CACHE": folder / "cache", "THREADS": job.threads}
    ours |= {"TRAINING__MICRO_BATCH": job.micro, "TRAINING__CHECKPOINTING": str(job.checkpointing).lower()}
    return made | {"PYTHONPATH": str(ROOT)} | {f"FAQTUNE_{name}": str(value) for name, value in ours.items()}
