"""Other manners of asking one question, by rule: the fact, its numbers and its names stay as they are."""

import random
import re

from stages.quality import mentions, tokens, wording

# Small words that a keyword query may not lose, because they change what is asked.
_MEANT = frozenset(
    "not no nor never without before after from into than between against during "
    "until over under within per about who when where why only one and or less more fewer least most for "
    "other".split()
)
_AUXILIARY = r"(?:is|are|was|were|do|does|did|can|could|may|might|must|should|will|would|has|have|had)"


def terse(question: str, seed: str = "") -> str | None:
    """Return a keyword query: "How do I download the Llama 2 weights?" -> "download Llama 2 weights"."""
    body = question.strip().rstrip("?").strip()
    body = re.sub(r"(?i)\bhow (many|much|long|often|large|big)\b", r"how_\1", body)
    body = re.sub(r"(?i)\b(?:in what way|under (?:which|what)|what is meant by)\b", "what", body)
    words, kept = body.split(), []
    for place, word in enumerate(words):
        last = place == len(words) - 1
        bare = word.strip(",;:\"'()").casefold()
        if bare.startswith("how_"):
            kept.append(bare.replace("_", " ", 1))
        elif last and bare in tokens.PREPOSITIONS + ["of", "off"]:
            kept.append(word)
        elif (
            word.isupper()
            and len(bare) > 1
            or bare in _MEANT
            or bare not in tokens.FUNCTION_WORDS
            and bare != "explain"
        ):
            kept.append(word.strip(",;"))
    if len(kept) < 3 or len(kept) == len(words):
        return None
    if kept[0].casefold() in _MEANT:
        kept[0] = kept[0].lower()
    return " ".join(kept)


def polite(question: str, seed: str = "") -> str | None:
    """Return the question in a polite frame, with the word order of an indirect question."""
    body = question.strip().rstrip("?").strip()
    told = _indirect(body)
    if told:
        return f"Could you tell me {told}?"
    if re.match(r"(?:please|could|can you|would you|i )\b", body, re.I):
        return None
    asked = f"Please tell me, {_lower_first(body)}?"
    return asked if wording.is_question(asked) else None


def _indirect(body: str) -> str | None:
    """Return an indirect question where the rule is sure of its grammar: no verb is left in the wrong place."""
    if match := re.fullmatch(r"How (?:do|can|should|would|could) (?:I|you|one) (.+)", body):
        return f"how to {match[1]}" if " I " not in f" {match[1]} " else None
    if match := re.fullmatch(r"How (can|could|should|may|must|will) ([^,]+?) be ([\w-]+(?:ed|en|n|t)\b.*)", body):
        return f"how {match[2]} {match[1]} be {match[3]}"
    if match := re.fullmatch(r"What (is|are|was|were) ((?:the|a|an) [^,]+)", body):
        words = match[2].split()
        loose = re.search(r"\b\w+(?:ed|ing)\b|\b(?:to|that|which|who|when|if|used|made|built|found|done)\b", match[2])
        last = words[-1].casefold() in tokens.FUNCTION_WORDS
        joined = re.fullmatch(r"(?:the|a|an)(?: [\w'-]+){1,4}(?: (?:of|for|between|in) [\w\s.'-]+)?", match[2])
        if joined and not loose and not last and len(words) <= 9:
            return f"what {match[2]} {match[1]}"
    match = re.fullmatch(rf"Which ((?:[\w-]+ ){{1,3}}?)({_VERBS}) (.+)", body)
    if match and not re.search(rf"\b{_AUXILIARY}\b", f"{match[1]} {match[3]}"):
        return f"which {match[1]}{match[2]} {match[3]}"
    return None


# A plural noun ends like a verb ("models"), so only these are taken for one after "Which flag ...".
_VERBS = (
    "turns|sets|runs|supports|contains|holds|stores|converts|enables|disables|loads|provides|applies|describes|needs|uses|"
    "requires|allows|covers|starts|creates|makes|takes|gives|shows|selects|controls|defines|limits"
)


def casual(question: str, seed: str = "") -> str | None:
    """Return the question as typed in a hurry: lower case, no question mark, for every other one a typo."""
    rng = random.Random(f"casual {seed} {question}")
    body = question.strip().rstrip("?").strip()
    exact = {*mentions.identifiers(body), *mentions.flags(body), *mentions.urls(body)}
    words = [word if word.strip(",;()`\"'") in exact else word.lower() for word in body.split()]
    names = {part for name in (*mentions.names(body), *exact) for part in name.casefold().split()}
    able = [i for i, w in enumerate(words) if len(w) >= 7 and w.isascii() and w.isalpha() and w.casefold() not in names]
    if able and rng.random() < 0.5:
        place = rng.choice(able)
        word = words[place]
        swaps = [i for i in range(1, len(word) - 2) if word[i] != word[i + 1]]
        if swaps:
            i = rng.choice(swaps)
            words[place] = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    asked = " ".join(words)
    return asked if asked != question else None


def _lower_first(text: str) -> str:
    first = text.split(maxsplit=1)[0] if text else ""
    plain = first[1:].islower() and first.casefold() in tokens.FUNCTION_WORDS | tokens.OPENERS
    return text[:1].lower() + text[1:] if plain else text
