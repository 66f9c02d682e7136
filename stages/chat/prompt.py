"""The prompt of a question: the evaluation's, with the earlier turns of the chat where training rows have them."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stages.records import Item
from stages.scoring import tasks
from stages.scoring.systems import System
from stages.tuning import models

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Turn = tuple[str, str]  # a question and its answer


class PromptError(ValueError):
    """A prompt does not fit the model; the message says what to do."""


def messages(system: str, turns: Sequence[Turn], passages: Sequence[str], question: str) -> list[dict[str, str]]:
    """Return the messages of a question: closed book without passages.

    Args:
        system: the system message.
        turns: of the chat before it, oldest first.
        passages: what the model reads, best first.
        question: what is asked.
    """
    asked = Item(id="", set="", question=question, answer="")
    who = System(name="", reads="passages" if passages else "nothing")
    (task,) = tasks.plan([asked], [who], system, {question: passages})
    opening, last = task.messages
    earlier = [
        {"role": role, "content": text}
        for turn in turns
        for role, text in zip(("user", "assistant"), turn, strict=True)
    ]
    return [opening, *earlier, last]


def fitted(
    tokenizer: "PreTrainedTokenizerBase",
    system: str,
    turns: Sequence[Turn],
    passages: Sequence[str],
    question: str,
    most: int | None,
) -> tuple[list[int], int]:
    """Return the tokens of the prompt, and how many of the oldest turns are not in it, so that it has at most so many.

    Args:
        tokenizer: the model's.
        system, turns, passages, question: see `messages`.
        most: tokens that the model can read; None: any number.

    Raises PromptError if it is too long without any turn.
    """

    def tokens(left_out: int) -> list[int]:
        asked = messages(system, turns[left_out:], passages, question)
        text = models.render(tokenizer, asked, add_generation_prompt=True)
        ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def fits(left_out: int) -> bool:
        return most is None or len(tokens(left_out)) <= most

    left_out = bisect_left(range(len(turns) + 1), True, key=fits)
    if left_out > len(turns):
        what, do = ("with its passages ", ", or ask without retrieval") if passages else ("", "")
        raise PromptError(
            f"the question {what}has {len(tokens(len(turns)))} tokens, and the model reads {most} beside its answer: "
            f"ask a shorter one{do}"
        )
    return tokens(left_out), left_out
