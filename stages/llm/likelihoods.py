"""How likely a teacher finds a text: prompt log-probabilities as vLLM's chat completions return them.

The text is the last message of the prompt, which is not closed and not answered. `prompt_logprobs` has an entry for
each token of the prompt: `{"token id": {"logprob": -0.5, "decoded_token": " word"}}`, null for the first one.
"""

from typing import Any

ASKED = {"prompt_logprobs": 0, "add_generation_prompt": False, "continue_final_message": True}
CLOSING = 4  # tokens that a chat template may put behind the last message all the same
BROKEN = "\ufffd"  # what stands for a part of a character

Nlls = list[tuple[int, int, float]]  # start and end of a token in the text, nats


def read(found: Any, text: str) -> Nlls | None:
    """Return the nll of each token of the text at the end of the prompt; None if the tokens are not those of it.

    Tokens that hold parts of characters have the span of these characters. A token that begins before the text, with
    the white space of the template, has the part of it that is the text's.
    """
    tokens = _tokens(found)
    for closing in range(min(CLOSING, len(tokens)) + 1):
        aligned = _aligned(tokens[: len(tokens) - closing], text)
        if aligned is not None:
            return aligned
    return None


def _tokens(found: Any) -> list[tuple[str, float]]:
    """Return (text, nats) of the tokens behind the last one that cannot be read."""
    tokens: list[tuple[str, float]] = []
    for entry in found if isinstance(found, list) else []:
        one = next(iter(entry.values()), None) if isinstance(entry, dict) else None
        shown, logprob = (one.get("decoded_token"), one.get("logprob")) if isinstance(one, dict) else (None, None)
        if isinstance(shown, str) and isinstance(logprob, int | float):
            tokens.append((shown, -float(logprob)))
        else:
            tokens = []
    return tokens


def _aligned(tokens: list[tuple[str, float]], text: str) -> Nlls | None:
    """Return the tokens that end with the text's end as its own, backwards from there; None if they do not fit."""
    end, nlls = len(text), []
    broken: list[float] = []  # of the tokens just behind, which hold parts of characters
    for shown, nats in reversed(tokens):
        if BROKEN in shown:
            broken.append(nats)
            continue
        if broken:
            start = text.rfind(shown, 0, end) + len(shown) if shown in text[:end] else 0
            if not 0 < end - start <= len(broken):
                return None
            nlls += [(start, end, each) for each in broken]
            end, broken = start, []
        if end == 0:
            break
        if text[:end].endswith(shown):
            nlls.append((end - len(shown), end, nats))
        elif shown.lstrip() == text[:end]:
            nlls.append((0, end, nats))
        else:
            return None
        end = nlls[-1][0]
    if broken and end <= len(broken):
        nlls += [(0, end, each) for each in broken]
        end = 0
    return nlls[::-1] if end == 0 else None
