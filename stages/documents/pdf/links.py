"""PDF: which words the link annotations of a page cover, and where they lead."""

import re
from collections import Counter
from collections.abc import Iterator

from pypdf import PageObject

from stages.documents.blocks import clean
from stages.documents.pdf.runs import Drawn, Run, turned_box
from stages.records import Link

Stamp = tuple[str, tuple[float, float, float, float]]  # a link's URL and rectangle


def repeated_links(annotations: list[list[Stamp]]) -> set[Stamp]:
    """Return the links that stand at the same place on half of the pages: those of a site's logo or menu."""
    count = Counter(stamp for page in annotations for stamp in set(page))
    return {stamp for stamp, pages in count.items() if pages >= max(3, 0.5 * len(annotations))}


def read_annotations(page: PageObject) -> Iterator[Stamp]:
    """Yield the page's links: the URL (empty if it leads to a place in the document) and the rectangle."""
    try:
        notes = list(page.get("/Annots") or [])
    except Exception:
        return
    for annotation in notes:
        try:
            note = annotation.get_object()
            if note.get("/Subtype") != "/Link":
                continue
            xs, ys = sorted(map(float, note["/Rect"][0::2])), sorted(map(float, note["/Rect"][1::2]))
            action = note.get("/A")
            url = "" if action is None else str(action.get_object().get("/URI") or "").strip()
            inner = re.search(r"(?:https?://|mailto:)\S+", url)  # some have their label before the address
            yield inner.group() if inner else url, (xs[0], ys[0], xs[1], ys[1])
        except Exception:  # a damaged annotation costs only itself
            continue


def attach_links(drawn: Drawn, annotations: list[Stamp], stamps: set[Stamp]) -> None:
    """Note on the runs which link annotations cover them."""
    own = (drawn.height, drawn.width) if drawn.turn in (90, 270) else (drawn.width, drawn.height)
    for url, box in annotations:
        if (url, box) in stamps:
            continue
        left, low, right, high = turned_box(box, drawn.turn, *own)
        found: list[str] = []
        first: Run | None = None
        for run in drawn.runs:
            middle = run.y + 0.3 * run.size
            if not low - 1 <= middle <= high + 1 or run.x1 <= left or run.x0 >= right:
                continue
            text = run.text.strip()
            wide = max(run.x1 - run.x0, 0.1)
            label = _whole_words(text, run.places, (left - run.x0) / wide, (right - run.x0) / wide)
            if not label:
                continue
            if url:
                found.append(label if "/" in label else label.rstrip("."))
                first = first or run
            else:
                run.inside += len(label)
        if first is not None and url.startswith(("http://", "https://", "mailto:")):
            first.links.append(Link(text=clean(" ".join(found)), url=url))


def _whole_words(text: str, places: list[float], left: float, right: float) -> str:
    """Return the words of which at least the half lies between two places, which are shares of the text's width."""
    words = [
        match
        for match in re.finditer(r"\S+", text)
        if min(places[match.end()], right) - max(places[match.start()], left)
        >= 0.5 * (places[match.end()] - places[match.start()])
    ]
    return text[words[0].start() : words[-1].end()].strip(" ,;()") if words else ""


def merge_links(text: str, links: list[Link]) -> list[Link]:
    """Join the links of one text that goes over two lines."""
    found: list[Link] = []
    for link in links:
        if found and found[-1].url == link.url:
            for glue in (" ", "", "-"):
                joined = (
                    found[-1].text.removesuffix("-") + glue + link.text
                    if glue == "-"
                    else found[-1].text + glue + link.text
                )
                if joined in text:
                    found[-1] = Link(text=joined, url=link.url)
                    break
            else:
                if link.text != found[-1].text:
                    found.append(link)
            continue
        found.append(link)
    return found
