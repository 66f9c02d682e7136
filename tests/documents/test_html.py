"""HTML: no word is lost, FAQ markup gives its pairs, links lead somewhere, and no page can break the reader."""

import re
import time
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.documents.blocks import Dropped, Parsed, ReadError, clean
from stages.documents.layout import from_parsed
from stages.documents.readers import read

SAMPLES = Path(__file__).parents[2] / "data/sources/documents"
LONG = "Text of the page that is long enough to be the page's text."


def html(body: str, base: str | None = None, head: str = "") -> Parsed:
    return read(f"<html><head>{head}</head><body>{body}</body></html>".encode(), ".html", base)


def shape(parsed: Parsed) -> list[tuple[list[str], list[str]]]:
    """The headings and blocks, without the title."""
    sections, _ = from_parsed(parsed, parsed.title or "")
    return [(section.heading, section.text.split("\n\n")) for section in sections]


def links(parsed: Parsed) -> list[tuple[str, str]]:
    return [(link.text, link.url) for part in parsed.parts for link in part.links]


def drops(parsed: Parsed) -> dict[str, str]:
    return {piece.reason: piece.text for piece in parsed.pieces if isinstance(piece, Dropped)}


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", clean(text)))


def kept(parsed: Parsed) -> Counter[str]:
    """Every word that the reader has put anywhere; a heading counts once, however many parts stand under it."""
    texts = [parsed.title or ""]
    above: tuple[str, ...] = ()
    for piece in parsed.pieces:
        if isinstance(piece, Dropped):
            texts.append(piece.text)
            continue
        same = next((i for i, (a, b) in enumerate(zip(above, piece.heading, strict=False)) if a != b), len(above))
        texts += piece.heading[same:]
        texts += piece.blocks
        above = piece.heading
    return words("\n".join(texts))


def shown(page: str) -> Counter[str]:
    tree = BeautifulSoup(page, "lxml")
    for tag in tree(["script", "style", "noscript", "template"]):
        tag.extract()
    return words(tree.get_text(" "))


# --- nothing is lost ------------------------------------------------------------------------------------------

FURNISHED = """<!doctype html><html><head><title>Guide - Site</title><script>var hidden = 1;</script></head><body>
before <header><a href=/>Home</a></header><nav><ul><li><a href=/a>Menu</a></ul></nav>
<div class='cookie-banner'>We use cookies <button>Accept</button></div>
<main>loose <h1>Guide<a class=headerlink href=#guide>¶</a></h1><p>First paragraph, with a <a href=b>link</a>.
<aside>Aside words</aside><aside class="admonition note"><p>Noted well</p></aside>
<ul class=toc><li><a href=#a>Alpha</a><li><a href=#b>Beta</a><li><a href=#c>Gamma</a></ul>
<h2 id=a>Alpha</h2><p>Alpha text <sup>1</sup> with <ruby>kanji<rt>reading</rt></ruby> and <math><mi>x</mi></math>.</p>
<svg><title>Drawing</title></svg><iframe>Fallback</iframe><object>Older</object><video>No video</video>
<select><option>Choose</option></select><textarea>Typed</textarea><input value=unseen placeholder=unseen>
<form><label>Your name</label><button>Send</button></form><button>Copy</button>
<table>stray<caption>Captioned</caption><thead><tr><th>A<th>B<tr>astray<td>one<button>Sort</button><td>two</table>
<dl>odd<dt>Term<dd>Meaning<div><dt>Other<dd>Sense</div></dl>
<ul>lost?<li>item one<ul>inner?<li>nested</ul>after nested<p>par</p>end</li><p>no item</p><ul><li>direct</ul></ul>
<li>listless<details>bare details</details><details><summary>Ask</summary>Reply<summary>Second</summary></details>
<pre>code line<br>next<button>Copy code</button></pre><a href=card><h3>Card</h3><p>Card text</p></a>
<h2></h2><h2>Open heading<p>kept <h4>Deeper</h4></div></div></b><p>para<table><tr><td>cell</table>
<blockquote>Quote<footer>Author</footer></blockquote></main>
<div>outside <p>Related</p></div><footer>Foot</footer></body>after the body</html>after the page"""


