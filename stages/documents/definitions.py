"""Items of lists that say what something is, or where, and need no lead-in: "vLLM: a server", "Bugs: example.org"."""

import re

from stages.documents import sentences
from stages.documents.concepts import NAME
from stages.documents.wordlists import listed

_STOP = listed("stop")
_URL = r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?"
_TERM = (
    rf"[a-z]+(?=: [A-Z][a-z]+s )|[\w.-]*[_/.\d-][\w./-]*|{NAME.pattern}(?: - {NAME.pattern})*|"
    r"[A-Z][\w-]*(?: [\w-]+){0,3}"
)
_DEFINED = re.compile(rf"(?P<term>{_TERM})(?::| [-–—]) (?P<rest>\S.*)")
_FLAG = re.compile(
    r"(?P<term>--?[A-Za-z][\w-]*|\w+_\w+(?:\.\w{1,4})?|\w+\.(?:py|sh|ya?ml|json|toml))(?::| [-–—])? (?P<rest>[a-z].*)"
)
_WORK = re.compile(r"(?i)(?:agreement|policy|guide|licen[cs]e|handbook|manual|documentation|readme)$")
KIND = re.compile(r"\S+(?::| [-–—])? (?:to|(?:an? |the )?(?:boolean|integer|string|float|path|number|name|list|flag)) ")
LABELLED = re.compile(rf"(?P<label>[A-Z][\w ,/'’-]{{8,80}}): (?P<url>{_URL})")


def defined(item: str, name: str | None) -> str | None:
    """Return an item that says what something is, or where: "vLLM: a server for ...", "Reporting bugs: example.org"."""
    if match := LABELLED.fullmatch(item):
        label, this = match["label"], re.compile(r"\b(?:the|this) (?:model|project|tool|library|software|code)\b")
        if this.search(label):
            label = this.sub(name, label) if name and not _WORK.search(name) else ""
        return f"{label}: {match['url']}" if len(label.split()) > 2 else None
    match = _FLAG.fullmatch(item) or _DEFINED.fullmatch(item)
    if not match or len(list(sentences.spans(item))) > 1 or item.endswith(":"):
        return None
    term, rest = match["term"], match["rest"]
    if rest.startswith("to ") and _FLAG.fullmatch(item):
        return f"{term} is used {rest}".rstrip(".") + "."
    new = [word for word in re.findall(r"\w+", rest.lower()) if word not in _STOP and word not in term.lower()]
    titled = rest[0].isupper() and len(rest.split()) < 5
    holds = re.match(r"(?:Contains|Includes|Provides|Holds|Defines)\b", rest) and term.islower()
    if (
        not (_is_term(term) or holds)
        or len(new) < 2
        or len(rest.split()) < 3
        or titled
        or re.match(r"(?:How|What|Why|When)\b", rest)
    ):
        return None
    return f"{term}: {rest}".rstrip(".") + "."


def _is_term(term: str) -> bool:
    """Say whether what stands before a colon is a name, not the topic of the item."""
    return (
        re.search(r"\d|[a-z][A-Z]|[_/.]|^-|^[a-z]+-[a-z]|[A-Z]-", term) is not None
        or len(re.findall(r"\b[A-Z]", term)) > 1
    )
