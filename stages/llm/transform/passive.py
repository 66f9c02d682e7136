"""Questions of "X is trained on Y": what on, how, where, what for, who may."""

import re

from stages.documents.lexicon import inflect, lemmas
from stages.llm.transform import amounts, phrases
from stages.llm.transform.clause import Clause

Made = list[tuple[str, str]]
PLACES = frozenset(
    "stored located kept saved hosted found placed published written cached logged listed documented downloaded "
    "installed defined configured available mounted reported uploaded recorded set registered contained described "
    "covered explained".split()
)
_WITH = {
    "on": "trained pretrained fine-tuned finetuned built based tested evaluated run tuned measured modelled installed "
          "deployed",
    "from": "derived built sourced made taken generated created computed read drawn downloaded installed compiled",
    "for": "meant intended used designed made built licensed optimized optimised tuned trained reserved needed "
           "required suited considered adapted",
    "with": "built trained tested associated combined compared written filled replaced",
    "into": "divided split converted grouped compiled translated turned organized organised",
    "in": "written implemented expressed measured specialised specialized",
    "over": "split divided spread shared distributed",
    "at": "estimated valued rated priced",
    "of": "composed made comprised",
    "to": "limited restricted applied adapted connected assigned mapped",
    "as": "known used treated given stored distributed",
}  # fmt: skip
_FITS = {preposition: frozenset(words.split()) for preposition, words in _WITH.items()}


def of_clause(clause: Clause) -> Made:
    """Return the questions that "X is done ..." answers."""
    if clause.kind != "passive" or not clause.rest or not clause.verbs:
        return []
    if clause.negated:
        return _barred(clause) if clause.verb in _BARRED else _negated(clause)
    if clause.verb in ("allow", "permit") and (asked := _if_allowed(clause)):
        return asked
    done = clause.verbs.split()[-1]
    first = clause.rest[0].text.lower()
    second = clause.rest[1] if len(clause.rest) > 1 else None
    made: Made = []
    if second is None:
        return []
    if re.search(r"https?://\S+|\w@\w", clause.words()) and first in ("on", "at", "from", "under"):
        return [("where", clause.ask("Where"))]
    if done == "dated":
        return [("when", f"What is the date of {clause.subject}?")]
    amount = phrases.QUANTITY.match(phrases.without_brackets(clause.words(1)))
    anywhere = first == "in" and not phrases.DURATION.match(clause.words(1))
    if amount and (anywhere or done in _FITS.get(first, ())) and (what := phrases.noun(clause.rest[1:], clause.text)):
        counted = phrases.QUANTITY.match(what)
        if counted and re.search(r"[a-zA-Z]s$", counted["what"]) and not re.match(r"\d", counted["what"]):
            made.append(("how_many", clause.ask(f"How many {counted['what']}", first)))
            if done in _FITS.get(first, ()):
                made.append(("what", clause.ask("What", first)))
        elif done in _FITS.get(first, ()):
            made.append(("what", clause.ask("What", first)))
    elif first == "by":
        made += _agent(clause)
    elif first in ("in", "at", "on", "under") and done in PLACES:
        if not re.search(
            r"\b(?:19|20)\d\d\b|January|July|\btime\b|\bway|\border\b|manner|English|format", clause.words(0, 6)
        ) and not (clause.subject.startswith("information") and clause.do == "are"):
            made.append(("where", clause.ask("Where")))
    elif done == "reported" and first == "to":
        made.append(("where", clause.ask("Where")))
    elif first == "to" and second.tag in ("VB", "RB"):
        made += _infinitive(clause, done)
    elif (
        done in _FITS.get(first, frozenset())
        and second.tag not in ("WDT",)
        and not (first == "for" and clause.modal and done != "adapted")
    ):
        if done == "used" and first == "as" and clause.front:
            pass
        elif done == "used" and first == "as":
            made.append(("purpose", clause.ask("What", "as")))
        else:
            made.append(("what", clause.ask("What", first)))
    if first == "with" and (valued := amounts.value(clause)):
        made = valued
    if done == "set" and first == "to" and clause.modal == "can":
        made.append(("what", clause.ask("What", "to")))
    if done in ("required", "needed", "recommended") and first in ("for", "to") and second.tag not in ("CD",):
        what = phrases.mine(phrases.until_comma(clause.words()))
        if len(what.split()) > 2 and not clause.front:
            made.append(("which", f"What {clause.do} {clause.verbs} {what}?"))
    if done == "used" and first in ("for", "as") and clause.modal and second.tag != "CD":
        made = [("purpose", clause.ask("What", "for"))]
    if first == "with" and clause.modal == "can" and done in ("reached", "opened", "changed", "set", "disabled"):
        made.append(("how", clause.ask("How")))
    return made


