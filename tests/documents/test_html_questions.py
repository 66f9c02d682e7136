"""HTML: questions are found in whatever shape they are written, and their answers stand below them."""

import pytest

from stages.documents.blocks import Parsed
from stages.documents.layout import from_parsed
from stages.documents.readers import read


def html(body: str, head: str = "") -> Parsed:
    page = f"<html><head>{head}</head><body><main><h1>FAQ</h1>{body}</main></body></html>"
    return read(page.encode(), ".html")


def shape(parsed: Parsed) -> list[tuple[list[str], list[str]]]:
    """The headings and blocks, without the title."""
    sections, _ = from_parsed(parsed, "FAQ")
    return [(section.heading, section.text.split("\n\n")) for section in sections]


def item(tag: str, name: str, question: str, answer: str) -> str:
    button = f"<button data-bs-toggle=collapse data-bs-target=#{name}>{question}</button>"
    return f"<div><{tag}>{button}</{tag}><div id={name}>{answer}</div></div>"


@pytest.mark.parametrize("tag", ["h2", "h3", "h1"])
def test_an_accordion_under_a_category_of_the_same_level_is_below_it(tag):
    items = item(tag, "a", "How do I pay?", "By card.") + item(tag, "b", "When?", "Now.")
    page = html(
        f"<h2>Billing</h2><div>{items}</div><p>Without tax.</p>"
        f"<h2>Shipping</h2><div>{item(tag, 'c', 'How long?', 'A week.')}</div><p>From Oslo.</p>"
    )
    assert shape(page) == [
        (["Billing", "How do I pay?"], ["By card."]),
        (["Billing", "When?"], ["Now."]),
        (["Billing"], ["Without tax."]),
        (["Shipping", "How long?"], ["A week."]),
        (["Shipping"], ["From Oslo."]),
    ]


def test_a_question_beside_a_heading_of_its_level_is_its_equal():
    fold = "<h2><button aria-expanded=false aria-controls={0}>{1}</button></h2><div id={0}>{2}</div>"
    page = html("<h2>Intro</h2><p>One.</p>" + fold.format("a", "How to use", "So.") + fold.format("b", "Why", "Thus."))
    assert shape(page) == [(["Intro"], ["One."]), (["How to use"], ["So."]), (["Why"], ["Thus."])]
