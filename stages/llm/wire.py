"""One attempt at one call: what was sent, and what came back as a list of replies or as a failure with its reason."""

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from stages.llm import likelihoods
from stages.llm.pace import retry_after

if TYPE_CHECKING:
    import openai

RAW = 2000  # characters kept of what cannot be used

Value = dict[str, Any]  # {"text", "finish", "usage"}, or {"error", "raw", ...}


class Failure(msgspec.Struct, kw_only=True):
    """Why an attempt brought no reply that was paid for."""

    reason: str  # no_connection, timeout, status_<number>
    status: int = 0  # of HTTP, 0 without an answer
    raw: str = ""
    wait: float | None = None  # seconds that the server asks for

    @property
    def passing(self) -> bool:
        """Whether it may go better another time."""
        return self.status in (0, 408, 409, 425, 429) or (self.status >= 500 and self.status != 501)

    @property
    def patient(self) -> bool:
        """Whether the endpoint is only away or busy: not this request's fault."""
        return self.reason == "no_connection" or self.status in (429, 503)

    @property
    def unreached(self) -> bool:
        """Whether the request got to nobody who could answer it."""
        return self.status in (0, 429, 502, 503, 504)

    def __str__(self) -> str:
        return f"{self.reason}: {' '.join(self.raw.split())[:300]}"


async def send(client: "openai.AsyncOpenAI", body: dict[str, Any], seconds: float) -> list[Value] | Failure:
    """Make one attempt and return what came: the replies in a paid answer, each usable or an error, or the failure."""
    import openai

    try:
        # the client's own timeout is one between two packets
        async with asyncio.timeout(seconds):
            answer = await client.chat.completions.with_raw_response.create(**body)
            if "extra_body" in body:
                return read_likelihoods(answer.content, body["messages"][-1]["content"])
            return read(answer.content, int(body.get("n", 1)))
    except openai.APIStatusError as error:
        status, raw = error.status_code, error.response.text[:RAW]
        return Failure(reason=f"status_{status}", status=status, raw=raw, wait=retry_after(error.response.headers))
    except (TimeoutError, openai.APITimeoutError) as error:
        late = "Connect" not in type(error.__cause__).__name__
        return Failure(reason="timeout" if late else "no_connection", raw=f"no answer within {seconds:.0f} s")
    except openai.APIConnectionError as error:
        if type(error.__cause__).__name__ == "DecodingError":  # all of it arrived, packed in a way that it does not say
            return [{"error": "not_json", "raw": str(error.__cause__)[:RAW]}] * int(body.get("n", 1))
        return Failure(reason="no_connection", raw=str(error.__cause__ or error)[:RAW])


def read(body: bytes, wanted: int) -> list[Value] | Failure:
    """Return the replies in the body of an answer with status 200: at most `wanted`, at least one, in their order.

    Of a body that is no answer of a model, all are the same error. A reply that cannot be used is
    `{"error": reason, "raw": text}`: not_json, html, no_choices, wrong_structure, empty.
    The usage is shared over the replies, so that their sums are those of the call.
    """
    answer = _decode(body)
    if answer is None:
        text = body[: 4 * RAW].decode("utf-8", "replace")
        reason = "html" if re.match(r"\s*<(!doctype|html|head|body)\b", text, re.IGNORECASE) else "not_json"
        return [{"error": reason, "raw": text[:RAW]}] * wanted
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if choices is None and isinstance(answer, dict) and answer.get("error"):  # as routers pass on another's failure
        code = answer["error"].get("code") if isinstance(answer["error"], dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 500
        return Failure(reason=f"status_{status}", status=status, raw=_raw(answer))
    if not isinstance(choices, list) or not choices:
        return [{"error": "no_choices", "raw": _raw(answer)}] * wanted
    if all(isinstance(choice, dict) and isinstance(choice.get("index"), int) for choice in choices):
        choices = sorted(choices, key=lambda choice: choice["index"])
    shares = _shares(_usage(answer), min(len(choices), wanted))
    return [_reply(choice) | {"usage": share} for choice, share in zip(choices, shares, strict=False)]


def read_likelihoods(body: bytes, text: str) -> list[Value] | Failure:
    """Return the one reply with the `nlls` of a text that was the last message of the prompt, or what `read` says.

    Without prompt log-probabilities, or with those of another text, it is the error `no_prompt_logprobs`.
    """
    found = read(body, 1)
    answer = _decode(body)
    if isinstance(found, Failure) or not isinstance(answer, dict) or "usage" not in found[0]:
        return found
    nlls = likelihoods.read(answer.get("prompt_logprobs"), text)
    if nlls is None:
        return [{"error": "no_prompt_logprobs", "raw": _raw(answer), "kept": False}]
    return [{"nlls": nlls, "usage": found[0]["usage"]}]


def _reply(choice: Any) -> Value:
    message = choice.get("message") if isinstance(choice, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):  # parts
        content = "".join(part["text"] for part in content if isinstance(part, dict) and _is_text(part.get("text")))
    if not isinstance(message, dict) or not (content is None or _is_text(content)):
        return {"error": "wrong_structure", "raw": _raw(choice)}
    finish = choice.get("finish_reason")
    if not content or not content.strip():
        return {"error": "empty", "raw": _raw(choice), "finish": finish if _is_text(finish) else None}
    return {"text": content, "finish": finish if _is_text(finish) else None}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _usage(answer: Any) -> dict[str, int]:
    """Return the prompt, completion and cached prompt tokens of a call, as far as the server says them."""
    usage, timings = (answer[name] if isinstance(answer.get(name), dict) else {} for name in ("usage", "timings"))
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    found = {
        "prompt": usage.get("prompt_tokens"),
        "completion": usage.get("completion_tokens"),
        "cached": timings.get("cache_n") if cached is None else cached,  # of llama.cpp
    }
    return {name: n for name, n in found.items() if isinstance(n, int) and 0 <= n < 2**53}


def _shares(usage: dict[str, int], count: int) -> list[dict[str, int]]:
    """Return `count` shares of whole tokens, whose sums are the usage."""
    return [{name: n * (i + 1) // count - n * i // count for name, n in usage.items()} for i in range(count)]


def _decode(body: bytes) -> Any:
    """Return the value of a JSON text in any state, None if it is none; text in it can always be written as UTF-8."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        pass
    try:  # more lenient: control characters and half surrogate pairs in a text
        value = json.loads(body.decode("utf-8", "replace"), strict=False)
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None


def _raw(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:RAW]
    except (ValueError, RecursionError):
        return ""
