"""What a word is, in the database and outside it: a run of letters, marks and digits, in lower case."""

import regex

WORD = r"[\p{L}\p{M}\p{N}]+"
_WORD = regex.compile(WORD)


def sql(text: str) -> str:
    """Return the SQL for the list of words of the SQL expression of a text."""
    return f"regexp_extract_all(lower({text}), '{WORD}')"


def words(text: str) -> list[str]:
    """Return the words of a text as the database finds them: each character has one of its own in lower case."""
    lower = "".join(one if len(one := character.lower()) == 1 else one[0] for character in text)
    return _WORD.findall(lower)
