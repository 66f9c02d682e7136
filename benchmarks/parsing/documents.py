"""Documents with known content, as Markdown, HTML, PDF and DOCX: what a reader should keep, and what it should not.

A document has chapters of four headings on two levels, three links, three code blocks of two lines and a table of two
rows; HTML has navigation, a cookie notice, an aside and a footer besides, PDF and DOCX a page header and a footer.
"""

import io
import random
from dataclasses import dataclass

TITLE = "Handbook of the example service"
TOPICS = "Storage Caching Training Serving Billing Logging Routing Testing".split()
ASPECTS = ("Setup", "Limits", "Recovery")
WORDS = (
    "the server keeps every record of a request and writes it into the journal before the next one is read so that "
    "nothing is lost when the power fails while a worker is busy with large models or small adapters and the queue "
    "grows because users send more documents than one machine can hold in memory during a long evening run"
).split()
SITE_FURNITURE = (
    "Home Products Pricing Careers",
    "We use cookies to improve your visit",
    "Subscribe to our newsletter today",
    "Copyright Example Corporation",
)
PAGE_FURNITURE = ("Example Corporation internal edition", "Printed for the reading benchmark")


@dataclass(frozen=True)
class Section:
    """A heading of the second level with a text, in which `key` stands once, a link and two lines of code."""

    heading: str
    key: str
    before: str
    label: str
    url: str
    after: str
    code: tuple[str, str]


@dataclass(frozen=True)
class Chapter:
    """A heading of the first level, an introduction, sections and a table of two columns, header first."""

    heading: str
    introduction: str
    sections: tuple[Section, ...]
    rows: tuple[tuple[str, str], ...]


def content(chapters: int, seed: int = 0) -> list[Chapter]:
    """Return as many chapters; the same number and seed give the same words."""
    rng = random.Random(f"{chapters} {seed}")
    return [_chapter(rng, number) for number in range(1, chapters + 1)]


def furniture(suffix: str) -> tuple[str, ...]:
    """Return the texts that stand in a file of that type and are no content."""
    return {".html": SITE_FURNITURE, ".pdf": PAGE_FURNITURE, ".docx": PAGE_FURNITURE}.get(suffix, ())


def make(chapters: list[Chapter], suffix: str) -> bytes:
    """Return the document as a file of that type: .md, .html, .pdf or .docx."""
    return {".md": _markdown, ".html": _html, ".pdf": _pdf, ".docx": _docx}[suffix](chapters)


def _chapter(rng: random.Random, number: int) -> Chapter:
    name = f"{rng.choice(TOPICS)} in region {number}"
    sections = tuple(
        Section(
            heading=f"{aspect} of region {number}",
            key=f"{aspect.lower()}key{number}",
            before=f"{_prose(rng, 40)} The word here is {aspect.lower()}key{number}, as given in the",
            label=f"{aspect.lower()} reference {number}",
            url=f"https://docs.example.org/{aspect.lower()}-{number}.html",
            after=f"which every operator reads first. {_prose(rng, 60)}",
            code=(f"pip install {aspect.lower()}-tool-{number}", f'{aspect.lower()}_tool --region "{number}" --quiet'),
        )
        for aspect in ASPECTS
    )
    rows = (("Quantity", f"Value {number}"), (f"nodes {number}", f"{number * 37} units"))
    return Chapter(name, _prose(rng, 50), sections, rows)


def _prose(rng: random.Random, words: int) -> str:
    """Return sentences of that many words together."""
    text = []
    while words > 0:
        length = min(words, rng.randint(8, 18))
        text.append(" ".join(rng.choice(WORDS) for _ in range(length)).capitalize() + ".")
        words -= length
    return " ".join(text)


def _markdown(chapters: list[Chapter]) -> bytes:
    lines = [f"# {TITLE}", ""]
    for chapter in chapters:
        lines += [f"## {chapter.heading}", "", chapter.introduction, ""]
        for s in chapter.sections:
            lines += [f"### {s.heading}", "", f"{s.before} [{s.label}]({s.url}) {s.after}", ""]
            lines += ["```", *s.code, "```", ""]
        head, *body = (f"| {left} | {right} |" for left, right in chapter.rows)
        lines += [head, "|---|---|", *body, ""]
    return "\n".join(lines).encode()


