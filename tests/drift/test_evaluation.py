"""Items that went or changed are named with why, and with them the answers that do not stand."""

import msgspec

from stages import disk
from stages.drift import documents, evaluation, facts, pairs
from stages.records import Answer
from tests.drift.dataset import document, fact, pair, written

ONE, OTHER = (
    fact("a.md", "The valve opens at three bar."),
    fact("a.md", "The fan turns clockwise, seen from the front."),
)


class Asked(msgspec.Struct):
    """A line of the FAQ."""

    id: str
    question: str = "When does it open?"
    answer: str = "At three bar."
    document: str | None = "a.md"
    quote: str | None = "The valve opens at three bar."
    answerable: bool = True


def answers(*items: tuple[str, str]) -> list[Answer]:
    return [
        Answer(id=f"{item}-{system}", item=item, set=name, system=system, question="?", reference="", answer="")
        for name, item in items for system in ("base", "tuned")
    ]  # fmt: skip


def compared(tmp_path, before, after, asked=(), now=()):
    old, new = written(tmp_path / "before", before), written(tmp_path / "after", after)
    for version, some in ((old, asked), (new, now)):
        lines = b"".join(msgspec.json.encode(one) + b"\n" for one in some)
        disk.write_bytes(version.folder / "data/sources/faq.jsonl", lines)
    found = pairs.compare(old, new, facts.compare(old, new, documents.compare(old, new), []))
    items = evaluation.compare(old, new, found)
    return items, evaluation.answers(old, new, items, found)


def test_an_item_goes_with_its_pair_and_its_answers_go_with_it(tmp_path):
    had, other = pair(ONE), pair(OTHER)
    items, void = compared(
        tmp_path,
        {"chunk/facts": [ONE, OTHER], "dedup/pairs": [had, other], "split/held_out": [had], "split/reworded": [other],
         "evaluate/answers": answers(("held_out", had.id), ("reworded", other.id), ("general", "g1"))},
        {"chunk/facts": [OTHER], "dedup/pairs": [other], "split/reworded": [other]},
    )  # fmt: skip
    assert [(one.id, one.set, one.reason) for one in items.retired] == [(had.id, "held_out", "fact_retired")]
    assert items.kept == 1 and not items.added + items.unsupported
    assert [(one.item, one.systems, one.reason) for one in void.retired] == [
        (had.id, ["base", "tuned"], "fact_retired")
    ]
    assert void.kept == 4


def test_an_answer_to_a_trained_pair_falls_when_it_is_trained_no_more(tmp_path):
    had = pair(ONE)
    both = {"chunk/facts": [ONE], "dedup/pairs": [had]}
    items, void = compared(
        tmp_path,
        both | {"split/train": [had], "evaluate/answers": answers(("trained", had.id))},
        both | {"split/held_out": [had]},
    )
    assert [one.id for one in items.added] == [had.id]
    assert [(one.reason, one.why) for one in void.retired] == [("moved", "in held_out now")]


def test_an_item_of_a_part_that_is_not_there_is_not_said_to_be_taken_out(tmp_path):
    had = pair(ONE)
    both = {"chunk/facts": [ONE], "dedup/pairs": [had]}
    items, _ = compared(tmp_path, both | {"split/held_out": [had], "split/train": []}, both)
    assert [(one.reason, one.why) for one in items.retired] == [
        ("unexplained", "not known without data/split/held_out.jsonl")
    ]


def test_a_question_of_the_faq_that_was_edited_or_taken_out(tmp_path):
    before = {"evaluate/answers": answers(("faq", "one"), ("faq", "two"), ("faq", "three"))}
    items, void = compared(
        tmp_path, before, {}, [Asked("one"), Asked("two"), Asked("three")], [Asked("one", answer="Soon."), Asked("two")]
    )
    assert [(one.id, one.before_answer, one.after_answer) for one in items.changed] == [
        ("one", "At three bar.", "Soon.")
    ]
    assert [(one.id, one.reason) for one in items.retired] == [("three", "removed")] and items.kept == 1
    assert [(one.item, one.reason) for one in void.retired] == [("one", "item_changed"), ("three", "removed")]


def test_the_faq_is_held_against_what_the_documents_say_now(tmp_path):
    before = {"refine/documents": [document("a.md", [ONE.quote])], "evaluate/answers": answers(("faq", "one"))}
    given = [Asked("one"), Asked("two", quote="Never said anywhere."), Asked("three", quote=None, answerable=False)]
    items, void = compared(
        tmp_path, before, {"refine/documents": [document("a.md", ["The valve opens at four bar."])]}, given, given
    )
    assert [(one.id, one.reason) for one in items.unsupported] == [("one", "text_changed")]
    assert items.kept == 3 and [one.item for one in void.retired] == ["one"]
    items, _ = compared(tmp_path, before, {"refine/documents": []}, given, given)
    assert [(one.id, one.reason) for one in items.unsupported] == [("one", "document_gone")]


def test_without_the_documents_of_both_no_quote_is_missed(tmp_path):
    given = [Asked("one", quote="Never said anywhere.")]
    read = {"refine/documents": [document("a.md", [ONE.quote])]}
    before = {"evaluate/answers": answers(("faq", "one"))}
    items, void = compared(tmp_path, before, read, given, given)
    assert not items.unsupported and void.kept == 2
