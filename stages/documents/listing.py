"""What we are given: the files of a folder, and what its sources.yaml says of them."""

import os
import re
from pathlib import Path, PurePosixPath

import msgspec
import yaml

LIST = "sources.yaml"


class SourcesError(ValueError):
    """sources.yaml is wrong; the message names the entry."""


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """What sources.yaml says of a file, of all files of a pattern, or of a URL."""

    path: str | None = None
    glob: str | None = None
    url: str | None = None
    sha256: str | None = None
    title: str | None = None
    licence: str | None = None
    weight: float | None = None
    language: str | None = None
    description: str | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if sum(value is not None for value in (self.path, self.glob, self.url)) != 1:
            raise ValueError("give exactly one of path, glob and url")
        if self.url is not None and self.sha256 is None:
            raise ValueError("a url needs its sha256, so that a change of the page does not go unseen")
        if self.url is not None and not re.match(r"https?://", self.url):
            raise ValueError("a url begins with http:// or https://")
        if self.sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", self.sha256):
            raise ValueError("a sha256 has 64 hexadecimal digits")
        if self.weight is not None and not 0 <= self.weight < float("inf"):
            raise ValueError("a weight is a number of 0 or more")


def read_entries(path: Path) -> list[Entry]:
    """Return the entries of sources.yaml; none if there is no such file."""
    if not path.exists():
        return []
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourcesError(f"{path} is no YAML: {error}") from error
    if value is None:
        return []
    if not isinstance(value, dict) or set(value) - {"sources"} or not isinstance(value.get("sources") or [], list):
        raise SourcesError(f"{path}: expected one key, `sources`, with a list of entries")
    entries: list[Entry] = []
    for number, item in enumerate(value.get("sources") or [], 1):
        try:
            entries.append(msgspec.convert(item, Entry))
        except (msgspec.ValidationError, ValueError) as error:
            raise SourcesError(f"{path}, entry {number} ({item}): {error}") from error
    urls = [entry.url for entry in entries if entry.url is not None]
    if twice := sorted({url for url in urls if urls.count(url) > 1}):
        raise SourcesError(f"{path}: `url: {twice[0]}` is listed twice")
    return entries


def walk(folder: Path) -> list[str]:
    """Return the files below a folder, as sorted paths relative to it, without hidden ones and the list itself."""
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in links)
        for name in names + [link for link in links if not is_inside(Path(place) / link, folder)]:
            path = (Path(place) / name).relative_to(folder).as_posix()
            if not name.startswith(".") and path != LIST and (Path(place) / name).exists():
                found.append(path)
    return sorted(found)


def is_inside(path: Path, folder: Path) -> bool:
    """Say whether a path, its symbolic links followed, lies in a folder."""
    return path.resolve().is_relative_to(folder.resolve())


def assign(entries: list[Entry], files: list[str], folder: Path) -> dict[str, Entry]:
    """Return for each file what is said of it: by its globs in their order, then by its own path."""
    said: dict[str, Entry] = {path: Entry(path=path) for path in files}
    for entry in sorted((e for e in entries if e.url is None), key=lambda e: e.path is not None):
        pattern = entry.path if entry.path is not None else entry.glob or ""
        named = f"{folder / LIST}: the entry `{'path' if entry.path is not None else 'glob'}: {pattern}`"
        if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
            raise SourcesError(f"{named} leaves the folder {folder}; a path is relative to it")
        if entry.path is not None:
            path = PurePosixPath(entry.path).as_posix()
            if (folder / path).exists() and not is_inside(folder / path, folder):
                raise SourcesError(f"{named} leaves the folder {folder} by a symbolic link")
            matches = [path] if path in said else []
        else:
            matches = sorted({p.relative_to(folder).as_posix() for p in folder.glob(pattern)} & set(said))
        if not matches:
            raise SourcesError(f"{named} matches no file of {folder}")
        for path in matches:
            before = said[path]
            given = {name: value for name in entry.__struct_fields__ if (value := getattr(entry, name)) is not None}
            said[path] = msgspec.structs.replace(
                before, **{k: v for k, v in given.items() if k not in ("path", "glob")}
            )
    return said
