"""QLoRA of Llama 2 7B's architecture on one GPU: tokens a second, model FLOPs utilisation, peak memory."""

import argparse
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from training import flops, llama, measured
from training.material import write
from training.measured import OURS, TRL, Job, Run

from stages.tuning import models

LENGTHS = (512, 2048)
TOKENS = 4096  # of one forward pass; a step accumulates two
STEPS, WARM = 10, 2  # of which the first ones, which tune kernels and fill the allocator, do not count
GIB = 24
RESERVE = 1  # GiB for what the driver and the kernels themselves need of a card


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--tiny", action="store_true", help="with --llama-2-7b: two layers of 64, runs on a CPU")
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS, help="tokens of a row, default 512 2048")
    parser.add_argument("--micro-tokens", type=int, default=TOKENS, help=f"of a forward pass, default {TOKENS}")
    parser.add_argument("--gpu-gib", type=float, default=GIB, help="memory of the card that it must fit, default 24")
    parser.add_argument("--peak-tflops", type=float, help="of the card in bfloat16, if it is not a known one")


def measure(given: argparse.Namespace, systems: list[str], folder: Path) -> dict[str, Any]:
    """Build the model, train on rows of each length, print a table and return the figures."""
    card = _card()
    if not card and not given.tiny:
        raise SystemExit(
            "--llama-2-7b needs a GPU, and torch sees none; --tiny tries the same on the CPU with a model of two layers"
        )
    student, shape = folder / "llama", llama.TINY if given.tiny else llama.FULL
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:  # whose GPU memory is free afterwards
        pool.submit(llama.build, student, given.tiny).result()
    tokenizer = models.load_tokenizer(str(student))
    peak = given.peak_tflops or flops.peak(card)
    print(f"{'two layers of 64' if given.tiny else 'Llama 2 7B, random weights'}, NF4, on {card or 'the CPU'}")
    figures: dict[str, dict[str, Any]] = {}
    steps = WARM + 1 if given.tiny else STEPS
    for length in given.lengths:
        micro = 1 if given.tiny else max(1, given.micro_tokens // length)
        rows, encoded = llama.rows(tokenizer, 2 * micro * steps, length)
        mix = folder / str(length)
        write(rows, encoded, mix)
        job = Job(
            model=str(student), student=str(student), mix=str(mix), encoded=str(mix / "encoded.jsonl"), rows=len(rows),
            tokens=sum(len(one.ids) for one in encoded), dtype="bfloat16", max_length=length, epochs=1,
            batch=2 * micro, micro=micro, learning_rate=2e-4, seed=given.seed, threads=given.threads,
            quantization="nf4", checkpointing=True, overfit=0, gpu_gib=max(0, given.gpu_gib - RESERVE),
        )  # fmt: skip
        labels = sum(len(one.labelled) for one in encoded)
        need = flops.training(shape, job.rank, [len(one.ids) for one in encoded], labels) / job.tokens
        for system in systems:
            try:
                made = measured.run(system, job, folder / f"{length}-{system}")
            except measured.TrainerError as error:
                print(f"{system}, rows of {length} tokens: {error}")
                continue
            figures.setdefault(str(length), {})[system] = flat(made, job, need, peak)
    print(f"\n{table(figures)}")
    return {"llama_2_7b": figures, "card": card, "peak_tflops": peak, "gpu_gib": given.gpu_gib, "tiny": given.tiny} | {
        "tokens_ratio": {length: ratio(one, "tokens_per_second") for length, one in figures.items()},
        "memory_ratio": {length: ratio(one, "peak_gib") for length, one in figures.items()},
    }


def _card() -> str:
    """Return the name of the GPU, or nothing."""
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else ""


def flat(run: Run, job: Job, need: float, peak: float | None) -> dict[str, Any]:
    """Return what a system took.

    Args:
        run: of a system.
        job: what it did.
        need: FLOP a token.
        peak: of the card, in 10^12 FLOP a second, or None.
    """
    seconds = sum(run.seconds[WARM:])
    speed = job.tokens * (job.steps - WARM) / job.steps / seconds
    gib = run.gpu["reserved"] / 2**30 if run.gpu else None
    return {
        "tokens_per_second": round(speed, 1),
        "mfu": round(speed * need / (peak * 1e12), 4) if peak else None,
        "peak_gib": round(gib, 2) if gib else None,
        "allocated_gib": round(run.gpu["allocated"] / 2**30, 2) if run.gpu else None,
        "seconds_a_step": round(seconds / (job.steps - WARM), 3), "micro_batch": job.micro, "precision": run.precision,
        "gflop_a_token": round(need / 1e9, 3), "peak_mb": round(run.peak_mb), "last_loss": round(run.losses[-1], 4),
    }  # fmt: skip


def ratio(systems: dict[str, dict[str, Any]], figure: str) -> float | None:
    """Return ours over TRL's, or None if one of them has it not."""
    ours, theirs = (systems.get(name, {}).get(figure) for name in (OURS, TRL))
    return round(ours / theirs, 3) if ours and theirs else None


def table(figures: dict[str, dict[str, Any]]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| tokens of a row | rows a pass | system | tokens/s | MFU | GPU GiB (allocated) | frozen weights |"]
    lines.append("|" + "---|" * 7)
    for length, systems in figures.items():
        for system, one in systems.items():
            gib = f"{one['peak_gib']:.1f} ({one['allocated_gib']:.1f})" if one["peak_gib"] else "-"
            mfu = "-" if one["mfu"] is None else f"{one['mfu']:.1%}"
            speed = f"{one['tokens_per_second']:.0f}"
            cells = [length, one["micro_batch"], system, speed, mfu, gib, one["precision"]]
            lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)
