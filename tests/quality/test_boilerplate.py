import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.documents.layout import lay_out
from stages.quality import boilerplate
from stages.records import Document, Link, Section


def document(source, *texts, title="Guide", headings=()):
    sections = [s if isinstance(s, Section) else Section(heading=list(headings), text=s, span=(0, 0)) for s in texts]
    laid, _ = lay_out(sections)
    return Document(id=source, source=source, sha256="0", title=title, sections=laid)


@pytest.mark.parametrize(
    "line",
    [
        "Edit this page on GitHub",
        "- [Edit this page]",
        "**Was this page helpful?**",
        "Was this helpful? Yes No",
        "This page was last updated on 3 March 2024.",
        "We use cookies to improve this site. By continuing you agree to their use.",
        "Accept all cookies",
        "Share on LinkedIn",
        "Follow us on X",
        "Subscribe to our newsletter for news about releases",
        "© 2023 Example, Inc. All rights reserved.",
        "Copyright (c) 2021-2024 Example Authors",
        "Skip to main content",
        "Back to top",
        "Built with Sphinx using a theme",
    ],
)
def test_lines_of_web_furniture(line):
    assert boilerplate.is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "The server uses cookies to keep a session, and a client has to accept them.",
        "Copyright notices must be kept in all copies of the code.",
        "Edit this page of the manual only with the consent of the team, and say why.",
        "Share the weights only with users who have agreed to the licence.",
        "The model was last updated in July.",
        "Print the version with --version.",
        "The licence is all that counts; all rights reserved is what the old one said of them.",
        "Next, install the package.",
        "Follow the steps below.",
    ],
)
def test_sentences_on_such_subjects_stay(line):
    assert not boilerplate.is_furniture(line)


def test_furniture_becomes_drops_and_the_rest_keeps_pages_links_and_code():
    fact, code = "The first fact.", "```\nBack to top\n\n\nx = 1\n```"
    text = f"Edit this page on GitHub\n\n{fact}\n\n{code}\n\n- one\n- Share on Reddit\n- two"
    links = [
        Link(text="Edit this page on GitHub", url="https://a.org/edit"),
        Link(text="fact", url="https://a.org/fact"),
    ]
    pages = [(0, 4), (text.index("The first"), 5), (text.index("- one"), 6)]
    given = document("a.html", Section(heading=["H"], text=text, span=(0, 0), links=links, pages=pages))
    found = boilerplate.without_furniture(given)
    section = found.sections[0]
    assert section.text == f"{fact}\n\n{code}\n\n- one\n- two"
    assert [link.url for link in section.links] == ["https://a.org/fact"]
    assert [(section.text[at : at + 3], page) for at, page in section.pages] == [("The", 5), ("- o", 6)]
    assert [(drop.text, drop.reason, drop.page) for drop in found.drops] == [
        ("Edit this page on GitHub", "boilerplate", 4),
        ("- Share on Reddit", "boilerplate", 6),
    ]
    assert all(found.text[slice(*piece.span)] == piece.text for piece in [*found.sections, *found.drops])


def test_a_section_of_furniture_alone_keeps_its_heading():
    found = boilerplate.without_furniture(document("a.html", "Was this helpful?", headings=["End"]))
    assert [(section.heading, section.text) for section in found.sections] == [(["End"], "")]
    assert [drop.text for drop in found.drops] == ["Was this helpful?"]


def test_a_clean_document_is_returned_as_it_is():
    given = document("a.md", "A fact.")
    assert boilerplate.without_furniture(given) is given


def site(label, count=3, others=0):
    pages = [document(f"https://a.org/{n}", f"Fact number {n} of the site.\n\n{label}") for n in range(count)]
    return pages + [document(f"https://a.org/x{n}", "Something else is said here.") for n in range(others)]


def dropped(documents):
    return [drop.text for document in boilerplate.without_labels(documents) for drop in document.drops]


def test_a_label_on_half_of_the_pages_of_a_host_is_dropped():
    label = "Try our playground now"
    assert dropped(site(label, 3, 3)) == [label] * 3
    assert dropped(site(label, 3, 4)) == []
    assert dropped(site(label, 2)) == []


def test_hosts_and_folders_are_counted_by_themselves():
    pages = [
        document(f"{where}/p.md", f"Fact of {where}.\n\nTry our playground now")
        for where in ("a", "b", "https://c.org")
    ]
    assert dropped(pages) == []


@pytest.mark.parametrize(
    "text",
    [
        "All models share this licence, which allows commercial use.",
        "Run this in the folder:",
        "Context length 4096 tokens",
        "- a list of items",
        "| a table | of cells |",
        "```\npip install the package\n```",
        "Two words",
    ],
)
def test_what_may_be_a_fact_or_announces_one_stays_however_often_it_is_said(text):
    assert dropped(site(text)) == []


def test_the_only_block_below_a_heading_and_an_answer_stay():
    assert dropped([document(f"{n}.md", "Not on Windows", headings=["Is it supported?"]) for n in range(4)]) == []
    answer = Section(heading=[], text="Not on Windows\n\nBut on Linux", span=(0, 0), question="Is it supported?")
    assert dropped([document(f"{n}.json", answer) for n in range(4)]) == []


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("404 Not Found", "nginx"),
        ("Some site", "Page not found.\n\nGo back to the start page or use the search."),
        ("Some site", "Sorry, the page you requested does not exist."),
        ("App", "You need to enable JavaScript to run this app."),
        ("Log in", "E-mail\n\nPassword\n\nForgot your password?"),
        ("Just a moment...", "Checking your browser before accessing the site."),
    ],
)
def test_a_page_that_is_not_the_one_asked_for(title, text):
    assert boilerplate.is_error_page(document("https://a.org/x", text, title=title))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Errors", "If you see 403: Forbidden, request a new link, as the old one has expired."),
        ("404 Not Found", "The signed link has expired. " * 20),
        ("Logging in", "Log in with your token, which is in the settings."),
        ("Short", "A fact."),
    ],
)
def test_a_page_about_errors_is_none(title, text):
    assert not boilerplate.is_error_page(document("https://a.org/x", text, title=title))


LINES = [
    "A fact is here.",
    "Back to top",
    "- item",
    "- Share on X",
    "| a | b |",
    "| --- | --- |",
    "```",
    "",
    "  more",
    "© 2020 X",
]


@given(st.lists(st.sampled_from(LINES), max_size=14), st.integers(0, 40))
def test_no_word_is_lost_and_every_span_fits(lines, page):
    text = "\n".join(lines).strip()
    section = Section(heading=["H"], text=text, span=(0, 0), pages=[(0, 1), (min(page, len(text)), 2)])
    found = boilerplate.without_furniture(document("a", section, "The second section."))
    pieces = [*found.sections, *found.drops]
    assert sorted(" ".join(piece.text for piece in pieces).split()) == sorted(f"{text} The second section.".split())
    assert all(found.text[slice(*piece.span)] == piece.text for piece in pieces)
    assert all(0 <= offset <= len(found.sections[0].text) for offset, _ in found.sections[0].pages)
