"""Nobody without the token, no other host's page and no other kind of body gets through."""

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from stages.web import app
from stages.web.guard import HEADERS, LARGEST

HOME = "http://127.0.0.1:8765"
TOKEN = "a-token"
POST = {"origin": HOME, "content-type": "application/json"}


async def size(request: Request):
    return JSONResponse(len(await request.body()))


def broken(request: Request):
    raise RuntimeError("broken")


@pytest.fixture
def client():
    routes = [
        Route("/review", lambda request: PlainTextResponse("page")),
        Route("/size", size, methods=["POST"]),
        Route("/broken", broken),
    ]
    return TestClient(app.build(TOKEN, routes, "/review"), HOME, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture
def known(client):
    assert client.get(f"/review?token={TOKEN}").text == "page"
    return client


def test_the_token_in_the_address_becomes_a_strict_cookie_of_this_port(client):
    said = client.get(f"/review?token={TOKEN}").headers["set-cookie"]
    assert said == f"faqtune-8765={TOKEN}; HttpOnly; SameSite=Strict; Path=/"
    again = client.get("/review")
    assert again.text == "page" and "set-cookie" not in again.headers


@pytest.mark.parametrize("path", ["/review", "/review?token=", "/review?token=another", "/", "/none", "/size?token=x"])
def test_without_the_token_nothing_is_said(client, path):
    for reply in (client.get(path), client.post(path, json={}, headers=POST)):
        assert reply.status_code == 403 and "the address that the terminal shows" in reply.text


@pytest.mark.parametrize("cookie", ["faqtune-8765=another", "faqtune-8766=a-token", "faqtune-8765", "\x00=;;é=1"])
def test_another_cookie_is_no_token(client, cookie):
    assert client.get("/review", headers={"cookie": cookie.encode()}).status_code == 403


def test_a_token_in_the_address_is_not_enough_to_post(client):
    assert client.post(f"/size?token={TOKEN}", json={}, headers=POST).status_code == 403


def test_static_files_hold_no_secret_and_need_none(client):
    assert client.get("/static/app.css").status_code == 200
    assert client.get("/static/../guard.py").status_code in (403, 404)
    assert client.get("/static/%2e%2e/guard.py").status_code == 404


@pytest.mark.parametrize("host", ["evil.example:8765", "127.0.0.1:1", "127.0.0.1", "localhost.evil.example:8765", ""])
def test_another_host_name_is_refused_with_the_token_and_for_static_files(known, host):
    for path in ("/review", "/static/app.css", f"/review?token={TOKEN}"):
        assert known.get(path, headers={"host": host}).status_code == 403


def test_localhost_is_this_machine_too(client):
    local = {"host": "localhost:8765"}
    assert client.get(f"/review?token={TOKEN}", headers=local).status_code == 200
    cookie = {"cookie": f"faqtune-8765={TOKEN}"}
    here = POST | local | cookie
    assert client.post("/size", json={}, headers=here | {"origin": "http://localhost:8765"}).status_code == 200
    assert client.post("/size", json={}, headers=here).status_code == 403, "the origin is the other name"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:8765"},
        {"origin": "http://127.0.0.1:8766"},
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example", "sec-fetch-site": "same-origin"},
    ],
)
def test_a_post_from_elsewhere_is_refused(known, headers):
    reply = known.post("/size", json={}, headers=headers)
    assert reply.status_code == 403 and "only a page of this server" in reply.text


@pytest.mark.parametrize("origin", [{"origin": HOME}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}])
def test_a_post_of_a_page_of_ours_arrives_whole(known, origin):
    body = b'"' + b"x" * 100_000 + b'"'
    headers = origin | {"content-type": "application/json; charset=utf-8"}
    assert known.post("/size", content=body, headers=headers).json() == len(body)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_can_send_is_refused(known, kind):
    reply = known.post("/size", content=b"{}", headers={"origin": HOME, "content-type": kind})
    assert reply.status_code == 403 and "application/json" in reply.text


def test_a_large_body_is_refused_whether_it_says_so_or_not(known):
    assert known.post("/size", content=b"x" * LARGEST, headers=POST).json() == LARGEST
    assert known.post("/size", content=b"x" * (LARGEST + 1), headers=POST).status_code == 413
    assert known.post("/size", content=(b"x" * 50_000 for _ in range(10)), headers=POST).status_code == 413
    assert known.post("/size", content=b"{}", headers=POST | {"content-length": "-1"}).status_code == 413


def test_other_methods_are_refused(known):
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
        reply = known.request(method, "/review", headers=POST)
        assert reply.status_code == 405 and "access-control-allow-origin" not in reply.headers


def test_every_reply_has_the_headers_even_one_of_a_fault(known):
    paths = ("/review", "/none", "/broken", "/", "/static/app.css")
    refused = [known.get("/review", headers={"host": "x"}), known.put("/review")]
    for reply in (*map(known.get, paths), *refused):
        assert HEADERS.items() <= {name: reply.headers.get(name) for name in HEADERS}.items()
    assert known.get("/broken").status_code == 500
    assert "unsafe" not in HEADERS["Content-Security-Policy"] and "*" not in HEADERS["Content-Security-Policy"]


def test_web_sockets_are_closed(known):
    with pytest.raises(WebSocketDisconnect), known.websocket_connect("/review"):
        pass
