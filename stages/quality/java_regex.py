"""The common part of Java's regular expressions, as OpenRefine runs them, translated for Python's `regex` package.

A pattern comes from a file that somebody else may have written, so what could run for ever is refused (a repetition
of something that itself repeats or branches), and what is left is stopped after SECONDS. What Java and Python
understand differently is translated or refused: never run with another meaning. The end of a word is that of Java 19
and later, for which a letter outside of ASCII is none.
Source: the Javadoc of java.util.regex.Pattern and of Matcher.appendReplacement.
"""

import re
import time
from dataclasses import dataclass

import regex

LONGEST = 500  # characters of a pattern
SECONDS = 5.0  # of one replacement in one cell

_LINE_ENDS = "\\n\\r\\x85\\u2028\\u2029"
_SPACES = "\\x20\\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000"  # \p{Zs}
_SAME = "dDwWsSntrf"  # escapes that mean the same, with the flag ASCII
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d{1,4})(,(\d{0,4}))?\})\??")
_GROUPS = re.compile(r"\((?:\?(?::|=|!|<=|<!))?")


class PatternError(ValueError):
    """A regular expression that is wrong, unsafe, or not the same in Java and Python."""


class TooSlow(ValueError):
    """A regular expression ran out of its time."""


@dataclass(frozen=True)
class Pattern:
    """A regular expression of Java's; `source` is Python's."""

    source: str
    ignore_case: bool = False

    @classmethod
    def parse(cls, pattern: str, ignore_case: bool = False) -> "Pattern":
        """Return the pattern, translated. Raises PatternError with what is wrong."""
        if len(pattern) > LONGEST:
            raise PatternError(f"a regular expression of {len(pattern)} characters; at most {LONGEST} are accepted")
        translation = _Translation(pattern)
        source, _ = translation.alternatives()
        if translation.place < len(pattern):
            raise PatternError(f"unbalanced ) in /{pattern}/")
        try:
            _compiled(source, ignore_case)
        except (regex.error, re.error, OverflowError) as error:
            raise PatternError(f"/{pattern}/ is no regular expression: {error}") from error
        return cls(source, ignore_case)

    def found(self, text: str) -> bool:
        """Say whether the pattern matches anywhere. Raises TooSlow."""
        end = time.monotonic() + SECONDS
        return self._next(_compiled(self.source, self.ignore_case), text, 0, end) is not None

    def replace(self, text: str, replacement: str) -> str:
        """Return the text with all matches replaced; `$1` and `\\$` mean what they mean in Java.

        Raises PatternError for a replacement that Java refuses, and TooSlow.
        """
        compiled = _compiled(self.source, self.ignore_case)
        parts = _template(replacement, compiled.groups)
        end = time.monotonic() + SECONDS
        found: list[str] = []
        last = place = 0
        while match := self._next(compiled, text, place, end):
            found += [text[last : match.start()], *(p if isinstance(p, str) else match[p] or "" for p in parts)]
            last = match.end()
            place = last + (match.start() == last)  # after an empty match, Java goes on a character further; Python not
        return "".join([*found, text[last:]])

    def _next(self, compiled: "regex.Pattern[str]", text: str, place: int, end: float) -> "regex.Match[str] | None":
        """Return the next match from a place on. Raises TooSlow if the time is up."""
        try:
            if place > len(text):
                return None
            return compiled.search(text, place, timeout=max(end - time.monotonic(), 1e-9))
        except TimeoutError as error:
            raise TooSlow(f"/{self.source}/ ran for more than {SECONDS:g} s on one cell") from error


def _compiled(source: str, ignore_case: bool) -> "regex.Pattern[str]":
    return regex.compile(source, regex.VERSION0 | regex.ASCII | (regex.IGNORECASE if ignore_case else 0))


def _template(replacement: str, groups: int) -> list[str | int]:
    """Return a replacement as literal texts and numbers of groups."""
    parts: list[str | int] = []
    place = 0
    while place < len(replacement):
        char = replacement[place]
        if char == "\\":
            if place + 1 == len(replacement):
                raise PatternError("a replacement ends with a backslash")
            parts.append(replacement[place + 1])
            place += 2
        elif char == "$":
            digits = re.compile(r"[0-9]").match(replacement, place + 1)
            if not digits:
                raise PatternError(f"a $ in the replacement {replacement!r} is followed by no group's number")
            number, place = int(digits[0]), place + 2
            if number > groups:
                raise PatternError(f"the replacement {replacement!r} names a group that the pattern lacks")
            while place < len(replacement) and replacement[place] in "0123456789":
                longer = number * 10 + int(replacement[place])
                if longer > groups:
                    break
                number, place = longer, place + 1
            parts.append(number)
        else:
            parts.append(char)
            place += 1
    return parts


