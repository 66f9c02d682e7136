"""The chat page, and the answers that it streams."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from stages.chat.answerer import Answerer, Event
from stages.chat.prompt import PromptError, Turn
from stages.tuning.models import ModelError
from stages.web import app

MOST = 8000  # characters of a question
END = object()


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """What the page asks: a question, of whom, and the chat before it, oldest first."""

    question: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST)]
    adapter: str
    retrieval: bool = False
    turns: list[Turn] = []


def routes(answerer: Answerer, adapter: str, examples: Sequence[str]) -> list[BaseRoute]:
    """Return the page /ask and its API.

    Args:
        answerer: who answers.
        adapter: of its adapters the one that is chosen first.
        examples: questions that an empty page offers.
    """

    async def shown(request: Request) -> Response:
        names = list(answerer.adapters)
        return app.page(request, "chat.html", adapters=names, chosen=adapter, examples=examples)

    async def stream(request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await request.body(), type=Asked)
        except msgspec.DecodeError as error:
            return JSONResponse({"error": str(error)}, 400)
        if asked.adapter not in answerer.adapters:
            return JSONResponse({"error": f"there is no adapter {asked.adapter}"}, 404)
        events = answerer.stream(asked.question.strip(), asked.adapter, asked.retrieval, asked.turns)
        return StreamingResponse(_lines(events), media_type="application/x-ndjson")

    return [Route("/ask", shown), Route("/ask/stream", stream, methods=["POST"])]


async def _lines(events: Iterator[Event]) -> AsyncIterator[bytes]:
    """Yield the events as JSON Lines; what goes wrong is the last one. A reader who goes away stops the model."""
    try:
        while (event := await run_in_threadpool(next, events, END)) is not END:
            yield msgspec.json.encode(event) + b"\n"
    except (ModelError, PromptError) as error:
        yield msgspec.json.encode({"error": str(error)}) + b"\n"
    except Exception as error:  # the page must learn that nothing more comes; the traceback is for the terminal
        yield msgspec.json.encode({"error": f"the model failed: {error!r}"}) + b"\n"
        raise
    finally:
        events.close()  # type: ignore[attr-defined]
