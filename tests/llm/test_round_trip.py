"""The round trip: what a model answers to a question again is held against the stored answer, by its keys."""

import pytest

from stages.llm import round_trip
from stages.llm.prompts import Prompt
from stages.records import Evidence, Pair

ROW = "Rover 2: speed 5 km/h, wheels 6, mass 480 kg."
PAIR = Pair(
    id="p", question="How fast is Rover 2?", answer=ROW, facts=["f"], source="r.md", topic="Rover",
    evidence=[Evidence(document="d", quote=ROW, span=(0, 9))], origin="generated",
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "stored", "given", "match"),
    [
        (PAIR.question, ROW, "It drives at 5 km/h.", 1.0),
        (PAIR.question, ROW, "It drives at 9 km/h.", 0.0),
        (PAIR.question, ROW, "I do not know.", 0.0),
        (PAIR.question, ROW, "", 0.0),
        (PAIR.question, ROW, "It is quite fast.", 0.0),
        ("How fast is Rover 2?", "Rover 2 drives at 5 km/h.", "5 km/h, and it has 6 wheels.", 1.0),
        ("Does Rover float?", "No, Rover sinks.", "Yes.", 0.0),
        ("Does Rover float?", "No, Rover sinks.", "No.", 1.0),
        ("What is Rover for?", "Rover carries sensors over rough ground.", "It carries sensors.", 1.0),
        ("What is Rover for?", "Rover carries sensors over rough ground.", "It delivers mail.", 0.0),
        ("What is Rover for?", "Rover carries sensors over rough ground.", "Rover is for that.", 0.0),
    ],
)
def test_the_key_match_of_an_answer(question, stored, given, match):
    assert round_trip.match(question, stored, given) == match


def test_a_pair_is_asked_with_its_evidence_and_without():
    with_it, without = round_trip.of_pairs([PAIR], Prompt("answer_again"))
    assert ROW in with_it.messages[-1][1] and with_it.temperature == without.temperature == 0
    assert ROW not in "".join(text for _, text in without.messages) and PAIR.question in without.messages[-1][1]
    scores = round_trip.scores(PAIR, [{"text": "5 km/h"}, {"text": "I don't know."}])
    assert scores == {"round_trip": 1.0, "closed_book": 0.0}
    assert round_trip.scores(PAIR, [{"error": "timeout"}, {"text": "5 km/h"}]) == {"closed_book": 1.0}
