"""Answers questions, one at a time: what the model says as it says it, then the passages by which to check it."""

import threading
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import msgspec

from stages.chat import passage, prompt
from stages.chat.passage import Passage
from stages.chat.prompt import Turn
from stages.chat.student import Speaker
from stages.quality import grounding
from stages.records import Chunk
from stages.scoring import meaning, metrics, passages
from stages.scoring.systems import Student

SHOWN = 3  # passages by which an answer from memory is checked


class Waiting(msgspec.Struct, kw_only=True, frozen=True):
    """Nothing is said yet, and why."""

    waiting: str


class Token(msgspec.Struct, kw_only=True, frozen=True):
    """What the answer goes on with."""

    token: str


class Answered(msgspec.Struct, kw_only=True, frozen=True):
    """The whole answer, and what is to be known of it."""

    done: str
    adapter: str
    retrieval: bool  # did the model read the passages?
    refused: bool  # does it say that it does not know?
    cut: bool  # did it go on beyond the longest answer?
    left_out: int  # oldest turns that the model could not hold
    passages: list[Passage]  # what it read, or else where to check what it says; none for a refusal
    unsupported: list[str]  # numbers, names, flags and the like of the answer that none of these holds


Event = Waiting | Token | Answered


class Answerer:
    """Answers from the student with an adapter, as the evaluation does: same prompts, most likely token by token.

    Args:
        student: the untuned model.
        adapters: folders by name; None for the untuned student.
        chunks: what is searched for passages.
        system: the system message.
        refusal: the taught answer to the unknown.
        depth: how many passages the model reads with retrieval.
        max_new_tokens: where an answer is cut off.
        encoder: sentence encoder that searches beside BM25; see `meaning.encoder`.
        encoder_revision: of a hub id.
    """

    def __init__(
        self,
        student: Student,
        adapters: Mapping[str, Path | None],
        chunks: Sequence[Chunk],
        *,
        system: str,
        refusal: str,
        depth: int,
        max_new_tokens: int,
        encoder: str = meaning.NONE,
        encoder_revision: str = "main",
    ):
        self.adapters = dict(adapters)
        self.system, self.refusal, self.depth, self.max_new_tokens = system, refusal, depth, max_new_tokens
        self._speaker = Speaker(student)
        self._chunks, self._encoder = chunks, (encoder, encoder_revision)
        self._searcher: passages.Searcher | None = None
        self._turn = threading.Lock()

    def stream(
        self, question: str, adapter: str, retrieval: bool = False, turns: Sequence[Turn] = ()
    ) -> Generator[Event, None, None]:
        """Yield the answer piece by piece, then as a whole. While one is being written, the next one waits.

        Who closes the iterator stops the model.

        Args:
            question: what is asked.
            adapter: one of `adapters`.
            retrieval: whether the model reads what a search finds for the question.
            turns: of the chat before it, oldest first.

        Raises ModelError if model or adapter cannot be loaded, PromptError if the question is too long.
        """
        if not self._turn.acquire(blocking=False):
            yield Waiting(waiting="another answer is being written")
            self._turn.acquire()
        try:
            yield from self._answer(question, adapter, retrieval, turns)
        finally:
            self._turn.release()

    def _answer(
        self, question: str, adapter: str, retrieval: bool, turns: Sequence[Turn]
    ) -> Generator[Event, None, None]:
        speaker, folder = self._speaker, self.adapters[adapter]
        if not speaker.ready(folder):
            yield Waiting(waiting="the model is being loaded")
            speaker.prepare(folder)
        read = self._near(question, turns) if retrieval else []
        room = speaker.context and speaker.context - self.max_new_tokens
        texts = [passages.shown(chunk) for chunk in read]
        asked, left_out = prompt.fitted(speaker.tokenizer, self.system, turns, texts, question, room)

        tokens: list[int] = []
        said = ""
        for token in speaker.says(asked, self.max_new_tokens):
            tokens.append(token)
            text = speaker.text(tokens)
            if text.startswith(said) and text != said and not text.endswith("\N{REPLACEMENT CHARACTER}"):
                yield Token(token=text[len(said) :])  # but half a character waits for its other half
                said = text
        answer = speaker.text(tokens)
        if answer.startswith(said) and answer != said:
            yield Token(token=answer[len(said) :])

        refused = metrics.refuses(answer, self.refusal)
        about = f"{question} {answer}"
        found = [] if refused or not answer else read or self._search([about], SHOWN)[0]
        evidence = "\n".join(map(passages.shown, found))
        yield Answered(
            done=answer, adapter=adapter, retrieval=bool(read), refused=refused,
            cut=len(tokens) == self.max_new_tokens, left_out=left_out,
            passages=[passage.of_chunk(chunk, about) for chunk in found],
            unsupported=_whole(grounding.unsupported(answer, evidence)) if found else [],
        )  # fmt: skip

    def _near(self, question: str, turns: Sequence[Turn]) -> list[Chunk]:
        """Return what the model reads: the evaluation's passages, for a follow-up also by the question before it."""
        if not self.depth:
            return []
        if not turns:
            return self._search([question], self.depth)[0]
        lists = self._search([question, f"{turns[-1][0]} {question}"], passages.DEPTHS[-1])
        chunks = list({chunk.id: chunk for some in lists for chunk in some}.values())
        place = {chunk.id: number for number, chunk in enumerate(chunks)}
        ranked = passages.fused([[place[chunk.id] for chunk in some] for some in lists])
        return [chunks[number] for number in ranked][: self.depth]

    def _search(self, questions: Sequence[str], k: int) -> list[list[Chunk]]:
        if self._searcher is None:
            self._searcher = passages.Searcher(self._chunks, meaning.encoder(*self._encoder))
        return self._searcher.search(questions, k)


def _whole(keys: Sequence[str]) -> list[str]:
    """Return the keys that are no part of another one."""
    return [key for key in keys if not any(key != other and key in other for other in keys)]
