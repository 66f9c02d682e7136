"""Questions of advice: "Make sure to ...", "It is important to ...", "Providing examples helps to ..."."""

import re

from stages.documents.lexicon import lemmas, possible
from stages.documents.tagging import tokens
from stages.llm.transform import phrases
from stages.llm.transform.clause import Clause

Made = list[tuple[str, str]]
_SURE = re.compile(
    r"(?:^|, |; |: |(?<=\w) (?=make sure to))(?:[Pp]lease )?(?:[Mm]ake sure|"
    r"[Bb]e sure|[Ee]nsure|[Rr]emember|[Dd]o not forget|[Dd]on't forget)"
    r" (?P<link>that you |you |to )(?P<do>[a-z]\w*) (?P<rest>.+?)[.!]?$"
)
_WEIGHED = re.compile(
    r"(?:^(?P<front>[^,]{4,120}), |^(?P<case>(?:When|If|Before|After) [^,]{6,80}?) |^|, so |, and |; )"
    r"[Ii]t(?:[’']s| is| may be| might be| can be| could be| remains) "
    r"(?:also |very |always |often |therefore )?"
    r"(?P<how>critical|crucial|important|essential|recommended|best|advisable|beneficial|necessary|good practice|worth|"
    r"useful|vital|helpful|wise|better|strongly recommended|highly recommended) "
    r"(?P<link>that |to )?(?P<what>.+?)[.!]?$"
)
_GOOD = frozenset("help allow enable improve ensure enhance reduce prevent let increase reveal".split())


def of_text(text: str) -> Made:
    """Return the questions that advice in a sentence of another form answers."""
    return [*_sure(text), *_weighed(text), *_in_case(text), *_purpose_of_order(text), *_with(text), *_approach(text)]


def of_heading(text: str, topic: str) -> Made:
    """Return the question of an instruction under a heading that tells a trouble: "I am getting import errors."."""
    heading = topic.rsplit(" > ", 1)[-1].rstrip(".")
    trouble = re.match(r"(?:I am|I'm|I have|I get|My \w+ (?:is|are|does|do)) .{8,80}$", heading)
    if not trouble or tokens(text)[:1] == () or tokens(text)[0].tag != "VB":
        return []
    return [
        ("condition", f"What should I do if {heading[0] if heading[:1] == 'I' else heading[0].lower()}{heading[1:]}?")
    ]


def _with(text: str) -> Made:
    """Questions of "With X, you can Y" and "With X, developers can Y by Z"."""
    match = re.match(
        r"With (?P<tool>[A-Z][\w.+-]*(?: [A-Z][\w.+-]*){0,3}),? "
        r"(?P<who>you|[A-Za-z]+ ?[a-z]+s) can (?P<do>\w+ .+?)\.?$",
        text,
    )
    if not match:
        return []
    who = "I" if match["who"] == "you" else match["who"]
    made: Made = [("what", f"What can {who} do with {match['tool']}?")]
    way = re.match(r"(.{8,60}?) (?:in one of|either by|by \w+ing|using)\b", match["do"])
    return [("how", f"How can {who} {phrases.mine(way[1])} with {match['tool']}?")] if way else made


def _approach(text: str) -> Made:
    """Questions of "To P, one approach (that developers should consider) is Q"."""
    match = re.match(
        r"To (?P<aim>\w+ .+?), one (?P<way>approach|way|option|method|strategy)(?: that [\w ]+?)? (?:is|would be) ",
        text,
    )
    return (
        [("way", f"What is one {match['way'].replace('approach', 'way')} to {phrases.mine(match['aim'])}?")]
        if match
        else []
    )


def _sure(text: str) -> Made:
    """Questions of "Make sure to set X to Y", "Please make sure you have X for Y"."""
    match = _SURE.search(text)
    if not match or "VB" not in possible(match["do"]):
        return []
    do, rest = match["do"], phrases.mine(phrases.without_brackets(match["rest"]))
    rest = re.split(r", |; ", rest, maxsplit=1)[0]
    made: Made = []
    before = text[: match.start()]
    if reach := re.match(r"To ([a-z]+ .{8,80}?),?$", before):
        return [("how", f"How do I {phrases.mine(reach[1])}?")]
    case = re.search(r"(?:^|, )(?:in case|if|when) you ((?:want|need|wish|plan|like) to .+)$", before, re.I)
    if case and re.match(r"[a-z]\w*", do):
        named = f"if I {phrases.mine(case[1])}"
        made.append(
            ("condition", f"What should I {do} {named}?" if do in _TRANSITIVE else f"What should I do {named}?")
        )
    set_to = re.match(r"(the \w*[_`.\w]+(?: [\w-]+)?|\w+_\w+) to (?!be\b)(\S.+)$", rest)
    if set_to and do in ("set", "change", "adjust", "point", "switch") and "VB" not in possible(set_to[2].split()[0]):
        made.append(("what", f"What should I {do} {set_to[1]} to?"))
    aim = re.search(r" ((?:for \w+ing|along with|when|before|after|if) .+)$", rest)
    goal = re.search(r" to ([a-z]+ .+)$", rest)
    if aim and aim[1].startswith("for ") and do in _TRANSITIVE:
        made.append(("what", f"What should I {do} {aim[1].replace('for using', 'for') if do == 'use' else aim[1]}?"))
    if goal and "VB" in possible(goal[1].split()[0]) and do not in ("have",) and not set_to:
        made.append(("how", f"How do I {goal[1]}?"))
    have = f"have {rest}" if do == "have" else f"{do} {rest}"
    if not case and not set_to:
        made.append(("may", f"Do I need to {have.replace('for using', 'for') if do == 'use' else have}?"))
    return made