class _Translation:
    """Reads a Java pattern from left to right; its methods return Python's and whether it repeats or branches."""

    def __init__(self, pattern: str):
        self.pattern, self.place = pattern, 0

    def refuse(self, what: str) -> PatternError:
        return PatternError(f"/{self.pattern}/: {what} (at character {self.place + 1})")

    def alternatives(self) -> tuple[str, bool]:
        found, risky = [], False
        while self.place < len(self.pattern) and self.pattern[self.place] != ")":
            if self.pattern[self.place] == "|":
                self.place += 1
                found.append("|")
                risky = True
                continue
            atom, inner, repeatable = self.atom()
            quantifier = _QUANTIFIER.match(self.pattern, self.place)
            if quantifier:
                many = not quantifier[0].startswith("?") and not re.match(r"\{[01]\}", quantifier[0])
                if not repeatable:
                    raise self.refuse("what stands before the quantifier cannot be repeated")
                if many and inner:
                    raise self.refuse("a repetition of something that repeats or branches may run for ever")
                self.place = quantifier.end()
                if self.pattern[self.place : self.place + 1] in ("*", "+", "?", "{"):
                    raise self.refuse("a second quantifier is not supported")
            elif self.pattern[self.place : self.place + 1] == "{":
                raise self.refuse("a { that opens no quantifier")
            found.append(atom + (quantifier[0] if quantifier else ""))
            risky = risky or inner or quantifier is not None
        return "".join(found), risky

    def atom(self) -> tuple[str, bool, bool]:
        """Return the atom, whether it repeats or branches inside, and whether it may be repeated."""
        char = self.pattern[self.place]
        if char == "(":
            return self.group()
        if char == "[":
            return self.set(), False, True
        if char == "\\":
            source = self.escape()
            return source, False, source not in ("\\b", "\\B")
        if char in "*+?{}":
            raise self.refuse(f"a {char} that follows nothing")
        self.place += 1
        if char == ".":
            return f"[^{_LINE_ENDS}]", False, True
        if char == "$":  # before the last line end, as in Java, where \r\n is one
            return r"(?=(?:\r\n|(?<!\r)\n|[\r\x85\u2028\u2029])?\Z)", False, False
        return ("^", False, False) if char == "^" else (regex.escape(char, literal_spaces=True), False, True)

    def group(self) -> tuple[str, bool, bool]:
        opening = _GROUPS.match(self.pattern, self.place)
        assert opening
        if opening[0] == "(" and self.pattern[self.place + 1 : self.place + 2] in ("?", "*"):
            raise self.refuse("a group of this kind is not supported")
        self.place = opening.end()
        inner, risky = self.alternatives()
        if self.pattern[self.place : self.place + 1] != ")":
            raise self.refuse("a ( that is not closed")
        self.place += 1
        return f"{opening[0]}{inner})", risky, opening[0] in ("(", "(?:")

    def set(self) -> str:
        """Return a character class. Classes in classes and && mean something in Java only: refused."""
        self.place += 1
        found = "[^" if self.pattern.startswith("^", self.place) else "["
        self.place += len(found) - 1
        empty = True
        while empty or not self.pattern.startswith("]", self.place):
            low, single = self.member()
            empty = False
            found += low
            if self.pattern.startswith("-", self.place) and not self.pattern.startswith("-]", self.place):
                self.place += 1
                high, also_single = self.member()
                if not (single and also_single):
                    raise self.refuse("a range in a character class goes from one character to another")
                found += f"-{high}"
        self.place += 1
        return found + "]"

    def member(self) -> tuple[str, bool]:
        """Return a member of a character class, and whether it is one character."""
        char = self.pattern[self.place : self.place + 1]
        if char in ("", "[", "]") or self.pattern.startswith("&&", self.place):
            raise self.refuse("a character class that is not closed, is empty, or has another one in it")
        if char == "\\":
            source = self.escape(inside=True)
            return source, source != _SPACES and source[1:] not in ("d", "D", "w", "W", "s", "S")
        self.place += 1
        return ("\\" + char if char in "-^&~|" else regex.escape(char, literal_spaces=True)), True

    def escape(self, inside: bool = False) -> str:
        """Return what a backslash and what follows mean."""
        rest = self.pattern[self.place + 1 :]
        known = re.match(r"p\{(?:Is|gc=)?Zs\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}", rest)
        if known:
            self.place += 1 + len(known[0])
            if known[0][0] == "p":
                return _SPACES if inside else f"[{_SPACES}]"
            return regex.escape(chr(int(known[0][1:], 16)), literal_spaces=True)
        char = rest[:1]
        if char in _SAME and char or char in ("b", "B") and not inside:
            self.place += 2
            return f"\\{char}"
        if not char or char.isalnum() or not char.isascii():
            raise self.refuse(f"\\{char} is not supported")
        self.place += 2
        return f"\\{char}" if char != " " else char
