"""What a search brings: the right chunk first, two lists fused by rank, and recall only of what could be found."""

import numpy as np
import pytest

from stages.records import Chunk, Item
from stages.scoring import passages

TEXTS = {
    "a": "Rover drives at 5 km/h on sand.",
    "b": "The battery of Rover lasts for 12 hours.\nIt is charged by the sun.",
    "c": "Charging takes two hours.",
}


class Meanings:
    """An encoder that tells texts about the sun, whatever they call it, from all others."""

    def encode(self, texts):
        warm = [any(word in text for word in ("sun", "warms")) for text in texts]
        return np.eye(2, dtype=np.float32)[[int(one) for one in warm]]


def chunks() -> list[Chunk]:
    return [
        Chunk(
            id=name, document="d", source="d.md", heading=[], header=f"Guide > {name}", text=text, span=(0, 9), tokens=9
        )
        for name, text in TEXTS.items()
    ]


def item(identity: str, question: str, evidence: str | None, name: str = "faq", source: str | None = "d.md") -> Item:
    return Item(id=identity, set=name, question=question, answer="", evidence=evidence, source=source)


def test_the_chunk_that_answers_is_shown_first_with_its_header():
    asked = [item("1", "How long does the battery of Rover last?", "lasts for 12 hours.")]
    found = passages.look_up(asked, chunks(), depth=2)
    assert found.shown[asked[0].question][0].startswith("Guide > b\nThe battery") and len(found.shown) == 1
    assert found.recall == {"faq": {"1": [1.0, 1.0, 1.0, 1.0]}}


def test_recall_counts_what_stands_in_a_chunk_of_its_source_and_nothing_else():
    asked = [
        item("found", "How fast does Rover drive on sand?", "Rover  drives at\n5 km/h"),  # its first line counts
        item("not found", "What of cheese?", "Charging takes two hours."),
        item("nowhere", "How fast is Rover?", "Rover flies."),
        item("elsewhere", "How fast is Rover?", "Charging takes two hours.", source="e.md"),
        item("none", "Who?", None, "unanswerable", None),
        item("general", "How long is a battery?", None, "general", None),
    ]
    found = passages.look_up(asked, chunks(), depth=1)
    assert found.recall == {"faq": {"found": [1.0] * 4, "not found": [0.0] * 4}}
    assert "How long is a battery?" not in found.shown
    assert passages.look_up(asked, [], 3) == passages.look_up(asked, chunks(), 0) == passages.Found({}, {})


def test_reciprocal_rank_fusion_is_that_of_the_paper():
    assert passages.fused([[3, 1, 2], [1, 2]]) == [1, 2, 3]  # 1/62 + 1/61, 1/63 + 1/62, 1/61
    assert passages.fused([[2], [1]]) == [1, 2], "of equals the first chunk"


def test_an_encoder_finds_what_has_no_word_in_common():
    asked = "What warms the sand?"
    found = [passages.Searcher(chunks(), by).search([asked], 3)[0] for by in (None, Meanings())]  # type: ignore[arg-type]
    assert [[one.id for one in near] for near in found] == [["a"], ["a", "b", "c"]], "first by both, then by meaning"
    recall = passages.look_up([item("1", asked, "It is charged by the sun.")], chunks(), 1, Meanings()).recall  # type: ignore[arg-type]
    assert recall == {"faq": {"1": [0.0, 1.0, 1.0, 1.0]}}


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_at_most_so_many_chunks_are_shown(depth: int):
    found = passages.look_up([item("1", "Rover battery charging hours sand?", None)], chunks(), depth)
    assert all(len(texts) == depth for texts in found.shown.values())
