"""reStructuredText: the roles and directives that docutils does not know (Sphinx), and those that are refused.

Nothing is loaded or executed: a role becomes its text, a directive its content.
"""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive, directives, roles
from docutils.parsers.rst.directives import tables

REFUSED = {"include", "raw", "literalinclude"}  # they would read files or pass markup through
CODE = {
    *("code", "code-block", "sourcecode", "code-tab", "prompt", "console", "ipython", "testcode", "testsetup"),
    *("testoutput", "testcleanup", "doctest", "productionlist", "jupyter-execute", "mermaid", "graphviz", "uml"),
}
INSTRUCTIONS = {  # to Sphinx: they make text of something else, or none
    *("automodule", "autoclass", "autofunction", "automethod", "autoattribute", "autodata", "autoexception"),
    *("autosummary", "currentmodule", "module", "py:module", "py:currentmodule", "highlight", "index", "program"),
    *("tabularcolumns", "default-domain", "sectionauthor", "codeauthor", "inheritance-diagram", "bibliography"),
}
ARGUMENTS = {"only", "ifconfig", "grid", "grid-item", "tab-set", "card-carousel", "rst-class", "cssclass", "div"}
FOLDED = {"dropdown", "collapse", "details", "toggle"}
SIGNATURES = {  # without the name of their domain
    *("function", "class", "method", "classmethod", "staticmethod", "attribute", "property", "data", "exception"),
    *("decorator", "decoratormethod", "type", "macro", "member", "struct", "union", "enum", "enumerator", "var"),
    *("option", "cmdoption", "envvar", "confval", "setting", "describe", "object", "directive", "role", "concept"),
}
LEADS = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
    "versionremoved": "Removed in version",
    "seealso": "See also:",
}
MARK = "x-drop"  # the element that marks a dropped text in the HTML
TITLED = re.compile(r"(.+?)\s+<[^<>]+>", re.DOTALL)


@contextmanager
def sphinx_markup() -> Iterator[None]:
    """Have docutils read what it does not know as text. Its registers, which are global, are as before at the end."""
    known_directive, known_role = directives.directive, roles.role
    registered = dict(roles._roles), dict(directives._directives)

    def directive(name: str, language: Any, document: nodes.document) -> tuple[Any, list[Any]]:
        lower = name.lower()
        if lower in REFUSED:
            return _Refused, []
        if lower in CODE:
            return _Code, []
        if lower == "toctree" or lower in INSTRUCTIONS:
            return _Instruction, []
        if lower == "csv-table":
            return _CSVTable, []
        if lower in FOLDED:
            return _Folded, []
        domain, _, kind = lower.rpartition(":")
        if kind in SIGNATURES and (domain or kind != "role"):  # docutils has one of that name
            return _Signature, []
        found, _ = known_directive(name, language, document)
        return found or _Unknown, []

    def role(name: str, language: Any, line: int, reporter: Any) -> tuple[Any, list[Any]]:
        found, _ = known_role(name, language, line, reporter)
        return found or _role, []

    directives.directive, roles.role = directive, role
    try:
        yield
    finally:
        directives.directive, roles.role = known_directive, known_role
        for register, before in zip((roles._roles, directives._directives), registered, strict=True):
            register.clear()
            register.update(before)


def drop(reason: str, text: str) -> nodes.raw:
    """Return a node that marks a dropped text at its place."""
    return nodes.raw("", f'<{MARK} reason="{reason}">{html.escape(text)}</{MARK}>', format="html")


def _role(
    name: str, raw: str, text: str, line: int, inliner: Any, options: Any = None, content: Any = None
) -> tuple[list[nodes.Node], list[Any]]:
    """Return a role's text: of `text <target>` the text, of `~module.name` the name, as Sphinx shows it."""
    titled = TITLED.fullmatch(text)
    text = nodes.unescape(titled.group(1) if titled else text).lstrip("!")
    if text.startswith("~"):
        text = text[1:].rpartition(".")[2]
    return [nodes.Text(text)], []


class _AnyOptions(dict[str, Any]):
    """Options of any name."""

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, key: str) -> Any:
        return lambda value: value


class _Unknown(Directive):
    """A directive of which nothing is known: its argument is a paragraph, its content is read as text."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _AnyOptions()

    def run(self) -> list[nodes.Node]:
        """Return the content."""
        lead = LEADS.get(self.name.lower(), "")
        argument = " ".join(self.arguments[:1])
        if lead.endswith("version"):
            argument = re.sub(r"^(\S+)\s+(?=\S)", r"\1: ", argument)
        argument = f"{lead} {argument}".strip()
        found: list[nodes.Node] = []
        if argument and self.name.lower() in ARGUMENTS:
            found.append(drop("directive_argument", argument))
        elif argument:
            text, messages = self.state.inline_text(argument, self.lineno)
            found += [nodes.paragraph("", "", *text), *messages]
        return [*found, *self.inside()]

    def inside(self) -> list[nodes.Node]:
        """Return the content, and a mark with the options."""
        content = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, content, match_titles=True)
        options = "\n".join(f"{name}: {value}" for name, value in self.options.items() if value)
        return [*content.children, *([drop("directive_options", options)] if options else [])]


class _Folded(_Unknown):
    def run(self) -> list[nodes.Node]:
        """Return the content as what opens at a click, if there is a title to click at."""
        text, messages = self.state.inline_text(" ".join(self.arguments), self.lineno)
        title = html.escape("".join(node.astext() for node in text))
        if not title:
            return self.inside()
        opening = nodes.raw("", f"<details><summary>{title}</summary>", format="html")
        return [opening, *messages, *self.inside(), nodes.raw("", "</details>", format="html")]


class _Signature(_Unknown):
    def run(self) -> list[nodes.Node]:
        """Return a signature as a term with the content as its definition."""
        signature = ", ".join(line.strip() for line in " ".join(self.arguments).split("\n") if line.strip())
        if self.name.lower() == "class" and re.fullmatch(r"[a-z][a-z0-9 _-]*", signature):
            return [drop("directive_argument", signature), *self.inside()]  # docutils' own: how the next block looks
        if not signature:
            return self.inside()
        term = nodes.term("", "", nodes.Text(signature))
        item = nodes.definition_list_item("", term, nodes.definition("", *self.inside()))
        return [nodes.definition_list("", item)]


class _Code(_Unknown):
    def run(self) -> list[nodes.Node]:
        """Return the content as code; its language is no text."""
        found: list[nodes.Node] = []
        if caption := self.options.get("caption"):
            text, _ = self.state.inline_text(caption, self.lineno)
            found.append(nodes.paragraph("", "", *text))
        code = "\n".join(self.content)
        if self.name.lower() == "productionlist" and not code:
            code = "\n".join(self.arguments)
        return [*found, nodes.literal_block(code, code)] if code else found


class _Instruction(_Unknown):
    def run(self) -> list[nodes.Node]:
        """Return a mark with what is dropped."""
        reason = "contents" if self.name.lower() == "toctree" else "directive"
        return [drop(reason, self.block_text)]


class _Refused(_Unknown):
    def run(self) -> list[nodes.Node]:
        """Return a mark with what is not executed."""
        return [drop("refused_directive", self.block_text)]


class _CSVTable(tables.CSVTable):
    def run(self) -> list[nodes.Node]:
        """Return the table, unless it stands in another file."""
        if "file" in self.options or "url" in self.options:
            return [drop("refused_directive", self.block_text)]
        return super().run()
