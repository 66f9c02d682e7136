"""The chat page, and the answers that it asks for, which come as lines of JSON while they are written."""

import contextlib
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from logging import getLogger
from typing import Annotated, Any, Protocol

import msgspec
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from stages.chat.answerer import Event
from stages.chat.prompt import PromptError, Turn
from stages.tuning.models import ModelError
from stages.web import app

LONGEST = 4000  # characters of a question


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A question, to whom, and the chat before it."""

    question: Annotated[str, msgspec.Meta(pattern=r"\S", max_length=LONGEST)]
    adapter: str
    retrieval: bool = False
    turns: list[Turn] = []


class Answers(Protocol):
    """Who answers; see `stages.chat.answerer.Answerer`."""

    @property
    def adapters(self) -> Mapping[str, Any]:
        """By name."""

    def stream(self, question: str, adapter: str, retrieval: bool, turns: Sequence[Turn]) -> Generator[Event]:
        """Yield what comes."""


def routes(answerer: Answers, adapter: str, samples: Sequence[str]) -> list[BaseRoute]:
    """Return the page /ask and its API.

    Args:
        answerer: who answers.
        adapter: who is asked if nobody else is chosen.
        samples: questions to click.
    """

    def page(request: Request) -> Response:
        names = sorted(answerer.adapters, key=lambda name: name != adapter)
        return app.page(request, "chat.html", adapters=names, samples=samples, longest=LONGEST)

    async def answer(request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await request.body(), type=Asked)
        except msgspec.DecodeError as error:
            return _told(400, str(error))
        if asked.adapter not in answerer.adapters:
            return _told(404, f"there is no adapter {asked.adapter}; load the page anew")
        events = answerer.stream(asked.question, asked.adapter, asked.retrieval, asked.turns)
        return StreamingResponse(_lines(events), media_type="application/x-ndjson")

    return [Route("/ask", page), Route("/ask/answer", answer, methods=["POST"])]


async def _lines(events: Generator[Event]) -> AsyncIterator[bytes]:
    """Yield events as lines of JSON, an error as the last one; end the events when the reader has gone away."""
    try:
        async for event in iterate_in_threadpool(events):
            yield _line(event)
    except (ModelError, PromptError) as error:
        yield _line({"error": str(error)})
    except Exception as error:
        getLogger("uvicorn.error").exception("an answer failed")
        yield _line({"error": f"{type(error).__name__}: {error} (the terminal says more)"})
    finally:
        with contextlib.suppress(ValueError):  # a thread is in it still: the server is being ended
            events.close()


def _line(value: Any) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _told(status: int, error: str) -> Response:
    return Response(_line({"error": error}), status, media_type="application/json")
