"""What a stage made of a document is found again as long as nothing that it follows from changed."""

from importlib.metadata import version

import msgspec
import pytest

from stages import memory
from stages.documents.readers import LIBRARIES
from stages.memory import Memory


class Made(msgspec.Struct):
    text: str
    share: float = 0.0


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FAQTUNE_CACHE", str(tmp_path / "cache"))


def test_a_result_is_found_by_all_that_it_follows_from():
    kept = Memory("parse", ("documents",), LIBRARIES)
    key = kept.key("a.md", 1, {"b": 2})
    assert kept.put(key, Made("text", 1)) == Made("text", 1.0)
    again = Memory("parse", ("documents",), LIBRARIES)
    assert again.get(again.key("a.md", 1, {"b": 2}), Made) == Made("text", 1.0)
    assert again.get(again.key("a.md", 2, {"b": 2}), Made) is None
    assert (again.found, again.made) == (1, 0)


def test_another_version_of_a_library_makes_other_keys(monkeypatch):
    before = memory.code_digest(("documents",), ("pypdf",))
    monkeypatch.setattr(memory, "_version", lambda name: "0.0")
    assert memory.code_digest(("documents",), ("pypdf",)) != before


@pytest.mark.parametrize("name", [*LIBRARIES, "tokenizers"])
def test_versions_are_those_that_the_metadata_tell(name):
    try:
        expected = version(name)
    except ImportError:  # an extra
        expected = "-"
    assert memory._version(name) == expected


def test_what_was_not_used_for_long_is_deleted(monkeypatch):
    kept = Memory("parse", ("documents",), ())
    kept.put("old", Made("old"))
    monkeypatch.setattr(memory, "KEPT", -1)
    kept.close()
    assert kept.get("old", Made) is None
