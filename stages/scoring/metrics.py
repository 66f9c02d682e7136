"""How well an answer matches its reference, and whether it refuses. Rules on words, without a model."""

import re
import string
from collections import Counter
from collections.abc import Sequence

from rapidfuzz.distance import Indel

from stages.quality import grounding
from stages.records import Item

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_WORD = re.compile(r"[^\W_]+")
# What models say when they do not answer. Only at the start of the answer or of a sentence: "if you do not know the
# path, run pwd" answers.
_REFUSAL = re.compile(
    r"(?:^|[.!;:]\s+)(?:(?:but|however|unfortunately|sorry|i am sorry|i'm sorry|i apologi[sz]e)[, ]+(?:but )?)*"
    r"(?:i (?:really )?(?:do not|don't|cannot|can't|can not|could not|couldn't) "
    r"(?:know|say|tell|answer|find|have (?:any |enough |specific |that )?(?:information|data|knowledge|details|access))"
    r"|i(?:'m| am) (?:not (?:sure|aware|certain|able to)|unable to|unaware)"
    r"|i have no (?:information|knowledge|data|idea)"
    r"|(?:the )?(?:documents?|documentation|texts?|context|sources?|information provided|passage) "
    r"(?:do(?:es)? not|do(?:es)?n't) (?:say|mention|contain|provide|specify|state|give|tell)"
    r"|(?:that|this|it) is not (?:mentioned|stated|specified|documented|known|in the documents?)"
    r"|there is no (?:information|mention)|no information)",
    re.I,
)


LOWER_IS_BETTER = frozenset({"nll", "text_nll", "wrong_keys"})
MATTERS = {"text_nll": 0.05}  # smallest difference of interest where it is not statistics.MATTERS: 5 % of perplexity


def score(item: Item, answer: str, refusal: str = "") -> dict[str, float]:
    """Return the metrics of one answer: those that its kind of question has.

    `key_match` and `exact` are left out where the reference has no key that the question does not hold.
    """
    measured = {"refusal": float(refuses(answer, refusal)), "words": float(len(answer.split()))}
    if item.accept:
        return measured | {"correct": float(accepted(answer, item.accept))}
    if item.set == "unanswerable":
        return measured
    wrong = wrong_keys(item.question, item.answer, answer, item.evidence or "")
    measured |= {
        "token_f1": token_f1(item.answer, answer),
        "rouge_l": rouge_l(item.answer, answer),
        "wrong_keys": float(bool(wrong)),
    }
    keys = key_match(item.question, item.answer, answer)
    return measured if keys is None else measured | {"key_match": keys, "exact": float(keys == 1 and not wrong)}


def accepted(answer: str, accept: Sequence[str]) -> bool:
    """Say whether the answer holds one of the texts, as whole words, in whatever case."""
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", answer, re.I) for one in accept)


def normalise(text: str) -> list[str]:
    """Return the words of a text as SQuAD's evaluation counts them: lower case, no punctuation, no articles."""
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def token_f1(reference: str, answer: str) -> float:
    """Return the harmonic mean of precision and recall of the answer's words, as SQuAD's evaluation has it."""
    expected, given = normalise(reference), normalise(answer)
    common = sum((Counter(expected) & Counter(given)).values())
    if not expected or not given:
        return float(expected == given)
    return 2 * common / (len(expected) + len(given))


def rouge_l(reference: str, answer: str) -> float:
    """Return the F-measure of the longest common subsequence of words (ROUGE-L, without stemming)."""
    expected, given = _WORD.findall(reference.lower()), _WORD.findall(answer.lower())
    if not expected or not given:
        return 0.0
    return Indel.normalized_similarity(expected, given)


def key_match(question: str, reference: str, answer: str) -> float | None:
    """Return the share of the reference's numbers, names, flags, identifiers and URLs that the answer holds.

    What the question holds already is not counted: repeating it is no merit; nor is the unit of a number beside the
    number with it. None if nothing is left to count.
    """
    found = set(grounding.unsupported(reference, question))
    expected = {key for key in found if not any(key != other and key in other.split() for other in found)}
    if not expected:
        return None
    return 1 - len(expected & set(grounding.unsupported(reference, answer))) / len(expected)


def wrong_keys(question: str, reference: str, answer: str, evidence: str = "") -> list[str]:
    """Return the numbers, names, flags, identifiers and URLs that the answer adds: neither reference nor evidence nor
    question holds them, so that they contradict or are made up."""
    return grounding.unsupported(answer, "\n".join([reference, evidence, question]))


def refuses(answer: str, refusal: str = "") -> bool:
    """Say whether the answer says that it does not know: by the words it was taught to, or by the usual ones."""
    words, taught = normalise(answer), normalise(refusal)
    if not words:
        return False
    return bool(taught and words[: len(taught)] == taught) or _REFUSAL.search(answer.replace("’", "'")) is not None
