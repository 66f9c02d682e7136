"""SERVING.md: the command lines by which servers take what was exported."""

import json
import shlex
from collections.abc import Sequence

import msgspec

from stages.sources.errors import printable

NEUTRAL = "Put a question about the documents here."
_VLLM_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)  # what --max-lora-rank takes


class Served(msgspec.Struct, kw_only=True, frozen=True):
    """What the guide is about."""

    name: str  # of the adapter, one word
    base: str  # whose adapter it is, as vLLM and transformers find it
    revision: str = ""  # of a hub id
    base_gguf: str  # what the GGUF file of the student is, in words
    base_commands: Sequence[str] = ()  # which put it beside the adapter's
    formats: Sequence[str]  # that were written
    rank: int  # largest of the adapter
    system: str  # message of the training rows
    notes: Sequence[str] = ()
    question: str = ""  # an example, of strangers; none: NEUTRAL
    figures: str = ""  # how well it does: a table in Markdown


def shown(question: str) -> str:
    """Return a question of strangers as one line that ends no block of code and is no option, or NEUTRAL."""
    return printable(" ".join(question.split())).replace("`", "'").lstrip("- ") or NEUTRAL


def text(served: Served) -> str:
    """Return the guide, in Markdown. Names and texts are quoted for the shell, and cannot end a block of code."""
    name, base = shlex.quote(served.name), shlex.quote(served.base)
    if served.revision:
        base += f" --revision {shlex.quote(served.revision)}"
    parts = [
        f"# Serving {_plain(served.name)}\n",
        "Run the commands in this folder. Every request needs the system message of the training rows; answers are "
        "those of the evaluation at temperature 0.\n",
    ]
    parts += [f"* {_plain(note)}\n" for note in served.notes]
    if served.figures:
        parts.append(
            "## How well it does\n\nMeasured by the project that trained it, beside the student as that has it, at "
            f"temperature 0; 1 is the best token F1.\n\n{served.figures}"
        )
    if "merged" in served.formats:
        parts.append(_server("vLLM, merged", f"vllm serve ./merged --served-model-name {name}", _curl(served, 8000)))
    if "adapter" in served.formats:
        rank = next((one for one in _VLLM_RANKS if one >= served.rank), served.rank)
        parts.append(
            _server(
                "vLLM, the adapter beside its base",
                f"vllm serve {base} --enable-lora --max-lora-rank {rank} --lora-modules {name}=./adapter",
                _curl(served, 8000),
            )
        )
    if "gguf" in served.formats:
        parts.append(
            _server(
                "llama.cpp, merged", "llama-server -m merged.gguf --jinja --temp 0 --port 8080", _curl(served, 8080)
            )
        )
    if "gguf-adapter" in served.formats:
        told = f"`base.gguf` is {_plain(served.base_gguf)}."
        if served.base_commands:
            told += " Put it here once:\n\n" + _block(*served.base_commands).rstrip()
        parts.append(
            _server(
                "llama.cpp, the adapter beside its base",
                "llama-server -m base.gguf --lora adapter.gguf --jinja --temp 0 --port 8080",
                _curl(served, 8080),
                f"{told}\n\n",
            )
        )
    if "gguf" in served.formats or "gguf-adapter" in served.formats:
        ask = f"ollama run {name} {shlex.quote(shown(served.question))}"
        beside = "" if "gguf" in served.formats else "The Modelfile needs `base.gguf`, as above.\n\n"
        parts.append(f"## Ollama\n\n{beside}" + _block(f"ollama create {name} -f Modelfile", ask))
    if "merged" in served.formats or "adapter" in served.formats:
        parts.append(_python(served))
    return "\n".join(parts)


def _block(*commands: str) -> str:
    return "```bash\n" + "\n".join(commands) + "\n```\n"


def _server(title: str, command: str, ask: str, before: str = "") -> str:
    """Return how a server is started and asked, apart: it stays in the foreground."""
    return f"## {title}\n\n{before}{_block(command)}\nWhen it is up, in another terminal:\n\n{_block(ask)}"


def _curl(served: Served, port: int) -> str:
    asked = {
        "model": served.name,
        "temperature": 0,
        "messages": [
            {"role": "system", "content": served.system},
            {"role": "user", "content": shown(served.question)},
        ],
    }
    body = shlex.quote(json.dumps(asked).replace("`", "\\u0060"))
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    return f"curl {url} -H 'Content-Type: application/json' -d {body}"


def _python(served: Served) -> str:
    base, adapter = ("./merged", None) if "merged" in served.formats else (served.base, "./adapter")
    lines = ["from transformers import AutoModelForCausalLM, AutoTokenizer", ""]
    lines += [f"tokenizer = AutoTokenizer.from_pretrained({_literal(adapter or base)})"]
    at = f", revision={_literal(served.revision)}" if adapter and served.revision else ""
    lines += [f"model = AutoModelForCausalLM.from_pretrained({_literal(base)}{at})"]
    if adapter:
        lines = ["from peft import PeftModel", *lines, f"model = PeftModel.from_pretrained(model, {_literal(adapter)})"]
    lines += [
        f"messages = [{{'role': 'system', 'content': {_literal(served.system)}}},",
        f"            {{'role': 'user', 'content': {_literal(shown(served.question))}}}]",
        "prompt = tokenizer.apply_chat_template(",
        "    messages, add_generation_prompt=True, return_tensors='pt', return_dict=True",
        ")",
        "answer = model.generate(**prompt, max_new_tokens=48, do_sample=False)[0, prompt['input_ids'].shape[1] :]",
        "print(tokenizer.decode(answer, skip_special_tokens=True))",
    ]
    return "## transformers\n\n```python\n" + "\n".join(lines) + "\n```\n"


def _literal(text: str) -> str:
    """Return a text as a Python literal of one line, in ASCII, that ends no block of code."""
    return ascii(text).replace("`", "\\x60")


def _plain(words: str) -> str:
    """Return words without what Markdown or HTML could be made of."""
    return "".join(letter if letter.isalnum() or letter in " .,:;/()@+-_'" else " " for letter in words)
