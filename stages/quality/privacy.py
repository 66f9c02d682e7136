"""Personal data and secrets in a text: found by rules with checksums, masked with typed placeholders.

Tuned to raise no false alarm on technical text (versions, loopback addresses, UUIDs, hashes, DOIs, example.com).
Names of people are not looked for: no rule can tell "Adam" the optimiser from Adam.
"""

import fnmatch
import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import phonenumbers


class Hit(msgspec.Struct, kw_only=True, frozen=True):
    """One find: text[start:end] is of this kind. The text itself is never kept."""

    kind: str  # EMAIL, PHONE, CARD, IBAN, SSN, IP, SECRET
    start: int
    end: int


def find(text: str, allow: Iterable[str] = (), regions: Sequence[str] = ("US",)) -> list[Hit]:
    """Return what looks like personal data or a secret, in the order of the text, without overlaps.

    Args:
        text: any text.
        allow: public contacts that stay, as shell patterns without regard to case ("*@vendor.com", "+1 650*").
        regions: countries (ISO 3166) whose national phone format is known; the international one always is.
    """
    allowed = [_plain(pattern) for pattern in allow]
    hits: list[Hit] = []
    counted = _DIGIT.search(text) is not None
    # the more certain kinds first: a later find that overlaps an earlier one is left out
    for finder in (_secrets, _emails, _ibans, _cards, _ssns, _addresses) if counted else (_secrets, _emails):
        hits.extend(finder(text))
    hits.extend(_phones(text, regions) if counted else ())
    kept: list[Hit] = []
    for hit in hits:
        if all(hit.end <= other.start or hit.start >= other.end for other in kept):
            kept.append(hit)
    return sorted(
        (h for h in kept if not any(fnmatch.fnmatchcase(_plain(text[h.start : h.end]), p) for p in allowed)),
        key=lambda hit: hit.start,
    )


_DIGIT = re.compile(r"\d")


def mask(text: str, allow: Iterable[str] = (), regions: Sequence[str] = ("US",)) -> tuple[str, list[Hit]]:
    """Return the text with every find replaced by its kind, as in [EMAIL], and the finds (offsets in the input)."""
    hits = find(text, allow, regions)
    parts, position = [], 0
    for hit in hits:
        parts += [text[position : hit.start], f"[{hit.kind}]"]
        position = hit.end
    return "".join([*parts, text[position:]]), hits


def find_new(text: str, known: str) -> list[Hit]:
    """Return the finds of a text that a known one does not hold; what stands in a text that was masked is public."""
    found = find(text)
    if not found:
        return []
    known = known.casefold()
    hits = ((hit, re.escape(text[hit.start : hit.end].casefold())) for hit in found)
    return [hit for hit, value in hits if not re.search(rf"(?<![\w.+%-]){value}(?![\w-]|\.\w)", known)]


def _plain(value: str) -> str:
    """Return a form in which `+1 (650) 253-0000` and `+1 650-253-0000` are equal."""
    return re.sub(r"(?<=[\d+()])[\s().-]+(?=[\d()])|[()]", "", value.strip().lower())


# --- e-mail --------------------------------------------------------------------------------------------------------

_EMAIL = re.compile(
    r"(?<![\w.+%/:-])[\w.+%-]{1,64}@((?:[a-zA-Z\d](?:[a-zA-Z\d-]{0,61}[a-zA-Z\d])?\.)+[a-zA-Z]{2,24})\b"
)
_RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost|local)$", re.IGNORECASE)
_FILES = {"png", "jpg", "jpeg", "gif", "svg", "py", "js", "ts", "md", "json", "yaml", "yml", "txt", "sh", "git"}


def _emails(text: str) -> Iterator[Hit]:
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text.replace("mailto:", "mailto ")):  # of the same length
        domain = match[1]
        scp = text[match.end() : match.end() + 2]  # git@github.com:team/repository
        if _RESERVED.search(domain) or domain.rpartition(".")[2].lower() in _FILES:
            continue
        if scp[:1] == ":" and re.match(r"[\w~/]", scp[1:]):
            continue
        yield Hit(kind="EMAIL", start=match.start(), end=match.end())


# --- phones --------------------------------------------------------------------------------------------------------

_NATIONAL = re.compile(r"[(\d][\d()]*(?:[ ./-]{1,2}[\d()]+)+")


def _phones(text: str, regions: Sequence[str]) -> Iterator[Hit]:
    offset = 0
    for line in text.splitlines(keepends=True):  # a number never crosses a line
        if len(_DIGIT.findall(line)) >= 7 or not line.isascii() and sum(map(str.isdigit, line)) >= 7:
            for region in (None, *regions):
                for match in phonenumbers.PhoneNumberMatcher(line, region):
                    if _is_phone(line, match.start, match.end):
                        yield Hit(kind="PHONE", start=offset + match.start, end=offset + match.end)
        offset += len(line)


def _is_phone(line: str, start: int, end: int) -> bool:
    raw, before, after = line[start:end], line[max(0, start - 1) : start], line[end : end + 2]
    if before and (before.isalnum() or before in "./_-=$#|") or re.match(r"[\w/=]|[.-]\d", after):
        return False  # part of a version, path, identifier or hash
    if raw.startswith("+"):
        return True
    if not _NATIONAL.fullmatch(raw):
        return False
    # plain groups of digits are more often figures of a table than a phone; a bracket or a hyphen says phone
    return (
        "(" in raw or "-" in raw or "." in raw or bool(re.search(r"(?i)\b(?:tel|phone|call|fax|mobile)", line[:start]))
    )


