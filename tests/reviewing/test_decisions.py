"""The file of decisions: what others wrote stays, and what one wrote can be undone, also another day."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.curation.people import Ruling
from stages.records import RecordError
from stages.reviewing.decisions import Decisions

BO = b'{"who": "bo",  "id":"b","decision":"accept"}\n'  # written by hand: other order, blanks


def book(tmp_path, who="ann"):
    return Decisions(tmp_path / "decisions.jsonl", who, tmp_path / "cache")


def accept(pair, who="ann", **more):
    return Ruling(id=pair, decision="accept", who=who, **more)


def test_lines_are_sorted_short_and_those_of_others_stay_as_they_are(tmp_path):
    (tmp_path / "decisions.jsonl").write_bytes(BO.rstrip())
    one = book(tmp_path)
    one.change("c", Ruling(id="c", decision="edit", who="ann", answer="14 GB <b>", why="für"))
    one.change("b", accept("b"))
    one.change("a", accept("a"))
    assert (tmp_path / "decisions.jsonl").read_bytes().splitlines(keepends=True) == [
        b'{"id":"a","decision":"accept","who":"ann"}\n',
        b'{"id":"b","decision":"accept","who":"ann"}\n',
        BO,
        '{"id":"c","decision":"edit","who":"ann","why":"für","answer":"14 GB <b>"}\n'.encode(),
    ]
    one.change("b", Ruling(id="b", decision="reject", who="ann"))
    assert [(ruling.who, ruling.decision) for ruling in one.read()["b"]] == [("ann", "reject"), ("bo", "accept")]


def test_undo_goes_back_step_by_step_also_after_a_restart(tmp_path):
    book(tmp_path).change("a", accept("a"))
    book(tmp_path).change("a", Ruling(id="a", decision="reject", who="ann"))
    book(tmp_path).change("b", accept("b"))
    book(tmp_path).change("b", None)
    undone = [(book(tmp_path).undo(), {pair: one.decision for pair, [one] in book(tmp_path).read().items()})
              for _ in range(4)]  # fmt: skip
    assert undone == [
        ("b", {"a": "reject", "b": "accept"}), ("b", {"a": "reject"}), ("a", {"a": "accept"}), ("a", {}),
    ]  # fmt: skip
    assert book(tmp_path).undo() is None


def test_a_decision_that_changes_nothing_is_no_step(tmp_path):
    for _ in range(2):
        book(tmp_path).change("a", accept("a"))
    book(tmp_path).change("z", None)
    assert len(book(tmp_path).changes()) == 1


def test_undo_leaves_alone_what_was_changed_otherwise_since(tmp_path):
    one = book(tmp_path)
    one.change("a", accept("a"))
    one.change("b", accept("b"))
    (tmp_path / "decisions.jsonl").write_text('{"id":"b","decision":"reject","who":"ann","why":"by hand"}\n')
    assert one.undo() is None and one.read()["b"][0].why == "by hand" and one.changes() == []


def test_undo_is_of_ones_own(tmp_path):
    book(tmp_path).change("a", accept("a"))
    assert book(tmp_path, "bo").undo() is None and "a" in book(tmp_path).read()


def test_what_git_brings_meanwhile_is_not_lost(tmp_path):
    one = book(tmp_path)
    one.change("a", accept("a"))
    with (tmp_path / "decisions.jsonl").open("ab") as file:
        file.write(BO)
    one.change("c", accept("c"))
    assert list(one.read()) == ["a", "b", "c"]


def test_two_reviewers_who_write_at_once_lose_nothing(tmp_path):
    def work(who):
        one = book(tmp_path, who)
        for number in range(30):
            one.change(f"p{number:02}", accept(f"p{number:02}", who))

    threads = [threading.Thread(target=work, args=(who,)) for who in ("ann", "bo", "cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(rulings) for rulings in book(tmp_path).read().values()] == [3] * 30


def test_a_broken_line_is_named_and_nothing_is_written(tmp_path):
    (tmp_path / "decisions.jsonl").write_bytes(BO + b"<<<<<<< ours\n")
    with pytest.raises(RecordError, match=r"decisions\.jsonl, line 2: expected a Ruling"):
        book(tmp_path).change("a", accept("a"))
    assert (tmp_path / "decisions.jsonl").read_bytes() == BO + b"<<<<<<< ours\n" and book(tmp_path).changes() == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["accept", "reject", None])), max_size=12))
def test_undoing_all_changes_is_as_if_there_were_none(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("decisions")
    (folder / "decisions.jsonl").write_bytes(BO)
    one = book(folder)
    for pair, decision in steps:
        one.change(pair, decision and Ruling(id=pair, decision=decision, who="ann"))
    while one.undo():
        pass
    assert (folder / "decisions.jsonl").read_bytes() == BO
