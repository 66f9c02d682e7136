"""What is asked, of whom, and the key that makes it the same wherever and whenever it is asked."""

from pathlib import Path
from typing import Any

import msgspec

from stages.llm.replies import key


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asked: part of a request's key, except the endpoint and the file, which are only where it is."""

    name: str
    revision: str  # or the hash of its file
    quantization: str = "none"
    adapter: str | None = None  # digest
    endpoint: str = "embedded"
    adapter_file: Path | None = None  # for the embedded server

    @property
    def key(self) -> dict[str, str | None]:
        """Who it is, wherever it runs."""
        return {
            "name": self.name, "revision": self.revision, "quantization": self.quantization, "adapter": self.adapter
        }  # fmt: skip


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One sample of one prompt."""

    messages: tuple[tuple[str, str], ...]  # (role, content)
    temperature: float
    max_tokens: int
    top_p: float = 1.0
    seed: int = 0
    sample: int = 0
    schema: dict[str, Any] | None = None  # JSON schema of the reply, which not every endpoint keeps to
    score: bool = False  # how likely is the last message? The reply has `nlls`, (start, end, nats) of each token of it


def request_key(model: Model, request: Request) -> str:
    """Return the key of a request: SHA-256 of model and request, without the endpoint's place."""
    asked = msgspec.to_builtins(request)
    if request.schema is None:
        del asked["schema"]
    if not request.score:
        del asked["score"]
    return key(model=model.key, request=asked)
