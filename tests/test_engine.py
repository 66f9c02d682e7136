"""The engine: the same results here, in other processes and on Dask, in order, and never far ahead."""

import pytest

from stages import disk, engine
from stages.records import Pair
from tests.test_curate import QUOTE, pair, run


def doubled(some):
    return [2 * one for one in some]


@pytest.mark.parametrize("setting", [{"WORKERS": "1"}, {"WORKERS": "2"}, {"DASK": "local", "WORKERS": "2"}])
def test_results_come_in_order_wherever_they_are_made(monkeypatch, setting):
    for name, value in setting.items():
        monkeypatch.setenv(f"FAQTUNE_{name}", value)
    count = engine.FEW + 1
    found = engine.in_order(doubled, iter(range(count)), count)
    assert [one for some in found for one in some] == [2 * one for one in range(count)]


def test_no_more_is_read_ahead_than_the_workers_need(monkeypatch):
    monkeypatch.setenv("FAQTUNE_WORKERS", "2")
    read = []
    things = (read.append(n) or n for n in range(50 * engine.BATCH))
    found = engine.in_order(doubled, things, 50 * engine.BATCH)
    next(found)
    assert len(read) <= (engine.AHEAD * 2 + 1) * engine.BATCH
    found.close()


def test_a_failure_in_another_process_is_raised_here(monkeypatch):
    monkeypatch.setenv("FAQTUNE_WORKERS", "2")
    with pytest.raises(TypeError):
        list(engine.in_order(doubled, [None] * (engine.FEW + 1), engine.FEW + 1))


def test_pairs_measured_elsewhere_are_the_same_bytes(tmp_path, monkeypatch):
    asked = [pair(f"{n:05}", f"How many tokens was Llama 2 trained on in {n}?", f"{QUOTE} {n}") for n in range(60)]
    monkeypatch.setattr(engine, "FEW", 10)
    for name, setting in (("one", {"WORKERS": "1"}), ("two", {"WORKERS": "2"}), ("dask", {"DASK": "local"})):
        monkeypatch.delenv("FAQTUNE_WORKERS", raising=False)
        for key, value in setting.items():
            monkeypatch.setenv(f"FAQTUNE_{key}", value)
        run(tmp_path / name, asked)
    first = (tmp_path / "one/out/pairs.jsonl").read_bytes()
    assert first.count(b"\n") == 60 and len(disk.read(tmp_path / "one/pairs.jsonl", Pair)) == 60
    assert (tmp_path / "two/out/pairs.jsonl").read_bytes() == first == (tmp_path / "dask/out/pairs.jsonl").read_bytes()
