"""E-books (EPUB 2 and 3): the chapters in the order of the spine, each by way of the HTML reader."""

import posixpath
import re
import zipfile
from urllib.parse import unquote

from lxml import etree

from stages.documents import html
from stages.documents.archive import open_archive, part, xml_part
from stages.documents.blocks import Builder, Parsed, ReadError, clean, decode

OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
ENCRYPTION = "{http://www.w3.org/2001/04/xmlenc#}"
PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
VOID = "area base br col embed hr img input link meta source track wbr"
SELF_CLOSED = re.compile(rf"<(?!(?:{VOID.replace(' ', '|')})\b)([A-Za-z][\w:.-]*)((?:\s[^<>]*)?)/>")


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in an e-book. A link into it leads to the file's name in the archive.

    Raises:
        ReadError: "encrypted", "zip_bomb", or "unreadable" with what is missing.
    """
    with open_archive(data) as archive:
        package = _package(archive)
        root = xml_part(archive, package)
        if root is None:
            raise ReadError("unreadable", f"{package!r}, which the container names, is not in the archive")
        builder = Builder()
        chapters = list(_spine(root, package))
        locked = _encrypted(archive) & {path for path, _ in chapters}
        if locked:
            raise ReadError("encrypted", f"the e-book is protected: {sorted(locked)[0]!r} is encrypted")
        found = False
        for path, contents in chapters:
            page = part(archive, path)
            if page is None:
                builder.drop("missing_part", path)
                continue
            found = True
            _chapter(page, path, contents, builder)
        if not found:
            raise ReadError("unreadable", "the e-book has no chapters: nothing of its spine is in the archive")
        return builder.parsed(clean(root.findtext(f"{OPF}metadata//{DC}title") or "") or None)


def _package(archive: zipfile.ZipFile) -> str:
    root = xml_part(archive, "META-INF/container.xml")
    if root is None:
        raise ReadError("unreadable", "the archive is no e-book: META-INF/container.xml is not there")
    for node in root.iter(f"{CONTAINER}rootfile"):
        if node.get("full-path"):
            return posixpath.normpath(node.get("full-path", ""))
    raise ReadError("unreadable", "META-INF/container.xml names no package")


def _spine(root: etree._Element, package: str) -> list[tuple[str, bool]]:
    """Return the name of each chapter in the archive, and whether it is a table of contents."""
    folder = posixpath.dirname(package)
    guide = {
        _name(folder, node.get("href", "").partition("#")[0])
        for node in root.iter(f"{OPF}reference")
        if node.get("type") == "toc"
    }
    items = {node.get("id"): node for node in root.iter(f"{OPF}item")}
    found = []
    for reference in root.iter(f"{OPF}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type", PAGES[0]) not in PAGES:
            continue
        path = _name(folder, item.get("href", ""))
        found.append((path, "nav" in item.get("properties", "").split() or path in guide))
    return found


def _name(folder: str, href: str) -> str:
    """Return a name in the archive; one that leads out of it is found nowhere, as nothing else is looked up."""
    return posixpath.normpath(posixpath.join(folder, unquote(href)))


def _encrypted(archive: zipfile.ZipFile) -> set[str]:
    root = xml_part(archive, "META-INF/encryption.xml")
    references = root.iter(f"{ENCRYPTION}CipherReference") if root is not None else ()
    return {_name("", node.get("URI", "")) for node in references}


def _chapter(data: bytes, path: str, contents: bool, builder: Builder) -> None:
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decode(data))
    page = html.soup(SELF_CLOSED.sub(r"<\1\2></\1>", text))  # an HTML parser takes <a/> for an open element
    root = page.find("body")
    if root is None:
        return
    if contents:
        builder.drop("contents", "\n".join(root.itertext()))
        return
    for mark in root.xpath(".//*[@*[name()='epub:type']='pagebreak']"):  # a page of the printed book
        builder.drop("page_number", "".join(mark.itertext()))
        mark.text = None
        mark[:] = []
    for node in root.iter():  # notes and boxes are text, which in a web page would be furniture
        node.tag = "div" if node.tag in ("aside", "header", "footer") else node.tag
        if "toc" not in node.get("class", ""):
            node.attrib.pop("class", None)
    html.walk(root, builder, path)
