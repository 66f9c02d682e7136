"""Questions made by rule where a sentence's form allows one: definitions, purposes, quantities, places, reasons.

They stand beside the model's questions and are ranked with them: a rule is as clumsy as a small model, in other ways.
The idea is that of Heilman and Smith (2010, Good Question!): overgenerate by transformation, then rank. Without a
parser, only a sentence whose first verb is known and whose subject is short is taken.
"""

import re

_TRANSITIVE = """
accept add allow answer apply assess build call cause change check classify combine compare contain control convert
count cover create cut define deliver depend describe detect determine disable download drop enable estimate evaluate
exclude expect explain export fetch filter find fit forbid freeze generate give grant guard govern handle hold host
identify implement improve include increase indicate influence introduce keep label launch leave list load lower make
mark match mean measure merge move name need obtain offer open outperform permit place predict prepare prevent print
process produce prohibit protect provide publish quantise quantize raise reach read receive recommend record reduce
refuse remove replace report represent require reset review save say select send separate serve shard show skip
specify start stop store suggest supply support take tell train transform update use verify violate want warn wrap
write yield
""".split()
_INTRANSITIVE = "begin come consist differ end expire fail happen lie live point rely run stay work".split()


def _third(verb: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if re.search(r"[^aeiou]y$", verb) else verb + "ed"


# form -> (base form, auxiliary of a question)
_FORMS = (
    {_past(verb): (verb, "did") for verb in _TRANSITIVE + _INTRANSITIVE}
    | {"took": ("take", "did"), "ran": ("run", "did"), "kept": ("keep", "did"), "had": ("have", "did")}
    | {_third(verb): (verb, "does") for verb in _TRANSITIVE + _INTRANSITIVE}
    | {"has": ("have", "does")}
)
_PLURAL = {verb: (verb, "do") for verb in _TRANSITIVE + _INTRANSITIVE if verb not in {"process", "test", "support"}}
_TAKES_OBJECT = {*_TRANSITIVE, "have"}
_AUXILIARIES = {"is", "are", "was", "were", "can", "must", "may", "should", "will"}
_KINDS = {
    "flag", "option", "argument", "parameter", "command", "script", "file", "module", "function", "tool", "dataset",
    "benchmark", "model", "token", "tag", "variable", "method", "directory", "package", "project", "server", "category",
}  # fmt: skip
_DOERS = {"flag", "option", "argument", "parameter", "command", "script", "module", "function", "tool"}
_PEOPLE = {"users", "developers", "another", "you", "any"}
_STOPS = {"and", "or", "but", "which", "that", "who", "whose", "if", "when", "because", "while", "where", "although"}
_OPENERS = {"if", "when", "for", "in", "on", "after", "before", "with", "to", "by", "at", "as", "during", "without",
            "unlike", "under", "since", "while", "because", "although", "once", "from", "there", "it", "this", "not",
            "no", "only", "both"}  # fmt: skip
_PLACE = {"stored", "located", "kept", "saved", "hosted", "found", "placed", "published", "listed", "described"}
_PREPOSITIONS = {"on", "in", "at", "for", "by", "from", "with", "to", "into", "as", "through", "under"}
_SCALE = r"(?:hundred|thousand|million|billion|trillion)"
_QUANTITY = re.compile(
    rf"^(?:about|around|over|at least|at most|up to|more than|exactly|only|roughly|some)?\s*"
    rf"(?:\d[\d.,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s+(?:{_SCALE}\s+)?"
    r"((?:[a-z][\w-]*\s+)??[a-z][\w-]*s)\b(?!\s+of\b)"
)
_DO = "Use|Run|Set|Pass|Add|Call|Start|Choose|Open|Type|Enter"
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_MOMENT = re.compile(
    rf"\b(?:(?:before|after|until|once)\s+\S|(?:within|in|after)\s+\d+\s+(?:second|minute|hour|day|week|month|year)"
    rf"|(?:in|on|from)\s+(?:\d+\s+)?{_MONTH}\b|in\s+(?:19|20)\d\d\b)"
)


def made_by_rule(quote: str) -> list[tuple[str, str]]:
    """Return (rule, question) for the questions that a sentence's form allows, at most one a rule; [] if none."""
    sentence = quote.strip().rstrip(".!")
    if purpose := re.match(
        r"^(?:Use|Run|Set|Pass|Add|Call|Start|Choose|Open|Type|Enter)\s+(.+?)\s+to\s+(\w+ .+)$", sentence
    ):
        return [("how", f"How do I {_until_comma(purpose[2])}?")]
    if purpose := re.match(r"^To\s+(\w+ [^,]+),\s", sentence):
        return [("how", f"How do I {purpose[1]}?")]
    words = sentence.split()
    at = next((i for i in range(1, min(len(words), 12)) if words[i] in _AUXILIARIES or _form(words, i)), None)
    if at is None or words[0].lower() in _OPENERS or any(w in _STOPS or w.endswith(",") for w in words[:at]):
        return []
    subject = _lower_first(words[:at])
    verb, rest = words[at], " ".join(words[at + 1 :])
    if not rest or rest.split()[0] in {"not", "only"}:
        return []
    made = _of_auxiliary(subject, verb, rest) if verb in _AUXILIARIES else _of_verb(subject, _form(words, at), rest)
    kind = re.match(r"(?:[Tt]he|[Aa]n?) (?:[\w-]+ )?(\w+) [\w./<\[-]", " ".join(words[:at]))
    if kind and kind[1] in _KINDS:
        made.append(("which", f"Which {kind[1]} {verb} {_until_comma(rest)}?"))
    elif verb not in _AUXILIARIES and verb not in _PLURAL and re.search(r"[A-Z\d_]", _until_comma(rest)):
        made.append(("subject", f"What {verb} {_until_comma(rest)}?"))
    if made and at > 1 and re.search(r"[A-Z\d_]|--", subject) and subject.split()[0] not in _PEOPLE:
        made.append(("about", f"What can you tell me about {subject}?"))  # of what has a name only
    return [(rule, question) for rule, question in made if len(question.split()) <= 22]


def _form(words: list[str], at: int) -> tuple[str, str] | None:
    """Return (base, auxiliary) if the word there is the sentence's verb as far as its form tells."""
    word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
    if word in _FORMS:
        participle = word.endswith("ed") and (
            (at < 2 and words[0] in {"The", "An", "A"}) or following in {"by", "from", "on", "in"}
        )
        return None if participle else _FORMS[word]
    return _PLURAL.get(word) if re.search(r"[^su]s$", words[at - 1]) else None


def _of_verb(subject: str, form: tuple[str, str] | None, rest: str) -> list[tuple[str, str]]:
    """Questions of "subject verbs rest"."""
    if form is None:
        return []
    base, do = form
    made = []
    if quantity := _QUANTITY.match(rest):
        made.append(("how_many", f"How many {quantity[1]} {do} {subject} {base}?"))
    elif base in _TAKES_OBJECT:
        made.append(("what", f"What {do} {subject} {base}?"))
    if (
        re.match(r"the (?:flag|option|argument|parameter|command|script|module|function|tool) ", subject)
        or "--" in subject
    ):
        made.append(("purpose", f"What does {subject} do?"))
    if reason := re.match(r"(.+?),? (?:because|so that) ", rest):
        made.append(("why", f"Why {do} {subject} {base} {reason[1]}?"))
    if base not in _TAKES_OBJECT and _MOMENT.match(rest):
        made.append(("when", f"When {do} {subject} {base}?"))
    return made


def _of_auxiliary(subject: str, verb: str, rest: str) -> list[tuple[str, str]]:
    """Questions of "subject is/can/must ... rest"."""
    made = []
    words = rest.split()
    first, second = words[0], words[1] if len(words) > 1 else ""
    if reason := re.match(r"(.+?),? (?:because|so that) ", rest):
        made.append(("why", f"Why {verb} {subject} {reason[1]}?"))
    if verb in {"is", "are", "was", "were"}:
        if first in {"a", "an", "the", "one"} or (first.istitle() and len(words) < 6) or re.match(r"\d", first):
            made.append(("definition", f"What {verb} {subject}?"))
        if first in _PLACE and second in {"in", "at", "on", "under"} and not _QUANTITY.match(" ".join(words[2:])):
            made.append(("where", f"Where {verb} {subject} {first}?"))
        elif second in _PREPOSITIONS and first.endswith(("ed", "en", "t", "lt", "ne", "de")):
            tail = " ".join(words[2:])
            if quantity := _QUANTITY.match(tail):
                made.append(("how_many", f"{second.capitalize()} how many {quantity[1]} {verb} {subject} {first}?"))
            elif second != "to":
                made.append(("what", f"What {verb} {subject} {first} {second}?"))
    if moment := re.match(rf"((?:be )?\w+(?:ed|en|t)) (?=.{{0,60}}?{_MOMENT.pattern})", rest):
        made.append(("when", f"When {verb} {subject} {moment[1]}?"))
    if verb in {"can", "must", "should"} and not rest.startswith("be "):
        made.append(("what", f"What {verb} {subject} do?"))
    return made


def _lower_first(words: list[str]) -> str:
    articles = {"The", "A", "An", "Every", "Each", "All", "Some", "Most", "Many", "Any", "Two", "Three", "Users",
                "Developers", "Models", "Smaller", "Larger"}  # fmt: skip
    name = len(words) > 1 and words[1][0].isupper()  # Hugging Face
    plain = words[0] in articles or (re.fullmatch(r"[A-Z][a-z]+(?:ing|ed)", words[0]) and not name)
    first = words[0].lower() if plain else words[0]
    return " ".join([first, *words[1:]])


def _until_comma(text: str) -> str:
    return re.split(r"[,;:]\s|\s\(", text, maxsplit=1)[0]
