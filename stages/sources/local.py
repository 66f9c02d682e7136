"""The files of a folder: found without following links out of it, read without trusting their size."""

import errno
import hashlib
import os
import stat
import unicodedata
from functools import partial
from pathlib import Path, PurePosixPath

from stages.sources.errors import SourcesError, Unavailable
from stages.sources.globs import matches
from stages.sources.manifest import Entry, Manifest, as_list, base_of, is_manifest, merge
from stages.sources.wanted import Wanted, format_of, refused


def documents(folder: Path, manifests: list[Manifest], max_bytes: int) -> list[Wanted]:
    """Return the documents of a folder, with what its manifests say of them; those that cannot be taken raise on load.

    Raises SourcesError for an entry that leaves the folder or matches nothing.
    """
    files, problems = walk(folder)
    said = assign(manifests, files, problems, folder)
    taken = [
        Wanted(path, entry, partial(_load, folder, path, entry, max_bytes), base_of(entry, path))
        for path, entry in said.items()
    ]
    return taken + [refused(path, Entry(path=path), error) for path, error in sorted(problems.items())]


def _load(folder: Path, path: str, entry: Entry, max_bytes: int) -> tuple[bytes, str]:
    """Return a file's content and suffix. Raises Unavailable, or SourcesError if it is not what was pinned."""
    data = read(folder, path, max_bytes)
    found, expected = hashlib.sha256(data).hexdigest(), (entry.sha256 or "").lower()
    if expected and found != expected:
        raise SourcesError(f"{folder / path}: a manifest of {folder} expects the sha256 {expected}, but it has {found}")
    return data, format_of(entry, path, data)


def walk(folder: Path) -> tuple[list[str], dict[str, Unavailable]]:
    """Return the files below a folder, and what there is that cannot be taken, by their paths relative to it.

    Hidden files and the manifests are neither. Links to folders are not followed; a link to a file that lies in the
    folder is a file. Nothing is opened.
    """
    problems: dict[str, Unavailable] = {}

    def unreadable(error: OSError) -> None:
        path = _shown(Path(error.filename).relative_to(folder).as_posix())
        problems[path] = Unavailable("unreadable", f"{path}: the folder cannot be listed: {error.strerror}")

    found: list[str] = []
    for place, folders, names in os.walk(folder, onerror=unreadable):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in links)
        for name in (name for name in [*names, *links] if not name.startswith(".")):
            path = (Path(place) / name).relative_to(folder).as_posix()
            if is_manifest(path) and (folder / path).is_file():
                continue
            problem = _problem(folder, path)
            if problem is None:
                found.append(path)
            else:
                problems[_shown(path)] = problem
    return _without_collisions(sorted(found), problems), problems


def _shown(path: str) -> str:
    """Return a path as UTF-8 text: a name that is none has escapes."""
    return path.encode("utf-8", "backslashreplace").decode()


def _problem(folder: Path, path: str) -> Unavailable | None:
    """Return why a file cannot be taken, by what the file system says of it."""
    if _shown(path) != path:
        return Unavailable("bad_name", f"{_shown(path)}: the name is not UTF-8")
    try:
        real = (folder / path).resolve(strict=True)
        kind = real.stat()
    except (OSError, RuntimeError) as error:  # a loop is a RuntimeError until Python 3.12, then an OSError
        if isinstance(error, RuntimeError) or error.errno == errno.ELOOP:
            return Unavailable("link_loop", f"{path}: a symbolic link that leads to itself")
        return Unavailable("unreadable", f"{path}: {error.strerror}")
    if not real.is_relative_to(folder.resolve()):
        return Unavailable("outside_folder", f"{path}: a symbolic link out of {folder}")
    if stat.S_ISDIR(kind.st_mode):
        return Unavailable(
            "link_to_folder", f"{path}: a symbolic link to a folder, whose files are taken where they are"
        )
    if not stat.S_ISREG(kind.st_mode):
        return Unavailable("no_file", f"{path}: a device, pipe or socket, not a file")
    return None


def _without_collisions(paths: list[str], problems: dict[str, Unavailable]) -> list[str]:
    """Return the paths without those that are the same as an earlier one where case or accents do not count."""
    first: dict[str, str] = {}
    for path in paths:
        same = first.setdefault(unicodedata.normalize("NFC", path).casefold(), path)
        if same != path:
            message = f"{path}: on some file systems the same as {same}; rename one of them"
            problems[path] = Unavailable("case_collision", message)
    return list(first.values())


def read(folder: Path, path: str, max_bytes: int) -> bytes:
    """Return a file's content.

    It is read only if it is a plain file that is not larger than `max_bytes`, and never further than that.

    Raises Unavailable: too_large, unreadable or no_file.
    """
    try:
        handle = os.open((folder / path).resolve(), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise Unavailable("no_file", f"{path}: a device, pipe or socket, not a file")
            if found.st_size > max_bytes:
                raise Unavailable("too_large", f"{path}: {found.st_size} bytes, at most {max_bytes} are read")
            data = file.read(max_bytes + 1)
    except (OSError, RuntimeError) as error:
        raise Unavailable("unreadable", f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > max_bytes:
        raise Unavailable("too_large", f"{path}: more than {max_bytes} bytes")
    return data


def assign(
    manifests: list[Manifest], files: list[str], problems: dict[str, Unavailable], folder: Path
) -> dict[str, Entry]:
    """Return for each file what the manifests say of it: by globs in their order, then by its own path.

    Raises SourcesError for an entry that leaves the folder or matches nothing. One that names a file with a problem
    is no error: that file is rejected with its reason.
    """
    said: dict[str, Entry] = {path: Entry(path=path) for path in files}
    local = [(m.path, entry) for m in manifests for entry in m.entries if entry.kind in ("path", "glob")]
    for where, entry in sorted(local, key=lambda pair: pair[1].kind == "path"):
        for pattern in [entry.path] if entry.path is not None else as_list(entry.glob):
            named = f"{where}: the entry `{entry.kind}: {pattern}`"
            if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
                raise SourcesError(f"{named} leaves the folder {folder}; a path is relative to it")
            if entry.path is not None:
                found = [path for path in [PurePosixPath(pattern).as_posix()] if path in said or path in problems]
            else:
                found = [path for path in [*files, *problems] if matches(path, pattern)]
            if not found:
                raise SourcesError(f"{named} matches no file of {folder}")
            for path in found:
                if path in said:
                    said[path] = merge(said[path], entry)
    return said
