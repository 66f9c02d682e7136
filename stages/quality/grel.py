"""The white list of GREL, OpenRefine's expression language: what an operation history may compute.

An expression is parsed, never evaluated as code. Accepted are `value`, texts, `null`, `+` between texts, brackets and
the functions in FUNCTIONS; in facets also `row.flagged`, `row.starred` and `isBlank(value)`. All else is an error.
Syntax and results follow OpenRefine (github.com/OpenRefine/OpenRefine at ff43aa1, modules/grel, package grel).
"""

import re
from dataclasses import dataclass
from html.entities import name2codepoint

from stages.quality.clustering import WHITE, fingerprint, ngram_fingerprint
from stages.quality.java_regex import Pattern, PatternError

FUNCTIONS = {  # name: what it takes beside the text itself (t a text, r a text or regular expression, n a number)
    "trim": "", "strip": "", "toLowercase": "", "toUppercase": "", "toTitlecase": "", "replace": "rt",
    "replaceChars": "tt", "chomp": "t", "unescape": "t", "fingerprint": "", "ngramFingerprint": "n",
}  # fmt: skip
LONGEST = 2000  # characters of an expression
DEEPEST = 50  # brackets in brackets
CALLS = 200  # functions and + of an expression
LARGEST = 100_000_000  # characters that a function may make of a cell

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<name>[^\W\d]\w*)|(?P<number>[0-9]+)|(?P<sign>[().,+]))""",
    re.DOTALL,
)
_REGEX = re.compile(r"\s*/((?:[^/\\]|\\.)*)/(i?)", re.DOTALL)
_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]*));")


class GrelError(ValueError):
    """An expression is not on the white list; the message says where and why."""


class Failure(ValueError):
    """An expression has no value for a cell, such as `value.trim()` for a blank one."""


class TooLong(ValueError):
    """An expression would make too long a text."""


@dataclass(frozen=True)
class Cell:
    """What an expression is evaluated on; a blank cell is None."""

    value: str | None
    flagged: bool = False
    starred: bool = False


@dataclass(frozen=True)
class Literal:
    """A text, a number, `null`, or a regular expression."""

    value: str | int | None | Pattern


@dataclass(frozen=True)
class Variable:
    """`value`, `row.flagged` or `row.starred`."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function with its arguments, the text first; `+` is one too."""

    name: str
    arguments: tuple["Node", ...]


Node = Literal | Variable | Call


def parse(source: str, facet: bool = False) -> Node:
    """Return an expression that is on the white list. Raises GrelError.

    Args:
        source: the expression; the prefix `grel:` may stand before it.
        facet: whether it tells rows apart, and so may say true or false; otherwise its value is a text or null.
    """
    if len(source) > LONGEST:
        raise GrelError(f"an expression of {len(source)} characters; at most {LONGEST} are accepted")
    language = re.match(r"\s*(\w+):", source)
    if language and language[1].lower() not in ("grel", "gel"):
        raise GrelError(f"expressions in the language {language[1]} are not supported, only GREL")
    parser = _Parser(source, language.end() if language else 0)
    node = parser.expression()
    if parser.kind != "end":
        raise parser.refuse("expected the end of the expression")
    if not facet and not _is_text(node):
        raise GrelError(f"{source}: expected a text; true, false and numbers are for facets only")
    return node


def evaluate(node: Node, cell: Cell) -> str | bool | int | None:
    """Return the value of an expression for a cell. Raises Failure if it has none, TooSlow and TooLong."""
    if isinstance(node, Literal):
        assert not isinstance(node.value, Pattern)  # only as an argument of replace
        return node.value
    if isinstance(node, Variable):
        return {"value": cell.value, "row.flagged": cell.flagged, "row.starred": cell.starred}[node.name]
    first = evaluate(node.arguments[0], cell)
    if node.name == "isBlank":
        return first in (None, "")
    assert first is None or isinstance(first, str)
    if first is None:
        if node.name in ("chomp", "unescape", "fingerprint", "ngramFingerprint", "+"):
            return None
        raise Failure(f"{node.name} of a blank cell")
    pattern = node.arguments[1].value if len(node.arguments) > 1 and isinstance(node.arguments[1], Literal) else None
    skipped = 2 if isinstance(pattern, Pattern) else 1
    rest = [evaluate(argument, cell) for argument in node.arguments[skipped:]]
    lengths = [len(value) for value in rest if isinstance(value, str)]
    if len(first) + sum(lengths) > LARGEST or "replace" in node.name and len(first) * max(lengths, default=0) > LARGEST:
        raise TooLong(f"{node.name} could make more than {LARGEST:,} characters of a cell")
    if isinstance(pattern, Pattern):
        try:
            return pattern.replace(first, _text(rest[0], node.name))
        except PatternError as error:
            raise Failure(str(error)) from error
    if node.name == "+":
        return None if rest[0] is None else first + _text(rest[0], "+")
    if node.name == "ngramFingerprint":
        return ngram_fingerprint(first, rest[0] if isinstance(rest[0], int) else 1)
    return _call(node.name, first, [_text(value, node.name) for value in rest])


def _call(name: str, text: str, rest: list[str]) -> str:
    match name:
        case "trim" | "strip":
            return text.strip(WHITE)
        case "toLowercase":
            return text.lower()
        case "toUppercase":
            return text.upper()
        case "toTitlecase":
            return re.sub(r"(?:^|(?<=[ \t\r\n.]))[^ \t\r\n.]", lambda first: _title(first[0]), text.lower())
        case "replace":
            return text.replace(rest[0], rest[1])
        case "replaceChars":
            table = {ord(old): rest[1][n : n + 1] for n, old in reversed(list(enumerate(rest[0])))}
            return text.translate(table)
        case "chomp":
            return text.removesuffix(rest[0])
        case "unescape":
            return _ENTITY.sub(_character, text)
    return fingerprint(text)


