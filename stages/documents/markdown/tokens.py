"""Markdown beyond CommonMark: what is done with the tokens of a document when all of it was parsed."""

import re

from lxml.html import defs
from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from stages.documents.html.furniture import BLOCKS
from stages.documents.markdown.rules import box_title, drop, label

ALERT = re.compile(r"\[!(\w+)\][-+]?[ \t]*(.*)(?:\n|$)")
STATEMENT = re.compile(
    r"import\s+(?:(?:type\s+)?(?:[\w*$]+(?:\s+as\s+\w+)?|\{[^{}]*\})(?:\s*,\s*(?:[\w*$\s]+|\{[^{}]*\}))?\s+from\s+)?"
    r"(?:'[^'\n]+'|\"[^\"\n]+\")\s*;?[ \t]*(?:\n|$)|export\s+(?:const|let|var|function|default|\{)(?:.|\n)*"
)
TAG = re.compile(r"<(/?)([A-Za-z][\w.-]*)((?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>")
ASKED = re.compile(r"(?:\*\*|__)?(?:Q|Question)\s?\d{0,3}[:.]")
LABELLED = re.compile(r"\n(?=(?:\*\*|__)?(?:Q|A|Question|Answer)\s?\d{0,3}:)")
QUOTES = re.compile(r"[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)")
BARE = re.compile(r"\s([A-Za-z][\w-]*)(?=[\s/]|$)")
SWITCHES = {  # attributes without a value
    *("open", "hidden", "checked", "disabled", "controls", "autoplay", "loop", "muted", "playsinline", "nowrap"),
    *("compact", "reversed", "async", "defer", "allowfullscreen", "readonly", "required", "selected", "markdown"),
}
COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
HELD = {"bullet_list", "ordered_list", "table", "heading", "paragraph"}  # a note stands below these, not in them
HTML = {*defs.tags, *BLOCKS, "search", "picture", "slot", "bdi", "rb", "template", "path", "math"}
MARKUP = ("html_inline", "html_block")


def use(parser: MarkdownIt) -> None:
    """Have the parser do it."""
    parser.core.ruler.after("block", "raw_tokens", _raw_tokens)
    parser.core.ruler.after("inline", "boxes", _boxes)
    parser.core.ruler.after("boxes", "notes", _notes)
    parser.core.ruler.after("notes", "tags", _tags)
    parser.add_render_rule("footnote_ref", lambda self, tokens, at, *_: f"[{tokens[at].meta['id'] + 1}]")


def _raw_tokens(state: StateCore) -> None:
    """Mend tables, drop the statements of MDX, and make boxes of `:::` and of GitHub's alerts."""
    lines = state.src.split("\n")
    found: list[Token] = []
    alerts: list[bool] = []  # of each open quotation, whether it is one
    tokens = state.tokens
    skip = 0
    for at, token in enumerate(tokens):
        if at < skip:
            continue
        found.append(token)
        if token.type == "front_matter":
            drop(state.env, "front_matter", token.content)
        elif token.type == "tr_close":
            _last_cell(found, lines)
        elif token.type == "inline" and tokens[at - 1].type == "paragraph_open" and token.level == 1:
            while match := STATEMENT.match(token.content):
                drop(state.env, "markup", match[0].strip())
                token.content = token.content[match.end() :]
        if token.type == "inline" and tokens[at - 1].type == "paragraph_open" and ASKED.match(token.content):
            found[-1:] = _marked_lines(token, tokens[at - 1])
        elif token.type == "container_box_open":
            (title, fold), unseen = box_title(token.info)
            drop(state.env, "markup", unseen)
            found[-1:] = _opened(title, fold)
        elif token.type == "container_box_close":
            token.type = "box_close"
        elif token.type == "blockquote_open":
            inline = tokens[at + 2] if at + 2 < len(tokens) else token
            match = ALERT.match(inline.content) if tokens[at + 1].type == "paragraph_open" else None
            alerts.append(match is not None)
            if match:
                inline.content = inline.content[match.end() :]
                skip = 0 if inline.content else at + 4  # the paragraph was but the mark
                found[-1:] = _opened(match[2] or match[1].capitalize(), fold=False)
        elif token.type == "blockquote_close" and alerts.pop():
            token.type, token.tag = "box_close", "div"
    state.tokens = found


def _opened(title: str, fold: bool) -> list[Token]:
    """Return the tokens with which a box begins."""
    opening = Token("box_open", "div", 1, meta={"fold": fold}, block=True)
    inline = Token("inline", "", 0, content=title, children=[])
    return [opening, *([Token("box_title_open", "p", 1), inline, Token("box_title_close", "p", -1)] if title else [])]


def _marked_lines(inline: Token, opening: Token) -> list[Token]:
    """Return the inside of a paragraph with lines "Q: ..." and "A: ..." as paragraphs, each of which has one mark."""
    first, *rest = [inline.content] if opening.hidden else LABELLED.split(inline.content)
    found = [inline]
    for text in rest:
        close = Token("paragraph_close", "p", -1, level=opening.level, block=True)
        found += [close, opening.copy(), Token("inline", "", 0, content=text, children=[], level=inline.level)]
    inline.content = first
    return found


