"""Our own output is told from what other tools wrote."""

from pathlib import Path

import msgspec
import pytest

from stages.curation.scored import Scored
from stages.exporting import dataset, examples
from stages.exporting.provenance import Provenance
from stages.exporting.shapes import SHAPES
from stages.importing import own
from stages.importing.source import Imported
from stages.records import Item, Message, Pair, Reject, Row

PAIR = {"id": "1", "question": "Why?", "answer": "So.", "facts": ["f"], "source": "s", "origin": "generated"}
OURS = {
    "a pair": Pair(**PAIR), "a scored pair": Scored(**PAIR),
    "a row": Row(id="1", pair="2", origin="seed", prompt=[Message(role="user", content="Why?")],
                 completion=[Message(role="assistant", content="So.")]),
    "an item": Item(id="1", set="faq", question="Why?", answer="So."),
    "a reject": Reject(id="1", stage="decide", reason="dangling"),
    "an imported pair": Imported(id="1", question="Why?", answer="So.", category=[], evidence=None, document=None),
}  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_records_is_known_wherever_it_lies(name, tmp_path):
    found = [{"question": "Why?", "answer": "So."}, msgspec.to_builtins(OURS[name])]
    why = own.why(tmp_path / "copy.jsonl", found, Path("data/sources/documents"))
    assert why is not None and why.startswith("record 2 is a")


@pytest.mark.parametrize("form", [form for form in SHAPES if SHAPES[form].open])
def test_a_row_of_an_exported_dataset_is_known_by_where_it_says_it_comes_from(form, tmp_path):
    for pair in (Pair(**PAIR), None):
        one = examples.Example(OURS["a row"], "train", pair)
        record = dataset.record(form, one, Provenance([one], ()))
        assert own.why(tmp_path / "train.jsonl", [record], Path("data/sources/documents")) is not None


def test_a_file_among_the_sources_is_one_already(tmp_path):
    (tmp_path / "imported").mkdir()
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "imported" / "a.jsonl")
    for name in ("imported/a.jsonl", "link.jsonl"):
        assert own.why(tmp_path / name, [], tmp_path) is not None


def test_pairs_of_other_tools_are_nobodys():
    others = [{"question": "Why?", "answer": "So.", "id": "1", "source": "x", "origin": "y"}, {"prompt": "Why?"}, "W"]
    assert own.why(Path("data.json"), others, Path("data/sources/documents")) is None
