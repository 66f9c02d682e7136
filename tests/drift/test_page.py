"""The page shows the difference, escaped, runs nothing and asks for nothing."""

import re

import pytest

from stages.drift import difference, page
from tests.browser import opened
from tests.drift.dataset import dataset

EVIL = 'The <script>alert(1)</script> valve <img src=x onerror=alert(1)> opens at "three" bar\'s.'


@pytest.fixture
def html(tmp_path):
    old = {"a.md": [EVIL, "The fan turns clockwise."], "<b>.md": [EVIL]}
    new = {"a.md": [EVIL.replace("three", "four"), "The " + "longword" * 40 + " clicks."]}
    versions = dataset(tmp_path / "before", old), dataset(tmp_path / "after", new)
    return page.render(difference.compare(*versions, ["chunk: will run: <i>"]))


def test_words_that_differ_are_marked_and_all_texts_are_escaped(html):
    assert "<del>three</del><ins>four</ins>" in html
    assert not re.search(r"<(?:script|img|i|b>\.md)\b", html) and "&lt;script&gt;alert(1)" in html
    assert "default-src 'none'" in html and "script-src" not in html
    assert "chunk: will run: &lt;i&gt;" in html


def test_of_many_only_some_are_shown_and_the_others_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "SHOWN", 3)
    old = {"a.md": [f"The {part} clicks." for part in "pump valve fan relay motor".split()]}
    html = page.render(difference.compare(dataset(tmp_path / "before", old), dataset(tmp_path / "after", {})))
    assert "of each kind 3 are: 2 retired" in html and html.count("clicks.</p>") == 6, "three facts, three answers"


def test_it_is_read_on_a_telephone_without_a_request_or_an_error(html, tmp_path, browser):
    file = tmp_path / "page.html"
    file.write_text(html)
    with opened(browser, width=390) as tab:
        tab.page.goto(file.as_uri())
        assert tab.page.locator("#facts .changed ins").inner_text() == "four"
        assert tab.page.evaluate("document.documentElement.scrollWidth") == 390
        assert not tab.errors and tab.requests == [file.as_uri()]
