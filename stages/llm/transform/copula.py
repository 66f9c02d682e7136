"""Questions of "X is Y": definitions, attributes, what is the default or the largest, comparisons."""

import re

from stages.llm.transform import phrases
from stages.llm.transform.clause import Clause

Made = list[tuple[str, str]]
_MORE = re.compile(
    r"(?:much |far |slightly )?(?:more [\w-]+(?: [\w-]+)?|less [\w-]+(?: [\w-]+)?|[a-z]+er) (?:than|compared to) (.+)$"
)
_UNIQUE = re.compile(
    r"^the\s+(?:only|default|first|last|usual|recommended|main|official|central|reference|"
    r"(?:most|least|best|second)\s+[\w-]+|[a-z-]+est|best|worst|successor of|predecessor of)\b"
)


def of_clause(clause: Clause) -> Made:
    """Return the questions that "X is Y" answers."""
    if clause.kind != "copula" or not clause.rest:
        return []
    rest = clause.words()
    first = clause.rest[0]
    low = first.text.lower()
    if clause.negated or low in ("there", "not", "also", "only") and len(clause.rest) < 2:
        return []
    made: Made = []
    if clause.modal:
        return _of_modal(clause, rest)
    if when := re.match(
        r"(?:only )?(useful|crucial|important|necessary|required|helpful|needed|safe) (?:when|if) \w", rest
    ):
        made.append(("when", clause.ask("When", when[1])))
    more = _MORE.match(phrases.until_comma(rest))
    if more and not re.search(r"\d", more[1].split()[0]) and not clause.front:
        verb = {"is": "does", "are": "do", "was": "did", "were": "did"}.get(clause.do, "")
        quality = re.match(
            r"(?:much |far |slightly )?((?:more|less) [\w-]+(?: (?!than\b|compared\b)[\w-]+)?|[a-z]+er)\b", rest
        )
        other = phrases.mine(more[1])
        made = [("compare", f"How {verb} {clause.subject} compare with {other}?")] if verb else []
        if verb and quality and not re.search(r"\b(?:that|which|and)\b", other):
            made.append(("choice", f"Which {clause.do} {quality[1]}, {clause.subject} or {other}?"))
        return made
    if _UNIQUE.match(rest) and not clause.front and _is_named(clause):
        kept = _without_relative(phrases.until_comma(rest))
        if (
            len(kept.split()) > 3
            and clause.do in ("is", "was")
            and _has_name(kept)
            and (len(kept.split()) > 4 or re.search(r"[A-Z\d_`]", kept))
        ):
            made.append(("which", f"What {clause.do} {phrases.mine(kept)}?"))
    if way := re.match(r"(?:one|an? \w*) ?(?:of the \w+ )?ways? to (\w+ .+)$", phrases.until_comma(rest)):
        return [("way", f"What is one way to {phrases.mine(way[1])}?")]
    if "," in clause.text[clause.head[0].start : clause.head[-1].end]:
        plural = re.match(r"the (?:two|three|four|five|six|main|\d)[\w -]*s (?:of|for|in) ", rest)
        return [("which", f"What are {phrases.mine(phrases.until_comma(rest))}?")] if plural else []
    if low in ("a", "an", "the", "one", "another", "every") or first.tag in (
        "CD",
        "NNP",
        "NNPS",
        "NN",
        "NNS",
        "VBG",
        "JJ",
    ):
        if _nominal(clause) and not _vague(clause.subject):
            made.append(("definition", clause.ask("What")))
            made += [*_kind(clause), *_used(clause), *_attribute(clause)]
    elif (
        low in ("that", "to", "whether", "how")
        and len(clause.rest) > 3
        and not clause.subject.startswith("the problem")
    ):
        made.append(("definition", clause.ask("What")))
    if low in ("in", "at", "on", "under", "inside") and len(clause.rest) > 1 and _place(clause):
        made.append(("where", clause.ask("Where")))
    if re.match(r"(?:available|accessible|licensed|located)\b", rest):
        made += _available(clause, rest)
    if low in ("responsible", "capable") and len(clause.rest) > 3 and clause.rest[1].text in ("for", "of"):
        made.append(("what", clause.ask("What", f"{low} {clause.rest[1].text}")))
    if clause.after.startswith("whereas "):
        made += difference(clause)
    return made


