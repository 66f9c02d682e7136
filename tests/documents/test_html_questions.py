"""HTML: questions are found in whatever shape they are written, and their answers stand below them."""

import json

import pytest

from stages.documents.blocks import Dropped, Parsed
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


PAIR = {
    "classes": "<div><strong class=schema-faq-question>{q}</strong> <p class=schema-faq-answer>{a}</p></div>",
    "microdata": (
        "<div itemscope itemtype='https://schema.org/Question'><div itemprop=name>{q}</div>"
        "<div itemprop=acceptedAnswer><p itemprop=text>{a}</p></div></div>"
    ),
    "checkbox": "<div><input type=checkbox id=c{n}><label class=l for=c{n}>{q}</label><div class=c>{a}</div></div>",
    "bold and break": "<p><b>{q}</b><br>{a}</p>",
    "bold and text": "<p><b>{q}</b> {a}</p>",
    "bold paragraph": "<p><strong>{q}</strong></p><p>{a}</p>",
    "marked": "<p>Q: {q}</p><p>A: {a}</p>",
    "marked, bold": "<p><b>Q1. {q}</b></p><p><b>A:</b> {a}</p>",
    "marked, one paragraph": "<p>Q: {q}<br>A: {a}</p>",
}


@pytest.mark.parametrize("name", PAIR)
def test_pairs_are_found_however_they_are_written(name):
    pairs = [(f"What is {n} of them?", f"It is number {n}.") for n in range(3)]
    items = "".join(PAIR[name].format(n=n, q=q, a=a) for n, (q, a) in enumerate(pairs))
    page = html(f"<h2>Part</h2><p>Before.</p>{items}<h2>Next</h2><p>After.</p>")
    found = [(["Part", question], [answer]) for question, answer in pairs]
    assert shape(page) == [(["Part"], ["Before."]), *found, (["Next"], ["After."])]


@pytest.mark.parametrize(
    "body",
    [
        "<p><b>Ready to start?</b></p><p>Then begin.</p>",
        "<p>Q: What is it?</p><p>Nobody knows.</p>",
        "<input type=checkbox id=c><label for=c>I agree to it</label><div>Text.</div>",
        "<p><b>Why?</b></p><p><b>How?</b></p>",
        "<ul><li><p><b>Why?</b> So.</p></li><li><p><b>How?</b> Thus.</p></li></ul>",
    ],
)
def test_what_is_written_like_a_question_only_once_or_without_an_answer_is_none(body):
    assert [heading for heading, _ in shape(html(body))] == [[]]


TABS = {
    "labels": (
        "<input type=radio id=a><input type=radio id=b><div><label for=a>Linux</label><label for=b>Mac</label></div>"
        "<div><div>Use apt.</div><div>Use brew.</div></div>"
    ),
    "roles": (
        "<div><ul role=tablist><li role=tab>Linux</li><li role=tab>Mac</li></ul>"
        "<div><div role=tabpanel>Use apt.</div><div role=tabpanel hidden>Use brew.</div></div></div>"
    ),
    "targets": (
        "<ul role=tablist><li><a role=tab href=#a>Linux</a></li><li><a role=tab href=#b>Mac</a></li></ul>"
        "<div id=b>Use brew.</div><div id=a>Use apt.</div>"
    ),
}


@pytest.mark.parametrize("name", TABS)
def test_what_a_tab_shows_stands_below_its_name(name):
    found = shape(html(f"{TABS[name]}<p>After.</p>"))
    assert sorted(found[:2]) == [(["Linux"], ["Use apt."]), (["Mac"], ["Use brew."])]
    assert found[2:] == [([], ["After."])]


def data(*pairs: tuple[str, str]) -> str:
    items = [{"@type": "Question", "name": q, "acceptedAnswer": {"@type": "Answer", "text": a}} for q, a in pairs]
    page = json.dumps({"@graph": [{"@type": "FAQPage", "mainEntity": items}]}).replace("</", r"<\/")
    return f'<script type="application/ld+json">{page}</script>'


def test_an_answer_that_stands_only_in_the_pages_data_is_read_from_there():
    lazy = "<h3><button aria-controls=r aria-expanded=false>Is it fast?</button></h3><div id=r hidden></div>"
    head = data(
        ("Is it fast?", "<p>Yes, <a href=/b>very</a>.<script>x()</script></p>"),
        ("Is it free?", "It is free of charge."),
        ("Is it new?", "No."),
    )
    page = html(f"<p>Intro.</p>{lazy}<h3>Is it free?</h3><p>It is <b>free</b> of charge.</p>", head)
    assert shape(page) == [
        ([], ["Intro."]),
        (["Is it fast?"], ["Yes, very."]),
        (["Is it free?"], ["It is free of charge."]),
        (["Is it new?"], ["No."]),
    ]
    assert [(link.text, link.url) for part in page.parts for link in part.links] == [("very", "/b")]
    dropped = [(piece.reason, piece.text) for piece in page.pieces if isinstance(piece, Dropped)]
    assert dropped == [("page_data", "Is it free?\nIt is free of charge.")]


@pytest.mark.parametrize("script", ["{", "[" * 100_000, '{"@type": "Question", "name": 1}', '"x"'])
def test_data_that_cannot_be_read_is_passed_over(script):
    assert shape(html("<p>One.</p>", f'<script type="application/ld+json">{script}</script>')) == [([], ["One."])]
