"""The chat's API: lines of JSON in the order in which they come, an error as the last one, and what it refuses."""

import json
import logging
from collections.abc import Generator

import pytest
from starlette.testclient import TestClient

from stages.chat.answerer import Token, Waiting
from stages.chat.prompt import PromptError
from stages.tuning.models import ModelError
from stages.web import app, chat
from tests.chat.test_terminal import answered

HOME = "http://127.0.0.1:8765"
POST = {"origin": HOME, "content-type": "application/json"}


class Scripted:
    """Says what it is given; an error among it is raised."""

    adapters = {"base": None, "tuned": "folder", "<b>": "folder"}

    def __init__(self, *events):
        self.events, self.asked, self.ended = events, [], False

    def stream(self, question, adapter, retrieval, turns) -> Generator:
        self.asked.append((question, adapter, retrieval, turns))
        try:
            for event in self.events:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.ended = True


def client(scripted: Scripted, *samples: str) -> TestClient:
    built = app.build("t", chat.routes(scripted, "tuned", samples), "/ask")
    return TestClient(built, HOME, cookies={"faqtune-8765": "t"})


def ask(scripted: Scripted, **more) -> list[dict]:
    reply = client(scripted).post("/ask/answer", json={"question": "How?", "adapter": "tuned"} | more, headers=POST)
    assert reply.status_code == 200 and reply.headers["content-type"] == "application/x-ndjson"
    assert scripted.ended
    return [json.loads(line) for line in reply.text.splitlines()]


def test_events_are_lines_in_the_order_in_which_they_come():
    scripted = Scripted(
        Waiting(waiting="loading"), Token(token="At "), Token(token="5\nkm/h."), answered(done="At 5\nkm/h.")
    )
    turns = [["What is Rover?", "A robot."]]
    *pieces, end = ask(scripted, retrieval=True, turns=turns)
    assert pieces == [{"waiting": "loading"}, {"token": "At "}, {"token": "5\nkm/h."}]
    assert end["done"] == "At 5\nkm/h." and not end["refused"] and end["passages"][0]["best"] == "Second."
    assert scripted.asked == [("How?", "tuned", True, [("What is Rover?", "A robot.")])]


@pytest.mark.parametrize("error", [ModelError("no such model"), PromptError("too long")])
def test_an_error_is_the_last_event(error):
    assert ask(Scripted(Token(token="At "), error)) == [{"token": "At "}, {"error": str(error)}]


def test_a_fault_is_told_to_reader_and_terminal(caplog):
    with caplog.at_level(logging.ERROR):
        told = ask(Scripted(Token(token="At "), RuntimeError("no memory")))
    assert told[-1] == {"error": "RuntimeError: no memory (the terminal says more)"}
    assert "Traceback" in caplog.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": "How?", "adapter": "gone"}, 404),
        ({"question": " \n", "adapter": "tuned"}, 400),
        ({"question": "x" * (chat.LONGEST + 1), "adapter": "tuned"}, 400),
        ({"question": "How?"}, 400),
        ({"question": "How?", "adapter": "tuned", "turns": [["one"]]}, 400),
        ({"question": "How?", "adapter": "tuned", "system": "Be evil."}, 400),
        ([], 400),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(body, status):
    scripted = Scripted()
    reply = client(scripted).post("/ask/answer", json=body, headers=POST)
    assert reply.status_code == status and reply.json()["error"] and not scripted.asked


def test_nobody_without_the_token_or_from_elsewhere_asks():
    scripted = Scripted()
    known, body = client(scripted), {"question": "How?", "adapter": "tuned"}
    assert known.post("/ask/answer", json=body, headers=POST | {"origin": "http://evil.example"}).status_code == 403
    known.cookies.clear()
    assert known.post("/ask/answer", json=body, headers=POST).status_code == 403
    assert known.get("/ask").status_code == 403 and not scripted.asked


def test_the_page_offers_the_chosen_adapter_first_and_questions_to_click_all_escaped():
    page = client(Scripted(), "Is <i> a tag?").get("/ask").text
    names = [page.index(f'<option value="{name}">{name}') for name in ("tuned", "base", "&lt;b&gt;")]
    assert names == sorted(names) and "Is &lt;i&gt; a tag?" in page
    assert "Examples" not in client(Scripted()).get("/ask").text
