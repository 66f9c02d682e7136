"""Questions for numbers: how many, how long, how much, what value."""

import re

from stages.llm.transform import phrases
from stages.llm.transform.clause import Clause

Made = list[tuple[str, str]]


_ROUGHLY = frozenset("about over up to at least most more less than around".split())


def amount(clause: Clause) -> Made:
    """How many, how long, how much?"""
    text = phrases.without_brackets(clause.words())
    subject_does = clause.verb in ("take", "last", "need", "require", "run", "wait", "keep")
    if (
        subject_does
        and phrases.DURATION.match(text.removeprefix("for "))
        and not re.match(r".{0,24}hours? (?:of|on)", text)
    ):
        wh = "How long"
        return [("how_long", clause.ask(wh))]
    if size := phrases.SIZE.match(re.sub(r"^(?:up|down) ", "", text)):
        what = (size["what"] or "").strip()
        if what and len(what.split()) < 4:
            return [("how_much", clause.ask(f"How much {what}"))]
        if clause.verb in ("take", "need", "require", "occupy"):
            kept = "up" if text.startswith("up ") else ""
            return [("how_much", clause.ask("How much space", kept))]
        return []
    rest = clause.rest
    while rest and rest[0].text.lower() in _ROUGHLY:
        rest = rest[1:]
    named = phrases.noun(rest, clause.text)
    counted = phrases.QUANTITY.match(named)
    if counted and re.search(r"[a-zA-Z]s$|\bdata$|people$", counted["what"]) and not re.match(r"of\b", counted["what"]):
        what = counted["what"]
        if re.search(r"^\d|^percent", what) or clause.words().startswith("one "):
            return []
        behind = rest[len([w for w in rest if w.end <= rest[0].start + len(named)]) :]
        if behind and behind[0].text == "of":
            of = phrases.noun(behind[1:], clause.text)
            if not of or len(of.split()) > 4:
                return []
            what = f"{what} of {of}"
        elif behind and behind[0].text in ("to", "for"):
            kept = phrases.mine(clause.text[behind[0].start : behind[-1].end].split(",")[0])
            if len(kept.split()) < 8:
                return [("how_many", clause.ask(f"How many {what}", kept))]
        return [("how_many", clause.ask(f"How many {what}"))]
    return []


_MEASURED = (
    r"(?P<what>(?:[A-Za-z][\w-]* ){0,4}?[A-Za-z][\w-]*) of "
    r"(?:about |up to |around |over |at least )?(?:[\d.]|[A-Z][a-z]+ \d)"
)


def value(clause: Clause) -> Made:
    """What an attribute's value is: "uses a rate of 0.1", "runs with a batch size of 4", "reaches 68.9"."""
    text = clause.words()
    if value := re.match(rf"an? {_MEASURED}", text):
        tail = re.search(
            r" (?:on|in|for|at|under|with) (?!\d|average|total)[\w -]+$", text[value.end() :].split(",")[0]
        )
        kept = "" if clause.front or not tail else tail[0]
        if value["what"] in ("context", "list", "set", "total", "maximum", "minimum", "input", "number", "family"):
            return []
        made = [("what_value", clause.ask(f"What {value['what']}", kept))]
        if clause.verb == "have" and not kept:
            made.append(("what_value", f"What is the {value['what']} of {clause.subject}?"))
        return made
    scored = re.match(r"[\d.]+(?: ?%| percent| points)?(?: (on [\w -]+?))?(?:,|$| compared| against)", text)
    if scored and clause.verb in ("reach", "obtain", "achieve", "score", "get") and (scored[1] or clause.front):
        wh = "How many points" if clause.verb == "score" else "What score"
        return [("what_value", clause.ask(wh, scored[1] or ""))]
    for at, word in enumerate(clause.rest[:10]):
        low = word.text.lower()
        if low in ("that", "which", ",") or word.tag in ("WDT", "TO"):
            return []
        if low in ("with", "at") and (value := re.match(rf"an? {_MEASURED}", clause.words(at + 1))):
            before = phrases.mine(clause.words(0, at))
            return [("what_value", clause.ask(f"What {value['what']}", f"{before} {low}"))]
        counted = phrases.QUANTITY.match(phrases.noun(clause.rest[at + 1 :], clause.text))
        if low in ("into", "over", "across", "of") and counted and re.search(r"[a-z]s$", counted["what"]):
            if (low == "of") != (clause.verb == "consist"):
                continue
            before = phrases.mine(clause.words(0, at))
            if clause.verb == "consist":
                return [("how_many", clause.ask(f"How many {counted['what']}", "of"))]
            return [("how_many", clause.ask(f"How many {counted['what']}", f"{before} {low}"))]
    return []
