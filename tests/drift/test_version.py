"""Older versions are read, too: fields that are not compared may be there or not."""

import pytest

from stages.drift.records import Fact, Reject
from stages.drift.version import Version
from stages.records import RecordError


def test_unknown_fields_and_missing_ones_do_no_harm(tmp_path):
    file = tmp_path / "data/chunk/facts.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text('{"id":"1","source":"a.md","topic":"T","quote":"Q.","span":[0,2],"since_removed":{"x":1}}\n')
    (one,) = Version("v1", tmp_path).read("data/chunk/facts.jsonl", Fact)
    assert one.says == "Q."
    file.write_text('{"id":"1","source":"a.md"}\n')
    with pytest.raises(RecordError, match=r"^v1: data/chunk/facts.jsonl, line 1: expected a Fact"):
        list(Version("v1", tmp_path).read("data/chunk/facts.jsonl", Fact))
    assert not list(Version("v1", tmp_path).read("data/chunk/none.jsonl", Fact))


def test_a_reject_may_be_of_anything():
    assert Reject(id="1", stage="s", reason="r").fields == {}
    assert Reject(id="1", stage="decide", reason="low_rank", value=0.5).said == "decide: low_rank (0.5)"
    assert Reject(id="1", stage="decide", reason="bad", value="").said == "decide: bad"
