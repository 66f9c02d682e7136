"""Teaching a question writer: a LoRA adapter of the embedded model from worked examples; see `writer`."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from stages import disk
from stages.llm import writer
from stages.llm.prompts import Example, Prompt
from stages.records import Message, Row, content_id
from stages.tuning import gguf_adapter, models


def rows(examples: Sequence[Example], prompt: Prompt) -> list[Row]:
    """Return the examples as chat rows: the prompt that generate will ask with, and the question to learn."""
    made = []
    for example in examples:
        shown = msgspec.to_builtins(example)
        messages = [Message(role=role, content=text) for role, text in prompt.messages(**shown)]
        question = [Message(role="assistant", content=example.question)]
        identity = content_id(example.topic, example.answer, example.question)
        made.append(Row(id=identity, pair=example.id, origin="example", prompt=messages, completion=question))
    return made


def parted(examples: Sequence[Example], share: float = 0.06) -> tuple[list[Example], list[Example]]:
    """Return examples to learn from and held-out ones, whose loss is measured; all of one statement on one side."""
    held = [e for e in examples if int(hashlib.sha256(e.answer.encode()).hexdigest()[:8], 16) / 2**32 < share]
    return [example for example in examples if example not in held], held


def teach(
    own: Sequence[Example], others: Sequence[Example], prompt: Prompt, output: Path, options: dict[str, Any],
    progress: Callable[..., Any],
) -> dict[str, Any]:  # fmt: skip
    """Train a writer on the embedded model and write it to the folder `output`; return its figures.

    Raises WriterError if the training fails.
    """
    from stages.tuning import checkpoints, training
    from stages.tuning import rows as loader

    recipe = training.Recipe(**{"targets": ("all-linear",), "max_length": 512, **options})
    learned, held = parted([*own, *others])
    try:
        made = training.train(recipe, rows(learned, prompt), rows(held, prompt), output, progress=progress)
    except (training.TrainingError, loader.RowsError, models.ModelError) as error:
        raise writer.WriterError(str(error)) from error
    figures = {"rows": len(learned), "own": len(own), "squad": len(others)}
    figures |= {key: made.figures[key] for key in ("parameters", "train_loss", "eval_loss", "eval_rows")}
    digests = {"own": writer.digest(own), "squad": writer.digest(others)}
    card = writer.Card(
        model=models.fingerprint(models.EMBEDDED),
        prompt=prompt.hash,
        examples=digests,
        recipe={key: value for key, value in msgspec.to_builtins(recipe).items() if key not in ("student", "revision")},
        figures=figures,
    )
    for file in output.iterdir():
        if file.name not in (writer.CONFIG, writer.WEIGHTS):  # the tokenizer is the model's own
            file.unlink()
    _halve(output / writer.WEIGHTS)
    gguf_adapter.write(output, models.locate(models.EMBEDDED), output / writer.ADAPTER)
    disk.write_json(output / writer.CARD, card)
    checkpoints.forget(made.checkpoints)
    return figures


def _halve(weights: Path) -> None:
    """Keep the weights in bfloat16: half the size, and llama.cpp computes with no more."""
    import torch
    from safetensors.torch import load_file, save_file

    save_file({name: tensor.to(torch.bfloat16) for name, tensor in sorted(load_file(weights).items())}, weights)
