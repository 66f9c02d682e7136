"""Questions for reasons, ways, purposes and times: what a statement says beside its subject and object."""

import re

from stages.documents import wordclasses as classes
from stages.llm.transform import phrases
from stages.llm.transform.clause import Clause

Made = list[tuple[str, str]]

# "to" behind these belongs to them, not to a purpose
_TAKES_TO = frozenset(
    "need want try attempt fail have tend aim ask allow enable require expect tell suppose start begin continue seem "
    "appear help let permit cause lead force prompt instruct encourage forbid intend plan refer belong apply point "
    "switch move go come relate add send give convert change correspond respond connect map compare set limit "
    "contribute adapt be due increase encourage seek advise remind teach learn choose decide agree promise".split()
)
_NOUN_TO = frozenset(
    "way ways ability attempt attempts right rights request requests tool tools opportunity opportunities effort "
    "efforts infrastructure step steps option options support need chance permission quota time path access technique "
    "method methods approach strategies strategy place format parameter parameters decision flag command function "
    "script key potential tendency plan license licence program model models able likely easy hard possible guide "
    "resource mission commitment exposure addition policy policies series how whether what when "
    "instructions framework "
    "where".split()
)
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_TIMES = {"after", "before", "until", "when", "whenever", "once", "while"}


def of_clause(clause: Clause) -> Made:
    """Return questions for the reason, the way, the purpose, the time and the condition that a clause names."""
    return [*_why(clause), *_way(clause), *_purpose(clause), *_time(clause), *_without(clause)]


def _plain(clause: Clause, end: int) -> str:
    """Return the rest up to a place, as it stays in a question; "" also where it cannot be cut there."""
    return phrases.mine(phrases.without_brackets(clause.words(0, end)).rstrip(" ,"))


def _why(clause: Clause) -> Made:
    at = phrases.find(clause.rest, {"because", "since"})
    if at is None:
        at = next((i for i in range(1, len(clause.rest) - 1) if clause.words(i, i + 2) == "so that"), None)
    if at is None or clause.front:
        return []
    if clause.rest[at].text == "since" and not any(w.tag in ("VBZ", "VBP", "VBD", "MD") for w in clause.rest[at:]):
        return []  # "since 2019"
    if clause.words(at, at + 2) == "because of" and len(clause.rest) < at + 4:
        return []
    kept = f"not {_plain(clause, at)}" if clause.negated else _plain(clause, at)
    if clause.negated and clause.verbs:
        words = f"Why {clause.do} {clause.subject} not {clause.verbs} {_plain(clause, at)}"
        return [("why", " ".join(words.split()) + "?")]
    return [("why", clause.ask("Why", kept))] if clause.verbs or kept else []


def _way(clause: Clause) -> Made:
    """How: "by adding context", "with the command x", "through the dictionary"."""
    if clause.negated or clause.kind == "copula" or clause.modal in ("should", "may", "might", "will"):
        return []
    if clause.verb in ("need", "want", "try", "seem", "have") and clause.words(0, 1) == "to":
        return []
    for at, word in enumerate(clause.rest):
        low = word.text.lower()
        following = clause.rest[at + 1] if at + 1 < len(clause.rest) else None
        if word.tag in ("WDT", "WP") or low in classes.OPENERS or following is None:
            break
        gerund = (
            following.tag == "VBG"
            or _is_gerund(clause, at + 1)
            or (following.tag == "RB" and clause.words(at + 2, at + 3).endswith("ing"))
        )
        gerund = (
            gerund
            or (clause.verb in _MADE and following.text.endswith("ing"))
            or clause.words(at + 2, at + 3).endswith("-tuning")
        )
        if (
            (low in ("by", "through") and gerund)
            or (low == "via" and at)
            or (low == "using" and not (at and clause.rest[at - 1].tag.startswith("VB")) and clause.verb != "stop")
        ) and not (at and clause.rest[at - 1].text in (",", "available")):
            return [("how", clause.ask("How", _plain(clause, at)))]
        if (
            clause.kind == "passive"
            and low in ("with", "through")
            and clause.words(at + 1, at + 4).startswith(
                ("the command ", "the script ", "the flag ", "the option ", "`", "--", "the tool ")
            )
        ):
            return [("how", clause.ask("How", _plain(clause, at)))]
        if low == "as" and at == 0 and clause.kind == "passive" and clause.verb in _EXPRESSED:
            return [("how", clause.ask("How"))]
        if (
            clause.modal == "can"
            and low == "with"
            and at
            and re.match(
                r"the [\w.-]+ (?:project|tool|library|package|flag|option|command|script|extension|plugin)\b",
                clause.words(at + 1),
            )
        ):
            return [("how", clause.ask("How", _plain(clause, at)))]
        if clause.kind == "passive" and low == "through" and at < 4:
            return [("how", clause.ask("How", _plain(clause, at)))]
    return []


_MADE = frozenset("align make build train create obtain produce develop improve derive".split())
_EXPRESSED = frozenset("compute calculate define measure express represent encode".split())


def _is_gerund(clause: Clause, at: int) -> bool:
    """Tell whether a word in -ing has an object: "by training the model"."""
    following = clause.rest[at + 1].tag if at + 1 < len(clause.rest) else ""
    return clause.rest[at].text.endswith("ing") and following in ("DT", "NNP", "PRP$", "CD")