_TRANSITIVE = frozenset("use install pass set run enable add select choose download specify provide".split())


def _weighed(text: str) -> Made:
    """Questions of "It is important to X when Y"."""
    match = _WEIGHED.search(text)
    if not match:
        return []
    front = match["front"] or match["case"] or ""
    opener = front.split(" ", 1)[0].lower()
    behind = f" {phrases.inside(front)}" if opener in ("when", "before", "after", "if", "in", "for", "during") else ""
    what = phrases.mine(phrases.without_brackets(match["what"]))
    what = re.split(r",\s|; ", what, maxsplit=1)[0] if len(what.split()) > 12 else what
    if match["link"] == "that ":
        found = re.match(r"((?:the |all |your |my )?[a-z-]+s|I) ([a-z]+ .+)$", what)
        if not found or "VB" not in possible(found[2].split()[0]):
            return []
        return [("may", f"Should {found[1]} {found[2]}{behind}?")]
    if match["how"] == "worth":
        verb = lemmas(what.split()[0]).get("VERB") if what.split()[0].endswith("ing") else None
        return [("may", f"Should I {verb} {what.split(' ', 1)[1]}{behind}?")] if verb and " " in what else []
    if match["link"] != "to " or "VB" not in possible(what.split()[0].lower()) and not what.split()[0].endswith("ly"):
        return []
    must = "Do I need to" if match["how"] == "necessary" else "Should I"
    made: Made = [("may", f"{must} {what}{behind}?")]
    if (
        behind
        and match["how"] not in ("necessary", "useful", "helpful", "beneficial", "worth")
        and opener in ("when", "before", "after", "if")
    ):
        made.append(("condition", f"What should I do{behind}?"))
    return made


def _in_case(text: str) -> Made:
    """Questions of "If you C please D" and "Once you C, D", where an order follows a condition."""
    match = re.match(
        r"(?P<case>(?:If|When|Once|In case|After|Before) (?:you |the |your |\w+ing )[^,]{6,90}?)"
        r"(?:, (?:please |then )?| please )"
        r"(?P<do>[a-z]+) (?P<rest>.+?)[.!]?$", text
    )  # fmt: skip
    if not match:
        return []
    told = tokens(f"{match['do'].capitalize()} {match['rest']}")
    if told[0].tag not in ("VB",) or re.search(r"\b(?:it|they|this|them|these)\b", match["case"]):
        return []
    case = phrases.mine(phrases.small(match["case"])).replace("in case ", "if ", 1)
    return [("condition", f"What should I do {case}?")]


def _purpose_of_order(text: str) -> Made:
    """Why should I? Of "Test X after Y to ensure Z"."""
    match = re.match(
        r"(?:Please )?(?P<do>[A-Z][a-z]+) (?P<what>.+?) (?:in order )?to (?:help |better )?"
        r"(?P<aim>ensure|avoid|prevent|"
        r"make sure|make|reduce|improve|save|keep|protect|determine)\b.+$", text
    )  # fmt: skip
    if not match or len(match["what"].split()) < 2 or len(match["what"].split()) > 14:
        return []
    first = tokens(text)[0]
    verb = match["do"].lower()
    if first.tag != "VB" or re.search(r"\b(?:it|this|that|these|is|are|how|ways?|steps?)\b", match["what"]):
        return []
    if verb in ("make", "ensure", "see", "use", "run", "set", "note", "remember"):
        return []
    return [("why", f"Why should I {verb} {phrases.mine(match['what'])}?")]


def of_clause(clause: Clause) -> Made:
    """Return the questions of "Providing X helps Y", "X should V Y to Z", "X can help Y to Z"."""
    if clause.negated or clause.front:
        return []
    made: Made = []
    gerund = clause.head[0].tag == "VBG" and len(clause.head) > 2 and clause.head[0].text.endswith("ing")
    base = lemmas(clause.head[0].text.lower()).get("VERB") if gerund else None
    if base and clause.verb in _GOOD and clause.do in ("can", "may", "does", "will"):
        object_ = clause.subject.split(" ", 1)[1] if " " in clause.subject else ""
        if object_ and not re.match(r"(?:or|and) ", object_) and re.fullmatch(r"[a-z]+ing", clause.subject.split()[0]):
            made.append(("why", f"Why should I {base} {object_}?"))
        if clause.verb == "help" and (rest := _doing(clause)):
            made.append(("how", f"How can I {clause.verb} {rest}?"))
    if clause.modal in ("should", "must") and clause.kind == "active" and clause.subject != "I":
        at = phrases.find(clause.rest, {"to"})
        if at and 1 < at < 14 and clause.rest[at + 1 : at + 2] and clause.rest[at + 1].text in _AIMS:
            made.append(("why", clause.ask("Why", phrases.mine(clause.words(0, at)))))
    return made


_AIMS = frozenset("provide ensure avoid prevent see reduce improve make give keep find protect help explain".split())


def _doing(clause: Clause) -> str:
    rest = re.split(r",\s| by | because | so that ", phrases.without_brackets(clause.words()), maxsplit=1)[0]
    if clause.verb == "help" and not re.match(r"(?:the|an?|\w+s|[A-Z]\w+) ", rest):
        return ""
    return phrases.mine(rest) if 2 < len(rest.split()) < 16 else ""
