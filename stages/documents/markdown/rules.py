"""Markdown beyond CommonMark: rules for the boxes, tabs and components of MkDocs, Docusaurus, Hugo, GitBook and MDX.

Each makes the same tokens: box_open, box_title_open, inline, box_title_close, what is inside, box_close.
"""

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, html_block
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.container import container_plugin

KINDS = {
    *("note", "tip", "warning", "caution", "danger", "important", "info", "hint", "success", "question", "example"),
    *("abstract", "quote", "failure", "bug", "attention", "error", "seealso", "check", "faq", "todo", "help"),
}
FOLDED = {"details", "accordion", "accordionitem", "expandable", "collapse", "collapsible", "toggle", "faq", "faqitem"}
INDENTED = re.compile(r"(?:(!!!|\?\?\?\+?)[ \t]*([\w-]*(?:[ \t]+[\w-]+)*)|===[!+]?)(?:[ \t]+\"(.*)\")?[ \t]*$")
BOX = re.compile(r"[ \t]*(?:\{?\.?(?:callout-)?([A-Za-z][\w-]*)\}?(?:\[(.*)\])?(?:[ \t]+(.*?))?|\{(.*)\})[ \t]*$")
ATTRIBUTE = r"""\s+(?:\{[^{}]*\}|[\w:.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\}))?)"""
COMPONENT = re.compile(rf"<([A-Z][\w.]*)((?:{ATTRIBUTE})*)\s*(/?)>")
EDGE = re.compile(r"<(/?)([A-Z][\w.]*)")
BEFORE = re.compile(r"^(?:[\s>]|[-*+]\s|\d+[.)]\s)*")  # marks of quotations and lists
LABEL = re.compile(r"""\s(?:title|label|header|heading|summary|question)\s*=\s*\{?(?:"([^"]*)"|'([^']*)')""")
HREF = re.compile(r"""\s(?:href|to)\s*=\s*["']([^"'\s]+)["']""")
TYPE = re.compile(r"""\s(?:type|style|kind)\s*=\s*["']([^"'\s]+)["']""")
FENCE = re.compile(r"\s*(?:```|~~~)")
STATEMENTS = "raw|highlight|tabs?|hint|code|embed|content-ref|include|stepper|step|file|capture|comment|details"
SHORTCODE = re.compile(
    rf"\{{\{{[<%]\s*/?\s*\w[^\n]{{0,500}}?[>%]\}}\}}|\{{%-?\s*(?:end)?(?:{STATEMENTS})\b[^\n]{{0,500}}?%\}}"
    r"|\{/\*[^{}]*\*/\}"
)
QUOTED = re.compile(r"\{\{[<%]\s*(?:tab|details|expand|accordion|note|alert)\s+\"([^\"]*)\"")
LONGEST_TAG = 30  # lines
Title = tuple[str, bool]  # of a box, and whether it opens at a click


