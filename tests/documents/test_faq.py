"""Structured FAQ files: every item is a question with its answer, whatever the shape of the file."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.documents.blocks import Dropped, Parsed, Part, ReadError
from stages.documents.readers import read

ITEMS = [("What does it cost?", "Nothing at all."), ("Who may use it?", "Everyone may.")]
NAMED = [{"question": question, "answer": answer} for question, answer in ITEMS]


def pairs(parsed: Parsed) -> list[tuple[str | None, str]]:
    return [(part.question, "\n\n".join(part.blocks)) for part in parsed.parts]


def drops(parsed: Parsed) -> list[tuple[str, str]]:
    return [(piece.reason, piece.text) for piece in parsed.pieces if isinstance(piece, Dropped)]


def from_json(value: Any, base: str | None = None) -> Parsed:
    return read(json.dumps(value, ensure_ascii=False).encode(), ".json", base)


def one(**columns: Any) -> Part:
    (part,) = from_json([{"question": "Why?", **columns}]).parts
    return part


SCHEMA = {
    "@context": "https://schema.org",
    "@type": "FAQPage",
    "mainEntity": [
        {"@type": "Question", "name": q, "acceptedAnswer": {"@type": "Answer", "text": f"<p>{a}</p>"}} for q, a in ITEMS
    ],
}
SQUAD = [{"question": question, "answers": [{"text": answer}]} for question, answer in ITEMS]
SHAPES = {
    "objects": NAMED,
    "other names": [{"Q": q, "A": a} for q, a in ITEMS],
    "instruction": [{"instruction": q, "input": "", "output": a} for q, a in ITEMS],
    "German": [{"Frage": q, "Antwort": a} for q, a in ITEMS],
    "object with a list": {"faqs": NAMED},
    "schema.org": SCHEMA,
    "schema.org graph": {"@context": "https://schema.org", "@graph": [SCHEMA]},
    "mapping": dict(ITEMS),
    "chats": [{"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]} for q, a in ITEMS],
    "one chat": {"conversations": [{"from": f, "value": t} for q, a in ITEMS for f, t in (("human", q), ("gpt", a))]},
    "items with columns of messages": [one | {"role": "user", "content": "page 3"} for one in NAMED],
    "items with a sender": [one | {"from": "support", "value": "7"} for one in NAMED],
    "chats without a name": [[{"role": "user", "content": q}, {"role": "assistant", "content": a}] for q, a in ITEMS],
    "prompts and completions as messages": [
        {
            "prompt": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": q}],
            "completion": [{"role": "assistant", "content": a}],
        }
        for q, a in ITEMS
    ],
    "pairs that are said once more as chats": {
        "summary": "On prices.",
        "qa_pairs": NAMED,
        "conversations": [[{"role": "user", "content": q}, {"role": "assistant", "content": a}] for q, a in ITEMS],
    },
    "SQuAD": {
        "version": "1.1",
        "data": [
            {"paragraphs": [{"context": "", "qas": [{"question": q, "answers": [{"text": a}]} for q, a in ITEMS]}]}
        ],
    },
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_json_gives_its_pairs(name):
    assert pairs(from_json(SHAPES[name])) == ITEMS


def test_json_lines_are_read_and_a_broken_line_is_on_record():
    lines = [json.dumps(item) for item in NAMED]
    parsed = read("\n".join([lines[0], '{"question": "Wh', lines[1]]).encode(), ".jsonl")
    assert pairs(parsed) == ITEMS
    assert drops(parsed) == [("unreadable_line", 'row 2\n{"question": "Wh')]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_dialect_of_csv_gives_its_pairs(delimiter, mark):
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows([["Question", "Answer"], *ITEMS])
    assert pairs(read((mark + file.getvalue()).encode(), ".csv")) == ITEMS


def test_a_field_of_csv_may_have_lines_quotes_and_delimiters():
    parsed = read(b'sep=;\nq;a\n"What; is ""it""?";"One.\n\nTwo; three."\n', ".csv")
    assert pairs(parsed) == [('What; is "it"?', "One.\n\nTwo; three.")]


def test_category_link_and_id_are_used_and_other_columns_on_record():
    parsed = read(
        b"Category,Question,Answer,URL,ID,Owner,Empty\n"
        b"Use > Start,Why?,So.,/help#why,q1,Ann,\nUse > Start,How?,Thus.,,,,\n",
        ".csv",
        "https://example.org/faq.csv",
    )
    first, second = parsed.parts
    assert (first.heading, first.question, first.anchor) == (("Use", "Start"), "Why?", "q1")
    assert [link.url for link in first.links] == ["https://example.org/help#why"]
    assert (second.heading, second.question, second.anchor) == (("Use", "Start"), "How?", None)
    assert drops(parsed) == [("other_columns", "Owner: Ann")]


def test_names_of_lists_are_categories():
    parsed = from_json({"title": "Shop", "Billing": NAMED[:1], "Login": [{"q": "How?", "a": "So."}]})
    assert parsed.title == "Shop"
    assert [part.heading for part in parsed.parts] == [("Billing",), ("Login",)]
    assert drops(parsed) == [("other_columns", "title: Shop")]


def test_answers_with_markup_are_normalised_and_others_stay_as_they_are():
    html = one(
        answer="<p>Take <b>both</b>:</p><ul><li>one</li><li>two</li></ul><p><a href='https://a.org/x'>more</a></p>"
    )
    assert html.blocks == ["Take both:", "- one\n- two", "more"]
    assert [(link.text, link.url) for link in html.links] == [("more", "https://a.org/x")]
    markdown = one(answer="Do:\n\n1. one\n2. two\n\n```sh\nrun *it*\n```\n\n## Then\n\nSee [more](https://a.org/x).")
    assert markdown.blocks == ["Do:", "1. one\n2. two", "```\nrun *it*\n```", "Then", "See more."]
    assert one(answer="Set __init__ or a_b*c < List<T> & go.").blocks == ["Set __init__ or a_b*c < List<T> & go."]
    assert one(answer="One\nline.\n\nAnother.").blocks == ["One line.", "Another."]


@pytest.mark.parametrize(
    "data",
    [
        b"Title,Body,Category\nHow to pay?,By card.,Pay\nHow to leave?,By door.,Pay\n",
        b"FAQ,Response,Topic\nHow to pay?,By card.,Pay\nHow to leave?,By door.,Pay\n",
        b"Category;Question (EN);Answer (EN)\nPay;How to pay?;By card.\nPay;How to leave?;By door.\n",
        b"Pay,How to pay?\n\nCategory,Question,Answer\nPay,How to pay?,By card.\nPay,How to leave?,By door.\n",
    ],
)
def test_names_of_columns_may_be_of_other_kinds_or_stand_below_other_lines(data):
    parsed = read(data, ".csv")
    assert pairs(parsed) == [("How to pay?", "By card."), ("How to leave?", "By door.")]
    assert {part.heading for part in parsed.parts} == {("Pay",)}
    assert drops(parsed) in ([], [("other_columns", "line: Pay How to pay?")])


def test_titles_are_questions_only_if_most_of_them_ask():
    items = [
        {"title": "Is it?", "content": "Yes."},
        {"title": "Why?", "content": "So."},
        {"title": "News", "content": "-"},
    ]
    assert [asked for asked, _ in pairs(from_json({"faqs": items}))] == ["Is it?", "Why?", "News"]
    for other in (items[1:], [{**item, "summary": "More text."} for item in items]):
        with pytest.raises(ReadError, match="no columns"):
            from_json(other)


def test_of_an_answer_that_is_an_object_the_text_is_taken():
    assert one(answer={"html": "<p>It <b>is</b>.</p>"}).blocks == ["It is."]
    assert one(answer={"type": "doc", "markdown": "It **is**."}).blocks == ["It is."]
    assert one(answer={"en": "It is.", "de": "Ist so."}).blocks == ["It is."]
    with pytest.raises(ReadError, match="there are columns 'question' and 'answer', but no item"):
        from_json([{"question": "Why?", "answer": {"ref": 7}}])


def test_the_name_of_a_group_is_a_category():
    parsed = from_json([{"heading": "Setup", "faqs": NAMED[:1]}, {"name": "Use", "items": NAMED[1:]}])
    assert [part.heading for part in parsed.parts] == [("Setup",), ("Use",)]
    assert pairs(parsed) == ITEMS and drops(parsed) == []


def test_an_incomplete_item_is_on_record_with_its_row():
    parsed = read(b"category,question,answer\nUse,Why?,So.\nUse,How?,\n,,\n,,Yes.\n", ".csv")
    assert pairs(parsed) == [("Why?", "So.")]
    assert drops(parsed) == [
        ("incomplete_item", "row 3\ncategory: Use\nquestion: How?"),
        ("incomplete_item", "row 5\nanswer: Yes."),
    ]


def test_squad_keeps_its_passages_and_the_other_answers():
    answers = [{"text": "Africa", "answer_start": 14}, {"text": "in Africa", "answer_start": 11}]
    pair = {"id": "5", "question": "Where do lions live?", "answers": answers}
    none = {"id": "6", "question": "Where do bears live?", "answers": [], "is_impossible": True}
    value = {"data": [{"title": "Big_Cats", "paragraphs": [{"context": "Lions live in Africa.", "qas": [pair, none]}]}]}
    parsed = from_json(value)
    context, item = parsed.parts
    assert (context.heading, context.blocks, context.question) == (("Big Cats",), ["Lions live in Africa."], None)
    assert (item.heading, item.blocks, item.anchor) == (("Big Cats",), ["Africa"], "5")
    assert [reason for reason, _ in drops(parsed)] == ["other_columns", "incomplete_item"]
    assert "in Africa" in drops(parsed)[0][1] and "bears" in drops(parsed)[1][1]


def test_what_is_said_in_a_chat_besides_its_pairs_is_on_record():
    turns = [("system", "Be kind."), ("user", "Hi?"), ("user", "Well?"), ("assistant", "Yes."), ("user", "More?")]
    parsed = from_json({"messages": [{"role": role, "content": said} for role, said in turns]})
    assert pairs(parsed) == [("Well?", "Yes.")]
    assert [text.splitlines()[-1] for _, text in drops(parsed)] == [
        "system: Be kind.",
        "question: Hi?",
        "question: More?",
    ]


def test_without_columns_for_pairs_the_error_names_those_found():
    for data, suffix in ((b"name;size\na;b\n", ".csv"), (b'[{"name": "a", "size": 1}]', ".json")):
        with pytest.raises(ReadError) as error:
            read(data, suffix)
        assert error.value.reason == "no_pairs"
        assert "'name'" in str(error.value) and "'size'" in str(error.value) and "question" in str(error.value)


@pytest.mark.parametrize(
    ("data", "suffix", "reason"),
    [
        (b" \n", ".json", "empty"),
        (b'{"question": "Why', ".json", "unreadable"),
        (b"[" * 100_000, ".json", "unreadable"),
        (b'[1, null, "a"]', ".json", "no_pairs"),
        (b"{}", ".json", "no_pairs"),
        (b"\x00\x01\x02", ".csv", "binary"),
        (b"rubbish", ".tsv", "no_pairs"),
        (b"question,answer\n", ".csv", "no_pairs"),
        (b'question,answer\nWhy?,"' + b"x" * 10_000_001, ".csv", "unreadable"),
    ],
)
def test_what_holds_no_pairs_is_a_read_error(data, suffix, reason):
    limit = csv.field_size_limit()
    with pytest.raises(ReadError) as error:
        read(data, suffix)
    assert error.value.reason == reason
    assert csv.field_size_limit() == limit


TEXT = st.text(alphabet='xy ?\n",;*<>é', max_size=12)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=5))
def test_no_letter_is_lost_whatever_the_items(items):
    file = io.StringIO()
    csv.writer(file).writerows([["question", "answer", "remark"], *items])
    try:
        parsed = read(file.getvalue().encode(), ".csv")
    except ReadError as error:
        assert error.reason == "no_pairs"
        return
    found = "".join(part.question or "" for part in parsed.parts) + "".join(
        block for part in parsed.parts for block in part.blocks
    )
    found += "".join(text.replace("remark:", "").replace("answer:", "") for _, text in drops(parsed))
    for letter in "xé":
        assert found.count(letter) == "".join(map("".join, items)).count(letter)


def test_a_row_with_more_cells_than_names_is_on_record_and_no_half_answer_is_taught():
    data = b"question;answer\nWhen is it open?;Until 6 pm; on Fridays until 8 pm\nWhat does it cost?;Nothing at all.\n"
    parsed = read(data, ".csv")
    assert pairs(parsed) == [("What does it cost?", "Nothing at all.")]
    assert ["Until 6 pm" in text and "on Fridays" in text for _, text in drops(parsed)] == [True]
