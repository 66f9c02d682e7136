"""Sections that answer the question in their heading and say nothing without it: "Yes, on all platforms"."""

import re

from stages.documents import markup, sentences
from stages.documents.dangling import dangling
from stages.documents.gates import MADE, judge
from stages.records import Section

LEAST = 4  # words of a question that is understood alone
_ASKS = re.compile(
    r"(?:How|What|Why|Which|Who|Where|When|Is|Are|Was|Were|Do|Does|Did|Can|Could|Will|Would|Should|May|Must|Has|Have)\b"
)
_YES = re.compile(r"(?:Yes|No|Sure|Of course|Currently|Not yet|Not at the moment)\b[,.!:;]?\s*")


def question(section: Section) -> str | None:
    """Return the question that a section answers as a whole, None if it asks none or the answer leans on more.

    The question is the section's heading. The answer may begin with "yes" or a pronoun, which the question explains.
    """
    asked = section.heading[-1].strip() if section.heading else ""
    if not asked.endswith("?") or not _ASKS.match(asked) or len(asked.split()) < LEAST or dangling(asked[:-1] + "."):
        return None
    blocks = list(markup.blocks(section.text))
    if [block.kind for block in blocks] != ["paragraph"] or not 2 <= len(section.text.split()) <= MADE:
        return None
    for low, high in sentences.spans(section.text):
        plain = _YES.sub("", section.text[low:high])
        if plain and judge(re.sub(r"^(?:[Ii]t|[Tt]hey)\b", "X", plain), "made", True) is not None:
            return None
    return asked