_NO_KIND = frozenset(
    "way part kind type name number suite family set series collection variety list piece form example one version "
    "branch member result case sort bit range thing step reason amount "
    "combination companion hub inference technology effort resource".split()
)


def _kind(clause: Clause) -> Made:
    """What kind of tool is X? Where more is said of the tool than its name."""
    if (
        clause.rest[0].text.lower() not in ("a", "an", "another")
        or clause.do not in ("is", "was")
        or clause.front
        or " of " in clause.subject
        or re.match(r"an? ", clause.subject)
    ):
        return []
    named = phrases.noun(clause.rest, clause.text).split()
    head = named[-1] if named else ""
    more = len(named) > 2 or len(clause.rest) > len(named) + 1
    if not more or head in _NO_KIND or not re.fullmatch(r"[a-z]+", head) or clause.rest[len(named) - 1].text != head:
        return []
    following = clause.rest[len(named)].text if len(clause.rest) > len(named) else ""
    if following in ("of", "as"):
        return []
    return [("kind", f"What kind of {head} {clause.do} {clause.subject}?")]


def _used(clause: Clause) -> Made:
    """What is X used for? Of a tool for, or a technique to, do something."""
    tool = re.match(
        r"an? (?:[\w-]+ ){0,4}?(?:tool|framework|library|technique|method|flag|format|package|script|option|command|"
        r"parameter|variable|function|module|software|service|platform|database|protocol|utility|benchmark)"
        r"(?: used| designed| built)?(?: in [\w ()]+?)? (?:for \w+ing|to [a-z]+|for [a-z]+)\b",
        clause.words(),
    )
    return [("purpose", f"What {clause.do} {clause.subject} used for?")] if tool and clause.do == "is" else []


def _attribute(clause: Clause) -> Made:
    """Another way to ask for "the A of B": what A B has, which A it uses by default."""
    of = re.match(r"the (default )?((?:[a-z-]+ ){0,2}[a-z-]+) of ((?:the |an? )?[^,]+)$", clause.subject)
    if not of or clause.do not in ("is", "are") or clause.front or not re.search(r"[A-Z\d_]|\w-\w", of[3]):
        return []
    if len(of[3].split()) > 7 or re.search(r"\b(?:that|which|and|is|are|by|of|for)\b", of[3]):
        return []
    many = re.search(r"[^su]s$", of[3]) is not None and not of[3][0].isupper()
    verb = "do" if many else "does"
    if of[1]:
        return [("what_value", f"Which {of[2]} {verb} {of[3]} use by default?")]
    valued = re.search(r"^(?:about )?[\d$]|[_./]\w", clause.words()) or clause.rest[0].tag == "CD"
    return [("what_value", f"What {of[2]} {verb} {of[3]} have?")] if valued and not of[2].endswith("s") else []


def _of_modal(clause: Clause, rest: str) -> Made:
    of = re.match(r"(subject to|responsible for|available (?:in|at|on|from)|compatible with|limited to) \w", rest)
    return [("what", clause.ask("What", of[1]))] if of and not clause.front else []


def difference(clause: Clause) -> Made:
    """Return "How do A and B differ?" for "A ..., whereas B ..."."""
    other = re.match(
        r"whereas ((?:an?|the)?\s*[\w.-]+(?: [\w.-]+){0,4}?) (?:is|are|has|have|does|takes?|\w+s)\b", clause.after
    )
    if not other or clause.front:
        return []
    return [("differ", f"How do {clause.subject} and {phrases.small(other[1])} differ?")]


def _is_named(clause: Clause) -> bool:
    return any(w.tag in ("NNP", "NN", "NNS", "VBG", "CD") for w in clause.head)


def _has_name(text: str) -> bool:
    return re.search(r"[A-Z\d_`]|\b[a-z]+-[a-z]+\b", text) is not None


def _without_relative(text: str) -> str:
    return re.split(r",\s(?:that|which|who|where)\s|\sand\s", text, maxsplit=1)[0]


