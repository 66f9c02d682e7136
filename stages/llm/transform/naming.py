"""The product that a topic names, and its place in a question that lacks a name: "How do I run the tests of Redis?"."""

import re

from stages.documents.lexicon import lexicon

_TOKEN = re.compile(r"[A-Za-z\d][\w.+#-]*")
_PLAIN = frozenset(
    "fine tuning training finetuning fine-tuning inference model models details data dataset datasets license licence "
    "use guide guides introducing getting started quick start setup the a an using about recipes examples faq llm llms "
    "readme changelog documentation overview download deploy tracking experiment evaluation only policy update updates "
    "nightly workflow workflows finetune pretraining gpu gpus weights checkpoints".split()
)
_BETWEEN = frozenset("with for in of on using introducing via from about to and or the a an & /".split())


def name_of(topic: str) -> str:
    """Return the product, tool or model that the innermost heading or the title names, or ""."""
    for segment in reversed(topic.split(" > ")):
        if (name := _named(segment)) and not segment.endswith("?"):
            return name
    return ""


def _named(segment: str) -> str:
    """Return a short run of capitalised words of which one is no plain English word: "Code Llama", "Redis 7"."""
    segment = re.sub(r"\([^)]*\)", " ", segment)
    if len(segment) > 3 and segment == segment.upper():
        return ""
    for part in re.split(r"[:,/&]| - | – |\s{2,}", segment):
        run: list[str] = []
        for word in [*part.split(), ""]:
            whole = _TOKEN.fullmatch(word)
            low = word.lower()
            if whole and low not in _PLAIN and (word[0].isupper() or (run and word[0].isdigit()) or is_product(word)):
                run.append(word)
                continue
            version = next((at for at, one in enumerate(run) if at and one[0].isdigit()), len(run) - 1)
            run = run[: version + 1]
            ends = not word or low in _BETWEEN | _PLAIN and low != "of"  # "Taxonomy of harms" is no product's name
            if 0 < len(run) <= 3 and any(_is_odd(one) for one in run) and ends:
                return " ".join(run)
            run = []
    return ""


def _is_odd(word: str) -> bool:
    """Tell whether a capitalised word is a name by itself: no word of the dictionary, and no bare acronym."""
    if not word[0].isalpha() or (word.isupper() and not re.search(r"\d", word)):
        return False
    return is_product(word) or (
        word.lower() not in lexicon() and not re.search(r"[a-z](?:ing|tion|ment|ity|ed)s?$", word)
    )


def is_product(word: str) -> bool:
    """Tell whether a word in small letters is a package's name: "scikit-learn", "llama.cpp"."""
    first = re.fullmatch(r"([a-z]{3,})[-_.][a-z][\w-]*", word)
    return first is not None and first[1] not in lexicon() and not re.search(r"(?:ing|ed|based|time)$", word)


def named(question: str, name: str, subject: str = "") -> str:
    """Return the question with the name where it belongs: "the version of X", "the X model", "... with X?"; or ""."""
    body = question.removesuffix("?")
    if subject and of_product(subject) and subject in body:
        the = (
            ""
            if re.match(r"(?:the|an?|all|most|every|each)\b|.*ing$", subject) or subject.endswith("models")
            else "the "
        )
        return body.replace(subject, f"{the}{subject} of {name}", 1) + "?"
    if re.search(r"\bthe (?:weights|licen[cs]e|models|source code)$", body):
        return f"{body} of {name}?"
    if model := re.search(r"\bthe (?:language )?models?\b(?!-)", body):
        return body.replace(model[0], model[0].replace("the ", f"the {name} "), 1) + "?"
    if re.search(r"\b(?:for|with|of|on|in|to|from|at|as|by|about|do|into|over|under)$", body):
        return ""
    if re.match(r"Where (?:do|can) I report\b|What will I\b|Do I need\b", body) or re.search(
        r"^Where can .* be\b", body
    ):
        joint = "for" if len(body.split()) < 12 else ""
    elif re.match(r"(?:How (?:do|can)|Which command do|Where (?:do|can)|Do) I\b", body):
        joint = "with" if not re.search(r"\bwith\b", body) else "for"
    elif re.match(r"(?:What|Where|How large|Which \w+) (?:is|are|was|were) the (?!(?:easiest|best|main)\b)", body):
        joint = "of" if " of " not in body else "for"
    elif re.match(r"(?:How many|How much|How long|Where)\b", body):
        joint = "for" if not re.search(r"\bfor\b", body) else "with"
    else:
        return ""  # a condition, a reason: a name at the end would belong to something else
    return f"{body} {joint} {name}?" if joint else ""


def needed(question: str, subject: str) -> bool:
    """Tell whether a question is of a part of a product that a name must tell apart: "the weights", "pretraining"."""
    return (
        of_product(subject)
        or re.match(r"Do I need\b", question) is not None
        or re.search(r"\bthe language model\b", question) is not None  # which?
        or re.search(r"\bthe (?:weights|licen[cs]e|source code)\?$", question) is not None
    )


def of_product(subject: str) -> bool:
    """Tell whether a subject is a part of a product: "the default port", "pretraining"."""
    return _OF_NAME.search(subject) is not None


_OF_NAME = re.compile(
    r"^(?:[Tt]he )?(?:[\w-]+ ){0,2}(?:versions?|models?|variants?|license|licence|emissions|tokenizer|weights|"
    r"repository|repo|use policy|maintainers?|batch size|learning rate)$|^(?:the )?(?:pre-?training|release)$"
)
