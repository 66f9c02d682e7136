"""Does llama.cpp say what transformers says? Both answer the same questions, most likely token by token."""

import json
import math
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from stages import settings, tally
from stages.exporting.wanted import ADAPTER_GGUF, MERGED_GGUF, Wanted, Written
from stages.tuning import merging, models

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

LENGTH = 20  # first tokens of an answer that are compared
_BATCH = 20  # questions that transformers answers at once
_CONTEXT = 4096  # tokens that a question and its answer may have


class ServedError(ValueError):
    """There is nothing to compare, or llama.cpp does not answer; the message says which."""


class Answers(msgspec.Struct, kw_only=True):
    """What was read and what was said, question by question, in tokens."""

    prompts: list[list[int]]
    tokens: list[list[int]]


def of_transformers(model: Any, tokenizer: "PreTrainedTokenizerBase", system: str, questions: Sequence[str]) -> Answers:
    """Return the answers of a model in memory; the token that ends an answer is one of it."""
    import torch

    from stages.scoring import decoding

    ends = set(decoding.stops(model, tokenizer))
    chats = [models.chat(system, question) for question in questions]
    texts = [models.render(tokenizer, chat, add_generation_prompt=True) for chat in chats]
    found = Answers(prompts=tokenizer(texts, add_special_tokens=False)["input_ids"], tokens=[])
    for start in tally.progress(range(0, len(texts), _BATCH), "transformers", math.ceil(len(texts) / _BATCH)):
        batch = {"input_ids": found.prompts[start : start + _BATCH]}
        padded = tokenizer.pad(batch, padding_side="left", return_tensors="pt").to(model.device)
        with torch.inference_mode():
            said = model.generate(
                **padded, do_sample=False, max_new_tokens=LENGTH, eos_token_id=sorted(ends), pad_token_id=min(ends)
            )
        for tokens in said[:, padded["input_ids"].shape[1] :].tolist():
            end = next((place for place, token in enumerate(tokens) if token in ends), LENGTH)
            found.tokens.append(tokens[: end + 1])
    return found


def of_llama_cpp(file: Path, adapter: Path | None, system: str, questions: Sequence[str]) -> Answers:
    """Return the answers of a GGUF file, with an adapter or without, by its own template and tokenizer."""
    found = Answers(prompts=[], tokens=[])
    with serving(file, adapter) as ask:
        for question in tally.progress(questions, "llama.cpp", len(questions)):
            messages = [models.to_dict(one) for one in models.chat(system, question)]
            prompt = ask("apply-template", {"messages": messages})["prompt"]
            found.prompts.append(
                ask("tokenize", {"content": prompt, "add_special": True, "parse_special": True})["tokens"]
            )
            given = {"prompt": prompt, "n_predict": LENGTH, "temperature": 0, "return_tokens": True}
            found.tokens.append(ask("completion", given)["tokens"])
    return found


def compared(wanted: Wanted, done: Written, folder: Path, questions: Sequence[str]) -> Iterator[str]:
    """Yield a line for each GGUF file: how many questions llama.cpp reads and answers as transformers does.

    An adapter is compared if the student has a GGUF file of its own; transformers has the weights in that, unpacked.

    Raises ServedError if there is nothing to compare.
    """
    files: dict[str, tuple[Path, Path | None]] = {}
    if "gguf" in done.formats:
        files[f"{MERGED_GGUF} ({wanted.gguf})"] = (folder / MERGED_GGUF, None)
    base = wanted.gguf_file()
    if "gguf-adapter" in done.formats and base:
        files[f"{ADAPTER_GGUF} on {base.name}"] = (base, folder / ADAPTER_GGUF)
    if not files:
        raise ServedError(
            "--verify: there is no GGUF file to ask: export gguf, or gguf-adapter of a student that is itself one"
        )
    if done.model is None:
        done.model = merging.merged(wanted.student, wanted.revision, "float32", wanted.adapter)
    tokenizer = models.load_tokenizer(wanted.student, wanted.revision)
    theirs = of_transformers(done.model, tokenizer, done.system, questions)
    for name, (file, adapter) in files.items():
        ours = of_llama_cpp(file, adapter, done.system, questions)
        read, said = (
            sum(a == b for a, b in zip(one, other, strict=True))
            for one, other in ((ours.prompts, theirs.prompts), (ours.tokens, theirs.tokens))
        )
        yield (
            f"{name}: of {len(questions)} prompts {read} are read as the same tokens as in transformers "
            f"({done.model.dtype}), of the answers {said} have the same first {LENGTH} tokens"
        )


class Asking:
    """A server of llama.cpp that is asked by path."""

    def __init__(self, address: str):
        self.address = address

    def __call__(self, path: str, body: dict[str, Any]) -> Any:
        """Return what it answers, as JSON."""
        request = urllib.request.Request(
            f"{self.address}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy stands before loopback
        with opener.open(request, timeout=600) as reply:
            return json.load(reply)


@contextmanager
def serving(file: Path, adapter: Path | None = None) -> Iterator[Asking]:
    """Serve a GGUF file on loopback, one request at a time, and yield who is asked."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    if adapter is not None:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
    params.n_parallel = 1
    params.n_ctx = _CONTEXT
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings.threads()
    params.warmup = params.ui = False
    params.verbosity = 0
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ServedError(f"llama.cpp cannot load {file.name}{f' with {adapter.name}' if adapter else ''}") from error
    try:
        ask = Asking(server.listening_address)
        ask("tokenize", {"content": ""})  # a server that was never asked may hang when it is ended
        yield ask
    finally:
        del server
