"""HTML: what is around the text is dropped with its reason, and text is not taken for it by a name that it has."""

import pytest

from stages.documents.blocks import Dropped, Parsed
from stages.documents.layout import from_parsed
from stages.documents.readers import read

LONG = "The text of the page is long enough to be more than half of all that stands in the page. " * 3


def page(body: str, head: str = "") -> Parsed:
    return read(f"<html><head>{head}</head><body>{body}</body></html>".encode(), ".html")


def sections(body: str) -> dict[tuple[str, ...], str]:
    found, _ = from_parsed(page(body), "Guide")
    return {tuple(section.heading): section.text for section in found}


def drops(body: str) -> list[tuple[str, str]]:
    return [(piece.reason, piece.text) for piece in page(body).pieces if isinstance(piece, Dropped)]


# --- names that say what the text is about ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "heading", "text"),
    [
        (
            "<details id=cookies><summary>Do you use cookies?</summary><p>One.</p></details>",
            "Do you use cookies?",
            "One.",
        ),
        (
            "<div class=faq-item id=share-link><h3>How do I share?</h3><p>Press it.</p></div>",
            "How do I share?",
            "Press it.",
        ),
        (
            "<div class=accordion-item id=faq-newsletter><h3><button aria-expanded=false aria-controls=p>How do I leave"
            "?</button></h3><div id=p><p>Click.</p></div></div>",
            "How do I leave?",
            "Click.",
        ),
        (
            "<section id=session-cookie-age><h3>SESSION_COOKIE_AGE</h3><p>Two.</p></section>",
            "SESSION_COOKIE_AGE",
            "Two.",
        ),
        ("<dl><dt id=flask.set_cookie>set_cookie(key)</dt><dd>Sets one.</dd></dl>", "set_cookie(key)", "Sets one."),
        ("<dl><dt id=term-pagination>pagination</dt><dd>Splitting.</dd></dl>", "pagination", "Splitting."),
        (
            "<section id=toc><h2>The contents macro</h2><p>It makes one.</p></section>",
            "The contents macro",
            "It makes one.",
        ),
        (
            "<h2>Law</h2><section id=consent><p>It must be given in writing.</p></section>",
            "Law",
            "It must be given in writing.",
        ),
        (
            "<h2>Files</h2><div class=share-settings><p>They say who sees it.</p></div>",
            "Files",
            "They say who sees it.",
        ),
        ("<h2>Lists</h2><p class=pagination>Long lists use a cursor.</p>", "Lists", "Long lists use a cursor."),
        (
            "<h2>Ads policy</h2><div class=ads><p>Only on free pages now.</p></div>",
            "Ads policy",
            "Only on free pages now.",
        ),
        ("<section id=set_cookies><h2>Set cookies</h2>One</section>", "Set cookies", "One"),
    ],
)
def test_a_name_does_not_make_furniture_of_what_holds_a_heading_a_question_or_sentences(body, heading, text):
    assert sections(f"<h1>Guide</h1><p>{LONG}</p>{body}")[(heading,)] == text


@pytest.mark.parametrize(
    ("reason", "body"),
    [
        (
            "cookie",
            "<div class=cookie-banner><h2>Privacy</h2><p>We use cookies to help you.</p><button>OK</button></div>",
        ),
        (
            "cookie",
            "<div role=region aria-label='Cookie banner'><p>We use cookies, as all do.</p><button>OK</button></div>",
        ),
        ("cookie", "<div id=cookie-law-info-bar>We use cookies, as all others do. <a role=button>OK</a></div>"),
        ("cookie", "<div id=cookie-notice>This site uses cookies to be better. <button>Accept</button></div>"),
        (
            "advertisement",
            "<div class=newsletter><h3>News</h3><p>Get all of our news by mail.</p><form><input></form></div>",
        ),
        ("advertisement", "<div class=share-bar><h4>Share</h4><a href=/x>Post</a> <a href=/y>Mail</a></div>"),
        ("navigation", "<ul class=breadcrumb><li><a href=/>Home</a></li><li>Guide</li></ul>"),
        ("contents", "<div class=toc><h2>Contents</h2><ul><li><a href=#a>Alpha</a></li></ul></div>"),
        ("sidebar", "<div class=left-sidebar><h3>Other</h3><p>Read what we have written elsewhere.</p></div>"),
    ],
)
def test_what_is_named_as_furniture_and_looks_like_it_is_dropped(reason, body):
    assert [found for found, _ in drops(f"<h1>Guide</h1><p>{LONG}</p>{body}")] == [reason]


# --- toggles and permalinks -------------------------------------------------------------------------------------