def _title(char: str) -> str:
    return char.title() if len(char.title()) == 1 else char


def _text(value: str | bool | int | None, name: str) -> str:
    if not isinstance(value, str):
        raise Failure(f"{name} needs a text and not a blank")
    return value


def _character(entity: re.Match[str]) -> str:
    """Return the character of an HTML 4 entity, or the entity if it means none."""
    decimal, hexadecimal, name = entity.groups()
    code = name2codepoint.get(name, 0) if name else int(decimal or hexadecimal, 10 if decimal else 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else entity[0]


def _is_text(node: Node) -> bool:
    """Say whether the value of an expression is a text or null."""
    if isinstance(node, Literal):
        return node.value is None or isinstance(node.value, str)
    return node.name not in ("row.flagged", "row.starred", "isBlank")


class _Parser:
    """Reads an expression from left to right, one token ahead."""

    def __init__(self, source: str, place: int):
        self.source, self.place, self.depth, self.calls = source, place, 0, 0
        self.kind, self.token, self.start = "", "", place
        self.next()

    def refuse(self, why: str) -> GrelError:
        found = repr(self.source[self.start : self.start + 20]) if self.kind != "end" else "the end"
        return GrelError(f"{self.source}: {why}, found {found} (at character {self.start + 1})")

    def next(self) -> None:
        """Read the next token."""
        rest = self.source[self.place :]
        self.start = self.place + len(rest) - len(rest.lstrip())
        found = _TOKEN.match(self.source, self.place)
        if found:
            self.kind, self.token, self.place = str(found.lastgroup), str(found[str(found.lastgroup)]), found.end()
        else:
            self.kind, self.token = ("other" if rest.strip() else "end"), ""

    def take(self, sign: str) -> None:
        if self.token != sign or self.kind != "sign":
            raise self.refuse(f"expected {sign}")
        self.next()

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refuse("too many brackets")
        node = self.term()
        while (self.kind, self.token) == ("sign", "+"):
            self.next()
            other = self.term()
            if not (_is_text(node) and _is_text(other)):
                raise self.refuse("+ joins texts only")
            node = self.made("+", [node, other])
        self.depth -= 1
        return node

    def term(self) -> Node:
        node = self.start_of_term()
        while (self.kind, self.token) == ("sign", "."):
            self.next()
            name = self.name()
            self.take("(")
            node = self.call(name, node)
        return node

    def start_of_term(self) -> Node:
        kind, token = self.kind, self.token
        if kind == "text":
            self.next()
            return Literal(_unescaped(token[1:-1]))
        if kind == "number":
            self.next()
            return Literal(int(token))
        if (kind, token) == ("sign", "("):
            self.next()
            node = self.expression()
            self.take(")")
            return node
        if kind != "name":
            raise self.refuse("expected value, a text or a function")
        if token not in ("value", "null", "row", "isBlank") and token not in FUNCTIONS:
            raise self.refuse(f"{token} is not on the white list")
        if token in FUNCTIONS:
            raise self.refuse(f"write value.{token}(...)")
        self.next()
        if token == "value":
            return Variable("value")
        if token == "null":
            return Literal(None)
        if token == "row":
            self.take(".")
            field = self.name()
            if field not in ("flagged", "starred"):
                raise self.refuse(f"row.{field} is not on the white list")
            return Variable(f"row.{field}")
        self.take("(")
        node = self.expression()
        self.take(")")
        return Call("isBlank", (node,))

    def made(self, name: str, arguments: list[Node]) -> Call:
        self.calls += 1
        if self.calls > CALLS:
            raise self.refuse(f"more than {CALLS} functions")
        return Call(name, tuple(arguments))

    def name(self) -> str:
        if self.kind != "name":
            raise self.refuse("expected a name")
        name = self.token
        self.next()
        return name

    def call(self, name: str, text: Node) -> Node:
        """Read the arguments of a function up to its closing bracket."""
        if name not in FUNCTIONS:
            raise self.refuse(f"the function {name} is not on the white list ({', '.join(FUNCTIONS)})")
        arguments = [text]
        for number, kind in enumerate(FUNCTIONS[name]):
            if number:
                self.take(",")
            arguments.append(self.argument(kind, name))
        self.take(")")
        if not _is_text(text):
            raise self.refuse(f"{name} is for texts")
        if name == "unescape" and arguments[1] not in (Literal("html"), Literal("HTML")):
            raise self.refuse('unescape is supported as unescape("html") only')
        return self.made(name, arguments)

    def argument(self, kind: str, name: str) -> Node:
        """Read an argument of a function."""
        if kind == "n" and self.token == ")":
            return Literal(1)
        found = _REGEX.match(self.source, self.start) if kind == "r" and self.kind == "other" else None
        if found:
            self.place = found.end()
            try:
                pattern = Pattern.parse(found[1], bool(found[2]))
            except PatternError as error:
                raise GrelError(f"{self.source}: {error}") from error
            self.next()
            return Literal(pattern)
        node = self.expression()
        right = isinstance(node, Literal) and isinstance(node.value, int) and 0 < node.value < 100
        if not (right if kind == "n" else _is_text(node)):
            raise self.refuse(f"{name} got an argument of another kind")
        return node


def _unescaped(text: str) -> str:
    known = {"t": "\t", "n": "\n", "r": "\r"}
    return re.sub(r"\\(.)", lambda found: known.get(found[1], found[1]), text, flags=re.DOTALL)