def use(parser: MarkdownIt) -> None:
    """Add the rules to a parser."""
    ends = ["paragraph", "reference", "blockquote", "list"]  # what the rule's first line puts an end to
    parser.block.ruler.before("fence", "indented_box", _indented_box, {"alt": ends})
    parser.block.ruler.before("html_block", "component", _component, {"alt": []})
    parser.block.ruler.at("html_block", _html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.inline.ruler.before("html_inline", "shortcode", _shortcode)
    container_plugin(parser, "box", validate=lambda params, _: BOX.match(params) is not None and params.strip() != "")


def drop(env: Any, reason: str, text: str) -> None:
    """Note a text that is no content, for the one who called the parser."""
    env.setdefault("drops", []).append((reason, text))


def label(attributes: str) -> str:
    """Return what a component's attributes say to the reader, as Markdown."""
    match, href = LABEL.search(attributes), HREF.search(attributes)
    said = (match[1] or match[2] or "").strip() if match else ""
    return f"[{said}]({href[1]})" if said and href else said


def box_title(params: str) -> tuple[Title, str]:
    """Return the title of a box `:::params`, and what of the params is markup that no one sees."""
    match = BOX.match(params)
    if match is None or match[4] is not None:
        return (label(" " + params), False), params
    kind, said = match[1].lower(), match[2] or match[3] or ""
    if kind not in KINDS | FOLDED:
        return (match[2] or label(" " + params), False), params
    title = label(" " + said) if said.startswith("{") or "=" in said else said
    return (title or (kind.capitalize() if kind in KINDS else ""), kind in FOLDED), said if said != title else ""


def _open(state: StateBlock, title: Title, line: int) -> None:
    """Push the beginning of a box with its title."""
    text, fold = title
    token = state.push("box_open", "div", 1)
    token.meta["fold"] = fold
    if text:
        state.push("box_title_open", "p", 1)
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = text, [line, line + 1], []
        state.push("box_title_close", "p", -1)


def _inside(state: StateBlock, start: int, end: int, indent: int) -> None:
    """Read the lines of a box, which are indented, and close it."""
    before = state.parentType, state.lineMax, state.blkIndent
    state.parentType, state.lineMax, state.blkIndent = "container", end, indent
    state.md.block.tokenize(state, start, end)
    state.parentType, state.lineMax, state.blkIndent = before
    state.push("box_close", "div", -1)


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _indented_box(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read `!!! note "Title"`, `??? note` and `=== "Tab"`, whose content is indented by four."""
    match = None if state.is_code_block(start) else INDENTED.match(_line(state, start))
    if match is None or not (match[2] or match[3]):
        return False
    indent = state.sCount[start] + 4
    stop = last = start + 1
    while stop < end and (state.isEmpty(stop) or state.sCount[stop] >= indent):
        stop += 1
        last = last if state.isEmpty(stop - 1) else stop
    if silent or last == start + 1 and not match[3]:  # a remark of three marks, and nothing in it
        return silent and last > start + 1
    title = match[3] if match[3] is not None else match[2].split()[0].capitalize()
    _open(state, (title, "?" in (match[1] or "")), start)
    _inside(state, start + 1, last, indent)
    state.line = last
    return True


def _component(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read an element of MDX that stands on lines of its own, `<Tab title="Linux">`; its content is Markdown."""
    if state.is_code_block(start) or silent or not re.match(r"<[A-Z]", _line(state, start)):
        return False
    head, first = _line(state, start), start + 1
    while (match := COMPONENT.match(head)) is None and first < min(end, start + LONGEST_TAG) and _line(state, first):
        head, first = f"{head}\n{_line(state, first)}", first + 1
    if match is None:
        return False
    name, attributes, alone = match.groups()
    rest, close = head[match.end() :].strip(), f"</{name}>"
    fold, said = name.lower() in FOLDED, label(attributes)
    if not said and name.lower() in KINDS | {"callout", "admonition", "aside"}:
        kind = TYPE.search(attributes)
        said = (kind[1] if kind else name).capitalize()
    if alone or rest:
        if bool(rest) == bool(alone) or (rest and (not rest.endswith(close) or close in rest[: -len(close)])):
            return False
        _open(state, (said, fold), start)
        if rest:
            state.push("paragraph_open", "p", 1)
            inline = state.push("inline", "", 0)
            inline.content, inline.map, inline.children = rest[: -len(close)].strip(), [start, first], []
            state.push("paragraph_close", "p", -1)
        state.push("box_close", "div", -1)
        state.line = first
        return True
    if "components" not in state.env:
        state.env["components"] = _components(state.src.split("\n"))
    stop = state.env["components"].get(start)
    if stop is None or not first <= stop < end:
        return False
    indents = [state.sCount[line] for line in range(first, stop + 1) if not state.isEmpty(line)]
    if min(indents) < state.blkIndent:  # it goes on outside of the item in which it begins
        return False
    _open(state, (said, fold), start)
    _inside(state, first, stop, min(indents[:-1], default=state.blkIndent))
    state.line = stop + 1
    return True


def _components(lines: list[str]) -> dict[int, int]:
    """Return the line on which each element of MDX ends, by that on which it begins; none that stands in code."""
    ends: dict[int, int] = {}
    opened: dict[str, list[int]] = {}
    code = False
    for number, line in enumerate(lines):
        line = BEFORE.sub("", line)
        code ^= FENCE.match(line) is not None
        match = None if code else EDGE.match(line)
        if match is None:
            continue
        if match[1] and line.rstrip() == f"</{match[2]}>" and opened.get(match[2]):
            ends[opened[match[2]].pop()] = number
        elif not match[1] and f"</{match[2]}>" not in line:
            tag = COMPONENT.match("\n".join([line, *lines[number + 1 : number + LONGEST_TAG]]))
            if tag and not tag[3]:
                opened.setdefault(match[2], []).append(number)
    return ends


def _html_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read raw HTML, but not the fenced code directly inside an element: that is code."""
    if not html_block(state, start, end, silent):
        return False
    if silent or re.match(r"<(?:[!?]|(?:script|pre|style|textarea)\b)", state.tokens[-1].content.lstrip(), re.I):
        return True
    for number in range(start + 1, state.line):
        if FENCE.match(_line(state, number)):
            content = state.getLines(start, number, state.blkIndent, True)
            if not re.search(r"<pre\b(?!.*</pre)", content, re.I | re.S):
                state.tokens[-1].content, state.tokens[-1].map = content, [start, number]
                state.line = number
            break
    return True


def _shortcode(state: StateInline, silent: bool) -> bool:
    """Drop `{/* remarks */}`, `{{< note >}}` of Hugo and `{% tab %}` of GitBook; the titles in them stay."""
    match = SHORTCODE.match(state.src, state.pos) if state.src[state.pos] == "{" else None
    if match is None:
        return False
    if not silent:
        quoted = QUOTED.match(match[0])
        said = quoted[1] if quoted else label(match[0])
        state.push("text", "", 0).content = f"{said}: " if said else ""
        if not said:
            drop(state.env, "comment" if match[0].startswith("{/*") else "markup", match[0])
    state.pos = match.end()
    return True
