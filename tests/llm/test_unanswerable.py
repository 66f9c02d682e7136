"""Questions near the documents that no text of them answers."""

import pytest

from stages.llm import kinds, nearby, unanswerable
from stages.llm.prompts import Prompt
from stages.llm.unanswerable import Written
from stages.quality import pointing, wording
from stages.records import Chunk, Fact, Pair

TEXTS = {
    "Opal": "Opal is an open source framework for rovers. Opal is written in Rust. Opal was released in 2019.",
    "Quartz": "Quartz is a small library for maps. Quartz has no name for the sea.",
    "Flags": "The flag --depth sets how deep the drill goes.",
    "Wheels": "The flag --wheels is 6 by default.",
    "Sand": "Opal Sand is a dataset of stones. Opal Sand contains 900 examples.",
    "Rock": "Opal Rock is a dataset of rocks. Opal Rock contains 800 examples.",
    "Dust": "Opal Dust is a dataset of dust that floats.",
}


def corpus(**texts: str) -> tuple[list[Fact], list[Chunk]]:
    chunks = [
        Chunk(id=name, document=name, source=f"{name}.md", heading=[], header=name, text=text, span=(0, 9), tokens=9)
        for name, text in texts.items()
    ]  # fmt: skip
    names = ["Opal Sand", "Opal Rock", "Opal Dust", "Opal", "Quartz", "--depth", "--wheels"]
    facts = [
        Fact(
            id=f"{name}{n}", chunk=name, document=name, source=f"{name}.md", topic=name, quote=f"{sentence}.",
            span=(0, 9), concepts=[one for one in names if sentence.startswith(one) or f"flag {one}" in sentence],
        )
        for name, text in texts.items()
        for n, sentence in enumerate(text.rstrip(".").split(". "))
    ]  # fmt: skip
    return facts, chunks


def pair(question: str, answer: str) -> Pair:
    return Pair(id=question, question=question, answer=answer, facts=["x"], source="x.md", origin="generated")


@pytest.fixture(scope="module")
def proposed():
    return unanswerable.propose([], *corpus(**TEXTS), most=100, seed=0)


def test_a_subject_is_of_the_kind_that_the_texts_say():
    facts, chunks = corpus(**TEXTS)
    found = kinds.subjects(facts, [chunk.text for chunk in chunks], nearby.asked().kinds)
    assert {subject.name: subject.kind for subject in found} == {
        "Opal": "library", "Quartz": "library", "--depth": "flag", "--wheels": "flag",
        "Opal Sand": "dataset", "Opal Rock": "dataset", "Opal Dust": "dataset",
    }  # fmt: skip
    assert next(subject.shown for subject in found if subject.name == "--depth") == "the flag --depth"


def test_a_name_without_a_kind_is_not_asked_about():
    facts, chunks = corpus(Opal="Opal shines at night.")
    assert unanswerable.propose([], facts, chunks, most=9, seed=0) == ([], [])


def test_questions_are_about_a_subject_by_name_and_what_is_asked_of_its_kind(proposed):
    kept, _ = proposed
    assert len(kept) > 20
    for one in kept:
        assert one.subject in one.question and one.about and one.topic
        assert wording.is_question(one.question) and not pointing.dangling(one.question)


def test_what_a_text_answers_is_not_asked(proposed):
    kept, dropped = proposed
    asked = {(one.subject, one.about) for one in kept}
    assert ("Quartz", "programming language") in asked and ("Opal", "programming language") not in asked
    assert ("Quartz", "release date") in asked and ("Opal", "release date") not in asked
    assert ("--depth", "default value") in asked and ("--wheels", "default value") not in asked
    assert "answerable" in {one.reason for one in dropped}


