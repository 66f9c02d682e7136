"""Jinja prompts as chat messages: each template has the blocks system and user, and assistant if it has examples.

The blocks are rendered one by one, so that text from a document can never open a message of its own; within a message
the filter `fenced` puts it between tags that it cannot close.
"""

import hashlib
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from stages.records import Link, Record

FOLDER = Path("prompts")

Messages = tuple[tuple[str, str], ...]


class Example(Record, kw_only=True):
    """A worked example, hand-written, on another subject than the documents."""

    topic: str
    answer: str
    question: str
    form: str


class Prompt:
    """A prompt template.

    Args:
        name: the file's name in prompts/, without .jinja.

    Raises jinja2.UndefinedError on rendering if a variable of the template is not given.
    """

    def __init__(self, name: str, folder: Path = FOLDER):
        self.path = folder / f"{name}.jinja"
        source = self.path.read_text(encoding="utf-8")
        self.name = name
        self.hash = hashlib.sha256(source.encode()).hexdigest()[:16]
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True)
        environment.filters |= {"fenced": fenced, "listed": _listed}
        self.template = environment.from_string(source)
        missing = {"system", "user"} - set(self.template.blocks)
        if missing:
            raise ValueError(f"{self.path}: expected a block {' and '.join(sorted(missing))}")

    def _block(self, name: str, variables: dict[str, Any]) -> str:
        context = self.template.new_context(variables)
        return "".join(self.template.blocks[name](context)).strip()

    def messages(self, examples: Iterable[Record] = (), **variables: Any) -> Messages:
        """Return (role, content) messages: the system block, each example as user and assistant, then the request."""
        examples = list(examples)
        if examples and "assistant" not in self.template.blocks:
            raise ValueError(f"{self.path}: expected a block assistant, in which an example's answer is shown")
        shots = [
            (role, self._block(role, msgspec.to_builtins(example)))
            for example in examples
            for role in ("user", "assistant")
        ]
        return (("system", self._block("system", variables)), *shots, ("user", self._block("user", variables)))


def fenced(text: str, tag: str) -> str:
    """Return a text between tags, which get a number if the text holds the closing one."""
    text = str(text)
    names = (tag if n == 1 else f"{tag}-{n}" for n in itertools.count(1))
    name = next(name for name in names if f"</{name}>" not in text)
    return f"<{name}>\n{text}\n</{name}>"


def _listed(link: Link) -> str:
    return " ".join(f"{link.text}: {link.url}".split())


def spread(examples: list[Example], count: int) -> list[Example]:
    """Return `count` examples, one of each question form in turn, in a fixed order.

    All requests share them, so that a server evaluates this prefix once.
    """
    forms: dict[str, list[Example]] = {}
    for example in examples:
        forms.setdefault(example.form, []).append(example)
    turns = (group[turn] for turn in range(len(examples)) for group in forms.values() if turn < len(group))
    return list(itertools.islice(turns, count))
