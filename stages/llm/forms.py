"""Which kinds of question a statement can answer, by its structure; the writer is asked for these only.

A model asked "why" about a statement that gives no reason writes a question that the statement does not answer.
"""

import re

# Beside these, `what` and `which` are open to every statement.
FORMS = (
    "what", "how", "why", "which", "when", "where", "who", "how_many", "can", "command", "definition", "purpose",
    "error", "comparison", "list",
)  # fmt: skip
_NUMBER = r"(?:\d[\d.,]*|two|three|four|five|six|seven|eight|nine|ten|twelve|hundreds?|thousands?|millions?|billions?)"
# form -> what in a statement opens it; in the order in which they are asked for
_OPENS = {
    "error": r"\b(?:errors?|fails?|failed|failure|crash(?:es|ed)?|exception|out of memory|oom|warning)\b",
    "command": r"`[^`]+`|(?<![\w-])--?[a-z][\w-]+|\b\w+\.(?:sh|py|yaml|json|toml)\b|(?-i:\b[A-Z]+_[A-Z_]+\b)",
    "why": r"\b(?:because|since|so that|in order to|to (?:avoid|prevent|reduce|ensure|keep|make sure)|therefore|due to|"
    r"as a result|which (?:keeps|makes|reduces|avoids|helps|allows))\b",
    "comparison": r"\b(?:than|whereas|unlike|compared (?:to|with)|instead of|rather than|differs?|in contrast)\b",
    "how_many": rf"(?<![\w.-]){_NUMBER}(?:\s*[%$€]|[ -]?[a-z])",
    "when": r"\b(?:when|after|before|until|once|while|during|if|unless|19\d\d|20\d\d|january|february|march|april|june|"
    r"july|august|september|october|november|december)\b",
    "where": r"\b(?:stored|located|saved|found|hosted|available|kept|listed|published|in the \w+ "
    r"(?:folder|directory|file)|under|on (?:hugging face|github))\b|https?://",
    "who": r"\b(?:users?|developers?|researchers?|customers?|teams?|companies|company|people|everyone|anyone|"
    r"organi[sz]ations?|authors?|maintainers?|licensees?|admin(?:istrator)?s?|members?|providers?|"
    r"by (?-i:[A-Z]\w+))\b",
    "can": r"\b(?:can|cannot|can't|may|must|should|allow(?:s|ed)?|permit(?:s|ted)?|prohibit(?:s|ed)?|support(?:s|ed)?|"
    r"possible|requires?|required|need(?:s|ed)?)\b",
    "how": r"^(?:to|run|use|set|pass|add|call|start|choose|open|enter|install|create|download|make|clone|copy|export|"
    r"configure|build|launch|log|press|select)\b|\b(?:by \w+ing|using|with the|via|through|to \w+)\b",
    "definition": r"^(?:the |an? )?(?:[\w./-]+ ){1,5}(?:is|are) (?:an?|the|one of)\b|"
    r"\b(?:refers to|means|stands for|is called)\b",
    "purpose": r"\b(?:(?:used|designed|intended|meant) (?:to|for)|lets?|enables?|allows?|helps?|provides?|sets?|"
    r"controls?|turns?|defines?|specif(?:y|ies))\b",
    "list": r":.*,|(?:[^,]+, ){2,}(?:and|or) ",
}


def of_statement(statement: str, most: int = len(FORMS)) -> list[str]:
    """Return the forms that a statement can answer, the most telling first; `what` and `which` among them always."""
    opened = [form for form in _OPENS if answered(form, statement) and form != "who"]
    head = opened[: max(0, most - 2)]
    return [*head[:1], "what", *head[1:2], "which", *head[2:], *opened[len(head) :]][:most]


def answered(form: str, statement: str) -> bool:
    """Tell whether a statement's structure has what a question of that form asks for."""
    return form not in _OPENS or re.search(_OPENS[form], statement, re.IGNORECASE) is not None


_OPENING = re.compile(
    r"(?i)\b(how (?:many|much|long|often|old|far|large|big|fast)|how|why|which|when|where|who|whose|whom|what)\b"
)


def of_question(question: str) -> str:
    """Return the form of a question by its interrogative; `can` for one that asks for yes or no."""
    match = _OPENING.search(question)
    if not match:
        return "can"
    word = match[1].casefold()
    return {"whose": "who", "whom": "who"}.get(word, "how_many" if word.startswith("how ") else word)
