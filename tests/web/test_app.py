"""Pages are made with escaping, navigation has the pages that are there, and a port that is taken is no end."""

import socket

import pytest
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from stages.web import app

HOME = "http://127.0.0.1:8765"


def shown(request: Request):
    return app.page(request, "base.html")


def client(*paths):
    routes = [Route(path, shown) for path in paths]
    return TestClient(app.build("t", routes, paths[0]), HOME, cookies={"faqtune-8765": "t"})


def test_the_navigation_has_the_pages_that_are_there_and_marks_the_one_that_is_open():
    both = client("/review", "/ask").get("/ask").text
    assert '<a href="/review">Review</a>' in both and '<a href="/ask" aria-current="page">Ask</a>' in both
    assert "<nav" not in client("/review").get("/review").text


def test_the_root_leads_home():
    reply = client("/review").get("/")
    assert reply.url == f"{HOME}/review" and reply.status_code == 200


def test_pages_have_no_script_or_style_of_their_own():
    text = client("/review").get("/review").text
    assert "<style" not in text and "style=" not in text and "<script>" not in text


@pytest.mark.parametrize("template", sorted(path.name for path in (app.HERE / "templates").iterdir()))
def test_templates_escape_and_ask_no_other_server(template):
    source = (app.HERE / "templates" / template).read_text()
    assert "|safe" not in source.replace(" ", "") and "http" not in source.replace("http-equiv", "")


@pytest.mark.parametrize("script", sorted((app.HERE / "static").glob("*.js")), ids=lambda path: path.name)
def test_scripts_never_make_markup_of_text(script):
    source = script.read_text()
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc"):
        assert way not in source


def test_a_taken_port_gives_way_to_the_next():
    with socket.create_server((app.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with app._listening(port) as found:
            host, other = found.getsockname()
            assert host == "127.0.0.1" and port < other < port + app.NEXT
    with app._listening(0) as found:
        assert found.getsockname()[1] > 0


def test_no_port_to_be_had_is_an_error(monkeypatch):
    monkeypatch.setattr(app, "NEXT", 1)
    with socket.create_server((app.HOST, 0)) as taken, pytest.raises(OSError):
        app._listening(taken.getsockname()[1])
