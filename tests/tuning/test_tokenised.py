import json
from pathlib import Path

import pytest

from stages import settings
from stages.tuning import models, rows, tokenised
from tests.tuning.examples import some_rows


def prepared(student: Path, count: int = 6, max_length: int = 256) -> tokenised.Tokenised:
    tokenizer = models.load_tokenizer(str(student))
    return tokenised.prepared(tokenizer, some_rows(count), str(student), "main", max_length)


def test_rows_are_what_the_loader_makes_of_them(tiny_llama: Path):
    encoded = rows.encode_rows(models.load_tokenizer(str(tiny_llama)), some_rows(6))
    kept = prepared(tiny_llama)
    assert len(kept) == 6 and kept.lengths == [len(one.ids) for one in encoded]
    for one, other in zip(kept[:], encoded, strict=True):
        assert (one.id, one.ids, one.labelled, one.weight) == (other.id, other.ids, other.labelled, other.weight)
    assert kept.figures["rows"] == 6 and kept[-1].id == encoded[-1].id


def test_they_are_tokenised_once_for_a_tokenizer_and_its_rows(tiny_llama: Path, monkeypatch):
    first = prepared(tiny_llama)
    monkeypatch.setattr(tokenised, "encode_rows", None)
    again = prepared(tiny_llama)
    assert [one.ids for one in again] == [one.ids for one in first] and again.figures == first.figures
    with pytest.raises(TypeError):
        prepared(tiny_llama, count=7)
    assert [folder.name[0] for folder in (settings.cache() / "tokens").iterdir()].count(".") == 0


def test_another_longest_row_is_checked_anew(tiny_llama: Path):
    prepared(tiny_llama)
    with pytest.raises(rows.RowsError, match="more than --max-length 8"):
        prepared(tiny_llama, max_length=8)


def test_a_tokenizer_that_was_changed_in_its_folder_is_another(tiny_llama: Path, tmp_path: Path):
    import shutil

    prepared(tiny_llama)
    copy = shutil.copytree(tiny_llama, tmp_path / "copy")
    config = json.loads((copy / "tokenizer_config.json").read_text())
    (copy / "tokenizer_config.json").write_text(json.dumps(config | {"eos_token": "<|im_start|>"}))
    prepared(copy)
    assert len(list((settings.cache() / "tokens").iterdir())) == 2