def _nominal(clause: Clause) -> bool:
    """Tell whether what follows "is" is a noun phrase or a value, not an adjective alone."""
    words = clause.rest
    if re.match(
        r"(?:an?|the|another) (?:[\w-]+ ){0,2}(?:technology|option|thing|part|addition|must|bit|lot|way)\b",
        clause.words(),
    ):
        return False
    if re.match(r"the (?:only|most|least|best|worst)\b", clause.words()):
        return False  # says what is special, not what it is
    if words[0].text.lower() in ("a", "an", "the", "one", "another"):
        if words[0].text.lower() != "the" and clause.do in ("are", "were"):
            return False
        if clause.head[0].tag == "VBG" and len(clause.head) > 1 and len(words) > 1 and words[1].tag == "JJ":
            return False  # "Crafting prompts is an important part of ..."
        return not (len(words) > 1 and words[1].text in ("bit", "lot", "must", "way", "great", "good"))
    if words[0].tag in ("CD", "NNP", "NNPS"):
        return True
    named = phrases.noun(words, clause.text)
    if words[0].tag == "VBG":  # "is growing the table by one entry"
        return clause.head[0].tag in ("NN", "DT") and len(words) > 2 and named != ""
    plural = words[0].tag == "NNS" or (named and re.search(r"s$", named) is not None)
    code = words[0].tag == "NN" and re.search(r"[_./`A-Z\d-]", words[0].text) is not None
    return bool(code or (named and plural and clause.do in ("are", "were")))


def _vague(subject: str) -> bool:
    """Tell whether asking "What is ...?" of a subject leads nowhere: "the goal", "all of the code"."""
    return (
        re.match(r"(?:current|neither|all|some|many|most|both|each|every|any|several|other|no|others?)\b", subject)
        is not None
    )


def _place(clause: Clause) -> bool:
    rest = clause.words(1)
    return re.search(r"[/_`]|\b(?:repository|repo|directory|folder|file|branch|bucket|section|package|module|cluster|"
                     r"registry|menu|tab|page|database|server|region)\b", rest) is not None  # fmt: skip


def _available(clause: Clause, rest: str) -> Made:
    word = clause.rest[0].text.lower()
    following = clause.rest[1].text.lower() if len(clause.rest) > 1 else ""
    if word == "available" and re.match(
        r"available (?:at|on|from|in|via|through)(?: the)?:?\s*\S*(?:[A-Z/]|http)", rest
    ):
        if following == "in" and not re.search(r"repo|[/_]|http|directory|folder", rest):
            return []
        return [("where", clause.ask("Where", "available"))]
    named = re.match(r"available in (sizes|versions|variants|formats|flavors|editions) of ", rest)
    if named:
        return [("which", clause.ask(f"Which {named[1]}", "available in"))]
    sizes = re.match(r"available (with|in) (?:[\d.,\w]+(?:, | and )?)+\s*([a-z]+(?: [a-z]+)?)$", rest)
    if sizes and re.search(r"\d", rest):
        what = re.sub(r"^(?:hundred|thousand|million|billion|trillion) ", "", sizes[2])
        return [("how_many", clause.ask(f"How many {what}", f"available {sizes[1]}"))]
    return []


def there_are(text: str) -> Made:
    """Return a question for "There are two methods: A and B" and "Three places hand out ...: A, B and C"."""
    match = re.match(
        r"There (are|is) (?:\w+ )?(?:two|three|four|five|six|seven|eight|several|many|\d+|different|various)\s+"
        r"(?P<what>(?:[\w-]+ )*?[\w-]+s(?: of [\w-]+s)?)\b(?P<more> (?:for|to|in|that|on|by) [^:,]+)?"
        r"(?P<list>: |, including | such as |, such as )",
        text,
    )
    if not match or match["more"] and len(match["more"].split()) > 10:
        return []
    what = re.sub(r"^(?:different|various|many|main|possible|complementary)\s+", "", match["what"])
    if not _has_name(what + (match["more"] or "")) and not match["more"]:
        return []
    if (match["more"] or "").startswith(" that"):
        return [("which", f"Which {what}{phrases.mine(match['more'].replace(' that', ''))}?")]
    return [("which", f"Which {what} are there{phrases.mine(match['more'] or '')}?")]
