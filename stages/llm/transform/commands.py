"""Questions of a command behind its explanation: "Install the CLI: `pip install x`"."""

import re

from stages.documents import wordclasses as classes
from stages.documents.lexicon import lemmas, possible
from stages.documents.tagging import tokens
from stages.llm.transform import phrases

Made = list[tuple[str, str]]
_COMMAND = re.compile(r"^(?P<lead>[^`:]{6,200}?)\s*[:：]\s+`(?P<code>[^`]+)`\.?$")
_TAIL = re.compile(
    r",? (?:you can|install with|you should|you need|use the|with the following|run (?:the )?following|"
    r"(?:run|use|type)$)"
    r".*$"
)


def of_command(text: str) -> Made:
    """Return the questions that a command with its explanation answers."""
    match = _COMMAND.match(text)
    if not match:
        return []
    lead = phrases.without_brackets(match["lead"]).strip()
    if led := _led(lead, match["code"]):
        return led
    found = tokens(lead)
    low = found[0].text.lower()
    lead = _TAIL.sub("", lead) or lead
    if goal := re.match(r"(?i)to (\w+ .+?)(?:, (?:run|use|type|enter|call|execute|add)\b.*)?$", lead):
        return _how_and_which(phrases.mine(goal[1]))
    if goal := re.search(r"(?i)\b(?:run|use|type|enter|call|execute|with)\b.*? to (\w+ [^,]+)$", lead):
        return [("how", f"How do I {phrases.mine(goal[1])}?")]
    if low in classes.IMPERATIVES and found[0].tag in ("VB", "NN") and len(found) > 2 and low not in (
        "run", "use", "type", "enter", "execute", "see", "call", "add"
    ):  # fmt: skip
        rest = phrases.mine(lead[found[1].start :])
        if found[1].tag == "IN":
            return _package(low, rest, match["code"])
        return [("how", f"How do I {low} {rest}?"), ("command", f"What is the command to {low} {rest}?")]
    verb = lemmas(low).get("VERB") if low.endswith("ing") and len(found) > 2 and found[1].tag != "IN" else None
    if verb:
        return [("how", f"How do I {verb} {phrases.mine(lead[found[1].start :])}?")]
    return []


def _how_and_which(goal: str) -> Made:
    return [("how", f"How do I {goal}?"), ("command", f"Which command do I use to {goal}?")]


def _package(verb: str, rest: str, code: str) -> Made:
    """Questions of "Install with pip: `pip install x`": what is installed stands in the command only."""
    package = re.match(
        r"(?:pip|pip3|conda|npm|brew|apt|apt-get|cargo)\s+(?:install|add)\b.*?\s([A-Za-z][\w.-]+)$", code
    )
    if verb != "install" or not package:
        return []
    return [
        ("how", f"How do I install {package[1]} {rest}?"),
        ("command", f"What is the command to install {package[1]}?"),
    ]


def _led(lead: str, code: str) -> Made:
    """Questions of leads that are no plain order: "Examples using X", "X can be run with", "To do A you can do B"."""
    if example := re.match(r"Examples? (using|for|of|with) (.+)$", lead):
        return _how_and_which(f"run an example {example[1]} {phrases.mine(example[2])}")
    done = re.match(r"(.+?) can (?:also )?be (\w+(?:ed|n|t)) ?(.*?) ?(?:with|by|using|via)"
                    r"(?: the)?(?: following)?(?: command)?"
                    r"(?: below)?$", lead)  # fmt: skip
    if needed := re.match(r"For (.+?),? you need (.+?) that can be (\w+) (?:with|by|using)$", lead):
        verb = lemmas(needed[3].lower()).get("VERB")
        return [("how", f"How do I {verb} the {needed[2]} for {phrases.small(needed[1])}?")] if verb else []
    if done and len(done[1].split()) < 9:
        subject = phrases.inside(done[1])
        return [("how", f"How can {subject} be {done[2]} {done[3]}?".replace(" ?", "?"))]
    both = re.match(r"To (\w+ .+?),? you (?:can|need to|must|should) (\w+) (.+?)(?: with| by| using)$", lead)
    if both and "VB" in possible(both[2].lower()):
        return [("how", f"How do I {both[2]} {phrases.mine(both[3])} to {phrases.mine(both[1])}?")]
    can = re.search(r"(?:^|, )you (?:can|should|may) (?:also )?(\w+) (.+?) (?:with|using|via|by running|by)$", lead)
    if can and "VB" in possible(can[1].lower()):
        return [("how", f"How can I {can[1]} {phrases.mine(can[2])}?")]
    return []