def _purpose(clause: Clause) -> Made:
    """Why, and what for: "stores weights in 8 bit to save memory"."""
    if clause.negated or clause.verb in _TAKES_TO or clause.kind == "copula":
        return []
    at = phrases.find(clause.rest, {"to"})
    if not at or at + 1 >= len(clause.rest) or clause.rest[at + 1].tag not in ("VB", "RB"):
        return []
    before = clause.rest[at - 1]
    order = clause.words(at - 2, at) if at > 1 else ""
    if before.text.lower() in _NOUN_TO or before.text.lower() in classes.PREPOSITIONS or before.tag in (
        "RB", "JJ", "VBN", "PRP", "VB", "CC", "WRB", "DT"
    ) or order.endswith(("enough", "in order")):  # fmt: skip
        return []
    if any(word.tag in ("VBG",) and word.text not in ("training",) for word in clause.rest[: at - 1]):
        return []
    if clause.verb in ("use", "leverage") and clause.kind == "active":
        what = _plain(clause, at)
        named = phrases.noun(clause.rest, clause.text)
        plain = named == clause.words(0, at) or not any(w.tag.startswith(("VB", "IN", "WD")) for w in clause.rest[:at])
        if what and clause.verb == "leverage":
            return [("why", clause.ask("Why", what))]
        if what and plain and len(what.split()) < 12:
            return [("purpose", clause.ask("What", f"{what} for"))]
        return []
    if clause.kind == "passive" or clause.modal:
        return []
    if clause.verb in ("provide", "offer", "include", "contain", "have", "present", "work", "implement", "develop"):
        return []
    return [("why", clause.ask("Why", _plain(clause, at)))]


def _time(clause: Clause) -> Made:
    """When: for verbs without an object, and for passives."""
    opener = clause.front.split(" ", 1)[0].lower()
    if opener in ("before", "after", "when", "if", "once", "upon") and clause.modal in ("must", "should", "can", "may"):
        kept = phrases.mine(phrases.until_comma(clause.words()))
        words = f"When {clause.do} {clause.subject} {clause.verbs} {kept}".split()
        enough = len(kept.split()) > 4 or re.search(r"[A-Z\d_`]", kept)
        return [("when", " ".join(words) + "?")] if enough and not clause.negated else []
    told = clause.verb in ("tell", "inform", "ask")
    if clause.front or clause.negated or not clause.rest or told or re.search(r"after (?:an)?other", clause.words()):
        return []
    first = clause.rest[0].text.lower()
    only = 1 if first == "only" else 0
    opener = clause.rest[only].text.lower() if len(clause.rest) > only else ""
    rest = clause.words(only)
    dated = re.match(rf"(?:in|on|from|since)\s+(?:\d+\s+)?(?:early |late |mid-)?(?:{_MONTH}|(?:19|20)\d\d)\b", rest)
    dated = dated or re.match(rf"(?:between|from) (?:\d+ )?(?:{_MONTH}|(?:19|20)\d\d)\b", rest)
    whole = len(clause.rest) > only + 1
    if whole and (
        dated
        or (opener in _TIMES and opener not in ("while",))
        or rest.startswith("with the release of ")
        or re.match(r"(?:within|in) \d+ \w+", rest)
    ):
        if clause.kind in ("passive", "active", "progressive") and clause.verbs:
            return [("when", clause.ask("When")), *_after_how_many(clause, rest, "")]
        return []
    # one complement before the time: "stops working after 24 hours", "changes its name in May 2023"
    for at in range(1, min(len(clause.rest) - 1, 9)):
        low = clause.rest[at].text.lower()
        if low in classes.OPENERS - {"when"} or clause.rest[at].tag in (",", ":"):
            break
        dated = re.match(rf"(?:in|on)\s+(?:\d+\s+)?{_MONTH}\b|in (?:19|20)\d\d\b", clause.words(at))
        timed = low in ("after", "before", "until", "when") or (low == "if" and clause.modal in ("can", "may", "must"))
        if (dated or timed) and clause.kind != "copula" and not _inner(clause, at):
            before = _plain(clause, at)
            return [("when", clause.ask("When", before)), *_after_how_many(clause, clause.words(at), before)]
    return []


def _after_how_many(clause: Clause, rest: str, before: str) -> Made:
    unit = re.match(r"after (?:about )?\d+ ((?:second|minute|hour|day|week|month|year)s)$", rest)
    return [("how_many", clause.ask(f"After how many {unit[1]}", before))] if unit else []


def _inner(clause: Clause, at: int) -> bool:
    """Tell whether a time belongs to a phrase within the rest: "the errors before the update"."""
    low = clause.rest[at].text.lower()
    return low in ("before", "after", "until") and clause.verb in (
        "mean",
        "include",
        "contain",
        "have",
        "require",
        "say",
    )


def _without(clause: Clause) -> Made:
    """What happens under a condition in front: "If the link has expired, the server answers 403"."""
    process = re.match(r"During (?:[a-z][\w-]* ?){1,4}$", clause.front)
    if process and clause.do not in ("should", "must", "may", "can", "have", "has"):
        return [("happens", f"What happens {phrases.inside(clause.front)}?")]
    condition = re.match(r"(?:If|When|Once)\s+(.+)$", clause.front)
    if not condition or re.match(r"(?:I|you|one|we|they|it|this)\b", clause.subject):
        return []
    if not any(word in classes.FINITE or word.endswith(("s", "ed")) for word in condition[1].split()[1:]):
        return []
    opener = clause.front.split()[0].lower().replace("once", "after")
    if re.match(r"(?:it|they|this|these|that)\b", condition[1]) or clause.do not in (
        "does",
        "do",
        "is",
        "are",
        "can",
        "will",
    ):
        return []
    return [("happens", f"What happens {opener} {phrases.mine(phrases.small(condition[1]))}?")]
