"""Ledger, journal, and claims of several processes on it."""

import os
import subprocess
import sys

import pytest

from stages.llm import claims
from stages.llm.claims import Claims
from stages.llm.replies import Replies


@pytest.fixture
def replies(tmp_path):
    return Replies(tmp_path / "ledger.jsonl", tmp_path / "journal.sqlite")


def test_to_peek_is_not_to_use(replies, tmp_path):
    assert replies.peek("a") is None
    assert not replies.journal.exists(), "nothing is made to look"
    replies.put_all({"a": 1, "b": 2})
    other = Replies(tmp_path / "other.jsonl", tmp_path / "journal.sqlite")
    assert other.peek("a") == 1
    assert other.used == {} and other.summary() == {"asked": 0, "from_ledger": 0, "from_journal": 0}
    assert other.get("a") == other.get("a") == 1
    assert other.summary() == {"asked": 0, "from_ledger": 0, "from_journal": 1}
    assert replies.fresh == {"a", "b"} and other.fresh == set()


def test_a_claim_is_one_runs(replies, tmp_path):
    mine = Claims(replies.database())
    other = Claims(Replies(tmp_path / "other.jsonl", tmp_path / "journal.sqlite").database())
    assert mine.take(["a", "b"]) == ["a", "b"]
    assert mine.take(["a"]) == ["a"], "again by itself"
    assert other.take(["a", "b", "c"]) == ["c"]
    assert other.take(["a", "b"]) == []
    other.release(["a"])
    assert other.take(["a"]) == [], "only the owner gives it up"
    mine.release(["a"])
    assert other.take(["a", "b"]) == ["a"]


def test_the_claim_of_a_process_that_is_gone_is_taken_over(replies, tmp_path):
    code = (
        "import os, signal, sys; from stages.llm.claims import Claims; from stages.llm.replies import Replies; "
        "print(Claims(Replies(sys.argv[1], sys.argv[2]).database()).take(['a']), flush=True); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", code, tmp_path / "ledger.jsonl", tmp_path / "journal.sqlite"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as gone:
        assert gone.stdout.read() == "['a']\n"
        os.waitid(os.P_PID, gone.pid, os.WEXITED | os.WNOWAIT)  # a zombie: nobody has asked how it ended
        assert claims.started(gone.pid) is None
        assert Claims(replies.database()).take(["a"]) == ["a"]


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ("beat = beat - 60", False),
        ("beat = beat - 1000", True),  # stopped, or its machine asleep
        ("pid = 4194304, started = 1.0", True),
        ("started = started - 100", True),  # the number was given to another process
        ("pid = 4194304, host = 'another'", False),  # its process ids mean nothing here
        ("host = 'another', beat = beat - 1000", True),
    ],
)
def test_whose_claim_still_counts(replies, change, taken):
    Claims(replies.database()).take(["a"])
    replies.database().execute(f"UPDATE claims SET {change}")
    assert Claims(replies.database()).take(["a"]) == (["a"] if taken else [])


def test_a_beat_keeps_a_claim(replies):
    mine = Claims(replies.database())
    mine.take(["a"])
    replies.database().execute("UPDATE claims SET beat = 0")
    mine.beat()
    assert Claims(replies.database()).take(["a"]) == []
