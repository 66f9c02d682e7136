"""The body of an HTTP response, counted as it arrives and as it unfolds."""

import zlib
from collections.abc import Iterable

from stages.sources.errors import Unavailable


def read_body(pieces: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """Return a response's body, decompressed.

    Nothing beyond the limit is kept, neither of what the server sends nor of what it unfolds to.

    Args:
        pieces: as they come from the network.
        encoding: the header Content-Encoding.
        limit: largest size in bytes, before and after decompression.

    Raises:
        Unavailable: too_large, or content_encoding if it cannot be decompressed.
    """
    names = [name for name in encoding.lower().replace(" ", "").split(",") if name not in ("", "identity")]
    if len(names) > 1 or set(names) - {"gzip", "x-gzip", "deflate"}:
        raise Unavailable("content_encoding", f"the server sends {encoding!r}, but was asked for gzip or identity")
    unfold = _Unfold(names[0]) if names else None
    received, body = 0, bytearray()
    for piece in pieces:
        received += len(piece)
        body += piece if unfold is None else unfold(piece, limit + 1 - len(body))
        if max(received, len(body)) > limit:
            raise Unavailable("too_large", f"larger than {limit} bytes; stopped after {received} bytes received")
    if unfold is not None and not unfold.whole:
        raise Unavailable("content_encoding", "the compressed content ends too early")
    return bytes(body)


class _Unfold:
    """Decompresses gzip (also of several members) or deflate, no more than asked for at once."""

    def __init__(self, name: str):
        self.wbits = zlib.MAX_WBITS | 16 if name.endswith("gzip") else zlib.MAX_WBITS
        self.inner = zlib.decompressobj(self.wbits)
        self.begun = False

    @property
    def whole(self) -> bool:
        """Whether the compressed stream has ended, or never began."""
        return self.inner.eof or not self.begun

    def __call__(self, piece: bytes, room: int) -> bytes:
        out = bytearray()
        try:
            while piece and len(out) < room:
                if self.inner.eof:
                    self.inner = zlib.decompressobj(self.wbits)
                self.begun = True
                out += self.inner.decompress(piece, room - len(out))
                piece = self.inner.unused_data if self.inner.eof else self.inner.unconsumed_tail
                if self.inner.eof and not piece.startswith(b"\x1f\x8b"):
                    break  # padding after the last member
        except zlib.error as error:
            raise Unavailable("content_encoding", f"the compressed content is damaged: {error}") from error
        return bytes(out)
