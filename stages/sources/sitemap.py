"""The pages that a sitemap lists (sitemaps.org): a file of URLs, or an index of such files."""

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote, urlsplit

from lxml import etree

from stages.sources.body import read_body
from stages.sources.errors import Unavailable
from stages.sources.globs import matches
from stages.sources.manifest import Entry, as_list, check_url

FILES = 200  # of an index that are read at most


def pages(entry: Entry, get: Callable[[str], bytes], limit_bytes: int) -> list[str]:
    """Return the URLs of a sitemap that the entry wants, in the sitemap's order, as many as its `limit` allows.

    Only pages of the sitemap's own host count, as the protocol asks; an index is followed one level deep, and no
    further than needed.

    Args:
        entry: with `sitemap`, and maybe `include`, `exclude` and `limit`.
        get: returns the content of a URL; raises Unavailable.
        limit_bytes: largest sitemap, decompressed.

    Raises:
        Unavailable: if it cannot be fetched, or is no sitemap (bad_sitemap).
    """
    return list(_first(select(_listed(entry.sitemap or "", get, limit_bytes), entry), entry.limit))


def select(urls: Iterable[str], entry: Entry) -> Iterator[str]:
    """Yield the URLs whose path the entry includes and does not exclude, each once."""
    include, exclude = as_list(entry.include) or ["**"], as_list(entry.exclude)
    seen: set[str] = set()
    for url in urls:
        path = unquote(urlsplit(url).path) or "/"
        wanted = any(matches(path, glob) for glob in include) and not any(matches(path, glob) for glob in exclude)
        if wanted and url not in seen:
            seen.add(url)
            yield url


def _first(urls: Iterable[str], limit: int | None) -> Iterator[str]:
    for number, url in enumerate(urls, 1):
        yield url
        if number == limit:
            return


def _listed(url: str, get: Callable[[str], bytes], limit: int) -> Iterator[str]:
    kind, found = _parse(url, get(url), limit)
    if kind == "urlset":
        yield from found
        return
    if len(found) > FILES:
        raise Unavailable("bad_sitemap", f"{url}: an index of {len(found)} sitemaps; name those that you want")
    for inner in found:
        kind, pages_found = _parse(inner, get(inner), limit)
        if kind != "urlset":
            raise Unavailable("bad_sitemap", f"{inner}: an index in an index; name the sitemaps themselves")
        yield from pages_found


def _parse(url: str, data: bytes, limit: int) -> tuple[str, list[str]]:
    """Return what a sitemap file is ("urlset" or "sitemapindex"), and the URLs of its own host that it lists."""
    if data.startswith(b"\x1f\x8b"):
        data = read_body([data], "gzip", limit)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Unavailable("bad_sitemap", f"{url}: no XML: {' '.join(str(error).split())}") from error
    kind = etree.QName(root).localname
    if kind not in ("urlset", "sitemapindex"):
        raise Unavailable("bad_sitemap", f"{url}: expected <urlset> or <sitemapindex>, found <{kind}>")
    texts = [(each.text or "").strip() for each in root.findall("{*}*/{*}loc")]
    return kind, [text for text in texts if _is_of(text, urlsplit(url).netloc)]


def _is_of(url: str, host: str) -> bool:
    try:
        check_url("loc", url)
    except ValueError:
        return False
    return urlsplit(url).netloc == host
