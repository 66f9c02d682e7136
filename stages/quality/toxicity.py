"""Insults and threats in a text, counted from a short list. A count is a flag for a reader and never drops anything.

Lists and models flag technical talk and statements of identity (arXiv 2104.08758); what the list leaves out, and why,
stands in toxicity.en.yaml.
"""

import functools
import re
from pathlib import Path

import yaml

from stages.records import Document

FLAG = "toxic_terms"


@functools.cache
def _pattern() -> re.Pattern[str]:
    terms = yaml.safe_load(Path(__file__).with_name("toxicity.en.yaml").read_text(encoding="utf-8"))["terms"]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, terms))})(?![\w-])", re.IGNORECASE)


def count(text: str) -> int:
    """Return how often a term of the list stands in a text, as words of their own."""
    return len(_pattern().findall(" ".join(text.split())))


def flags(document: Document) -> dict[str, int]:
    """Return the document's flags with how many terms its title, headings, questions and text hold; none adds none."""
    texts = [document.title, *(part for s in document.sections for part in (*s.heading, s.question or "", s.text))]
    found = sum(map(count, texts))
    return document.flags | ({FLAG: found} if found else {})
