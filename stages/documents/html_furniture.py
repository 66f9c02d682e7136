"""HTML: the element that holds the text, and what goes out of it: navigation, banners, footers."""

import re

from bs4 import Tag

from stages.documents.blocks import clean
from stages.documents.html_inline import attribute

ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog", "menu", "menubar"}
FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|breadcrumbs?|side-?bar|social|share|sharing|newsletter|advert\w*|ads?"
    r"|skip-?(?:link|nav|to)\S*|pagination|header-?link|page-?(?:footer|nav)|site-?(?:footer|header|nav)|nav-?bar"
    r"|table-?of-?contents|toc)(?=$|[\s_-])",
    re.IGNORECASE,
)


def main(page: Tag) -> Tag:
    """Return the element that holds the text: main, else the only article, else the body."""
    whole = len(page.get_text())
    candidates = [*page.find_all("main"), *page.find_all(True, attrs={"role": "main"})]
    articles = page.find_all("article")
    if len(articles) == 1:
        candidates += articles
    for tag in candidates:
        if len(tag.get_text()) > 0.1 * whole:  # an empty <main> filled by a script is no help
            return tag
    return page.body or page


def strip(root: Tag) -> None:
    """Take the page's furniture out of the tree. Collapsed text (`display:none`) stays: answers are often there."""
    whole = len(root.get_text()) or 1
    for tag in root.find_all(True):
        if tag.decomposed or tag is root:
            continue
        words = f"{attribute(tag, 'class')} {attribute(tag, 'id')}"
        share = len(tag.get_text()) / whole
        if (
            tag.name in ("nav", "footer", "aside")
            or attribute(tag, "role") in ROLES
            or (tag.name == "header" and tag.find(["h1", "h2", "h3"]) is None)
            or (share < 0.5 and FURNITURE.search(words))
            or (attribute(tag, "aria-hidden") == "true" and tag.name in ("a", "span", "i", "b", "button"))
            or (tag.name == "a" and clean(tag.get_text()) in ("¶", "#", "§", "🔗"))
        ):
            tag.decompose()
