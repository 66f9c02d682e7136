"""Which addresses of documents become links."""

from urllib.parse import urlsplit


def web(url: str | None) -> str:
    """Return the URL if a browser may follow it: http or https with a host; else nothing."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    return (url or "") if parts.scheme in ("http", "https") and parts.netloc else ""