@pytest.mark.parametrize("page", [FURNISHED, *(p.read_text() for p in sorted(SAMPLES.glob("*.html")))])
def test_every_word_of_a_page_is_text_heading_or_drop(page):
    parsed = read(page.encode(), ".html")
    page = re.sub("</?(body|html)>", " ", page)  # the other parser forgets what stands after them
    assert shown(page) - kept(parsed) == Counter()


TAGS = (
    "div p span b a ul ol li table tr td th dl dt dd details summary h1 h2 h3 h4 pre button nav aside header footer "
    "form main article section select option svg math iframe label blockquote sup em code center font figure br "
    "strong label del p p time"
).split()
ATTRIBUTES = [
    *("", "", "", " class=accordion", " class=faq-question", " role=button aria-controls=x", " id=x hidden"),
    *(" class=cookie-banner", " aria-hidden=true", " href=y", " role=dialog", " class=toc id=q"),
    *(" class=q-question", " class=q-answer", " role=tablist", " role=tab", " role=tabpanel", " class=sidebar"),
    *(" itemtype=schema.org/Question", " itemprop=name", " itemprop=acceptedAnswer", " class=linenos", " for=x"),
    *(" rel=next href=y", " class=comments", " class=author", " class=footer"),
]
TREES = st.recursive(
    st.sampled_from(["WORD ", "WORD? ", "Q: WORD ", "A: WORD "]),
    lambda inner: st.builds(
        lambda tag, attributes, children, closed: f"<{tag}{attributes}>{''.join(children)}" + f"</{tag}>" * closed,
        st.sampled_from(TAGS),
        st.sampled_from(ATTRIBUTES),
        st.lists(inner, max_size=4),
        st.booleans(),
    ),
    max_leaves=24,
)


@settings(max_examples=400, deadline=None)
@given(st.lists(TREES, min_size=1, max_size=4))
def test_no_nesting_loses_a_word(trees):
    counter = iter(range(10_000))
    page = re.sub("WORD", lambda _: f"w{next(counter)}x", "<body>" + " ".join(trees))
    try:
        parsed = read(page.encode(), ".html")
    except ReadError as error:
        assert error.reason in ("no_text", "empty")
        return
    assert set(re.findall(r"w\d+x", page)) - set(kept(parsed)) == set()


def test_the_pages_furniture_is_dropped_with_its_reason():
    page = html(
        "<header><a href=/>Home</a></header><nav>Menu</nav><div class='cookie-banner'>We use cookies</div>"
        f"<article><h1>Title<a class=headerlink href=#t>¶</a></h1><p>{LONG}</p><form>Sign up</form>"
        "<button>Copy</button><aside>Aside</aside><span aria-hidden=true>Icon</span><img alt='A llama' src=x></article>"
        "<div>Related</div><footer>Foot</footer><script>x()</script>",
        head="<title>Title - Site</title>",
    )
    assert page.title == "Title"
    assert shape(page) == [([], [LONG])]
    assert drops(page) == {
        "page_title": "Title - Site",
        "header": "Home",
        "navigation": "Menu",
        "cookie": "We use cookies",
        "permalink": "¶",
        "form": "Sign up",
        "control": "Copy",
        "sidebar": "Aside",
        "hidden_control": "Icon",
        "alt_text": "A llama",
        "outside_main": "Related",
        "footer": "Foot",
    }


def test_a_landmark_around_the_whole_page_is_none():
    assert shape(html(f"<form id=aspnet><h2>Part</h2><p>{LONG}</p></form>")) == [(["Part"], [LONG])]
    assert shape(html(f"<nav>Menu<main><p>{LONG}</p></main>"))[-1] == ([], [LONG])


def test_a_heading_about_cookies_is_no_banner():
    page = html(f"<p>{LONG}</p><section id=cookies><h2 id=cookies>Cookies</h2><p>They are set.</p></section>")
    assert shape(page) == [([], [LONG]), (["Cookies"], ["They are set."])]


