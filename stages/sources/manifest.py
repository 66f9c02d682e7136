"""Manifests: YAML files that say more about the documents of a folder and list those that are elsewhere.

sources:
  - {path: guide.pdf, title: The guide, licence: CC-BY-4.0, weight: 2, trust: 0.9}
  - {glob: "faq/*.html", language: en, tags: [faq], base: "https://example.org/"}  # .../faq/NAME.html
  - {url: "https://example.org/card.md", sha256: 9f86d081...}
  - {sitemap: "https://example.org/sitemap.xml", include: "/docs/**", limit: 200}
  - {git: "https://github.com/o/r", revision: 689c7f26..., glob: ["README.md", "docs/*.md"]}
pinned:  # written by python -m stages.pin
  - {url: ..., sha256: ..., etag: ..., bytes: ..., format: ..., of: ...}
"""

import difflib
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

import msgspec
import yaml

from stages.documents.formats import FORMATS
from stages.sources.errors import SourcesError

SUFFIXES = (".yaml", ".yml")
KINDS = ("path", "glob", "url", "sitemap", "git")
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
COMMIT = re.compile(r"[0-9a-f]{40}")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
WORDS = {"array": "a list", "str": "text", "float": "a number", "int": "a whole number", "bool": "true or false"}

T = TypeVar("T")


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """What a manifest says of a file, of all files of a pattern, or of something that is elsewhere."""

    path: str | None = None
    glob: str | list[str] | None = None  # of a folder's files, or of those of `git`
    url: str | None = None
    sitemap: str | None = None
    git: str | None = None
    revision: str | None = None  # of `git`: a full commit
    include: str | list[str] | None = None  # of `sitemap`: globs on the path of a page's URL
    exclude: str | list[str] | None = None
    limit: int | None = None  # of `sitemap`: so many pages at most
    sha256: str | None = None
    format: str | None = None  # a suffix such as pdf, where name and content do not tell
    base: str | None = None  # where it stands on the web; with a slash at its end, where the folder of documents does
    title: str | None = None
    licence: str | None = None
    weight: float | None = None
    language: str | None = None  # ISO 639-1
    description: str | None = None
    tags: list[str] | None = None
    trust: float | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        given = {name for name in self.__struct_fields__ if getattr(self, name) is not None}
        if len(given & set(KINDS)) != 1 and given & set(KINDS) != {"git", "glob"}:
            raise ValueError(f"give exactly one of {', '.join(KINDS)} (git goes with a glob)")
        if self.git is not None and not {"glob", "revision"} <= given:
            raise ValueError("git needs a revision (the full commit) and a glob of the files")
        for key, owner in (("revision", "git"), ("include", "sitemap"), ("exclude", "sitemap"), ("limit", "sitemap")):
            if key in given and owner not in given:
                raise ValueError(f"{key} belongs to a {owner}")
        if self.sha256 is not None and given & {"git", "sitemap"}:
            raise ValueError("a sha256 is that of one file: git has its revision, a sitemap its pins")
        for key in given & {"url", "sitemap", "git", "base"}:
            check_url(key, getattr(self, key))
        if self.revision is not None and not re.fullmatch(r"[\w][\w./+-]*", self.revision):
            raise ValueError(f"revision: {self.revision!r} is neither a commit nor the name of a branch or tag")
        _check_figures(self)

    @property
    def kind(self) -> str:
        """Which of the KINDS it is."""
        return next(kind for kind in ("git", *KINDS) if getattr(self, kind) is not None)

    def __str__(self) -> str:
        value = getattr(self, self.kind)
        return f"{self.kind}: {value if isinstance(value, str) else ', '.join(value)}"


