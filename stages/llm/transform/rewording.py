"""A second wording of a question made by rule, where English has one that means the same and shares few words."""

import re

from stages.documents.lexicon import lemmas

Made = list[tuple[str, str]]
_GO = r"(?P<x>.{3,90}?)"
_IS = r"(?P<is>is|are|was|were)"


def of_question(rule: str, question: str, text: str) -> Made:
    """Return other wordings of a question, under the rule that made it."""
    body = question.removesuffix("?")
    found = [*_plain(rule, body), *_by_reader(rule, body), *_given(rule, body, text)]
    found = [one for one in found if not one[1].startswith("Which data ") or _DATA.search(text)]
    return [(rule if found_rule == "" else found_rule, f"{wording}?") for found_rule, wording in found]


_DATA = re.compile(r"\b(?:data|datasets?|corpus|corpora|texts?|code|pages|dialogues|conversations|examples)\b")
_SAME = [
    ("stands_for", rf"What does {_GO} stand for$", "What is {x} short for"),
    ("differ", r"How do (?P<x>.+?) and (?P<y>.+) differ$", "What is the difference between {x} and {y}"),
    ("compare", r"How (?:does|do) (?P<x>.+?) compare with (?P<y>.+)$", "What is the difference between {x} and {y}"),
    ("what", rf"What (?:does|do) {_GO} depend on$", "Which factors does {x} depend on"),
    ("what", rf"What (?:does|do) {_GO} (?:try|attempt|aim|seek) to do$", "What is the goal of {x}"),
    ("purpose", rf"What is {_GO} used for$", "What is the purpose of {x}"),
    ("purpose", rf"What (?:was|is) {_GO} (?:designed|built|made|optimi[sz]ed) to do$", "What is the purpose of {x}"),
    ("what", rf"What (?:is|are) {_GO} (?:intended|meant|designed) for$", "What is the intended use of {x}"),
    ("what", rf"What (?P<is>was|were) {_GO} (?P<v>(?:pre-?)?trained|fine-tuned) on$", "Which data {is} {x} {v} on"),
    ("what", rf"What (?:is|are) {_GO} sourced from$", "Where does {x} come from"),
    ("how_many", r"How many (?P<n>[\w -]+?) (?:does|do) (?P<x>.+?) (?:contain|have|include|hold|consist of)$",
     "How many {n} are there in {x}"),
    ("how_many", r"How many (?P<n>[\w -]+?) (?:does|do|did) (?P<x>.+?) (?:offer|provide|bring|come with)$",
     "What is the number of {n} in {x}"),
    ("how_many", r"How many (?P<n>[\w -]+?) (?P<is>was|were|is|are) (?P<x>.+?) (?P<v>(?:pre-?)?trained|tested|run) on$",
     "What number of {n} {is} {x} {v} on"),
    ("how_much", rf"How much space (?:does|do) {_GO} take up$", "How large is {x}"),
    ("cell", rf"Who are the (?:model )?developers of {_GO}$", "Who developed {x}"),
    ("cell", rf"What is the input of {_GO}$", "What input does {x} take"),
    ("cell", rf"What is the output of {_GO}$", "What does {x} output"),
    ("cell", rf"What is the size(?: on disk)? of {_GO}$", "How large is {x}"),
    ("cell", rf"What is the (?P<n>licen[cs]e) of {_GO}$", "Under which {n} is {x} available"),
    ("cell", rf"What is the (?P<n>[\w -]*(?:value|length|rate|score)) of {_GO}$", "Which {n} does {x} have"),
    ("what_value", r"What (?P<n>[\w -]+) (?:does|did) (?P<x>.+?) (?:use|have)$", "What is the {n} of {x}"),
    ("what_value", r"Which version of (?P<n>.+?) (?:does|do) (?P<x>.+?) (?:need|require)$",
     "What is the lowest version of {n} that works for {x}"),
    ("where", rf"Where {_IS} {_GO} (?:stored|available|located|kept|saved|hosted|published)$", "Where can I find {x}"),
    ("where", rf"Where can {_GO} be found$", "Where do I find {x}"),
    ("definition", r"What is (?P<x>[a-z][\w-]*(?:ing|tion|ment|attack|attacks))$", "What does {x} mean"),
    ("definition", r"What (?:is|are) (?P<x>(?!the\b)(?:an? )?[a-z][\w-]+ [a-z][\w-]+(?: [a-z][\w-]+)?)$",
     "What is meant by {x}"),
    ("definition", r"What is the (?P<n>architecture|knowledge cutoff|structure|format|licen[cs]e) of "
     r"(?P<x>.+)$", "What {n} does {x} have"),
    ("how", r"How do I (?P<x>.+)$", "What do I need to do to {x}"),
    ("how", rf"How was {_GO} (?P<v>made|developed|created|built|trained|aligned|tuned)$",
     "In what way was {x} {v}"),
    ("negation", r"Is (?P<x>.+?) supported (?:in|by|on) (?P<y>[\w.+-]+(?: [\w.+-]+)?)$", "Does {y} support {x}"),
    ("negation", r"Are (?P<x>.+?) supported (?:in|by|on) (?P<y>.+)$", "Do {y} support {x}"),
    ("negation", r"(?:Does|Do) (?P<x>.+?) work together with (?P<y>.+)$", "Can I use {x} together with {y}"),
    ("negation", r"(?:Does|Do) (?P<x>.+?) support (?P<y>.+)$", "Can I use {y} with {x}"),
    ("may", r"(?:Does|Do) (?P<x>.+?) support (?P<y>.+)$", "Is {y} supported by {x}"),
    ("may", r"(?:Does|Do) (?P<x>.+?) (?:require|need) (?P<y>(?!to\b|I\b)(?:an?|the|some|[A-Za-z-]+s?)\b.+)$",
     "Is {y} required for {x}"),
]  # fmt: skip