def test_an_answer_in_another_document_or_under_another_name_counts():
    news = "Quartz now costs 9 euros. Quartz came out in 2020."
    kept, _ = unanswerable.propose([], *corpus(**TEXTS, News=news), most=200, seed=0)
    assert ("Quartz", "release date") not in {(one.subject, one.about) for one in kept}
    told = "Opal Map Kit (OMK) is a library for maps. OMK is a library that runs on paper."
    facts, chunks = corpus(Kit=told, News="The Opal Map Kit came out in 2020.")
    facts[1].concepts.append("OMK")
    kept, dropped = unanswerable.propose([], facts, chunks, most=100, seed=0)
    assert ("OMK", "uninstalling") in {(one.subject, one.about) for one in kept}
    assert ("OMK", "release date") not in {(one.subject, one.about) for one in kept}


def test_what_is_asked_of_two_of_a_kind_is_asked_of_a_third():
    facts, chunks = corpus(**TEXTS)
    pairs = [pair("How many examples does Opal Sand contain?", "900.")]
    kept, _ = unanswerable.propose(pairs, facts, chunks, most=200, seed=0)
    asked = {one.question for one in kept}
    assert "How many examples does Opal Dust contain?" in asked
    assert "How many examples does Opal Rock contain?" not in asked and pairs[0].question not in asked


def test_a_question_of_the_documents_is_never_returned():
    facts, chunks = corpus(**TEXTS)
    known = [pair("Who wrote the Quartz library?", "x"), pair("What is the default value of the flag --depth?", "x")]
    kept, dropped = unanswerable.propose(known, facts, chunks, most=200, seed=0)
    assert known[1].question not in {one.question for one in kept}
    assert "answered" in {one.reason for one in dropped}


def test_the_quota_is_kept_and_spread_and_the_seed_decides(proposed):
    facts, chunks = corpus(**TEXTS)
    kept, dropped = unanswerable.propose([], facts, chunks, most=6, seed=0)
    assert len(kept) == 6 and len({one.subject for one in kept}) == 6 and len({one.about for one in kept}) >= 5
    assert "over_quota" in {one.reason for one in dropped}
    assert unanswerable.propose([], facts[::-1], chunks[::-1], most=6, seed=0)[0] == kept
    assert unanswerable.propose([], facts, chunks, most=6, seed=1)[0] != kept
    assert len({one.id for one in proposed[0]}) == len(proposed[0])


def test_a_teachers_questions_are_checked_like_the_others():
    facts, chunks = corpus(**TEXTS)
    written = [
        Written(question="Which colours can Quartz draw?", about="colours"),
        Written(question="In which language is Opal written?", about="language written"),
        Written(question="What is it good for?", about="use"),
    ]
    kept, dropped = unanswerable.propose([], facts, chunks, most=200, seed=0, written=written)
    assert [one.question for one in kept if one.origin == "teacher"] == [written[0].question]
    reasons = {one.question: one.reason for one in dropped}
    assert reasons[written[1].question] == "answerable" and reasons[written[2].question] == "dangling"


def test_a_teacher_is_asked_once_a_topic_and_its_reply_read():
    facts, _ = corpus(**TEXTS)
    requests = unanswerable.requests(facts, Prompt("unanswerable"), 2, "English", 0.7, 200, 0)
    assert len(requests) == len(TEXTS) and requests[0].schema == unanswerable.SCHEMA
    reply = {"text": '{"questions": [{"question": "Which colours can Quartz draw?", "about": "colours"}]}'}
    assert unanswerable.read(reply, 2) == ([Written(question="Which colours can Quartz draw?", about="colours")], None)
    assert unanswerable.read({"text": "No."}, 2)[1].reason == "not_json"
    assert unanswerable.read({"error": "timeout"}, 2)[1].reason == "no_reply"


def test_every_property_is_of_a_kind_that_there_is_and_reads_as_a_question():
    given = nearby.asked()
    for one in given.properties:
        assert set(one.kinds) <= set(given.kinds), one.about
        assert all(wording.is_question(ask.format(subject="Quartz")) for ask in one.ask), one.about