class Pin(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What stood at a URL when it was pinned."""

    url: str
    sha256: str
    etag: str | None = None
    bytes: int | None = None
    format: str | None = None
    base: str | None = None  # where redirects led, if they did
    of: str | None = None  # the sitemap it came from

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        check_url("url", self.url)
        if not SHA256.fullmatch(self.sha256):
            raise ValueError("a sha256 has 64 hexadecimal digits")


@dataclass
class Manifest:
    """A manifest file that was read."""

    path: Path
    entries: list[Entry]
    pins: list[Pin]
    pinned: dict[str, Pin] = field(init=False)

    def __post_init__(self) -> None:
        self.pinned = {pin.url: pin for pin in self.pins}

    @property
    def pin_command(self) -> str:
        """The command that pins what it lists."""
        return f"python -m stages.pin {self.path}"


def check_url(key: str, url: str) -> None:
    """Raise ValueError if it is no http(s) URL that can be fetched; credentials in it are refused."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError as error:
        raise ValueError(f"{key}: {url!r} is no URL ({error})") from error
    if not good or re.search(r"[\s\x00-\x1f\\]", url):
        raise ValueError(f"{key}: {url!r} is no URL; it begins with http:// or https://")
    if parts.username or parts.password:
        raise ValueError(f"{key}: a user name or password in a URL is refused")


def _check_figures(entry: Entry) -> None:
    if entry.sha256 is not None and not SHA256.fullmatch(entry.sha256):
        raise ValueError("a sha256 has 64 hexadecimal digits")
    if entry.weight is not None and not 0 <= entry.weight < float("inf"):
        raise ValueError("a weight is a number of 0 or more")
    if entry.trust is not None and not 0 <= entry.trust <= 1:
        raise ValueError("trust is a number from 0 to 1")
    if entry.language is not None and not LANGUAGE.fullmatch(entry.language):
        raise ValueError(f"language: {entry.language!r} is no code of ISO 639-1 such as en, de or pt-BR")
    if entry.limit is not None and entry.limit < 1:
        raise ValueError("a limit is 1 or more")
    if entry.format is not None and suffix_of_format(entry.format) not in FORMATS:
        raise ValueError(f"format: {entry.format!r} is none of {' '.join(name[1:] for name in FORMATS)}")


def suffix_of_format(name: str) -> str:
    """Return the suffix that a `format` of a manifest names: "pdf" and ".pdf" are ".pdf"."""
    return "." + name.lower().removeprefix(".")


def find(folder: Path) -> list[Path]:
    """Return the manifests of a folder: the YAML files at its top, sorted."""
    return sorted(path for path in folder.iterdir() if is_manifest(path.name) and path.is_file())


def is_manifest(name: str) -> bool:
    """Say whether a file is a manifest, by its path relative to the folder of the documents: a YAML file at its top."""
    return name.endswith(SUFFIXES) and "/" not in name and not name.startswith(".")


def read_all(sources: Path) -> list[Manifest]:
    """Return the manifests of a folder, or the one manifest if `sources` is a file, which has no files of its own.

    Raises SourcesError, in one line that names file, entry and key, if one of them is wrong.
    """
    if sources.is_dir():
        manifests = [read(path) for path in find(sources)]
    else:
        manifests = [read(sources)]
        for number, entry in enumerate(manifests[0].entries, 1):
            if entry.kind in ("path", "glob"):
                raise SourcesError(
                    f"{sources}, entry {number} ({entry}): put the manifest into the folder of the documents and name "
                    "that folder, because the pipeline watches what collect.sources names"
                )
    urls = [(entry.url, manifest.path) for manifest in manifests for entry in manifest.entries if entry.url]
    for number, (url, path) in enumerate(urls):
        if url in [before for before, _ in urls[:number]]:
            raise SourcesError(f"{path}: `url: {url}` is listed twice")
    return manifests


def read(path: Path) -> Manifest:
    """Return a manifest. Raises SourcesError, in one line that names file, entry and key, if it is wrong."""
    if not path.name.endswith(SUFFIXES):
        raise SourcesError(f"{path}: expected a folder of documents, or a manifest ({' or '.join(SUFFIXES)})")
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise SourcesError(
            f"{path} cannot be read as YAML: {place}{error.problem or error.context}; "
            "a text that holds a colon and a blank, or #, belongs in quotes"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise SourcesError(f"{path} cannot be read as YAML: {' '.join(str(error).split())}") from error
    value = {} if value is None else value
    lists = value.values() if isinstance(value, dict) else [None]
    if (
        not isinstance(value, dict)
        or set(value) - {"sources", "pinned"}
        or not all(isinstance(x or [], list) for x in lists)
    ):
        raise SourcesError(f"{path}: expected the key `sources` with a list of entries, and `pinned` if there are pins")
    entries = [
        _convert(item, Entry, f"{path}, entry {number}") for number, item in enumerate(value.get("sources") or [], 1)
    ]
    paths = Counter(entry.path for entry in entries if entry.path)
    if paths and max(paths.values()) > 1:
        raise SourcesError(f"{path}: `path: {paths.most_common(1)[0][0]}` is listed twice")
    return Manifest(
        path,
        entries,
        [_convert(item, Pin, f"{path}, pin {number}") for number, item in enumerate(value.get("pinned") or [], 1)],
    )


def _convert(item: object, kind: type[T], where: str) -> T:
    try:
        return msgspec.convert(item, kind)
    except (msgspec.ValidationError, ValueError) as error:
        shown = str(item) if len(str(item)) < 200 else str(item)[:200] + "..."
        raise SourcesError(f"{where} ({shown}): {_in_words(str(error), kind)}") from error


def _in_words(error: str, kind: type) -> str:
    """Return what msgspec says of a wrong entry in the words of a manifest."""
    if match := re.fullmatch(r"Object contains unknown field `(.*)`", error):
        known = [field.name for field in msgspec.structs.fields(kind)]
        near = difflib.get_close_matches(match[1], known, 1)
        return f"{match[1]!r} is no key{f', did you mean {near[0]}?' if near else ''}; there are {', '.join(known)}"
    if match := re.fullmatch(r"Expected `(.*)`, got `(\w+)` - at `\$\.(\w+)(?:\[.*)?`", error):
        wanted = " or ".join(WORDS.get(name, name) for name in match[1].split(" | ") if name != "null")
        quotes = "; put it in quotes" if "str" in match[1] and match[2] in ("int", "float", "bool") else ""
        return f"{match[3]}: expected {wanted}, found {WORDS.get(match[2], match[2])}{quotes}"
    return error


def merge(before: Entry, more: Entry) -> Entry:
    """Return what is said of a file when a further entry names it: the later word counts."""
    said = {name: value for name in more.__struct_fields__ if (value := getattr(more, name)) is not None}
    return msgspec.structs.replace(before, **{k: v for k, v in said.items() if k not in ("path", "glob")})


def as_list(globs: str | list[str] | None) -> list[str]:
    """Return a key that is one pattern or a list of them as a list."""
    return [globs] if isinstance(globs, str) else globs or []


def base_of(entry: Entry, path: str) -> str | None:
    """Return where a file stands on the web: below the entry's base if that is a folder's, else there."""
    return entry.base + quote(path) if entry.base and entry.base.endswith("/") else entry.base
