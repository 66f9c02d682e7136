"""Records in a reply that should be JSON and often is nearly that: fenced, talked around, broken, cut off.

Text from a model is untrusted: whatever it is, reading it ends, raises nothing, and gives only records of their type.
"""

import re
from typing import Any, Literal, TypeVar, get_origin

import msgspec

T = TypeVar("T", bound=msgspec.Struct)
Problem = Literal["not_json", "cut_off", "wrong_count", "wrong_fields", "empty"]

LONGEST = 200_000  # characters of a reply that are read
TRIES = 2_000  # most objects that are looked at
REPAIRED = 4_000  # characters, most of an object that is repaired, for which the time grows with the square
REPAIRS = 20_000  # characters, most that are repaired in a reply

_FENCE = re.compile(r"^```\w*|```$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"\n[ \t]{0,9}(?:\d{1,4}[.)]|[-*#]{1,6})$")  # of the next one
_MARK = re.compile(r'["\\{}]')


def records(text: str, kind: type[T], wanted: int | None = None) -> tuple[list[T], Problem | None]:
    """Return the records in a reply, in their order, and what is wrong with it, None if nothing is.

    Their text is trimmed and free of control characters; a text field without a default is not empty. A list that is
    absent is an empty list, and what the type does not know is left out. Of what is cut off, all complete records are
    returned: the rest can be asked for.

    Args:
        text: the reply.
        kind: the type of the records, a flat Struct.
        wanted: how many there should be, None: any number.
    """
    text = _CONTROL.sub(" ", text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        return [], "empty"
    found, wrong, cut = _Reader(kind).read(text)
    if cut and (wanted is None or len(found) < wanted):
        return found, "cut_off"
    if wrong and (wanted is None or len(found) < wanted):
        return found, "wrong_fields"
    if not found and wrong is None:
        return [], "not_json"
    return found, "wrong_count" if wanted is not None and len(found) != wanted else None


class _Reader:
    """Reads records of one type. A reading is (records, how many objects were none or None without any, is it cut)."""

    def __init__(self, kind: type):
        self.kind = kind
        self.fields = {field.name.casefold(): field for field in msgspec.structs.fields(kind)}
        self.repairs = REPAIRS

    def read(self, text: str) -> tuple[list[Any], int | None, bool]:
        items = _items(_decoded(_FENCE.sub("", text.strip())), set(self.fields))
        if items is not None:
            found = [record for item in items if (record := self.record(item)) is not None]
            return found, len(items) - len(found), False
        readings = [self.scan(text, _objects(text)), self.labelled(text)]
        if not readings[0][0] or readings[0][2]:  # a quotation mark too many hides where objects end
            pieces = [(match.start(), match.end()) for match in re.finditer(r"\{[^{}]*\}", text)]
            readings.insert(1, self.scan(text, pieces))
        best = max(readings, key=lambda reading: len(reading[0]))
        return best if best[0] else next((r for r in readings if r[1] is not None or r[2]), best)

    def scan(self, text: str, spans: list[tuple[int, int]]) -> tuple[list[Any], int | None, bool]:
        """Read the objects at these places, of which an inner one comes before the one around it."""
        found: list[tuple[int, int, Any]] = []
        wrong: list[tuple[int, int]] = []
        for start, end in spans[:TRIES]:
            if found and start < found[-1][0]:
                continue  # it is around a record
            record = self.record(self.value(text[start:end]))
            if record is None:
                wrong.append((start, end))
            else:
                found.append((start, end, record))
                while wrong and wrong[-1][0] > start:
                    wrong.pop()  # a part of the record
        # what is around another one, or around a record, is no record that went wrong
        wrong = [w for n, w in enumerate(wrong) if not (n and wrong[n - 1][0] > w[0])]
        lead = text[: min(spans)[0]].rstrip()[-1:] if spans else ""
        tail = text[max((end for _, end in spans), default=0) :]
        cut = bool(re.search(r"""\{\s*(["'“\w{]|$)""", tail)) or (lead == "[" and "]" not in tail)
        return [record for _, _, record in found], len(wrong) if spans else None, cut

    def value(self, text: str) -> Any:
        """Return the value of an object, repaired if it needs it, None if that fails."""
        value = _decoded(text)
        if value is None and len(text) <= min(REPAIRED, self.repairs):
            import json_repair

            self.repairs -= len(text)
            try:
                value = json_repair.loads(text)
            except Exception:  # whatever it is: this text is nobody's fault
                return None
        return value

    def labelled(self, text: str) -> tuple[list[Any], int | None, bool]:
        """Read a text of lines `Question: ...` and `Answer: ...`, numbered or not, in bold or not."""
        names = "|".join(f"{re.escape(name)}|{re.escape(name[0])}(?=[\\d\\W])" for name in self.fields)
        label = re.compile(rf"^[ \t\d*#>.)(-]{{0,12}}({names})[ \d*]{{0,6}}[:.]\**", re.IGNORECASE | re.MULTILINE)
        labels = list(label.finditer(text))
        ends = [match.start() for match in labels[1:]] + [len(text)]
        groups: list[dict[str, str]] = []
        for match, end in zip(labels, ends, strict=False):
            said = match[1].casefold()
            name = next(n for n in self.fields if n == said or n[0] == said)
            if not groups or name in groups[-1]:
                groups.append({})
            groups[-1][name] = _NUMBER.sub("", text[match.end() : end].rstrip())
        found = [record for group in groups if (record := self.record(group)) is not None]
        lacking = bool(groups) and self.record(groups[-1]) is None
        whole = [name for name, field in self.fields.items() if field.required and field.type is str]
        if len(whole) > 1 and not any(set(whole) <= set(group) for group in groups):
            return [], None, False  # a word and a colon, as in any text
        return found, len(groups) - len(found) - lacking if groups else None, lacking

    def record(self, item: Any) -> Any | None:
        """Return the record of an object, None if it is none."""
        if not isinstance(item, dict):
            return None
        given = {}
        for name, value in item.items():
            field = self.fields.get(_clean(name).casefold()) if isinstance(name, str) else None
            if field:
                given[field.encode_name] = self.fitted(field, value)
        for field in self.fields.values():
            if field.required and get_origin(field.type) is list:
                given.setdefault(field.encode_name, [])
        try:
            record: Any = msgspec.convert(given, self.kind)
        except (ValueError, RecursionError):
            return None
        needed = [getattr(record, field.name) for field in self.fields.values() if field.required]
        return None if any(value == "" for value in needed) else record

    def fitted(self, field: Any, value: Any) -> Any:
        """Return a value as the field wants it: a number as text; one text, or nothing, as a list."""
        if field.type is str and isinstance(value, int | float) and not isinstance(value, bool):
            return repr(value) if abs(value) < 1e15 else value
        if get_origin(field.type) is list and not isinstance(value, list):
            return [line for line in map(_clean, value.split("\n")) if line] if isinstance(value, str) else value or []
        return _clean(value)


def _objects(text: str) -> list[tuple[int, int]]:
    """Return where objects start and end, inner ones first; braces in strings count for nothing."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    quoted, skip = False, -1
    for match in _MARK.finditer(text):
        at, mark = match.start(), match[0]
        if at == skip or not (opened or mark == "{"):
            continue
        if mark == "\\":
            skip = at + 1
        elif mark == '"':
            quoted = not quoted
        elif not quoted and mark == "{":
            opened.append(at)
        elif not quoted and mark == "}":
            found.append((opened.pop(), at + 1))
    return found


def _items(value: Any, names: set[str]) -> list[Any] | None:
    """Return what should be records in a JSON value: its list, the list inside it, or itself."""
    value = _decoded(value) if isinstance(value, str) else value  # JSON in a JSON string
    for _ in range(4):
        if isinstance(value, list):
            return value
        if not isinstance(value, dict):
            return None
        if names & {str(name).strip().casefold() for name in value}:
            return [value]
        inner = [part for part in value.values() if isinstance(part, list | dict)]
        if len(inner) > 1 and all(isinstance(part, dict) for part in inner):
            return inner  # {"1": {...}, "2": {...}}
        if not inner:
            return [value]
        value = next((part for part in inner if isinstance(part, list)), inner[0])
    return None


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _CONTROL.sub(" ", value).strip()
    return [_clean(part) for part in value] if isinstance(value, list) else value
