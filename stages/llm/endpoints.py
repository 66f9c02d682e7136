"""Where a model runs: the endpoints of engine.yaml, and the embedded one, which is started for it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from stages import settings

EMBEDDED = "embedded"


class EndpointError(RuntimeError):
    """The endpoint cannot be used at all; the message says which and what to do."""


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """US dollars for a million tokens."""

    prompt: float = 0.0
    completion: float = 0.0
    cached_prompt: float | None = None  # None: as prompt


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an endpoint is used; none of it decides what comes out."""

    url: str
    key_env: str = "OPENAI_API_KEY"  # name of the environment variable that holds the key
    concurrency: int = 8  # most calls at once; fewer are made while the endpoint does not keep up
    start: int = 8  # calls at once to begin with
    samples_per_call: int = 1  # most samples of one prompt asked for in one call, with `n`
    timeout: float = 300.0  # seconds for one attempt
    deadline: float = 900.0  # seconds for one call, all its attempts and pauses together
    retries: int = 5  # attempts after a server's error or a timeout; 429, 503 and lost connections: until the deadline
    backoff: float = 0.5  # seconds, longest first pause before another attempt; doubled for each further one
    schema: bool | Literal["auto"] = "auto"  # is a JSON schema sent; auto: until the endpoint refuses it
    prices: Prices | None = None


def options(name: str) -> Options:
    """Return the options of an endpoint; nothing is started.

    Raises EndpointError if engine.yaml does not name it, or not in this way.
    """
    if name == EMBEDDED:
        slots = int(settings.load().get("embedded", {}).get("slots", 8))
        return Options(  # how many it takes is known
            url="", concurrency=slots, start=slots, samples_per_call=slots, timeout=600, deadline=1800, prices=Prices()
        )
    given = settings.load().get("endpoints", {}).get(name)
    if not given or "url" not in given:
        known = re.fullmatch(r"[a-z][a-z\d]*(?:_[a-z\d]+)*", name) is not None
        raise EndpointError(
            f"endpoint {name} is not in engine.yaml: expected endpoints: {{{name}: {{url: https://.../v1}}}}"
            + (f", or set FAQTUNE_ENDPOINTS__{name.upper()}__URL" if known else
               " (a name of small letters, digits and single _ can be set from the environment, too)")
        )  # fmt: skip
    try:
        found = msgspec.convert(given, Options, strict=False)
    except msgspec.ValidationError as error:
        raise EndpointError(f"endpoint {name} in engine.yaml: {error}") from error
    if not found.url.startswith(("http://", "https://")):
        raise EndpointError(f"endpoint {name} in engine.yaml: expected url: http(s)://.../v1, got {found.url!r}")
    return found


@contextmanager
def serving(name: str, adapter: Path | None = None) -> Iterator[tuple[str, str, Options]]:
    """Yield (base URL, key, options) of an endpoint; the embedded one runs meanwhile, with the adapter if given.

    The key comes from the environment variable that `key_env` names, and from nowhere else.
    """
    found = options(name)
    if name == EMBEDDED:
        from stages.llm import embedded

        with embedded.serve(**({"adapter": adapter} if adapter else {})) as url:
            yield url, "none", found
        return
    secret = os.environ.get(found.key_env, "").strip() or "none"
    if not (secret.isascii() and secret.isprintable()):
        raise EndpointError(f"endpoint {name}: the environment variable {found.key_env} holds what is no key")
    yield found.url, secret, found
