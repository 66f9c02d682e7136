"""The question writer: a card that says what it was made of."""

import pytest

from stages import disk
from stages.llm import writer
from stages.llm.prompts import Example, Prompt
from stages.tuning.gguf_adapter import AdapterError

EXAMPLES = [
    Example(id=f"e{n}", topic="Pumps", answer=f"Pump {n // 2} moves {n // 2} litres.", question=f"What moves {n}?",
            form=form)
    for n, form in enumerate(["what", "how_many"] * 100)
]  # fmt: skip


def test_a_digest_follows_what_the_examples_say_and_not_their_order():
    assert writer.digest(EXAMPLES) == writer.digest(EXAMPLES[::-1])
    assert writer.digest(EXAMPLES) != writer.digest(EXAMPLES[1:])


def test_a_folder_without_card_holds_no_writer(tmp_path):
    (tmp_path / writer.ADAPTER).touch()
    assert writer.known(tmp_path) is None and writer.known(tmp_path / "gone") is None
    (tmp_path / writer.CARD).touch()
    assert writer.known(tmp_path) == tmp_path / writer.ADAPTER


def test_left_out_it_leaves_an_empty_folder_whatever_was_there(tmp_path):
    (tmp_path / "teach").mkdir()
    (tmp_path / "teach" / writer.CARD).touch()
    writer.leave_out(tmp_path / "teach")
    assert list((tmp_path / "teach").iterdir()) == [] and [one.name for one in tmp_path.iterdir()] == ["teach"]


def test_an_adapter_that_cannot_be_written_leaves_the_old_writer(tmp_path, monkeypatch):
    from stages.tuning import models

    monkeypatch.setattr(models, "locate", lambda name: tmp_path)

    def refuse(folder, model, file):
        raise AdapterError("no place")

    monkeypatch.setattr(writer.gguf_adapter, "write", refuse)
    carried, output, prompt = tmp_path / "carried", tmp_path / "teach", Prompt("answer_first")
    carried.mkdir()
    output.mkdir()
    for name in (writer.CONFIG, writer.WEIGHTS, writer.CARD):
        (carried / name).touch()
    card = writer.Card(model=models.fingerprint("embedded"), prompt=prompt.hash, examples={}, recipe={}, figures={})
    disk.write_json(carried / writer.CARD, card)
    (output / "old").touch()
    with pytest.raises(AdapterError):
        writer.take(carried, output, prompt)
    assert [one.name for one in output.iterdir()] == ["old"]
    assert sorted(one.name for one in tmp_path.iterdir() if one.name != "cache") == ["carried", "teach"]