# --- FAQ ------------------------------------------------------------------------------------------------------

BUTTON = "<button{}>{{q}}</button><div id=p{{n}} style='display:none' aria-hidden=true hidden><p>{{a}}</p></div>"
FAQ = {
    "details": "<details id=d{n}><summary>{q}</summary><p>{a}</p></details>",
    "dl": "<dt>{q}</dt><dd>{a}</dd>",
    "dl in div": "<div><dt>{q}</dt><dd><p>{a}</p></dd></div>",
    "heading": "<h3>{q}</h3><div>{a}</div>",
    "heading, hidden": "<h3>{q}</h3><div hidden style='display:none'>{a}</div>",
    "button, controls": BUTTON.format(" aria-controls=p{n} aria-expanded=false"),
    "button, class": BUTTON.format(" class=accordion"),
    "plain button": BUTTON.format(""),
    "plain button, items": f"<div class=item>{BUTTON.format('')}</div>",
    "plain button, header": "<div><header><button>{q}</button></header><section>{a}</section></div>",
    "role": "<div role=button aria-controls=p{n}>{q}</div><div id=p{n}>{a}</div>",
    "class only": "<div class=faq-question>{q}</div><div class=faq-answer>{a}</div>",
    "bootstrap": (
        "<div class=accordion-item><h2 class=accordion-header id=h{n}><button type=button class='accordion-button'"
        " data-bs-toggle=collapse data-bs-target='#p{n}' aria-expanded=false aria-controls=p{n}>{q}</button>"
        "</h2><div id=p{n} class='accordion-collapse collapse' aria-labelledby=h{n}><div class=accordion-body>{a}</div>"
        "</div></div>"
    ),
    "bootstrap 3": (
        "<div class='panel panel-default'><div class=panel-heading><h4 class=panel-title><a data-toggle=collapse"
        " href='#p{n}'>{q}</a></h4></div><div id=p{n} class='panel-collapse collapse'>{a}</div></div>"
    ),
}
AROUND = (
    "<header><a href=/>Home</a><button aria-expanded=false aria-controls=m>Menu</button></header><nav id=m>Menu</nav>"
    "<div class=cookie-consent>We use cookies<button>Accept</button><button>Reject</button></div>"
    "{}<footer>All rights</footer>"
)


@pytest.mark.parametrize("name", FAQ)
@pytest.mark.parametrize("count", [2, 20])
@pytest.mark.parametrize("mark", ["?", ""])
@pytest.mark.parametrize("tag", ["main", "div"])
def test_every_shape_of_faq_keeps_its_pairs(name, count, mark, tag):
    pairs = [(f"Matter number {n} of them{mark}", f"This is what answers {n}.") for n in range(count)]
    items = "".join(FAQ[name].format(n=n, q=q, a=a) for n, (q, a) in enumerate(pairs))
    items = f"<dl>{items}</dl>" if name.startswith("dl") else items
    page = html(AROUND.format(f"<{tag}><h1>FAQ</h1><p>Welcome to the answers.</p>{items}</{tag}>"))
    found = shape(page)
    assert found[0] == ([], ["Welcome to the answers."])
    assert [(heading[-1], "\n".join(blocks)) for heading, blocks in found[1:]] == pairs
    assert {len(heading) for heading, _ in found[1:]} == {1}
    assert {"header", "navigation", "cookie", "footer"} <= set(drops(page))


def test_what_follows_an_accordion_is_no_answer():
    for name in ("details", "button, controls", "bootstrap", "plain button"):
        items = "".join(FAQ[name].format(n=n, q=f"Why {n}?", a=f"So {n}.") for n in range(2))
        page = html(f"<main><h1>T</h1>{items}<p>After all.</p></main>")
        assert shape(page) == [(["Why 0?"], ["So 0."]), (["Why 1?"], ["So 1."]), ([], ["After all."])], name


