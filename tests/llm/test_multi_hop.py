"""Two facts that go together give a question that needs both."""

import pytest

from stages.llm import contrasts, multi_hop
from stages.llm.multi_hop import Join, Written
from stages.llm.prompts import Prompt
from stages.quality import pointing, wording
from stages.records import Evidence, Fact


def fact(says: str, chunk: str = "c", concepts: list[str] | None = None, **more) -> Fact:
    given = {
        "id": f"{chunk}-{says[:24]}", "chunk": chunk, "document": f"d-{chunk}", "source": f"{chunk}.md",
        "topic": "Rovers",        "quote": says, "span": (0, len(says)), "concepts": concepts or [],
    }  # fmt: skip
    return Fact(**given | more)


def row(says: str, quote: str) -> Fact:
    return fact(
        says, statement=says, quote=quote, support=[Evidence(document="d", quote="| Model | Range |", span=(0, 9))]
    )


def questions(*facts: Fact) -> dict[str, str]:
    made, _ = contrasts.made_by_rule(list(facts), 20)
    for join, written in made:
        assert wording.is_question(written.question) and not pointing.dangling(written.question)
        assert len(multi_hop.pair(written, join, None, None).evidence) >= 2
    return {written.question: written.answer for _, written in made}


def test_facts_that_share_a_rare_name_go_together():
    one = fact("Opal Station charges every rover at night.", "a", ["Opal Station", "rover"])
    other = fact("Opal Station stands in Lisbon.", "b", ["Opal Station", "Lisbon"])
    third = fact("The rover has six wheels.", "c", ["rover", "6"])
    assert [(j.first.chunk, j.second.chunk, j.concept) for j in multi_hop.joins([third, other, one], 9)] == [
        ("a", "b", "Opal Station")
    ]


def test_facts_of_one_chunk_the_same_statement_and_a_name_of_everything_do_not():
    same = [fact("Opal Station stands in Lisbon.", chunk, ["Opal Station"]) for chunk in "ab"]
    near = [fact(f"Opal Station {verb} at night.", "a", ["Opal Station"]) for verb in ("shines", "sleeps")]
    common = [
        fact(f"Quartz {verb}.", verb, ["Quartz"])
        for verb in "melts sings falls turns hums glows rots sinks bends".split()
    ]
    for facts in (same, near, common):
        assert multi_hop.joins(facts, 9) == []


def test_joins_are_spread_over_the_names_and_always_the_same():
    facts = [
        fact(f"{name} {verb}.", f"{name}{verb}", [name])
        for name in ("Opal Station", "Quartz Hill", "Beryl Bay")
        for verb in ("shines at night", "stands in Lisbon", "was built of glass")
    ]
    found = multi_hop.joins(facts, 4)
    assert len({join.concept for join in found[:3]}) == 3 and len(found) == 4
    assert multi_hop.joins(facts[::-1], 4) == found
    uses = [one.id for join in multi_hop.joins(facts, 99) for one in (join.first, join.second)]
    assert max(map(uses.count, uses)) <= multi_hop.USES


def test_two_definitions_of_one_kind_are_told_apart():
    made = questions(
        fact("Rover Alpha is a vehicle for sand.", "a"), fact("Rover Beta is a light vehicle for snow.", "b"),
    )  # fmt: skip
    ((question, answer),) = made.items()
    assert "Rover Alpha" in question and "Rover Beta" in question and "differ" in question
    assert "sand" in answer and "snow" in answer


def test_numbers_of_one_unit_are_asked_together():
    made = questions(
        fact("Rover Alpha carries 8 cameras.", "a"), fact("Rover Beta carries 5 cameras.", "b"),
        fact("Rover Gamma carries 5 batteries.", "c"),
    )  # fmt: skip
    answer = "Rover Alpha carries 8 cameras. Rover Beta carries 5 cameras."
    assert made == {"How many cameras do Rover Alpha and Rover Beta carry?": answer}


