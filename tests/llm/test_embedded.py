"""The embedded model is served on loopback, only while it is needed, and with one slot always says the same."""

import pytest

from stages.llm import gateway
from stages.llm.replies import Replies

pytestmark = pytest.mark.model


def ask(folder, name):
    model = gateway.Model(name="embedded", revision="1")
    requests = [
        gateway.Request(messages=(("user", text),), temperature=0.9, max_tokens=12, sample=sample)
        for text in ("Name a fruit.", "Name a colour.")
        for sample in range(2)
    ]
    store = Replies(folder / f"{name}.jsonl", folder / f"{name}.sqlite")
    return [reply["text"] for reply in gateway.ask(requests, model, store)]


def test_with_one_slot_two_runs_say_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("FAQTUNE_EMBEDDED__SLOTS", "1")
    first = ask(tmp_path, "first")
    assert ask(tmp_path, "second") == first
    assert len(set(first)) > 1 and all(first)


def test_with_several_slots_samples_of_a_prompt_differ(tmp_path, monkeypatch):
    monkeypatch.setenv("FAQTUNE_EMBEDDED__SLOTS", "4")
    first = ask(tmp_path, "first")
    assert len(first) == 4 and len(set(first)) > 1
