"""PDF: what is asked of a font: is it bold, are its letters of one width, how wide is a text, what do bytes say."""

import re
from dataclasses import dataclass, field
from typing import Any

from pypdf.generic import DictionaryObject

# what fonts without a proper map come out as: ligatures, and marks at their place in Windows-1252
REPAIRS = str.maketrans(
    dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
    | dict(zip("\x7f\x95\uf0b7\x91\x92\x93\x94\x96\x97\x85\xa0", "•••‘’“”–—… ", strict=True))
)
MONOSPACED = re.compile(r"mono|courier|consol|menlo|typewriter|cmtt|sourcecode|inconsolata|fixed", re.IGNORECASE)
BOLD = re.compile(r"bold|black|heavy|semibold|demi|[-_,]md$|medium", re.IGNORECASE)


@dataclass
class Font:
    """A font of a document."""

    source: Any  # kept, so that its identity is not given to another one
    bold: bool
    mono: bool
    known: Any  # pypdf's description, None if it has none
    widths: dict[str, float] = field(default_factory=dict)  # of characters at size 1
    codes: dict[str, str] = field(default_factory=dict)  # what stands in the file for a character

    def __post_init__(self) -> None:
        """Turn the font's map round: its widths are those of codes, and texts are made of characters."""
        if self.known is not None:
            encoding = self.known.encoding if isinstance(self.known.encoding, dict) else {}
            for code, character in [*self.known.character_map.items(), *encoding.items()]:
                if isinstance(character, str):
                    self.codes.setdefault(character, chr(code) if isinstance(code, int) and code >= 0 else str(code))

    def advances(self, text: str) -> list[float]:
        """Return the width of each character at size 1; half an em where the font does not tell."""
        if self.known is not None:
            for character in set(text) - self.widths.keys():
                code = self.codes.get(character, character)
                self.widths[character] = float(self.known.get_text_width(code)) / 1000
            found = [self.widths[character] for character in text]
            if 0.2 * len(text) < sum(found) < 1.5 * len(text):
                return found
        return [0.6 if self.mono else 0.5] * len(text)

    def decoded(self, data: bytes) -> str:
        """Return the text that bytes of the file stand for; empty if their encoding is not known."""
        encoding = self.known.encoding if self.known is not None else "latin-1"
        if isinstance(encoding, str):
            try:
                text = data.decode(encoding, "replace")
            except LookupError:
                return ""
        else:
            text = "".join(encoding.get(byte, chr(byte)) for byte in data)
        mapped = self.known.character_map if self.known is not None else {}
        return "".join(str(mapped.get(character, character)) for character in text).translate(REPAIRS)


class Fonts:
    """The fonts of a document, by the identity of their dictionaries."""

    def __init__(self) -> None:
        self.known: dict[int, Font] = {}

    def __getitem__(self, source: DictionaryObject | None) -> Font:
        """Return the font that a dictionary of the file describes."""
        if id(source) not in self.known:
            name = str(source.get("/BaseFont", "") if source else "")
            known = None
            try:
                from pypdf.generic._font import Font as Known  # not public: do without if it moves

                known = Known.from_font_resource(source) if source is not None else None
            except Exception:
                known = None
            self.known[id(source)] = Font(source, bool(BOLD.search(name)), bool(MONOSPACED.search(name)), known)
        return self.known[id(source)]