def _plain(rule: str, body: str) -> list[tuple[str, str]]:
    made = []
    for of, pattern, other in _SAME:
        match = re.match(pattern, body) if of == rule else None
        if match is None:
            continue
        worded = other.format(**match.groupdict())
        thing = match.groupdict().get("x") or ""
        many = (
            re.search(r"[^su]s$| and ", thing.split(" of ")[0].split(" for ")[0]) is not None and not thing[0].isupper()
        )
        if thing == "I":
            continue
        if many and re.search(r" does \w| is (?!the\b|meant\b)", worded):
            worded = worded.replace(" does ", " do ", 1).replace(f" is {thing}", f" are {thing}", 1)
        if worded.startswith("Is ") and re.search(r"^Is (?!an? |the )[\w -]+s (?:required|supported)", worded):
            worded = "Are" + worded[2:]
        made.append(("", worded))
    return made[:1]


_DONE = r"(?P<v>\w+(?:ed|en|ilt|un|ut|et|ad|ne|nt|ld))"


def _by_reader(rule: str, body: str) -> list[tuple[str, str]]:
    """What can be done, as the reader does it: "Can I use X?" for "Can X be used?"."""
    match = re.match(
        rf"(?P<wh>How|Where|When|Can|Should|May)? ?(?P<do>can|should|may|is|are)? ?(?P<x>.+?) "
        rf"(?P<be>be )?{_DONE}(?P<rest> .+)?$", body
    )  # fmt: skip
    verb = lemmas(match["v"]).get("VERB") if match and match["wh"] else None
    if not match or not verb or re.search(r"\b(?:be|by)\b", match["x"]) or verb in ("be", "do", "base", "need", "tell"):
        return []
    if re.match(r"I\b|(?:do|does|did|was|were|has|have|must) ", match["x"]) or rule not in (
        "how",
        "where",
        "when",
        "may",
        "negation",
    ):
        return []
    rest = match["rest"] or ""
    if rest.startswith(" by ") or verb in ("consider", "call", "suppose", "allow", "require"):
        return []
    if match["be"] and match["wh"] in ("Can", "Should", "May") and not match["do"]:
        return [("", f"{match['wh']} I {verb} {match['x']}{rest}")]
    if match["be"] and match["wh"] in ("How", "Where", "When") and match["do"]:
        return [("", f"{match['wh']} {match['do']} I {verb} {match['x']}{rest}")]
    if not match["be"] and match["wh"] == "How" and match["do"] in ("is", "are") and verb in _USERS:
        return [("", f"How do I {verb} {match['x']}{rest}")]
    return []


_USERS = frozenset(
    "install register start run load set select configure enable disable build deploy add create".split()
)


def _given(rule: str, body: str, text: str) -> list[tuple[str, str]]:
    """Wordings that depend on how the statement says it."""
    when = re.match(r"When (.+)$", body) if rule == "when" else None
    if when and re.search(r"\b(?:when|if|unless)\b", text) and not re.search(r"\b(?:19|20)\d\d\b", text):
        return [("", f"Under which conditions {when[1]}")]
    tool = re.match(r"How can I (.+)$", body) if rule == "how" else None
    if tool and re.search(r"\b(?:used? to|allows?|enables?|lets?|flag|protects?|filters?|converts?)\b", text):
        return [("", f"What can I use to {tool[1]}")]
    return []