def _html(chapters: list[Chapter]) -> bytes:
    navigation, cookies, aside, footer = SITE_FURNITURE
    items = "".join(f'<li><a href="/{word.lower()}">{word}</a></li> ' for word in navigation.split())
    lines = [f"<!doctype html><html><head><title>{TITLE}</title><style>p {{margin: 0}}</style></head><body>"]
    lines += [f'<nav><ul>{items}</ul></nav><div class="cookie-banner"><p>{cookies}</p></div>']
    lines += [f"<main><h1>{TITLE}</h1>"]
    for number, chapter in enumerate(chapters, 1):
        lines += [f'<h2 id="c{number}">{chapter.heading}</h2>', f"<p>{chapter.introduction}</p>"]
        for s in chapter.sections:
            lines += [f"<h3>{s.heading}</h3>", f'<p>{s.before} <a href="{s.url}">{s.label}</a> {s.after}</p>']
            lines += [f"<pre><code>{s.code[0]}\n{s.code[1]}\n</code></pre>"]
        (a, b), *body = chapter.rows
        rows = "".join(f"<tr><td>{left}</td><td>{right}</td></tr>" for left, right in body)
        lines += [f"<table><thead><tr><th>{a}</th><th>{b}</th></tr></thead><tbody>{rows}</tbody></table>"]
    lines += [f"</main><aside><p>{aside}</p></aside><footer><p>{footer}</p></footer>"]
    lines += ["<script>var visits = 1;</script></body></html>"]
    return "\n".join(lines).encode()


def _pdf(chapters: list[Chapter]) -> bytes:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, Preformatted, SimpleDocTemplate, Spacer, Table

    class Template(SimpleDocTemplate):
        def afterFlowable(self, flowable):
            level = {"Heading1": 0, "Heading2": 1}.get(getattr(getattr(flowable, "style", None), "name", ""))
            if level is not None:
                self.canv.bookmarkPage(flowable.getPlainText())
                self.canv.addOutlineEntry(flowable.getPlainText(), flowable.getPlainText(), level)

    def furnish(canvas, template):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 800, PAGE_FURNITURE[0])
        canvas.drawString(72, 30, f"{PAGE_FURNITURE[1]}, page {template.page}")

    styles = getSampleStyleSheet()
    story = [Paragraph(TITLE, styles["Title"])]
    for chapter in chapters:
        story += [Paragraph(chapter.heading, styles["Heading1"]), Paragraph(chapter.introduction, styles["BodyText"])]
        for s in chapter.sections:
            linked = f'{s.before} <a href="{s.url}" color="blue">{s.label}</a> {s.after}'
            story += [Paragraph(s.heading, styles["Heading2"]), Paragraph(linked, styles["BodyText"])]
            story += [Preformatted("\n".join(s.code), styles["Code"]), Spacer(1, 8)]
        story += [Table(chapter.rows, style=[("GRID", (0, 0), (-1, -1), 0.5, "black")]), Spacer(1, 8)]
    file = io.BytesIO()
    Template(file, title=TITLE, invariant=1).build(story, onFirstPage=furnish, onLaterPages=furnish)
    return file.getvalue()


def _docx(chapters: list[Chapter]) -> bytes:
    import docx

    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = PAGE_FURNITURE[0]
    document.sections[0].footer.paragraphs[0].text = PAGE_FURNITURE[1]
    document.add_heading(TITLE, 0)
    for chapter in chapters:
        document.add_heading(chapter.heading, 1)
        document.add_paragraph(chapter.introduction)
        for s in chapter.sections:
            document.add_heading(s.heading, 2)
            paragraph = document.add_paragraph(f"{s.before} ")
            _add_link(paragraph, s.label, s.url)
            paragraph.add_run(f" {s.after}")
            code = document.add_paragraph().add_run(s.code[0])
            code.font.name = "Courier New"
            code.add_break()
            code.add_text(s.code[1])
        table = document.add_table(rows=0, cols=2)
        for row in chapter.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _add_link(paragraph, text: str, url: str) -> None:
    """Append a hyperlink, for which python-docx has no function."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = OxmlElement("w:r")
    run.text = text
    link.append(run)
    paragraph._p.append(link)
