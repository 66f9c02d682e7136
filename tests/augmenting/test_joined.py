"""Two facts in one question: both parents are training pairs, and each fact has its half of the answer."""

import msgspec

from stages.augmenting.joined import Comparisons, by_subject, composed
from tests.augmenting.family import FACTS, PAIRS, pair


def test_a_comparison_belongs_to_its_first_fact_and_is_none_that_is_asked_already():
    facts = {one.id: one for one in FACTS}
    found = [(one.id, made) for one in PAIRS if (made := Comparisons(PAIRS, facts).draw(one, 0))]
    assert {(mine, made[0].id, made[1]) for mine, made in found} == {
        ("p-f1", "p-f2", "What is the difference between the flags --dry and --quiet?"),
        ("p-f6", "p-f7", "How do Opal 7 and Opal 13 compare on Weight?"),
    }
    asked = msgspec.structs.replace(PAIRS[0], id="x", question="How do Opal 7 and Opal 13 compare on Weight?")
    assert Comparisons([*PAIRS, asked], facts).draw(PAIRS[6], 0) is None


def test_facts_that_are_not_trained_are_compared_with_nothing():
    facts = {one.id: one for one in FACTS}
    assert Comparisons(PAIRS[:7], facts).draw(PAIRS[6], 0) is None


def test_two_questions_about_one_name_are_put_in_one_with_both_answers():
    about = by_subject(PAIRS)["Opal"]
    other, question, answer = composed(PAIRS[0], about, "Opal", 0)
    assert question.startswith("What is Opal, and ") and " it " in question and question.count("?") == 1
    assert answer == f"{PAIRS[0].answer} {other.answer}"


def test_two_that_ask_alike_or_for_yes_or_no_or_answer_at_length_are_not_put_in_one():
    alike = pair("x", "what", "What is Opal used for in gardens?", "Opal is used for mowing lawns.", ["Opal"])
    long = pair("y", "when", "When was Opal sold?", "Opal was sold " + "in every town " * 20, ["Opal"])
    assert composed(PAIRS[3], [alike, long, PAIRS[9], PAIRS[3]], "Opal", 0) is None
