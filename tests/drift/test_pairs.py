"""A pair that goes has its reason, and one that stands in place of another is a change."""

import msgspec
import pytest

from stages.drift import documents, facts, pairs
from tests.drift.dataset import edited, fact, pair, reject, written

ONE = fact("a.md", "The valve opens at a pressure of three bar.")
PAIR = pair(ONE)


@pytest.fixture
def compared(tmp_path):
    """Return what compares one pair in the older version with the files of a newer one."""

    def compare(after, before=None):
        had = {"chunk/facts": [ONE], "dedup/pairs": [PAIR]} | (before or {})
        old, new = written(tmp_path / "before", had), written(tmp_path / "after", {"chunk/facts": [ONE]} | after)
        return pairs.compare(old, new, facts.compare(old, new, documents.compare(old, new), []))

    return compare


def only(found: list):
    (one,) = found
    return one


@pytest.mark.parametrize("stage", ["curate", "judge", "decide", "dedup"])
def test_a_pair_that_a_stage_rejects_now_says_why(compared, stage):
    found = only(compared({f"{stage}/rejected": [reject(stage, PAIR, "low_rank", 0.25)]}).retired)
    assert (found.id, found.reason, found.why) == (PAIR.id, "rejected", f"rejected by {stage}: low_rank (0.25)")


def test_a_question_that_generate_drops_is_told_from_one_that_nobody_asks(compared):
    assert only(compared({}).retired).reason == "not_asked"
    dropped = reject("generate", {"question": PAIR.question, "fact": ONE.id}, "outranked", None, "x")
    found = only(compared({"generate/rejected": [dropped]}).retired)
    assert (found.reason, found.why) == ("rejected", "rejected by generate: outranked")


def test_a_pair_goes_with_its_fact_whatever_else_is_said_of_it(compared):
    after = {"chunk/facts": [], "decide/rejected": [reject("decide", PAIR, "low_rank", 0.2)]}
    found = only(compared(after).retired)
    assert found.reason == "fact_retired" and ONE.id in found.why


def test_a_pair_on_an_edited_fact_is_changed_if_it_is_asked_alike(compared):
    new = fact("a.md", ONE.quote.replace("three", "four"))
    found = only(compared({"chunk/facts": [new], "dedup/pairs": [pair(new)]}).changed)
    assert (found.reason, found.was, found.id) == ("fact_changed", PAIR.id, pair(new).id)
    assert (found.before, found.after) == (PAIR.question, PAIR.question) and found.before_answer != found.after_answer
    lost = only(compared({"chunk/facts": [new]}).retired)
    assert lost.reason == "fact_changed" and new.id in lost.why


def test_another_wording_on_the_same_fact_is_a_change_and_another_question_is_none(compared):
    found = compared({"dedup/pairs": [pair(ONE, "What is being said of the {}?")]})
    assert only(found.changed).reason == "asked_otherwise" and not found.added
    other = fact("a.md", "The fan turns clockwise when seen from the front.")
    found = compared({"chunk/facts": [ONE, other], "dedup/pairs": [pair(other)]})
    assert not found.changed and only(found.added).id == pair(other).id and only(found.retired).id == PAIR.id


def test_what_people_edited_says_who_and_can_be_taken_back(compared):
    new = edited(PAIR, "When does it open?", "edited by Ada")
    found = only(compared({"dedup/pairs": [new]}).changed)
    assert (found.reason, found.why, found.after) == ("edited", "edited by Ada", "When does it open?")
    found = only(compared({"dedup/pairs": [PAIR]}, {"dedup/pairs": [new]}).changed)
    assert (found.reason, found.was, found.id) == ("edited", new.id, PAIR.id) and "taken back" in found.why
    mended = edited(PAIR, "When does the valve of the Aster open?", None)
    assert only(compared({"dedup/pairs": [mended]}).changed).reason == "mended"
    found = only(compared({"dedup/pairs": [PAIR]}, {"dedup/pairs": [mended]}).changed)
    assert (found.reason, found.was, found.id) == ("mended", mended.id, PAIR.id), "nobody edited it"


def test_another_edit_of_a_pair_that_was_edited_stands_in_place_of_the_first(compared):
    first, second = edited(PAIR, "When does it open?", "edited by Ada"), edited(PAIR, "At which bar?", "edited by Bo")
    second = msgspec.structs.replace(second, answer="Three, and closes below two.")
    found = compared({"dedup/pairs": [second]}, {"dedup/pairs": [first]})
    assert (only(found.changed).was, only(found.changed).why) == (first.id, "edited by Bo")
    assert not found.retired + found.added


def test_a_pair_in_another_part_of_the_split_is_kept_and_named(compared):
    before = {"split/train": [PAIR]}
    found = compared({"dedup/pairs": [PAIR], "split/held_out": [PAIR]}, before)
    assert found.kept == 1 and (only(found.moved).before, only(found.moved).after) == ("train", "held_out")
    leak = reject("split", PAIR, "leak_faq", "faq-034")
    found = only(compared({"dedup/pairs": [PAIR], "split/held_out": [], "split/rejected": [leak]}, before).moved)
    assert (found.after, found.why) == ("rejected", "split: leak_faq (faq-034)")


def test_without_a_split_on_both_sides_nothing_moved(compared):
    assert not compared({"dedup/pairs": [PAIR]}, {"split/train": [PAIR]}).moved
