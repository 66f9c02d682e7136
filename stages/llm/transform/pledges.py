"""Questions of what a licence or a policy makes its reader promise: "You agree you will not use X to do Y"."""

import re

from stages.llm.transform import phrases

Made = list[tuple[str, str]]
_PLEDGE = re.compile(
    r"You (?:agree|confirm|promise)(?: that)? you (?:will|shall|may|must) not use,?"
    r"(?: or (?:allow|let) others to use,?)? "
    r"(?P<what>[^,]{2,60}?) to (?P<to>.+?)\.?$"
)
_VERBS = r"(?:[a-z-]+(?: (?:in|to|on|with))?, )+(?:or|and) [a-z-]+(?: in)?"


def of_text(text: str, topic: str = "") -> Made:
    """Return the questions whether something is allowed that the reader promises not to do."""
    match = _PLEDGE.match(text)
    if match is None:
        return []
    what, to = match["what"], match["to"]
    if failing := re.match(r"fail to ([a-z]+ .+)$", to):
        return [("may", f"Do I have to {phrases.mine(failing[1])} if I use {what}?")]
    title = topic.split(" > ", 1)[0]
    rules = title if re.search(r"(?i)\b(?:policy|licen[cs]e|agreement|terms)\b", title) else ""
    if related := re.search(r"including (?:the )?use of .+? related to the following: (?P<what>.+)$", to):
        acts = re.match(r"[A-Z][a-z]+ing\b", related["what"])
        return _used_for(
            what, related["what"] if acts else f"activities related to {phrases.small(related['what'])}", rules
        )
    if including := re.search(r",? including(?:, but not limited to,)? to (?P<to>.+)$", to):
        inner = including["to"]
        such = re.search(r",? such as (?P<what>.+)$", inner)
        if such and re.match(rf"{_VERBS} ", inner):
            return _used_for(what, such["what"], rules)
        return _to_do(what, _short(inner), rules)
    return _to_do(what, _short(to), rules)


def _to_do(what: str, doing: str, rules: str) -> Made:
    if not 3 <= len(doing.split()) <= 15 or re.match(r"[a-z]+ in any action$", doing):
        return []
    made: Made = [("negation", f"May I use {what} to {doing}?")]
    return [*made, ("negation", f"Does {_the(rules)} allow me to use {what} to {doing}?")] if rules else made


def _used_for(what: str, purpose: str, rules: str) -> Made:
    """Questions of "use of X related to the following: Generating fraud"."""
    purpose = re.sub(r"^(?:any )?other ", "any ", phrases.without_brackets(purpose[0].lower() + purpose[1:])).rstrip(
        ". "
    )
    purpose = phrases.mine(re.split(r",? including ", purpose, maxsplit=1)[0])
    acts = re.match(r"[a-z]+ing\b", purpose) is not None
    if acts and len(purpose.split()) > 12:
        purpose = re.split(r",? (?:or|and) ", purpose, maxsplit=1)[0]
    if re.match(r"representing|claiming|pretending", purpose):
        return []  # "May I represent that ...?" is not what one asks
    first = f"May I use {what} for {purpose}?"
    second = (
        f"Does {_the(rules)} allow using {what} for {purpose}?" if rules else f"Is using {what} for {purpose} allowed?"
    )
    return [("negation", first), ("negation", second)]


def _the(rules: str) -> str:
    if len(rules) > 5 and rules == rules.upper():
        rules = rules.title()
    return f"the {rules}"


def _short(doing: str) -> str:
    """Return what is done without the whole of a long list of verbs: "create, generate, or sell X" -> "create X"."""
    doing = phrases.without_brackets(doing)
    listed = re.match(rf"(?P<verbs>{_VERBS}) (?P<of>\w.*)$", doing)
    if listed:
        verbs = re.split(r", (?:or |and )?", listed["verbs"])
        last = re.match(r"the \w+ion of ", listed["of"]) is not None
        plain = [verb for verb in verbs if not verb.startswith("engage")]
        doing = f"{verbs[-1] if last else plain[0]} {listed['of']}"
    if len(doing.split()) > 12:
        doing = re.split(
            r",? (?:including|such as|in the provision of|that could|about individuals|or do )", doing, maxsplit=1
        )[0]
    doing = doing.rstrip(" ,.")
    if "," in doing and not re.search(r",[^,]*\b(?:and|or)\b", doing):
        doing = " or ".join(doing.rsplit(", ", 1))
    return phrases.mine(doing)
