"""Reading SQuAD-format files: what can be asked without its paragraph is used, the rest is not."""

import json
from collections import Counter

import pytest

from stages.llm import squad
from stages.llm.prompts import Example
from stages.llm.squad import SquadError

CONTEXT = (
    "Oslo is the capital of Norway. It has many parks. The Akershus fortress in Oslo was built by King Haakon in 1299. "
    "The Oslo tram network carries 50 million passengers every year."
)
GOOD = [
    ("Who built the Akershus fortress in Oslo?", "King Haakon"),
    ("How many passengers does the Oslo tram network carry every year?", "50 million"),
    ("What is Oslo the capital of?", "Norway"),
]


def qa(question, answer, **more):
    return {
        "question": question,
        "id": "1",
        "answers": [{"text": answer, "answer_start": CONTEXT.index(answer)}],
    } | more


def written(folder, *items, title="Oslo_(city)"):
    file = folder / "some.json"
    paragraphs = [{"context": CONTEXT, "qas": list(items)}]
    file.write_text(json.dumps({"version": "1.1", "data": [{"title": title, "paragraphs": paragraphs}]}))
    return file


def test_a_question_comes_with_the_sentence_of_its_answer_its_topic_and_its_form(tmp_path):
    found = squad.examples(written(tmp_path, *(qa(*one) for one in GOOD)))
    assert [(one.question, one.form) for one in found] == [(GOOD[0][0], "who"), (GOOD[1][0], "how_many"),
                                                           (GOOD[2][0], "what")]  # fmt: skip
    assert found[0].answer == "The Akershus fortress in Oslo was built by King Haakon in 1299."
    assert {one.topic for one in found} == {"Oslo (city)"} and all(one.id.startswith("squad-") for one in found)


@pytest.mark.parametrize(
    ("what", "item"),
    [
        ("no answer", {"question": GOOD[0][0], "id": "1", "answers": []}),
        ("impossible", qa(*GOOD[0], is_impossible=True)),
        ("a name that neither sentence nor title holds", qa("Who built the Kremlin in Oslo?", "King Haakon")),
        ("no name at all", qa("By whom was the fortress built?", "King Haakon")),
        ("points at its paragraph", qa("Who built the Akershus fortress in the passage?", "King Haakon")),
        ("yes or no", qa("Was the Akershus fortress in Oslo built in 1299?", "1299")),
        ("its sentence is not understood alone", qa("What does Oslo have many of?", "parks")),
        ("no question", qa("Akershus fortress", "King Haakon")),
        ("about a side of its sentence only", qa("What is the Oslo tram?", "tram")),
        ("other words", qa("Which monarch commissioned bastions around Oslo?", "King Haakon")),
    ],
)
def test_what_cannot_be_asked_without_its_paragraph_is_not_used(tmp_path, what, item):
    assert squad.examples(written(tmp_path, item)) == [], what


def test_each_question_is_used_once(tmp_path):
    assert len(squad.examples(written(tmp_path, qa(*GOOD[0]), qa(*GOOD[0])))) == 1


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "{}", '{"data": 5}', '{"data": {"title": 1}}', '{"data": ["title"]}',
        '{"data": [{"title": "T"}]}',
        '{"data": [{"title": "T", "paragraphs": [{"context": "C."}]}]}',
        '{"data": [{"title": "T", "paragraphs": [{"context": "C.", "qas": [{"question": "Q?"}]}]}]}',
        '{"data": [{"title": "T", "paragraphs": [{"context": 5, "qas": []}]}]}',
        '{"data": [{"title": null, "paragraphs": [{"context": "C.", "qas": [{"question": "Q?", "answers": [1]}]}]}]}',
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_what_was_expected(tmp_path, content):
    file = tmp_path / "broken.json"
    file.write_text(content)
    with pytest.raises(SquadError, match=r"broken.json: expected SQuAD format, data > paragraphs > qas"):
        squad.examples(file)


def test_bytes_that_are_no_text_are_named_too(tmp_path):
    (tmp_path / "broken.json").write_bytes(b"\xff\xfe{}\x00")
    with pytest.raises(SquadError, match="broken.json"):
        squad.examples(tmp_path / "broken.json")


def test_a_few_are_spread_over_the_forms_and_drawn_the_same_in_any_order():
    many = [Example(id=f"{form}{n:02}", topic="T", answer="A", question="Q", form=form)
            for form, count in (("what", 50), ("how", 5), ("why", 2)) for n in range(count)]  # fmt: skip
    found = squad.spread(many, 12)
    assert Counter(one.form for one in found) == {"what": 5, "how": 5, "why": 2}
    assert squad.spread(many[::-1], 12) == found == sorted(found, key=lambda one: one.id)
    assert squad.spread(many, 0) == [] and squad.spread([], 5) == [] and len(squad.spread(many, 99)) == 57
