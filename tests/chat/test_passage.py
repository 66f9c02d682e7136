"""A passage says where it stands, marks the words nearest to the answer, and is a link only where a browser may go."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.chat import passage
from tests.chat.scripted import TEXTS, chunk

CODE = "Start it:\n\n```\nrover --start\n```\n\n- It is red.\n- It weighs 80 kg."


@pytest.mark.parametrize(
    ("text", "about", "best"),
    [
        (TEXTS["rover"], "How fast does Rover drive on sand?", "Rover drives at 5 km/h on sand."),
        (TEXTS["rover"], "Where was it built? In Bern.", "It was built in Bern."),
        (TEXTS["rover"], "What is the mass of Rover 2? 80 kg", "| Rover 2 | 80 kg |"),
        (CODE, "rover --start", "rover --start"),
        (CODE, "It weighs 80 kg.", "- It weighs 80 kg."),
        (TEXTS["rover"], "Cheese?", "Rover drives at 5 km/h on sand."),
    ],
)
def test_the_sentence_row_item_or_code_nearest_to_the_answer_is_marked(text, about, best):
    found = passage.of_chunk(chunk("a", text), about)
    assert found.best == best and found.before + found.best + found.after == text


@settings(deadline=None)
@given(st.text(), st.text())
def test_nothing_of_a_text_is_lost(text, about):
    found = passage.of_chunk(chunk("a", text), about)
    assert found.before + found.best + found.after == text.strip()


def test_the_heading_is_the_title_and_the_path_without_repeats():
    one = chunk(
        "a", "Text.", heading=["Guide", "Parts", "Wheels"], header="Guide > Parts > Wheels > About Rover", page=3
    )
    found = passage.of_chunk(one, "")
    assert (found.heading, found.page, found.source) == ("Guide > Parts > Wheels", 3, "d.md")


@pytest.mark.parametrize(
    ("url", "source", "link"),
    [
        ("https://example.org/a#b", "a.md", "https://example.org/a#b"),
        (None, "http://example.org/a", "http://example.org/a"),
        (None, "a.md", ""),
        ("javascript:alert(1)", "a.md", ""),
        ("JavaScript:alert(1)//https://example.org", "data:text/html,x", ""),
        ("https:", "file:///etc/passwd", ""),
        ("http://[", "a.md", ""),
    ],
)
def test_a_link_leads_to_the_web_or_nowhere(url, source, link):
    assert passage.of_chunk(chunk("a", "Text.", url=url, source=source), "").link == link