def test_a_toggle_of_the_contents_or_the_menu_is_no_question():
    body = (
        "<main><div class=tocMobile_I><button class='btn tocCollapsibleButton_T'>On this page</button></div>"
        "<button class=menu-toggle aria-expanded=false aria-controls=text>All chapters</button>"
        f"<div id=text><h1>Guide</h1><p>{LONG}</p></div></main>"
    )
    assert list(sections(body)) == [()]
    assert drops(body) == [("contents", "On this page"), ("control", "All chapters")]


def test_a_button_in_the_navigation_does_not_ask_for_the_text():
    body = (
        "<nav><a href=/>Home</a><button aria-expanded=false aria-controls=text>Read it all</button></nav>"
        f"<div id=text><h1>Guide</h1><p>{LONG}</p></div>"
    )
    assert list(sections(body)) == [()]


@pytest.mark.parametrize("inner", ["\u200b", "", "<svg></svg>", "🔗", "↩"])
def test_the_permalink_of_a_heading_is_no_link(inner):
    body = f"<main><h2 id=a>Part<a href=#a title='Direct link to Part'>{inner}</a></h2><p>Text.</p></main>"
    assert list(sections(body)) == [("Part",)]
    assert [link for part in page(body).parts for link in part.links] == []


# --- what a site puts on each page ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "before", "after"),
    [
        ("date", "", "<p>Last updated: January 2, 2024</p>"),
        ("date", "", "<div><small>Last update: <span>January 2, 2024</span></small></div>"),
        ("date", "", "<p>Published on <time>2024-01-01</time> · 5 min read</p>"),
        ("date", "", "<span>7 min read</span>"),
        ("edit_link", "", "<a class=edit-link href=https://github.com/e>Edit this page</a>"),
        ("navigation", "", "<div><a href=/a>← Previous: Plans</a><a href=/b>Next: Errors →</a></div>"),
        ("navigation", "", "<p><a rel=next href=/b>Errors</a></p>"),
        ("navigation", "<div><a href=/>Home</a> | <a href=/docs>All documents</a></div>", ""),
        ("feedback", "", "<div><span>Was this page helpful?</span><button>Yes</button><button>No</button></div>"),
        ("footer", "", "<div class=footer>© 2024 Foo Inc. All rights are reserved. <a href=/p>Privacy</a></div>"),
        (
            "comments",
            "",
            "<section class=article-comments><h2>Comments</h2><p>It is closed for comments.</p></section>",
        ),
        ("attachments", "", "<div><h2 id=attachments>Attachments:</h2><a href=f.png>f.png</a> (picture)</div>"),
        ("related", "", "<div class=related-articles><h2>Related</h2><ul><li><a href=/b>Other</a></ul></div>"),
        ("byline", "", "<div class=page-metadata>Created by Bob</div>"),
    ],
)
def test_what_a_site_adds_is_dropped_with_its_reason(reason, before, after):
    found = drops(f"{before}<h1>Guide</h1><p>{LONG}</p>{after}")
    assert [name for name, _ in found] == [reason]
    assert list(sections(f"{before}<h1>Guide</h1><p>{LONG}</p>{after}")) == [()]


def test_who_wrote_a_page_and_when_is_dropped_from_the_header_of_its_title():
    header = (
        "<header><h1>Guide</h1><p>All that you need.</p><div class=article-author><a href=/jane>Jane</a><ul><li>"
        "<time>2 years ago</time><li>Updated</ul></div><a class=subscribe>Follow</a></header>"
    )
    assert drops(f"<article>{header}<p>{LONG}</p></article>") == [
        ("byline", "Jane 2 years ago Updated"),
        ("byline", "Follow"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<p>Updated prices of 2024 are in the table below.</p>",
        "<p>It was <span>created in 2009</span> by us.</p>",
        "<p>Go on with the <a rel=next href=/b>next chapter</a> of the book.</p>",
        "<p><a href=/a>One</a> and <a href=/b>two</a></p>",
        "<p>You can <a href=/edit>edit it</a> there.</p>",
        "<div class=comments><p>They begin with a sign.</p></div><p>And end.</p>",
        "<p><code>x <span class=hljs-comment># comments</span></code></p>",
    ],
)
def test_text_that_only_looks_like_an_addition_stays(body):
    assert drops(f"<main><h1>Guide</h1><p>{LONG}</p>{body}</main>") == []


def test_the_table_of_links_above_and_below_a_chapter_is_navigation():
    table = (
        '<table><tr><th colspan="3">The Chapter</th></tr><tr><td><a href="p">Prev</a></td><td>Part I</td></tr></table>'
    )
    page = f'<div class="navheader">{table}</div><h2>Use</h2><p>Run it.</p><div class="navfooter">{table}</div>'
    parsed = read(page.encode(), ".html")
    assert [part.blocks for part in parsed.parts] == [["Run it."]]
    assert [piece.reason for piece in parsed.pieces if isinstance(piece, Dropped)] == ["navigation", "navigation"]
