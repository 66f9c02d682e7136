"""From chat rows to what the model is trained on: token ids, and which of them are labels.

A row is rendered by the model's own chat template and tokenised whole; the labels are the tokens of the answer and
the end token after it, found by character offsets. `check` proves that on every row before a training starts.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from stages.records import Message, Row, Span
from stages.tuning.models import ModelError, render, to_dict

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class RowsError(ValueError):
    """Rows cannot be trained on; the message names the row and what is wrong with it."""


class Encoded(msgspec.Struct, kw_only=True):
    """One rendered chat: its tokens, and where the answer is.

    What proves it right (text, offsets, answer) is left out once it is proved; see `tokenised`.
    """

    id: str
    ids: list[int]
    start: int  # index of the first token of the answer
    end: int  # index behind the last token of the answer; ids[end] is the end token, where there is one
    ended: bool
    weight: float = 1.0
    text: str = ""  # the whole rendering, up to the end token
    offsets: list[Span] = []  # characters of `text` that each token stands for
    answer: Span = (0, 0)  # characters of `text` that are the answer

    @property
    def labelled(self) -> range:
        """The indices of the labels: the answer's tokens and the end token."""
        return range(self.start, self.end + self.ended)


def encode_rows(tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Row]) -> list[Encoded]:
    """Return the training rows tokenised; see `encode`."""
    encoded = encode(
        tokenizer,
        [row.prompt for row in rows],
        ["\n".join(message.content for message in row.completion) for row in rows],
        [row.id for row in rows],
    )
    for row, one in zip(rows, encoded, strict=True):
        one.weight = row.weight
    return encoded


def encode(
    tokenizer: "PreTrainedTokenizerBase",
    prompts: Sequence[Sequence[Message | dict[str, str]]],
    answers: Sequence[str],
    names: Sequence[str] | None = None,
) -> list[Encoded]:
    """Return each prompt with its answer, rendered and tokenised, up to the end token.

    Raises RowsError, which names the row, if the template does not keep prompt and answer apart.
    """
    names = list(names) if names is not None else [f"row {number}" for number in range(1, len(answers) + 1)]
    texts: list[str] = []
    spans: list[tuple[int, Span]] = []  # length of the prompt, characters of the answer
    for name, prompt, answer in zip(names, prompts, answers, strict=True):
        plain = [to_dict(message) if isinstance(message, Message) else message for message in prompt]
        asked = render(tokenizer, plain, add_generation_prompt=True)
        text = render(tokenizer, [*plain, {"role": "assistant", "content": answer}])
        said = answer if answer in text[len(asked) :] else answer.strip()  # some templates strip what was said
        place = text.find(said, len(asked))
        if not text.startswith(asked) or place < 0 or text[len(asked) : place].strip():
            raise RowsError(
                f"{name}: the chat template of the model does not render prompt and answer one after the other "
                f"(prompt {asked[-60:]!r}, whole {text[-120:]!r}); choose a student with a plain chat template"
            )
        texts.append(text)
        spans.append((len(asked), (place, place + len(said))))
    if not texts:
        return []
    special = set(tokenizer.all_special_ids)
    batch = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True)  # the template has them all
    encoded = []
    for number, (asked_length, (first, last)) in enumerate(spans):
        ids: list[int] = batch["input_ids"][number]
        offsets: list[Span] = batch["offset_mapping"][number]
        start = next((i for i, (begin, _) in enumerate(offsets) if begin >= asked_length), len(ids))
        end = next((i for i in range(start, len(ids)) if offsets[i][0] >= last), len(ids))
        stop = next((i for i in range(end, len(ids)) if ids[i] in special), None)  # a space may stand before it
        end, ended = (end, False) if stop is None else (stop, True)
        ids, offsets = ids[: end + ended], offsets[: end + ended]
        encoded.append(
            Encoded(
                id=names[number],
                text=texts[number][: offsets[-1][1]],
                ids=ids,
                offsets=offsets,
                start=start,
                end=end,
                answer=(first, last),
                ended=ended,
            )
        )
    return encoded


def check(
    tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Row], encoded: Sequence[Encoded], max_length: int
) -> dict[str, int | float]:
    """Prove that the loader teaches what the rows say, and return its figures; raises RowsError if it does not.

    Checked on every row: the tokens are the tokenizer's own rendering of the chat; the labels are the answer and
    the end token, all of it and nothing of the prompt; nothing is cut off. And over all rows: they are texts, not
    letters (a loader that iterates a string makes one-letter examples of it, and its loss looks good).
    """
    if not rows:
        raise RowsError("there is no training row; look at what the stages before rejected (data/metrics)")
    for row, one in zip(rows, encoded, strict=True):
        messages = [*row.prompt, *row.completion]
        plain = [to_dict(message) for message in messages]
        whole = dict(tokenizer.apply_chat_template(plain, tokenize=True, return_dict=True))["input_ids"]  # type: ignore[arg-type]
        answer = "\n".join(message.content for message in row.completion).strip()
        labels = [one.ids[i] for i in one.labelled]
        problem = None
        if not answer:
            problem = "its answer is empty"
        elif whole[: len(one.ids)] != one.ids:
            problem = "its tokens are not the ones of the tokenizer's own chat template"
        elif len(one.ids) > max_length:
            problem = f"it has {len(one.ids)} tokens, more than --max-length {max_length}; raise that or drop the row"
        elif not labels:
            problem = "it has no label at all"
        elif not one.ended:
            problem = "no end token follows its answer, so the model would not learn to stop"
        elif str(tokenizer.decode(labels[:-1])).strip() != answer:
            problem = f"its labels say {tokenizer.decode(labels[:-1])!r}, its answer is {answer!r}"
        elif one.offsets[one.start][0] < len(render(tokenizer, row.prompt, add_generation_prompt=True)):
            problem = "a label is on its prompt"
        if problem:
            raise RowsError(f"training row {row.id} (pair {row.pair}): {problem}")
    questions = ["".join(m.content for m in row.prompt if m.role != "system").strip() for row in rows]
    letters = sum(len(text) <= 1 for text in questions)
    if letters > len(rows) / 10 or all(len(one.text[slice(*one.answer)]) <= 1 for one in encoded):
        raise RowsError(
            f"{letters} of {len(rows)} training rows ask one letter or nothing: something iterates over the "
            "characters of a string instead of over the pairs"
        )
    lengths = [len(one.ids) for one in encoded]
    labelled = sum(len(one.labelled) for one in encoded)
    return {
        "rows": len(rows),
        "tokens": sum(lengths),
        "labels": labelled,
        "label_share": round(labelled / sum(lengths), 4),
        "longest": max(lengths),
        "truncated": 0,
        "labels_on_prompt": 0,
        "one_letter": letters,
    }


__all__ = ["Encoded", "ModelError", "RowsError", "check", "encode", "encode_rows"]