# --- numbers with a checksum ---------------------------------------------------------------------------------------

_CARD = re.compile(r"(?<![\w.+/-])(?:\d[ -]?){12,18}\d(?![\w/]|[.-]\d)")
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|35\d{14}|3[47]\d{13}|3[068]\d{12}|6(?:011|[245]\d\d)\d{12}"
)
_IBAN = re.compile(r"\b([A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?)\b")
_IBAN_LENGTHS = dict(
    pair.split(":")
    for pair in (
        "AD:24 AE:23 AT:20 BA:20 BE:16 BG:22 BH:22 BR:29 CH:21 CR:22 CY:28 CZ:24 DE:22 DK:18 DO:28 EE:20 EG:29 ES:24 "
        "FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 HR:21 HU:28 IE:22 IL:23 IS:26 IT:27 KW:30 KZ:20 LB:28 LI:21 "
        "LT:20 LU:20 LV:21 MC:27 MD:24 ME:22 MK:19 MT:31 MU:30 NL:18 NO:15 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 "
        "SA:24 SE:24 SI:19 SK:24 SM:27 TN:24 TR:26 UA:29 VA:22 XK:20"
    ).split()
)
_SSN = re.compile(r"(?<![\w.-])(\d{3})-(\d{2})-(\d{4})(?![\w-]|\.\d)")
_FAMOUS_SSN = {"078-05-1120", "219-09-9999"}  # printed in advertisements, never valid


def _cards(text: str) -> Iterator[Hit]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _ISSUERS.fullmatch(digits) and luhn(digits):
            yield Hit(kind="CARD", start=match.start(), end=match.end())


def luhn(digits: str) -> bool:
    """Say whether the last digit is the Luhn check digit of the others."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _ibans(text: str) -> Iterator[Hit]:
    for match in _IBAN.finditer(text):
        length = int(_IBAN_LENGTHS.get(match[0][:2], 0))
        end, count = match.start(), 0
        while count < length and end < match.end():  # the pattern may have run into the next word
            count += text[end] != " "
            end += 1
        if length and count == length and not text[end : end + 1].isalnum() and iban(text[match.start() : end]):
            yield Hit(kind="IBAN", start=match.start(), end=end)


def iban(value: str) -> bool:
    """Say whether the check digits of an IBAN are right (modulo 97)."""
    value = value.replace(" ", "")
    return int("".join(str(int(character, 36)) for character in value[4:] + value[:4])) % 97 == 1


def _ssns(text: str) -> Iterator[Hit]:
    for match in _SSN.finditer(text) if text.count("-") > 1 else ():
        area, group, serial = match.groups()
        if area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000" or match[0] in _FAMOUS_SSN:
            continue
        yield Hit(kind="SSN", start=match.start(), end=match.end())


# --- addresses -----------------------------------------------------------------------------------------------------

_IPV4 = re.compile(r"(?<![\w.=-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[23][\da-fA-F]{3}:(?:[\da-fA-F]{0,4}:){1,6}[\da-fA-F]{0,4}(?![\w:])")  # 2000::/3
_VERSION = re.compile(
    r"(?:\b(?:versions?|release|build|v|driver|firmware|cuda|upgrade to|from)|[<>=~^])\s*$", re.IGNORECASE
)


def _addresses(text: str) -> Iterator[Hit]:
    likely = [pattern for pattern, mark, least in ((_IPV4, ".", 3), (_IPV6, ":", 2)) if text.count(mark) >= least]
    for pattern in likely:
        for match in pattern.finditer(text):
            try:
                address = ipaddress.ip_address(match[0])
            except ValueError:
                continue
            if address.is_global and not _VERSION.search(text, max(0, match.start() - 20), match.start()):
                yield Hit(kind="IP", start=match.start(), end=match.end())


# --- secrets -------------------------------------------------------------------------------------------------------

_SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<![\w-])(?:"
    r"sk-(?:proj-|ant-|or-)?[\w-]{20,}|(?:sk|rk)_(?:live|test)_\w{16,}|hf_[A-Za-z\d]{20,}|gh[pousr]_[A-Za-z\d]{30,}"
    r"|github_pat_\w{30,}|(?:AKIA|ASIA)[A-Z\d]{16}|AIza[\w-]{35}|xox[abeprs]-[\w-]{10,}|glpat-[\w-]{20,}"
    r"|npm_[A-Za-z\d]{36}|pypi-AgE[\w-]{40,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r")(?![\w])"
    r"|(?<=://)[^\s/:@]{1,64}:[^\s/:@]{3,}(?=@[\w.-]+)",  # user:password@ in a URL
    re.DOTALL,
)


# every secret holds one of these: looking for them spares most texts the pattern
_MARKS = (
    "://", "-----BEGIN", "sk-", "sk_", "rk_", "hf_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "AKIA",
    "ASIA", "AIza", "xox", "glpat-", "npm_", "pypi-", "eyJ", "SG.",
)  # fmt: skip


def _secrets(text: str) -> Iterator[Hit]:
    if not any(mark in text for mark in _MARKS):
        return
    for match in _SECRETS.finditer(text):
        value = match[0]
        url = text[max(0, match.start() - 3) : match.start()] == "://"
        # hf_xxxxxxxx and user:password are what manuals print
        if url and re.search(r"(?i):(?:pass|password|pwd|secret|token|\$?\{.*|<.*|x+|\*+)$", value):
            continue
        if not url and (len(set(value)) < 10 or not any(character.isdigit() for character in value)):
            continue
        yield Hit(kind="SECRET", start=match.start(), end=match.end())
