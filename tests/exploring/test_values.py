"""Values of fields, forms of questions and languages are counted; what is sampled says so."""

import pytest

from stages.exploring import values
from stages.exploring.dataset import DatasetError
from stages.exploring.profile import described, profile
from tests.exploring.files import asked, written

QUESTIONS = [
    "What is it?",
    "How many are there?",
    "Is it so?",
    "  WHAT else?",
    "Tell me more.",
    "Why?",
    "The size?",
    "Go",
]


def test_values_are_ordered_by_how_common_they_are_and_each_of_a_list_counts(tmp_path):
    rows = [{"source": "a.md", "concepts": ["x", "y"]}, {"source": "b.md", "concepts": ["y"]}, {"source": "b.md"}]
    with asked(tmp_path, rows) as dataset:
        source, concepts = values.common(dataset)
    assert (source.field, source.rows, source.distinct, source.shown) == ("source", 3, 2, [("b.md", 2), ("a.md", 1)])
    assert (concepts.field, concepts.rows, concepts.shown) == ("concepts", 2, [("y", 2), ("x", 1)])


def test_questions_are_told_by_how_they_begin(tmp_path):
    with asked(tmp_path, [{"question": text} for text in QUESTIONS]) as dataset:
        found = values.forms(dataset, "question")
    assert dict(found.shown) == {"what": 2, "how many": 1, "yes or no": 1, "asks to": 1, "why": 1, "ends with ?": 1,
                                 "other": 1}  # fmt: skip


def test_the_last_message_of_a_prompt_is_its_question(tmp_path):
    prompt = [{"role": "system", "content": "Answer what is asked."}, {"role": "user", "content": "Why is it so?"}]
    with asked(tmp_path, [{"prompt": prompt}]) as dataset:
        (found,) = [one for one in described(dataset, ["prompt[].content"], 5) if one.field.startswith("form of")]
    assert found.shown == [("why", 1)]


def test_without_topics_it_is_the_words_in_most_texts_that_tell_them(tmp_path):
    rows = [{"t": "The pump of it is old, the pump!"}, {"t": "Is the pump of ÅSA old?"}, {"t": "What is a valve?"}]
    with asked(tmp_path, rows) as dataset:
        found = values.topics(dataset, "t", most=3)
    assert (found.rows, found.distinct, found.shown) == (3, 4, [("old", 2), ("pump", 2), ("valve", 1)])


def test_licences_are_those_of_the_documents_that_rows_come_from(tmp_path):
    documents = [{"source": "a.md", "licence": "MIT"}, {"source": "b.md", "licence": None}]
    file = str(written(tmp_path / "documents.jsonl", documents))
    with asked(tmp_path, [{"source": one} for one in ("a.md", "a.md", "b.md", "c.md")]) as dataset:
        found = values.licences(dataset, file)
    assert (found.rows, found.shown) == (4, [("MIT", 2), ("unknown", 2)])
    with asked(tmp_path, [{"t": "x"}]) as dataset, pytest.raises(DatasetError, match="no field source"):
        values.licences(dataset, file)


def test_languages_of_many_texts_are_those_of_a_sample_which_is_always_the_same(tmp_path):
    rows = [{"t": f"This is an English sentence about the number {n}."} for n in range(40)]
    rows += [{"t": f"Dies ist ein deutscher Satz über die Zahl {n}."} for n in range(40)]
    with asked(tmp_path, rows) as dataset:
        assert dict(values.languages(dataset, "t").shown) == {"en": 40, "de": 40}
        some = values.languages(dataset, "t", sample=30)
    with asked(tmp_path, rows[::-1]) as dataset:
        assert values.languages(dataset, "t", sample=30) == some
    assert (some.rows, some.sampled, sum(n for _, n in some.shown)) == (80, 30, 30)


def test_a_profile_has_it_all(tmp_path):
    rows = [{"question": text, "answer": "It is two of three.", "source": "a.md"} for text in QUESTIONS]
    with asked(tmp_path, rows) as dataset:
        found = profile(dataset)
    assert found.rows == 8 and [one.field for one in found.counts] == ["question", "answer"]
    assert {one.field for one in found.values} == {
        "source", "form of question", "language of question, detected", "words of question, without function words",
    }  # fmt: skip
    assert [(one.by, one.surplus) for one in found.duplicates if one.fields == ["answer"]] == [
        ("exact", 7), ("normalised", 7)]  # fmt: skip