def test_rows_of_a_table_are_compared_where_they_differ():
    alpha = row("Rover Alpha: Range 40 km, Top speed 5 km/h, Heated yes.", "| Rover Alpha | 40 km | 5 km/h | yes |")
    beta = row("Rover Beta: Range 90 km, Top speed 5 km/h, Heated no.", "| Rover Beta | 90 km | 5 km/h | no |")
    assert questions(alpha, beta) == {}, "a range alone does not say of what, equal values are no difference"
    alpha = row("Rover Alpha – Licence: MIT; Maker: Opal.", "| Rover Alpha | MIT | Opal |")
    beta = row("Rover Beta – Licence: Apache; Maker: Opal.", "| Rover Beta | Apache | Opal |")
    ((question, answer),) = questions(alpha, beta).items()
    assert "licence" in question and answer == "The licence is MIT for Rover Alpha and Apache for Rover Beta."


@pytest.mark.parametrize("number", range(4))
def test_of_figures_no_difference_is_asked_for(number):
    name = f"Rover {'ABCD'[number]}"
    alpha = row(f"{name} Alpha – Top speed: 5 km/h; Maker: Opal.", f"| {name} Alpha | 5 km/h | Opal |")
    beta = row(f"{name} Beta – Top speed: 7 km/h; Maker: Opal.", f"| {name} Beta | 7 km/h | Opal |")
    assert list(questions(alpha, beta)) == [f"How do {name} Alpha and {name} Beta differ in top speed?"]


def test_what_is_said_of_the_same_thing_or_of_nothing_that_has_a_name_is_no_contrast():
    assert questions(fact("Rover Alpha is a vehicle.", "a"), fact("Rover Alpha is a vehicle for sand.", "b")) == {}
    assert questions(fact("It is a vehicle for sand.", "a"), fact("This is a vehicle for snow.", "b")) == {}


def test_a_unit_and_an_owner_are_not_what_is_measured():
    alpha = "The total emissions of Rover Alpha were 40 kgCO2 over 2 years, paid by Opal's fund."
    beta = "The total emissions of Rover Beta were 90 kgCO2 over 2 years, paid by Opal's fund."
    made = questions(
        fact(alpha, "a", ["Rover Alpha", "kgCO2", "Opal's"]), fact(beta, "b", ["kgCO2", "Opal's", "Rover Beta"])
    )
    assert list(made) == ["How do Rover Alpha and Rover Beta compare in emissions?"]
    assert questions(fact(alpha, "a", ["kgCO2"]), fact(beta, "b", ["Opal's"])) == {}


JOIN = Join(
    first=fact("Opal Station stands in Lisbon.", "a"), second=fact("Rover Alpha charges at Opal Station.", "b"),
    concept="Opal Station",
)  # fmt: skip


def judged(question: str, answer: str) -> str | None:
    verdict = multi_hop.judge(Written(question=question, answer=answer), JOIN)
    return verdict[0] if verdict else None


def test_a_question_on_two_facts_needs_both_and_says_nothing_else():
    good = "Rover Alpha charges at Opal Station, which stands in Lisbon."
    assert judged("In which city does Rover Alpha charge?", good) is None
    assert judged("In which city does it charge?", good) == "dangling"
    assert judged("Where does Rover Alpha charge in Madrid?", good) == "foreign_name"
    assert judged("In which city does Rover Alpha charge?", "Rover Alpha charges in Madrid.") == "unsupported"
    assert judged("What does Opal Station do?", "Opal Station stands in Lisbon.") == "one_fact"
    assert judged("In which city does Rover Alpha charge?", f"{good} " * 9) == "too_long"


def test_a_teachers_reply_is_read_or_rejected_with_its_reason():
    (request,) = multi_hop.requests([JOIN], Prompt("multi_hop"), "English", 0.7, 200, 0)
    assert "Lisbon" in request.messages[-1][1] and request.schema == multi_hop.SCHEMA
    good = (
        '{"question": "In which city does Rover Alpha charge?", '
        '"answer": "Rover Alpha charges at Opal Station, which stands in Lisbon."}'
    )
    written, reason, _ = multi_hop.read({"text": good}, JOIN)
    assert written and reason is None
    made = multi_hop.pair(written, JOIN, "p", "m")
    assert made.facts == [JOIN.first.id, JOIN.second.id] and made.form == "multi_hop"
    assert [e.quote for e in made.evidence] == [JOIN.first.quote, JOIN.second.quote]
    assert multi_hop.read({"error": "timeout"}, JOIN)[1] == "no_reply"
    assert multi_hop.read({"text": "I cannot."}, JOIN)[1] == "not_json"