def _last_cell(found: list[Token], lines: list[str]) -> None:
    """Give the last cell of a row what stands in cells beyond the head's: a pipe in code parts a cell from the rest."""
    start = next(at for at in range(len(found) - 1, -1, -1) if found[at].type == "tr_open")
    cells = [token for token in found[start:] if token.type == "inline"]
    place = found[start].map
    if not cells or place is None or "|" not in lines[place[0]]:
        return
    parts = escapedSplit(lines[place[0]].strip().lstrip("> ").strip().removeprefix("|"))
    if len(parts) > len(cells) and parts[len(cells) - 1].strip() == cells[-1].content:
        rest = parts[len(cells) - 1 :]
        cells[-1].content = "|".join(rest[:-1] if not rest[-1].strip() else rest).strip()


def _boxes(state: StateCore) -> None:
    """Make a box with a question, or one that opens at a click, a question with its answer; another's title a lead."""
    found: list[Token] = []
    folded: list[bool] = []
    tokens, at = state.tokens, 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.type == "box_close":
            token.tag = "details" if folded.pop() else "div"
        if token.type != "box_open":
            found.append(token)
            continue
        title = tokens[at + 1] if at + 1 < len(tokens) and tokens[at].type == "box_title_open" else None
        fold = title is not None and (token.meta["fold"] or title.content.rstrip().endswith("?"))
        folded.append(fold)
        token.tag = "details" if fold else "div"
        found.append(token)
        if title is not None and fold:
            tokens[at].tag = tokens[at + 2].tag = "summary"
        elif title is not None:
            at += 3
            found += _lead(tokens, at, title.children or [], title.content)
    state.tokens = found


def _colon(text: str) -> str:
    return "" if text.rstrip().endswith((".", ":", "!", "?", "]", "…")) else ":"


def _lead(tokens: list[Token], at: int, words: list[Token], last: str) -> list[Token]:
    """Put words before the paragraph that begins at a token, or return them as a paragraph if none does."""
    inline = tokens[at + 1] if at + 1 < len(tokens) and tokens[at].type == "paragraph_open" else None
    colon = _colon(last)
    if inline is not None and inline.children:
        inline.children[:0] = [*words, Token("text", "", 0, content=f"{colon} ")]
        return []
    words = [*words, Token("text", "", 0, content=colon)]
    return [Token("paragraph_open", "p", 1), Token("inline", "", 0, children=words), Token("paragraph_close", "p", -1)]


def _notes(state: StateCore) -> None:
    """Put each footnote below the paragraph, list or table with its mark; one that nothing refers to stays."""
    numbers = state.env.get("footnotes", {}).get("refs", {})
    notes: dict[str, list[Token]] = {}
    text: list[Token] = []
    stack: list[tuple[str, list[Token]]] = []
    for token in state.tokens:
        if token.type == "footnote_reference_open":
            stack.append((token.meta["label"], []))
        elif token.type == "footnote_reference_close":
            name, note = stack.pop()
            number = numbers.get(f":{name}", -1)
            mark = [Token("text", "", 0, content=f"[{number + 1 if number >= 0 else name}]")]
            note[:0] = _lead(note, 0, mark, "]")
            (text.extend if number < 0 else notes.setdefault(name, []).extend)(note)
        else:
            (stack[-1][1] if stack else text).append(token)
    found: list[Token] = []
    waiting: list[str] = []
    inside = 0
    while text:
        for token in text:
            found.append(token)
            waiting += [child.meta["label"] for child in token.children or () if child.type == "footnote_ref"]
            inside += token.nesting if token.type.rpartition("_")[0] in HELD else 0
            while waiting and not inside:
                note = notes.pop(waiting.pop(0), [])
                found += note
                waiting += [c.meta["label"] for t in note for c in t.children or () if c.type == "footnote_ref"]
        text = [token for note in notes.values() for token in note]  # those that only one of themselves refers to
        notes.clear()
    state.tokens = found


def _tags(state: StateCore) -> None:
    """Make text of the tags that are none, as in `List<String>`, and of the labels in those of MDX."""
    every = [token for token in state.tokens if token.type in MARKUP]
    every += [c for token in state.tokens for c in token.children or () if c.type in MARKUP]
    tags = [match for token in every for match in TAG.finditer(token.content)]
    pairs = {match[2] for match in tags if match[1]} & {match[2] for match in tags if not match[1]}

    def shown(match: re.Match[str]) -> str:
        """Return what of a tag is left, as HTML."""
        bare = {name.lower() for name in BARE.findall(QUOTES.sub("", match[3]))} - SWITCHES
        if match[2].lower() in HTML and (match[2] in pairs or not bare):  # "a <b and c> d" is a sum of words
            return match[0]
        if match[2] in pairs or match[3].endswith("/"):
            said = re.sub(r"\[(.*)\]\(.*\)$", r"\1", label(match[3]))
            return f"{match[0]} {said}{_colon(said)} " if said else match[0]
        return match[0].replace("<", "&lt;").replace(">", "&gt;")

    for reference in state.env.get("references", {}).values():  # `[//]: # (a comment)`
        if reference.get("title") and reference["href"] in ("", "#"):
            drop(state.env, "comment", reference["title"])
    for token in every:
        if not re.match(r"<(?:script|style|textarea)\b", token.content.lstrip(), re.IGNORECASE):
            for comment in COMMENT.findall(token.content):
                drop(state.env, "comment", comment)
            token.content = TAG.sub(shown, COMMENT.sub("", token.content))
