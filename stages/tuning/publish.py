"""A finished adapter: a PEFT folder with tokenizer, chat template and model card, which appears whole or not at all."""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from stages.records import Message
from stages.tuning import models
from stages.tuning.adapter_folder import RECORD, WEIGHTS
from stages.tuning.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_EMBEDDED_BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"
_TITLES = {
    "train_loss": "training loss, mean of the last epoch",
    "eval_loss": "held-out loss",
    "eval_rows": "held-out rows",
}


def record(
    recipe: Recipe, data: str, licences: Mapping[str, int], figures: Mapping[str, Any], prompt: Sequence[Message] = ()
) -> dict[str, Any]:
    """Return what an adapter was made of: base, data, settings, figures.

    Args:
        recipe: what made it.
        data: SHA-256 of the training rows.
        licences: of the sources of the rows, and how many rows each has.
        figures: of the training.
        prompt: of a row, which has the system message of them all.
    """
    commit = models.resolved(recipe.student, recipe.revision)
    knobs = {key: value for key, value in msgspec.to_builtins(recipe).items() if key not in ("student", "revision")}
    return {
        "base": {
            "name": models.public_name(recipe.student),
            "revision": commit,
            "fingerprint": models.fingerprint(recipe.student, recipe.revision),
            "licence": models.licence(recipe.student, recipe.revision),
        },
        "data": {"sha256": data, "rows": figures["loader"]["rows"], "licences": dict(sorted(licences.items()))},
        "system": next((message.content for message in prompt if message.role == "system"), ""),
        "recipe": knobs,
        "figures": {key: figures[key] for key in ("steps", "tokens", "parameters", *_TITLES)},
    }  # fmt: skip


def save(
    adapted: Any, state: dict[str, Any] | None, tokenizer: "PreTrainedTokenizerBase", made: dict[str, Any],
    folder: Path, before: Path | None = None,
) -> None:  # fmt: skip
    """Save an adapter: into a temporary folder, then renamed.

    Args:
        adapted: the model with its adapter.
        state: its weights, where they were gathered from several processes.
        tokenizer: of the base, with its chat template.
        made: see `record`.
        folder: what is written.
        before: the adapter as it started, for PiSSA, which is converted into plain LoRA for the base as it was.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        options: dict[str, Any] = {"path_initial_model_for_weight_conversion": str(before)} if before else {}
        adapted.save_pretrained(temporary, state_dict=state, save_embedding_layers=False, **options)
        if (strength := made["recipe"]["strength"]) != 1:
            _weaken(temporary / WEIGHTS, strength)
        tokenizer.save_pretrained(temporary)
        name = made["base"]["name"]
        for file, changes in (
            # No path of this machine, and no order that depends on the hash seed, in what is versioned and shared.
            ("adapter_config.json", {"base_model_name_or_path": name}),
            ("tokenizer_config.json", {"name_or_path": name, "_name_or_path": name}),
        ):
            config = json.loads((temporary / file).read_text())
            config |= {key: value for key, value in changes.items() if key in config}
            config = {key: sorted(value) if isinstance(value, list) else value for key, value in config.items()}
            (temporary / file).write_text(json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
        (temporary / RECORD).write_text(json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
        (temporary / "README.md").write_text(card(made))
        temporary.chmod(0o755)
        for saved in temporary.iterdir():
            saved.chmod(0o644)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _weaken(file: Path, strength: float) -> None:
    """Leave a share of the change that an adapter makes: a point between the untuned and the tuned weights.

    Wortsman et al. 2022, "Robust fine-tuning of zero-shot models" (WiSE-FT, arXiv 2109.01903), equation 1.
    """
    from safetensors.torch import load_file, save_file

    saved = load_file(file)
    last = ("lora_B", "lora_embedding_B")  # the change is a product, of which one side is scaled
    scaled = {name: weight * strength if any(one in name for one in last) else weight for name, weight in saved.items()}
    save_file(scaled, file, metadata={"format": "pt"})


def card(made: dict[str, Any]) -> str:
    """Return the adapter's model card, in the format of the Hugging Face hub."""
    base, data = made["base"], made["data"]
    embedded = base["name"] == models.EMBEDDED
    name = models.EMBEDDED_NAME if embedded else base["name"]
    settings = {key: " ".join(v) if isinstance(v, (list, tuple)) else v for key, v in made["recipe"].items()}
    table = "\n".join(f"| {key.replace('_', ' ')} | {value} |" for key, value in settings.items())
    results = "\n".join(f"| {_TITLES.get(key, key)} | {value} |" for key, value in made["figures"].items())
    licences = [f"{_plain(licence)} ({rows} rows)" for licence, rows in data["licences"].items()]
    if others := data["rows"] - sum(data["licences"].values()):
        licences.append(f"{others} rows, such as refusals, are of no document")
    weights = (
        f"the embedded model, which the project keeps below `.cache/models`; {_EMBEDDED_BASE} on the hub is the same "
        "before it was quantised" if embedded else "the model named below, at that revision"
    )  # fmt: skip
    return f"""---
base_model: {_EMBEDDED_BASE if embedded else name}
library_name: peft
pipeline_tag: text-generation
license: {base["licence"]}
tags: [lora, faq]
---

# FAQ adapter

A LoRA adapter for {name},
trained by faqtune on {data["rows"]} question-answer rows to answer questions about a set of documents in closed book.
It expects the system message of its rows, in the chat template saved here. ADAPTER is this folder, BASE
{weights}.

```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE, ADAPTER = {_literal(_EMBEDDED_BASE if embedded else name)}, "."
SYSTEM = {_literal(made["system"])}
tokenizer = AutoTokenizer.from_pretrained(ADAPTER)
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(BASE), ADAPTER)
messages = [{{"role": "system", "content": SYSTEM}}, {{"role": "user", "content": "What is this about?"}}]
prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
print(tokenizer.decode(model.generate(**prompt, max_new_tokens=48, do_sample=False)[0]))
```

It has learned these documents and nothing else: answers to other questions, and details of the documents, can be
wrong. How well it does, with intervals, is in `data/metrics/evaluate.json` of the project that made it.

| made of | |
| --- | --- |
| base | {name}, revision {base["revision"]}, licence {base["licence"]} |
| training rows | SHA-256 {data["sha256"]} |
| licences of their sources | {", ".join(licences)} |

| setting | value |
| --- | --- |
{table}

| figure | value |
| --- | --- |
{results}
"""


def _literal(text: str) -> str:
    """Return a text as a Python literal that ends no block of code."""
    return json.dumps(text, ensure_ascii=False).replace("`", "\\u0060")


def _plain(text: str) -> str:
    """Return a licence's name without what could be read as Markdown or HTML; it comes from a manifest."""
    return "".join(letter if letter.isalnum() or letter in " .-+" else " " for letter in text)[:60].strip()