def test_answers_are_found_where_the_buttons_say_they_are():
    page = html(
        "<main><h1>T</h1><button aria-controls=a>First?</button><button aria-controls=b>Second?</button>"
        "<div id=b>Two.</div><div id=a>One.</div></main>"
    )
    assert shape(page) == [(["Second?"], ["Two."]), (["First?"], ["One."])]


def test_an_answer_may_have_headings_lists_and_questions_of_its_own():
    page = html(
        "<main><h1>T</h1><h3>Part</h3><details><summary>Why?</summary><h4>Reason</h4><p>So.</p>"
        "<ul><li>a<li>b</ul><details><summary>Really?</summary>Yes.</details></details><p>End.</p></main>"
    )
    assert shape(page) == [
        (["Part", "Why?", "Reason"], ["So.", "- a\n- b"]),
        (["Part", "Why?", "Reason", "Really?"], ["Yes."]),
        (["Part"], ["End."]),
    ]


# --- anchors and links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "anchor"),
    [
        ("<section id=far><h2 id=own>H</h2>T</section>", "own"),
        ("<h2><a name=inner></a>H</h2>T", "inner"),
        ("<h2><span id=inner>H</span></h2>T", "inner"),
        ("<a name=before></a><h2>H</h2>T", "before"),
        ("<p><a id=before></a></p><h2>H</h2>T", "before"),
        ("<section id=around><div><h2>H</h2>T</div></section>", "around"),
        ("<section id=around><p>No start</p><h2>H</h2>T</section>", None),
        ("<details id=around><summary>H</summary>T</details>", "around"),
        ("<dl><dt id=own>H</dt><dd>T</dd></dl>", "own"),
        ("<button aria-controls=panel>Why is it?</button><div id=panel>T</div>", "panel"),
        ("<ol><li id=one><p>Why?</p><p>So.</p></li><li id=two><p>How?</p><p>So.</p></li></ol>", "two"),
        ("<h2 id=above>Above</h2><h3>H</h3>T", "above"),
    ],
)
def test_the_anchor_is_the_nearest_id_at_or_above(body, anchor):
    assert html(f"<main>{body}</main>").parts[-1].anchor == anchor


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("../x", "https://a.org/d/x"),
        ("?q=1", "https://a.org/d/e/f?q=1"),
        ("#frag", "https://a.org/d/e/f#frag"),
        ("//host.org/x", "https://host.org/x"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("tel:1", "tel:1"),
        ("/x y", "https://a.org/x y"),
    ],
)
def test_links_are_resolved_or_stay_as_they_are_written(written, resolved):
    body = f"<main><p>See <a href='{written}'>this</a>.</p></main>"
    assert links(html(body, "https://a.org/d/e/f")) == [("this", resolved)]
    assert links(html(body)) == [("this", written)]


def test_links_are_resolved_against_base_and_canonical():
    body = "<main><p>See <a href=b.html>B</a> and <a href='javascript:x()'>C</a>.</p></main>"
    assert links(html(body, head="<link rel=canonical href='https://a.org/x/y'>")) == [("B", "https://a.org/x/b.html")]
    assert links(html(body, "https://a.org/1/2", "<base href='/z/'>")) == [("B", "https://a.org/z/b.html")]


def test_links_are_kept_wherever_they_stand():
    page = html(
        "<main><h2><a href=1>Heading</a></h2><p>Text.</p><h2><a href=2>Empty</a></h2><h2>Next</h2>"
        "<ul><li><a href=3>Item</a><ul><li><a href=4>Inner</a></ul></ul>"
        "<table><tr><td><a href=5>Cell</a><td>x</table><dl><dt><a href=6>Term</a><dd><a href=7>Sense</a></dl>"
        "<details><summary><a href=8>Summary</a></summary>Text.</details>"
        "<button aria-controls=p>Why <a href=9>that</a>?</button><div id=p>So.</div>"
        "<a role=button href=10>Get it</a><button>See <a href=11>here</a></button>"
        "<a href=12><h3>Card</h3><p>More.</p></a>"
        "<a href=13><img alt=Badge src=x></a><a href=14 aria-label=Icon><svg></svg></a><pre><a href=15>call</a>()</pre>"
        "</main>"
    )
    assert {url for _, url in links(page)} == {str(n) for n in range(1, 16)}
    assert {"Badge", "Icon"} <= {text for text, _ in links(page)}
    where = {link.url: part.heading[-1:] for part in page.parts for link in part.links}
    assert (where["1"], where["2"], where["12"]) == (("Heading",), ("Empty",), ("Card",))


