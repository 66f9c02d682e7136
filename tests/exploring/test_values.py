"""Values of fields, forms of questions and languages are counted; what is sampled says so."""

from stages.exploring import values
from stages.exploring.profile import profile
from tests.exploring.files import asked

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
    assert (concepts.field, concepts.shown) == ("concepts", [("y", 2), ("x", 1)])


def test_questions_are_told_by_how_they_begin(tmp_path):
    with asked(tmp_path, [{"question": text} for text in QUESTIONS]) as dataset:
        found = values.forms(dataset, "question")
    assert dict(found.shown) == {"what": 2, "how many": 1, "yes or no": 1, "asks to": 1, "why": 1, "ends with ?": 1,
                                 "other": 1}  # fmt: skip


def test_languages_of_many_texts_are_those_of_a_sample_which_is_always_the_same(tmp_path):
    rows = [{"t": f"This is an English sentence about the number {n}."} for n in range(40)]
    rows += [{"t": f"Dies ist ein deutscher Satz über die Zahl {n}."} for n in range(40)]
    with asked(tmp_path, rows) as dataset:
        assert dict(values.languages(dataset, "t").shown) == {"en": 40, "de": 40}
        some = values.languages(dataset, "t", sample=30)
    with asked(tmp_path, rows[::-1]) as dataset:
        assert values.languages(dataset, "t", sample=30) == some
    assert (some.rows, some.sampled, sum(n for _, n in some.shown)) == (80, 30, 30)


def test_where_no_field_is_a_topic_the_words_of_most_questions_are(tmp_path):
    rows = [{"question": text} for text in ("What is the pump of 2023?", "Pump it, pump it!", "Is the VALVE open?")]
    with asked(tmp_path, rows) as dataset:
        found = values.topics(dataset, "question", 2)
    assert (found.rows, found.shown) == (3, [("pump", 2), ("open", 1)])


def test_a_profile_has_it_all(tmp_path):
    rows = [{"question": text, "answer": "It is two of three.", "source": "a.md"} for text in QUESTIONS]
    with asked(tmp_path, rows) as dataset:
        found = profile(dataset)
    assert found.rows == 8 and [one.field for one in found.counts] == ["question", "answer"]
    assert {one.field for one in found.values} == {
        "source",
        "form of question",
        "language of question, detected",
        "words of question, but function words",
    }
    assert [(one.by, one.surplus) for one in found.duplicates if one.fields == ["answer"]] == [
        ("exact", 7), ("normalised", 7)]  # fmt: skip
