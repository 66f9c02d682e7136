"""Has a sentence a finite verb? Known verbs and their regular forms, by rule; no tagger."""

import re

from stages.documents.wordlists import listed

VERBS = listed("verbs")
FINITE = listed("finite")
NOT_BEFORE_VERB = listed("not_before_verb")
_NOT_AFTER_IMPERATIVE = listed("not_after_imperative")
_BE = frozenset("is are was were be been being".split())
_RELATIVE = frozenset("that which who whose where".split())


def stem(word: str) -> str:
    """Return the verb that an inflected form belongs to, or "" if no verb is known that fits."""
    word = re.sub(r"^(?:fine|pre|re|de|co|un|auto|cross|over|self|post|down|up)-", "", word)
    forms = [word]
    for ending in ("s", "es", "ed", "d"):
        if word.endswith(ending):
            forms.append(word[: -len(ending)])
    if word.endswith(("ies", "ied")):
        forms.append(word[:-3] + "y")
    if word.endswith("ed") and len(word) > 5 and word[-3] == word[-4]:
        forms.append(word[:-3])
    return next((form for form in forms if form in VERBS), "")


def has_verb(quote: str, strict: bool) -> bool:
    """Say whether something in a sentence looks like its finite verb.

    Args:
        quote: the sentence.
        strict: whether a base form or a past tense is too little, because nothing else says that it is a sentence.
    """
    words = re.findall(r"[\w'/.-]*\w|[,;:()]", quote.replace("’", "'"))
    relative = False
    if words[:1] == ["It's"]:
        return True
    for number, word in enumerate(words):
        place = number - 1
        while place > 0 and words[place].endswith("ly"):
            place -= 1  # "a fully managed service"
        before = words[place].lower() if number else ""
        after = words[number + 1] if number + 1 < len(words) else ""
        if word in _RELATIVE and number:
            relative = True  # the next verb belongs to the relative clause
            continue
        if word in ",;:()":
            relative = False
            continue
        known = word in FINITE
        base = "" if known else stem(word.lower())
        if not known and not base:
            relative = relative and not (word.islower() and len(word) > 3 and word.endswith(("s", "ed")))
            continue
        if number == 0 or before in (",", "please", "then", "and") and strict is False:
            # imperative: "Run download.sh", "To use TGI, install the extra"
            titled = strict and after.lower() in ("on", "for", "about", "to")  # "Guide on how to ..."
            if word.lower() in VERBS and after and after.lower() not in _NOT_AFTER_IMPERATIVE and not titled:
                return True
            if number == 0:
                continue
        if before in NOT_BEFORE_VERB and before not in _RELATIVE:
            continue
        if not known and (before in _BE or before in ("and", "or") and word in VERBS):
            continue  # a participle after its verb; the second of two infinitives
        if not known and strict and not (word.endswith("s") and word != base):
            continue
        if not known and not word.islower():
            continue
        if relative:
            relative = False
            continue
        return True
    return not strict and _tagged(quote)


def _tagged(quote: str) -> bool:
    """Say whether a verb that no list knows stands between its subject and what it is done to, or how."""
    from stages.documents import tagging  # slow to import, and most sentences need none

    found = [*tagging.tags(quote), ("", "")]
    for place, (word, tag) in enumerate(found[1:-1], 1):
        if found[place - 1][1] in ("WDT", "WP", "IN", "TO", "WRB"):
            return False  # what follows is no main clause
        (_, subject), (after, following) = found[place - 1], found[place + 1]
        if tag not in ("VBZ", "VBP", "VBD") or not subject.startswith("NN") or not word.islower():
            continue
        if following in ("DT", "CD", "PRP", "PRP$", "RP", "PDT") or after in ("out", "off", "up", "down", "to", "."):
            return True
        if following.startswith("NN") and tag == "VBZ" and found[0][1] in ("DT", "NNP"):
            return True
    return False


def gerund_has_verb(quote: str) -> bool:
    """Say whether a sentence that opens with a gerund has a finite verb: "Creating prompts is", not "by hand"."""
    from stages.documents import tagging  # slow to import, and most sentences need none

    found = [*tagging.tags(quote), ("", "")]
    for place, (word, tag) in enumerate(found[1:-1], 1):
        following = found[place + 1][1]
        if tag == "MD" or word.lower() in FINITE and tag.startswith("VB"):
            return True
        if tag in ("VBZ", "VBP", "VBD") and stem(word.lower()) and (following in _OBJECT or place > 2 and tag == "VBZ"):
            return True
    return any(word == "," for word, _ in found)  # "Building on top of GCP, Model Garden offers"


_OBJECT = frozenset("DT CD PRP PRP$ JJ NN NNS NNP VBG RB TO PDT".split())
