"""A model that says what it is told to, byte by byte, and chunks to search."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from stages.chat.answerer import Answered, Answerer, Event
from stages.records import Chunk
from stages.scoring.systems import Student

REFUSAL = "I do not know: the documents do not say."
TEXTS = {
    "rover": "Rover drives at 5 km/h on sand. It was built in Bern."
    "\n\n| Model | Mass |\n| --- | --- |\n| Rover 2 | 80 kg |",
    "battery": "The battery of Rover lasts for 12 hours. It is charged by the sun.",
}


def chunk(name: str, text: str, **more: Any) -> Chunk:
    fixed = {"document": "d", "source": "d.md", "heading": [name], "header": f"Guide > {name} > About Rover"}
    return Chunk(**{"id": name, "text": text, "span": (0, len(text)), "tokens": 9} | fixed | more)


def chunks() -> list[Chunk]:
    return [chunk(name, text) for name, text in TEXTS.items()]


class Speaker:
    """In place of the student: `say` returns its answer to the prompt's text, or raises an error."""

    def __init__(self, say: Callable[[str], str], tokenizer: Any, context: int | None = None):
        self.say, self.tokenizer, self.context = say, tokenizer, context
        self.prompts: list[str] = []
        self.said = 0
        self.prepared: list[Path | None] = []

    def ready(self, adapter: Path | None) -> bool:
        return self.prepared[-1:] == [adapter]

    def prepare(self, adapter: Path | None) -> None:
        self.prepared.append(adapter)

    def says(self, prompt: Sequence[int], most: int) -> Iterator[int]:
        self.prompts.append(self.tokenizer.decode(prompt))
        for byte in self.say(self.prompts[-1]).encode()[:most]:
            self.said += 1
            yield byte

    def text(self, tokens: Sequence[int]) -> str:
        return bytes(tokens).decode(errors="replace").strip()


def answerer(
    say: Callable[[str], str], tokenizer: Any, context: int | None = None, most: int = 200
) -> tuple[Answerer, Speaker]:
    """Return an answerer whose model is scripted, and that model."""
    made = Answerer(
        Student(name="s"), {"tuned": Path("tuned"), "base": None}, chunks(), system="S", refusal=REFUSAL, depth=1,
        max_new_tokens=most,
    )  # fmt: skip
    made._speaker = speaker = Speaker(say, tokenizer, context)  # type: ignore[assignment]
    return made, speaker


def last(events: Iterator[Event]) -> Answered:
    """Return the whole answer."""
    *_, end = events
    assert isinstance(end, Answered)
    return end
