"""The items on the official documents: found by the hash of their sentence, none both in training and evaluation."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

from stages import disk
from stages.quality import leaks
from stages.records import Fact

FOLDER = Path(__file__).parent.parent / "benchmarks" / "official"
RAIN = "Opal can mow in the rain."


@pytest.fixture
def items(monkeypatch, tmp_path):
    spec = importlib.util.spec_from_file_location("items", FOLDER / "items.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ITEMS", tmp_path / "items")
    monkeypatch.setattr(sys, "argv", ["items.py", "--facts", str(tmp_path / "facts.jsonl"), "--sources", str(tmp_path)])
    return module


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def written(module, folder, **files):
    for name in ("faq", "wordings", "unanswerable"):
        disk.write_bytes(
            folder / "items" / f"{name}.jsonl", "".join(json.dumps(one) + "\n" for one in files[name]).encode()
        )


def test_items_get_the_place_and_the_words_of_their_sentence(items, tmp_path, capsys):
    fact = Fact(
        id="f", chunk="c", document="d", source="opal.md", topic="Opal", quote="Opal can mow\nin the rain.", span=(0, 9)
    )
    disk.write(tmp_path / "facts.jsonl", [fact])
    rain, gone = items.sentence(RAIN), items.sentence("Opal can fly.")
    written(
        items, tmp_path,
        faq=[{"id": "1", "question": "Rain?", "answer": "Yes.", "sentence": rain},
             {"id": "2", "question": "Air?", "answer": "Yes.", "sentence": gone},
             {"id": "3", "question": "Price?", "answer": "", "sentence": None}],
        wordings=[{"id": "4", "question": "Wet?", "sentence": rain}],
        unanswerable=[{"id": "5", "question": "Weight?"}],
    )  # fmt: skip
    items.main()
    first, second = leaks.read_faq(tmp_path / "faq.jsonl")
    assert (first.document, first.quote, first.answerable) == ("opal.md", fact.quote, True)
    assert (second.id, second.answerable, second.quote) == ("3", False, None)
    assert lines(tmp_path / "wordings.jsonl") == [
        {"id": "4", "question": "Wet?", "document": "opal.md", "quote": fact.quote}
    ]
    assert "2 of the FAQ and 1 wordings" in (told := capsys.readouterr().out) and "1 left out" in told


def test_other_documents_are_told(items, tmp_path):
    disk.write(tmp_path / "facts.jsonl", [])
    written(
        items, tmp_path, faq=[{"id": "1", "question": "?", "answer": "", "sentence": "x"}], wordings=[], unanswerable=[]
    )
    with pytest.raises(SystemExit, match="official documents"):
        items.main()
    assert not (tmp_path / "faq.jsonl").exists()


def test_no_question_is_asked_twice_and_none_of_training_is_one_of_evaluation():
    faq, wordings, unknown = (lines(FOLDER / f"{name}.jsonl") for name in ("faq", "wordings", "unanswerable"))
    asked = [re.sub(r"\W+", " ", one["question"]).casefold().strip() for one in [*faq, *wordings, *unknown]]
    assert len(set(asked)) == len(asked) > 1500
    assert len({one["id"] for one in [*faq, *wordings, *unknown]}) == len(asked)
    assert sum(one["sentence"] is not None for one in faq) >= 60
    assert all(re.fullmatch(r"[0-9a-f]{16}", one["sentence"]) for one in [*faq, *wordings] if one["sentence"])
