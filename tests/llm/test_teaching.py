"""What a question writer learns from: rows as generate asks, statements on one side."""

from stages.llm import teaching
from stages.llm.prompts import Prompt
from tests.llm.test_writer import EXAMPLES


def test_a_row_is_the_request_of_generate_and_the_question():
    prompt = Prompt("answer_first")
    row = teaching.rows(EXAMPLES[1:2], prompt)[0]
    asked = prompt.messages(topic="Pumps", answer=EXAMPLES[1].answer, form="how_many")
    assert [(one.role, one.content) for one in row.prompt] == list(asked)
    assert [(one.role, one.content) for one in row.completion] == [("assistant", EXAMPLES[1].question)]
    assert "Kind: how many" in row.prompt[-1].content


def test_all_examples_of_a_statement_are_on_one_side():
    learned, held = teaching.parted(EXAMPLES, 0.2)
    assert len(learned) + len(held) == 200 and 10 < len(held) < 80
    assert {one.answer for one in learned}.isdisjoint(one.answer for one in held)
    assert teaching.parted(EXAMPLES[::-1], 0.2)[1] == held[::-1], "drawn by the statement alone"
    assert teaching.parted([]) == ([], [])
