"""The reviewer's API: what the page asks for, and what it is told when something is wrong."""

import json

import pytest
from starlette.testclient import TestClient

from stages import review
from stages.web import app
from stages.web.review import routes
from tests.reviewing.folder import MEMORY, PLACE, WRONG, made, written

HOME = "http://127.0.0.1:8765"


def client(data, who="ann"):
    desk = review.desk(data, data / "decisions.jsonl", data / "params.yaml", who)
    built = app.build("t", routes(desk), "/review")
    return TestClient(built, HOME, cookies={"faqtune-8765": "t"}, headers={"origin": HOME})


def decide(one, **asked):
    return one.post("/review/decide", json=asked)


@pytest.fixture
def data(tmp_path):
    return made(tmp_path)


def test_the_page_is_there_and_asks_for_its_own_files_only(data):
    text = client(data).get("/review").text
    assert '<script type="module" src="/static/review.js">' in text and "<title>Review" in text


def test_a_queue_is_its_ids_and_a_pair_comes_alone(data):
    one = client(data)
    assert one.get("/review/queue?key=doubt").json() == {"ids": [MEMORY, "tokens", PLACE, WRONG], "total": 4}
    assert one.get("/review/queue?key=doubt&search=dhabi").json()["ids"] == [PLACE]
    assert one.get("/review/groups?by=concept").json()[0] == ["Falcon", 3, 3]
    shown = one.get(f"/review/pair?id={PLACE}").json()
    assert shown["question"] == "Where was Falcon made?" and shown["passages"][0]["pieces"][1][1] is True


def test_every_decision_is_written_told_and_undone(data):
    one = client(data)
    left = decide(one, id=MEMORY, decision="accept").json()["queues"][0]["left"]
    assert left == 3 and written(data) == [{"id": MEMORY, "decision": "accept", "who": "ann"}]
    decide(one, id=WRONG, decision="reject", why="wrong number")
    decide(one, id=PLACE, decision="edit", question="In which city was Falcon made?")
    assert [line["decision"] for line in written(data)] == ["accept", "edit", "reject"]
    assert one.get(f"/review/pair?id={PLACE}").json()["own"]["question"] == "In which city was Falcon made?"
    undone = one.post("/review/undo", json={}).json()
    assert undone["id"] == PLACE and undone["state"]["undo"] == 2
    decide(one, id=MEMORY, decision=None)
    assert [line["id"] for line in written(data)] == [WRONG]
    assert one.post("/review/undo", json={}).json()["id"] == MEMORY


def test_two_reviewers_are_told_how_they_agree(data):
    decide(client(data, "ann"), id=MEMORY, decision="accept")
    state = decide(client(data, "bo"), id=MEMORY, decision="reject").json()
    assert state["agreement"]["pairs"] == 1 and state["agreement"]["agree"] == 0
    assert {one["key"]: one["left"] for one in state["queues"]}["disputed"] == 1


@pytest.mark.parametrize(
    ("status", "asked", "told"),
    [
        (404, {"id": "gone", "decision": "accept"}, "no pair gone"),
        (409, {"id": MEMORY, "decision": "edit"}, "Nothing was changed"),
        (409, {"id": MEMORY, "decision": "edit", "question": "Where was Falcon made?",
               "answer": "Falcon was made in Abu Dhabi."}, f"The pair {PLACE} says just this"),
        (400, {"id": MEMORY, "decision": "perhaps"}, "decision"),
        (400, {"id": MEMORY, "decision": "accept", "who": "somebody else"}, "who"),
        (400, {"decision": "accept"}, "id"),
    ],
)  # fmt: skip
def test_what_cannot_be_decided_is_told_and_not_written(data, status, asked, told):
    reply = decide(client(data), **asked)
    assert reply.status_code == status and told in reply.json()["error"] and written(data) == []


def test_what_is_no_json_is_refused(data):
    reply = client(data).post("/review/decide", content=b"\xff{", headers={"content-type": "application/json"})
    assert reply.status_code == 400 and reply.json()["error"]


@pytest.mark.parametrize("path", ["queue?key=none", "groups?by=none", "pair?id=none", "queue", "pair"])
def test_what_is_not_there_is_told(data, path):
    assert client(data).get(f"/review/{path}").status_code == 404


def test_nothing_to_undo_is_told(data):
    reply = client(data).post("/review/undo", json={})
    assert (reply.status_code, reply.json()) == (409, {"error": "There is nothing to undo."})


def test_a_file_that_was_broken_meanwhile_is_told_and_left_alone(data):
    one = client(data)
    (data / "decisions.jsonl").write_text("<<<<<<< ours\n")
    reply = decide(one, id=MEMORY, decision="accept")
    assert reply.status_code == 409 and "decisions.jsonl, line 1" in reply.json()["error"]
    assert (data / "decisions.jsonl").read_text() == "<<<<<<< ours\n"


def test_nothing_is_decided_without_the_token_or_from_elsewhere(data):
    one = client(data)
    elsewhere = one.post("/review/decide", json={"id": MEMORY, "decision": "accept"}, headers={"origin": "http://evil"})
    one.cookies.clear()
    without = decide(one, id=MEMORY, decision="accept")
    assert (elsewhere.status_code, without.status_code) == (403, 403) and written(data) == []
    assert one.get(f"/review/pair?id={MEMORY}").status_code == 403


def test_control_characters_and_markup_of_a_reviewer_stay_what_they_are(data):
    decide(client(data), id=MEMORY, decision="reject", why="</script>\x1b[31m\n\u2028")
    assert written(data)[0]["why"] == "</script>\x1b[31m" and (data / "decisions.jsonl").read_bytes().count(b"\n") == 1
    assert json.loads((data / "decisions.jsonl").read_bytes())
