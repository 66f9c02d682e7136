"""The reviewer's page, and what it asks for: a queue's ids, then one pair at a time."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from stages.records import RecordError
from stages.reviewing.desk import Desk, Refusal
from stages.web import app


class Decided(msgspec.Struct, forbid_unknown_fields=True):
    """What a reviewer decided on a pair; None takes it back."""

    id: str
    decision: Literal["accept", "reject", "edit"] | None
    why: str = ""
    question: str | None = None
    answer: str | None = None


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the page /review and its API."""

    def decide(request: Request, body: bytes) -> Any:
        asked = msgspec.json.decode(body, type=Decided)
        if asked.decision is None:
            desk.take_back(asked.id)
        else:
            desk.decide(asked.id, asked.decision, asked.why, asked.question, asked.answer)
        return desk.state()

    def queue(request: Request, body: bytes) -> Any:
        return desk.queue(request.query_params.get("key", ""), request.query_params.get("search", ""))

    return [
        Route("/review", lambda request: app.page(request, "review.html")),
        _api("GET", "/review/state", lambda request, body: desk.state()),
        _api("GET", "/review/groups", lambda request, body: desk.groups(request.query_params.get("by", ""))),
        _api("GET", "/review/queue", queue),
        _api("GET", "/review/pair", lambda request, body: desk.show(request.query_params.get("id", ""))),
        _api("POST", "/review/decide", decide),
        _api("POST", "/review/undo", lambda request, body: {"id": desk.undo()} | {"state": desk.state()}),
    ]


def _api(method: str, path: str, work: Callable[[Request, bytes], Any]) -> Route:
    """Return a route that answers with JSON: what the work returns, or {"error": ...} in words for the reviewer."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            status, value = 200, await run_in_threadpool(work, request, body)
        except LookupError as error:
            status, value = 404, {"error": error.args[0]}
        except msgspec.DecodeError as error:
            status, value = 400, {"error": str(error)}
        except (Refusal, RecordError) as error:
            status, value = 409, {"error": str(error)}
        except OSError as error:
            status, value = 500, {"error": f"{error.filename}: {error.strerror}"}
        return Response(msgspec.json.encode(value), status, media_type="application/json")

    return Route(path, endpoint, methods=[method])
