"""Statements: a passage is taken apart so that each is read with its head or lead-in."""

from hypothesis import given
from hypothesis import strategies as st

from stages.importing.statements import Statement, statements

TEXT = """\
The pump is red. It weighs 3.5 kg.

It comes in two sizes:

- small, with 2 litres
- large, with 5 litres

| Part | Weight |
| --- | --- |
| Valve | 3 kg |
| Screen | 5 kg |

Start it like this:

```
aster --start

aster --stop
```
"""


def test_sentences_items_rows_and_code_are_statements():
    head = "| Part | Weight |\n| --- | --- |"
    assert statements(TEXT) == [
        Statement("", "The pump is red."),
        Statement("", "It weighs 3.5 kg."),
        Statement("", "It comes in two sizes:"),
        Statement("It comes in two sizes:", "- small, with 2 litres"),
        Statement("It comes in two sizes:", "- large, with 5 litres"),
        Statement(head, "| Valve | 3 kg |"),
        Statement(head, "| Screen | 5 kg |"),
        Statement("", "Start it like this:"),
        Statement("Start it like this:", "```\naster --start\n\naster --stop\n```"),
    ]
    assert statements(TEXT)[5].quote == f"{head}\n| Valve | 3 kg |"


@given(st.text(alphabet="aB1.:|-` \n", max_size=80))
def test_statements_are_words_of_the_passage(text):
    assert all(one.text in text and one.under in text for one in statements(text))
