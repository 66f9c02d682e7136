"""What is exported cannot be empty."""

from pathlib import Path

import pytest

from stages import disk
from stages.exporting import examples
from stages.records import Message, Row
from stages.reporting.gather import GatherError


def test_a_run_without_a_training_row_is_refused(tmp_path: Path):
    for name in ("augment/pairs.jsonl", "mix/train.jsonl", "split/reworded.jsonl", "split/held_out.jsonl"):
        disk.write(tmp_path / name, [])
    for rows in (examples.training, examples.accepted):
        with pytest.raises(GatherError, match="no row for training"):
            rows(tmp_path)


def test_an_answer_of_several_messages_is_one_text_as_in_training():
    answer = [Message(role="assistant", content=text) for text in ("One.", "Two.")]
    row = Row(id="r", pair="p", origin="replay", prompt=[Message(role="user", content="Q")], completion=answer)
    assert examples.said(row) == examples.Said("", [], "Q", "One.\nTwo.")
