"""Commands with their explanation: `To install the recipes: pip install llama-recipes`; long programs are no facts."""

import re
from collections.abc import Iterator

from stages.documents import markup
from stages.documents.candidate import Candidate, Lead
from stages.documents.verbs import VERBS, has_verb
from stages.records import Span

LONG = 200  # characters of a command that can be an answer
LINES = 3  # commands in it


def candidates(text: str, block: markup.Block, lead: Lead, heading: str | None = None) -> Iterator[Candidate]:
    """Yield the commands of a code block that are explained, or the block with the reason why it is no fact.

    Args:
        text: the section's text.
        block: the code block in it.
        lead: the sentence before it that explains it.
        heading: the heading that the block stands under at once, if it does.
    """
    start, end = _inside(text, block)
    code = text[start:end]
    told = list(_commented(code)) if re.search(r"(?m)^\s*#", code) else []
    if told:
        for low, high, comment, words in told:
            statement = f"{words}: {quoted(code[low:high])}"
            yield Candidate("made", start + low, start + high, statement, ((start + comment[0], start + comment[1]),))
        return
    if not code.strip() or len(code) > LONG or _count(code) > LINES:
        yield Candidate("code", block.start, block.end, verdict=("code", len(code)))
    elif lead.says:
        yield Candidate("made", start, end, f"{explanation(lead.says)} {quoted(code)}", lead.support)
    elif heading and _instructs(heading):
        yield Candidate("made", start, end, f"{heading.rstrip('.:')}: {quoted(code)}")
    else:
        yield Candidate("code", block.start, block.end, verdict=("code", "not explained"))


def _inside(text: str, block: markup.Block) -> Span:
    """Return the span of a code block without its fences."""
    body = re.match(r"[^\n]*\n(.*?)\n?[^\n]*\Z", text[block.start : block.end], re.DOTALL)
    if body is None:
        return block.start, block.end
    low, high = body.span(1)
    code = body[1]
    return block.start + low + len(code) - len(code.lstrip("\n")), block.start + high - len(code) + len(code.rstrip())


def _count(code: str) -> int:
    joined = re.sub(r"\\\s*\n\s*", " ", code)
    return len([line for line in joined.split("\n") if line.strip()])


def quoted(code: str) -> str:
    """Return commands as inline code, one after the other."""
    lines = [" ".join(line.split()) for line in re.sub(r"\\\s*\n\s*", " ", code).split("\n") if line.strip()]
    return "; ".join(f"`{line}`" if "`" not in line else f"`` {line} ``" for line in lines)


def explanation(says: str) -> str:
    """Return an explanation with a colon at its end and without the pointer to what follows it."""
    bare = re.sub(r"[\s:.]+$", "", says)
    bare = re.sub(
        r",? (?:with )?(?:the following|this|these|the) (?:\w+ )?(?:commands?|code|snippet|lines?|scripts?)"
        r"(?: below)?$",
        lambda match: " with" if " with " in match[0] else "",
        bare,
    )
    return f"{bare}:"


def _instructs(heading: str) -> bool:
    words = heading.split()
    return len(words) > 2 and words[0].lower() in VERBS and not heading.endswith("?")


_COMMENT = re.compile(r"#[ \t]*(?P<words>(?:[A-Z]|if |for |to |on )[^\n#]{8,100}?)[ \t:.]*$")


def _commented(code: str) -> Iterator[tuple[int, int, Span, str]]:
    """Yield (start, end, span of the comment, its words) of the commands that a comment in the code explains."""
    lines = [(match.start(), match.end(), match[0]) for match in re.finditer(r"[^\n]+", code)]
    place = 0
    while place < len(lines):
        start, end, line = lines[place]
        place += 1
        match = _COMMENT.fullmatch(line.strip())
        if match is None:
            continue
        first = place
        while (
            place < len(lines)
            and not re.match(r"\s*#", lines[place][2])
            and (place == first or "\n\n" not in code[lines[place - 1][1] : lines[place][0]])
        ):
            place += 1
        body = code[lines[first][0] : lines[place - 1][1]] if place > first else ""
        words = match["words"].strip()
        if body and len(body) <= LONG and _count(body) <= LINES and _explains(words):
            yield lines[first][0], lines[place - 1][1], (start + line.index("#"), end), words[0].upper() + words[1:]


def _explains(comment: str) -> bool:
    first = comment.split(None, 1)[0].lower()
    return first in VERBS or first in ("to", "if", "for", "on") or has_verb(comment, strict=True)
