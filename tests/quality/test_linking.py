"""The best link of a pair leads to what it is about; a link on something else is worse than the page itself."""

import pytest

from stages.quality import linking
from stages.records import Evidence, Link, Pair

PAGE = "https://r.example/rover"
BATTERY = Link(text="battery guide", url="https://r.example/battery")
WHEELS = Link(text="wheel catalogue", url="https://r.example/wheels")
HERE = Link(text="here", url="https://r.example/spare-parts.html")


def pair(question, answer, quote=""):
    evidence = [Evidence(document="d", quote=quote, span=(0, len(quote)))]
    return Pair(id="p", question=question, answer=answer, facts=[], source="s", origin="generated", evidence=evidence)


@pytest.mark.parametrize(
    ("one", "link"),
    [
        (pair("How long does the battery of Rover last?", "The battery guide says eight hours."), BATTERY.url),
        (pair("Which wheels does Rover take?", "Those of the wheel catalogue."), WHEELS.url),
        (pair("Where are spare parts of Rover sold?", "Spare parts are sold online."), HERE.url),
        (pair("What colour is Rover?", "Rover is red."), PAGE),
    ],
)
def test_the_link_with_the_words_of_the_pair_is_taken_else_the_page(one, link):
    assert linking.best(one, [WHEELS, BATTERY, HERE], PAGE) == link


def test_a_link_within_the_quote_goes_first():
    one = pair("Which guide and wheel catalogue has Rover?", "The battery guide.", "See the battery guide.")
    assert linking.best(one, [WHEELS, BATTERY], None) == BATTERY.url


def test_without_a_link_that_fits_and_a_page_there_is_none():
    assert linking.best(pair("What colour is Rover?", "Red."), [WHEELS], None) is None
    assert linking.best(pair("What colour is Rover?", "Red."), [], None) is None
