"""The Modelfile of Ollama: model, template, system message, and how it answers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stages.tuning import gguf_tokenizer, models

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# What a chat looks like in a known format, and Ollama's Go template of it. Ollama puts the opening token itself.
_CHATML = "<|im_start|>{role}\n{content}<|im_end|>\n"
_LLAMA_3 = "<|start_header_id|>{role}<|end_header_id|>\n\n{content}<|eot_id|>"
_ZEPHYR = "<|{role}|>\n{content}</s>\n"
_TURNS = {  # a turn, and how the answer begins
    _CHATML: "<|im_start|>assistant\n",
    _LLAMA_3: "<|start_header_id|>assistant<|end_header_id|>\n\n",
    _ZEPHYR: "<|assistant|>\n",
}
_BASE = "base.gguf"
_LLAMA_2 = "[INST] <<SYS>>\n{system}\n<</SYS>>\n\n{question} [/INST]"


class ModelfileError(ValueError):
    """A text cannot stand in a Modelfile; the message says why."""


def text(merged: str, adapter: str, system: str, stops: Sequence[str], template: str | None) -> str:
    """Return a Modelfile.

    Args:
        merged: file of the merged model, beside the Modelfile, if there is one.
        adapter: file of the adapter, likewise, which is loaded with the student's own.
        system: the system message of the training rows.
        stops: texts of the tokens that end an answer.
        template: see `template`; None: Ollama takes the one in the file's header, if it knows it.

    Raises ModelfileError for a text that holds what would end it.
    """
    beside = [f"FROM ./{_BASE}", f"ADAPTER ./{adapter}"] if adapter else []
    lines = beside
    if merged:
        lines = [f"FROM ./{merged}"]
        lines += [f"# or, instead of this line, with the student's own file as {_BASE}:"] * bool(beside)
        lines += [f"# {line}" for line in beside]
    if template is not None:
        lines.append(f"TEMPLATE {quoted(template)}")
    if system:
        lines.append(f"SYSTEM {quoted(system)}")
    lines.append("# As the evaluation asks: the most likely token, and no penalty for repeating words of the question.")
    lines += ["PARAMETER temperature 0", "PARAMETER repeat_penalty 1"]
    lines += [f"PARAMETER stop {quoted(stop)}" for stop in stops]
    return "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    """Return a value between triple quotes, within which Ollama takes everything as it stands."""
    if '"""' in value:
        raise ModelfileError(f'a Modelfile cannot hold a text with three quotes (""") in it: {value[:80]!r}')
    if odd := next((letter for letter in value if not letter.isprintable() and letter not in "\n\t"), ""):
        raise ModelfileError(f"a Modelfile should hold no control character, as {odd!r} in {value[:80]!r}")
    return f'"""{value}"""'


def template(tokenizer: "PreTrainedTokenizerBase") -> str | None:
    """Return Ollama's template for a chat template, or None if it is none that is known here.

    It is known by what it makes of chats, not by its text.
    """
    chat = [("system", "S s"), ("user", "Q q?"), ("assistant", "A a."), ("user", "R r?")]
    said = [{"role": role, "content": content} for role, content in chat]
    one, two = (_rendered(tokenizer, part) for part in (said[:2], said))
    for turn, opening in _TURNS.items():
        whole = "".join(turn.format(role=role, content=content) for role, content in chat) + opening
        if two == whole and one == "".join(turn.format(**each) for each in said[:2]) + opening:
            go = turn.replace("{role}", "{{ .Role }}").replace("{content}", "{{ .Content }}")
            return f"{{{{- range .Messages }}}}{go}{{{{ end }}}}{opening}"
    if one == _LLAMA_2.format(system="S s", question="Q q?"):
        return "[INST] {{ if .System }}<<SYS>>\n{{ .System }}\n<</SYS>>\n\n{{ end }}{{ .Prompt }} [/INST]"
    return None


def _rendered(tokenizer: "PreTrainedTokenizerBase", messages: list[dict[str, str]]) -> str:
    """Return a chat as the model reads it, without the token that the tokenizer puts before every text."""
    made = models.render(tokenizer, messages, add_generation_prompt=True)
    return made.removeprefix(str(tokenizer.bos_token)) if gguf_tokenizer.opens(tokenizer) else made