_BARRED = frozenset("permit allow ban forbid prohibit".split())


def _barred(clause: Clause) -> Made:
    """Can I ...? For "Writing malware with X is banned by the policy" and "... is not permitted"."""
    if clause.do not in ("is", "are") or clause.front:
        return []
    found = clause.subject.split(" ", 1)
    verb = lemmas(found[0]).get("VERB") if found[0].endswith("ing") else None
    if verb and len(found) > 1 and clause.head[0].tag in ("VBG", "NN", "NNP"):
        return [("can", f"Can I {verb} {found[1]}?")]
    return [("can", f"{clause.do.capitalize()} {clause.subject} allowed?")] if len(found) > 1 else []


def _agent(clause: Clause) -> Made:
    """Which rule, team or tool does it: "is covered by the MIT licence"."""
    agent = phrases.noun(clause.rest[1:], clause.text)
    whole = clause.rest[1:] and clause.rest[-1].end - clause.rest[1].start
    if clause.rest[1].tag == "VBG" or not agent or clause.modal or clause.do not in ("is", "are", "was", "were"):
        return []
    head = agent.split()[-1]
    if clause.verb in _BARRED:
        return _barred(clause)
    kinds = "licence license policy module script option flag file function command team tool framework parameter law"
    if head in kinds.split() and whole == len(agent) and not clause.front:
        acts = inflect(clause.verb, "VBZ" if clause.do in ("is", "are") else "VBD")
        return [("which", f"Which {head} {acts} {clause.subject}?")]
    return []


def _infinitive(clause: Clause, done: str) -> Made:
    if done in ("used", "leveraged", "utilized", "utilised"):
        counted = phrases.QUANTITY.match(clause.subject)
        to = phrases.mine(phrases.until_comma(clause.words()))
        if counted and re.search(r"s$", counted["what"]):
            return [("how_many", f"How many {counted['what']} {clause.do} {clause.verbs} {to}?")]
        by_it = [] if clause.front or len(to.split()) < 3 else [("how", f"How can I {to.removeprefix('to ')}?")]
        return [("purpose", clause.ask("What", "for")), *by_it]
    if done in ("designed", "made", "built", "intended", "meant", "trained", "fine-tuned", "optimized", "optimised"):
        return [("purpose", clause.ask("What", "to do"))]
    if done in ("required", "expected", "supposed", "allowed", "permitted") and clause.do in ("is", "are"):
        return [("what", clause.ask("What", "to do"))]
    return []


def _if_allowed(clause: Clause) -> Made:
    """Are developers allowed to ...? For what is allowed under a condition."""
    at = phrases.find(clause.rest, {"if", "unless", "provided", "only", "when"})
    if at and at > 3 and clause.rest[0].text == "to" and not clause.front:
        return [
            ("can", f"{clause.do.capitalize()} {clause.subject} {clause.verbs} {phrases.mine(clause.words(0, at))}?")
        ]
    return []


def _negated(clause: Clause) -> Made:
    done = clause.verbs.split()[-1]
    first = clause.rest[0].text.lower()
    if done == "used" and first in ("for", "to") and clause.modal in ("can", "may", "must") and not clause.front:
        modal = "may" if clause.modal == "must" else clause.modal
        return [("not", f"What {modal} {clause.subject} not be used for?")]
    made_for = ("fine-tuned", "trained", "designed", "intended", "meant")
    if done in made_for and first == "to" and clause.do in ("is", "are") and not clause.front:
        return [("not", f"What {clause.do} {clause.subject} not {clause.verbs} to do?")]
    return []
