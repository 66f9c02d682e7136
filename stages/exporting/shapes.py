"""Chat rows in the shapes that other tools read."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from stages.exporting.examples import said
from stages.records import Message, Row

TEXT = pa.string()
CHAT = pa.list_(pa.struct({"role": TEXT, "content": TEXT}))
SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}


class Shape(NamedTuple):
    """One format: its columns, how a row is written in it, who reads it, and whether further columns are allowed."""

    columns: pa.Schema
    of: Callable[[Row], dict[str, Any]]
    read_by: str
    open: bool = True


def messages(row: Row) -> dict[str, Any]:
    """Return the whole chat."""
    return {"messages": _chat([*row.prompt, *row.completion])}


def alpaca(row: Row) -> dict[str, Any]:
    """Return instruction and output, with the earlier turns as `history`, in pairs of what user and assistant said."""
    parts = said(row)
    history: list[list[str]] = []
    for message in parts.turns:
        if message.role == "user":
            history.append([message.content, ""])
        elif history and not history[-1][1]:
            history[-1][1] = message.content
        else:  # the assistant speaks first, or twice
            history.append(["", message.content])
    return {"instruction": parts.question, "input": "", "output": parts.answer, "system": parts.system,
            "history": history}  # fmt: skip


def sharegpt(row: Row) -> dict[str, Any]:
    """Return the whole chat, as ShareGPT names its speakers."""
    chat = [*row.prompt, *row.completion]
    return {"conversations": [{"from": SPEAKERS[one.role], "value": one.content} for one in chat]}


def prompt_completion(row: Row) -> dict[str, Any]:
    """Return what is given and what is learned apart, both as messages."""
    return {"prompt": _chat(row.prompt), "completion": _chat(row.completion)}


def _chat(some: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": one.role, "content": one.content} for one in some]


ALPACA = pa.schema(
    {"instruction": TEXT, "input": TEXT, "output": TEXT, "system": TEXT, "history": pa.list_(pa.list_(TEXT))}
)
SHAREGPT = pa.schema({"conversations": pa.list_(pa.struct({"from": TEXT, "value": TEXT}))})
SHAPES = {
    "messages": Shape(pa.schema({"messages": CHAT}), messages, "TRL (which by default learns all of it), Axolotl"),
    "alpaca": Shape(ALPACA, alpaca, "LLaMA-Factory (name it the columns history and system), Axolotl, Unsloth"),
    "sharegpt": Shape(SHAREGPT, sharegpt, "LLaMA-Factory, Axolotl, Unsloth"),
    "openai": Shape(pa.schema({"messages": CHAT}), messages, "OpenAI's fine-tuning: no further columns", False),
    "prompt-completion": Shape(
        pa.schema({"prompt": CHAT, "completion": CHAT}), prompt_completion,
        "TRL's SFTTrainer, which learns the completion only, as the adapters of this project do",
    ),
}  # fmt: skip
