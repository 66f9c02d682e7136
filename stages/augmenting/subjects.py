"""What a question is about by name, and the same question with a pronoun for it."""

import re

from stages.documents.tagging import tokens
from stages.llm import kinds
from stages.quality import mentions
from stages.records import Pair

_PERSON = re.compile(r"(?i)\b(?:I|me|my|you|we|it|its|they|their|them)\b")
_SINGULAR = r"(?:is|was|does|has|did|can|could|may|must|should|will|do I use|do I run)"
_VERB_TAGS = ("VB", "VBZ", "VBD", "VBN", "VBP", "VBG", "MD", "TO", "IN", "RB")


def subject(pair: Pair) -> str | None:
    """Return the name that a question is about, None unless it names that one alone and as a thing by itself.

    "What does Code Shield do?" is about Code Shield; "Which flag of the Llama 2 script ...?" about nothing so plain.
    """
    question = pair.question
    found = {*mentions.names(question), *mentions.identifiers(question), *mentions.flags(question)}
    for name in sorted({*pair.concepts, *found}, key=lambda name: (-len(name), name)):
        if len(name) > 2 and kinds.named(name) and _alone(question, name):
            rest = question.replace(name, "")
            others = {*mentions.names(rest), *mentions.identifiers(rest), *mentions.flags(rest)}
            return None if others - {"I"} else name
    return None


def _alone(question: str, name: str) -> bool:
    """Tell whether a name stands for a thing by itself, and is no part of a longer name."""
    defined = re.fullmatch(rf"(?:What|Who) (?:is|was) (?:meant by )?(?:(?:the|an?) )?{re.escape(name)}\?", question)
    return defined is not None or with_pronoun(question, name) is not None


def with_pronoun(question: str, name: str) -> str | None:
    """Return the question with "it" or "its" for a name; None where the name is part of a longer one, or said twice.

    "What is the licence of Code Shield?" -> "What is its licence?"; "How was Code Llama made?" -> "How was it made?".
    """
    if question.count(name) != 1 or _PERSON.search(question.replace(" I ", " ")) or name.endswith("s"):
        return None
    exact = re.escape(name)
    if match := re.fullmatch(
        rf"(What|Which|Who) (is|are|was|were) the ((?:(?! of )[^,?])+) of (?:the )?{exact}\?", question
    ):
        return f"{match[1]} {match[2]} its {match[3]}?"
    if match := re.fullmatch(rf"(.*\b{_SINGULAR}) (?:the )?{exact}((?: .+)?)\?", question):
        before, after = match[1], match[2]
        if after and not _goes_on(question, match.start(2)):
            return None
        if re.match(r"(?i)(?:what|who) (?:is|was)$", before):
            return f"{before} it{after}?" if after and not re.match(r" (?:in|for|and|as)\b", after) else None
        return f"{before} it{after}?"
    if match := re.fullmatch(
        rf"(.+ (?:in|on|for|with|by|from|to|use|run|download|access)) (?:the )?{exact}\?", question
    ):
        two = re.search(r"(?i)\b(?:difference|compare|differ)\b|^(?:is|are|do|does)\b.* in$", match[1])
        return f"{match[1]} it?" if two is None else None
    return None


def _goes_on(question: str, place: int) -> bool:
    """Tell whether a verb follows, not a noun of which the name was the first part ("Llama 2 weights")."""
    following = next((token for token in tokens(question) if token.start >= place), None)
    return following is not None and following.tag in _VERB_TAGS and following.text not in ("and", "or", "of")