# --- blocks ---------------------------------------------------------------------------------------------------


def test_merged_cells_are_filled_and_layout_tables_are_text():
    merged = "<table><tr><th>A<th>B</tr><tr><td rowspan=2>x<td>1</tr><tr><td>2</tr></table>"
    assert shape(html(merged)) == [([], ["| A | B |\n| --- | --- |\n| x | 1 |\n| x | 2 |"])]
    assert shape(html("<table><tr><td><p>One.</p><p>Two.</p></td></tr></table>")) == [([], ["One.", "Two."])]


def test_text_between_blocks_is_not_glued():
    assert shape(html("<div>One.<p>Two.</p>Three <b>is</b> last.</div>")) == [([], ["One.", "Two.", "Three is last."])]
    assert shape(html("One.<br><br>Two<br>lines.")) == [([], ["One.", "Two lines."])]


def test_lists_keep_their_numbers_and_what_stands_in_their_items():
    page = "<ol start=3><li>three<ul><li>in</ul><li><p>four</p><pre>code</pre></li><li>five</ol>"
    assert shape(html(page)) == [([], ["3. three\n- in\n4. four", "```\ncode\n```", "5. five"])]


def test_formulas_are_their_tex():
    page = html("<p>So <math><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></math>.</p>")
    assert shape(page) == [([], ["So x^2 ."])]
    assert drops(page) == {"formula": "x"}


def test_what_an_unclosed_heading_swallowed_is_text():
    page = html("<h2>Title<div>First.</div><div>Second.</div><h3>Sub</h3><p>Third.</p>")
    assert shape(page) == [(["Title"], ["First.", "Second."]), (["Title", "Sub"], ["Third."])]


# --- encodings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("iso-8859-1", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("windows-1251", "utf-16"),
        ("iso-8859-1", "cp1252"),
        ("windows-1251", "windows-1251"),
        ("shift_jis", "shift_jis"),
        ("no-such-thing", "cp1252"),
        ("hex", "cp1252"),
    ],
)
def test_the_bytes_say_more_than_the_declaration(declared, encoding):
    text = {"windows-1251": "Привет", "shift_jis": "日本語", "cp1252": "Größe – “é”"}.get(encoding, "Größe Привет 日本")
    data = f'<meta charset="{declared}"><p>{text}</p>'.encode(encoding)
    assert shape(read(data, ".html")) == [([], [text])]


def test_a_damaged_utf8_page_is_refused_with_the_place():
    data = "<p>Größe".encode() + b"\xff</p>"
    with pytest.raises(ReadError, match=f"ff at offset {len('<p>Größe'.encode())}") as error:
        read(data, ".html")
    assert error.value.reason == "bad_encoding"


# --- what no page may do --------------------------------------------------------------------------------------


def test_deep_nesting_is_read_or_refused():
    assert shape(html("<div>" * 150 + "deep" + "</div>" * 150)) == [([], ["deep"])]
    for tag, count in (("div", 5000), ("b", 5000), ("ul><li", 5000), ("table><tr><td", 5000), ("details", 190)):
        with pytest.raises(ReadError) as error:
            html(f"<{tag}><summary>Why?</summary>" * count + "deep")
        assert error.value.reason == "too_deep"


def test_a_long_page_is_read_in_bounded_time():
    section = "<div id=s{0}><h2>Topic {0}</h2><p>Some <b>words</b> of <a href=x>it</a>.</p><ul><li>a<li>b</ul></div>"
    started = time.process_time()
    parsed = html("<div><div>" + "".join(section.format(n) for n in range(20_000)))  # 2 MB
    assert len(parsed.parts) == 20_000
    assert time.process_time() - started < 15
