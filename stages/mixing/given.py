"""What is mixed in beside the pairs: questions to refuse, and general instructions from any JSONL."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from stages import disk
from stages.quality import similarity
from stages.records import Message, Record, RecordError, content_id

SHAPES = "question and answer, prompt and completion, messages, or instruction (and input) and output"
KEYS: tuple[tuple[str, ...], ...] = (
    ("messages",),
    ("prompt", "completion"),
    ("question", "answer"),
    ("instruction", "output"),
)


class Unanswerable(Record, kw_only=True):
    """A question that the documents do not answer, to train refusing."""

    question: str


class Made(Unanswerable, kw_only=True):
    """One that stage generate made near the documents (`stages.llm.unanswerable`)."""

    topic: str
    about: str
    subject: str
    origin: str


class Given(NamedTuple):
    """A question and the answer to learn, with the messages before the question."""

    id: str
    question: str
    answer: str
    before: tuple[Message, ...] = ()

    @property
    def asks(self) -> list[str]:
        """All that it says before the answer, but for what an assistant says: a system message may hold a question."""
        return [message.content for message in self.before if message.role != "assistant"] + [self.question]

    @property
    def texts(self) -> list[str]:
        """All that is said in it."""
        return [*(message.content for message in self.before), self.question, self.answer]


class Chosen(NamedTuple):
    """What is taken of the given, and what is not: with the reason, and the value that decided."""

    taken: list[Given]
    left: list[tuple[Given, str, float | str]]


def questions(path: Path, kind: type[Unanswerable], refusal: str) -> list[Given]:
    """Return the questions of a file, each answered by the refusal. Raises RecordError for a line that is none."""
    return [Given(one.id, one.question, refusal) for one in disk.stream(path, kind)]


def instructions(path: Path) -> list[Given]:
    """Return the instructions of a JSONL file of one of the SHAPES; further keys are ignored.

    An instruction without an `id` is named by a hash of what it says. Of `messages` the last one is learned.

    Raises RecordError, naming file and line, for a line that has none of these shapes, or the `id` of another.
    """
    found: list[Given] = []
    lines: dict[str, int] = {}
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                value = msgspec.json.decode(line)
                said = conversation(value)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise RecordError(f"{path}, line {number}: it is no JSON: {error}") from error
            except ValueError as error:
                raise RecordError(f"{path}, line {number}: {error}") from error
            name = value.get("id")
            if name is not None and lines.setdefault(str(name), number) != number:
                raise RecordError(f"{path}, line {number}: it has the id {name!r} of line {lines[str(name)]}")
            identity = content_id(said) if name is None else str(name)
            found.append(Given(identity, said[-2].content, said[-1].content, tuple(said[:-2])))
    return found


def conversation(value: Any) -> list[Message]:
    """Return the messages of a JSON value of one of the SHAPES: the last is the answer, the one before it the question.

    Raises ValueError that says what is wrong.
    """
    keys = next((keys for keys in KEYS if isinstance(value, dict) and all(key in value for key in keys)), None)
    if keys is None:
        has = ", ".join(sorted(value)) or "nothing" if isinstance(value, dict) else f"a {type(value).__name__}"
        raise ValueError(f"expected {SHAPES}; found {has}")
    if keys == ("messages",):
        said = _messages(value["messages"], "user")
    else:
        said = _messages(value[keys[0]], "user") + _messages(value[keys[1]], "assistant")
        if keys[0] == "instruction" and isinstance(value.get("input"), str) and value["input"].strip():
            said[0].content += f"\n\n{value['input']}"
    roles = [message.role for message in said]
    talk = roles[1:] if roles[:1] == ["system"] else roles
    if len(talk) < 2 or talk[-2:] != ["user", "assistant"] or not set(talk) <= {"user", "assistant"}:
        raise ValueError(
            f"expected messages that end with one of the user and one of the assistant, found {', '.join(roles)}"
        )
    if not all(message.content.strip() for message in said):
        raise ValueError("a message is empty")
    return said


def _messages(value: Any, role: str) -> list[Message]:
    if isinstance(value, str):
        return [Message(role=role, content=value)]
    try:
        return msgspec.convert(value, list[Message])
    except msgspec.ValidationError as error:
        raise ValueError(f"expected a text, or a list of messages with role and content: {error}") from error


def refusals(written: Sequence[Given], near: Sequence[Given], asked: list[str], most: int, seed: int) -> Chosen:
    """Return the refusals to train, drawn by the seed: of those made near the documents at most half of the places.

    Args:
        written: questions that people wrote.
        near: questions that stage generate made.
        asked: questions of the evaluation, which are refused in no row.
        most: places there are.
        seed: of the hash by which they are drawn.
    """
    by_hand = clean(written, asked, "leak_eval")
    free = clean(near, asked, "leak_eval")
    new = clean(free.taken, [one.question for one in by_hand.taken], "written_by_hand")
    made = first(new.taken, min(len(new.taken), most // 2), "refusal", seed)
    rest = first(by_hand.taken, most - len(made.taken), "refusal", seed)
    return Chosen(made.taken + rest.taken, by_hand.left + free.left + new.left + made.left + rest.left)


def replay(general: Sequence[Given], asked: list[str], most: int, seed: int, length: Callable[[Given], int],
           max_tokens: int) -> Chosen:  # fmt: skip
    """Return the instructions to replay, drawn by the seed; none that the evaluation asks, that is said twice or long.

    Args:
        general: what is given.
        asked: questions of the evaluation.
        most: rows to take.
        seed: of the hash by which they are drawn.
        length: tokens of one; asked only of as many as are needed.
        max_tokens: longer ones are left.
    """
    once = {one.id: one for one in reversed(general)}
    twice = [(one, "said_twice", one.id) for one in general if once[one.id] is not one]
    free = clean(list(once.values()), asked, "leak_eval")
    drawn = first(free.taken, most, "replay", seed, lambda one: length(one) <= max_tokens, ("too_long", max_tokens))
    return Chosen(drawn.taken, [*twice, *free.left, *drawn.left])


def named(origin: str, chosen: Chosen) -> Iterator[tuple[str, Given, str, float | str]]:
    """Yield what is left, each with an id of its own: what is said twice has one id twice."""
    seen: Counter[str] = Counter()
    for one, reason, value in chosen.left:
        again = [seen[one.id]] if seen[one.id] else []
        seen[one.id] += 1
        yield content_id(origin, one.id, *again), one, reason, value


def clean(given: Sequence[Given], known: list[str], reason: str) -> Chosen:
    """Take those whose user asks nothing that is known; the others are left for the reason."""
    texts = [(index, text) for index, one in enumerate(given) for text in one.asks]
    met = {texts[place][0] for place, _, _ in similarity.matches([text for _, text in texts], known)}
    return Chosen(
        [one for index, one in enumerate(given) if index not in met],
        [(one, reason, one.id) for index, one in enumerate(given) if index in met],
    )


def first(
    given: Sequence[Given], most: int, origin: str, seed: int, fits: Callable[[Given], bool] = lambda one: True,
    unfit: tuple[str, float] = ("unfit", 0),
) -> Chosen:  # fmt: skip
    """Take the first ones that fit, in the order of a hash, and at most so many."""
    chosen = Chosen([], [])
    for one in sorted(given, key=lambda one: content_id(seed, origin, one.id)):
        if len(chosen.taken) >= most:
            chosen.left.append((one, f"over_{origin}_cap", most))
        elif fits(one):
            chosen.taken.append(one)
        else:
            chosen.left.append((one, *unfit))
    return chosen
