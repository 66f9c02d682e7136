"""The documents of a Git repository at a commit; nothing is ever checked out."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from stages.sources.errors import SourcesError, Unavailable
from stages.sources.git import Git
from stages.sources.globs import matches
from stages.sources.manifest import Entry, as_list, merge

REGULAR = ("100644", "100755")


@dataclass(frozen=True)
class Blob:
    """A file of a repository that an entry names."""

    path: str  # in the repository
    entry: Entry
    mode: str
    object: str
    size: int  # bytes


def listed(git: Git, commit: str, entries: list[Entry]) -> list[Blob]:
    """Return the files that entries of one repository and commit name, sorted by path; of two the later word counts.

    Raises Unavailable if the commit cannot be had, SourcesError for a glob that matches nothing.
    """
    git.fetch(commit)
    files = {path: (mode, blob, size) for path, mode, blob, size in git.files(commit)}
    said: dict[str, Entry] = {}
    for entry in entries:
        for pattern in as_list(entry.glob):
            found = [path for path in files if matches(path, pattern)]
            if not found:
                raise SourcesError(f"the entry `{entry}` at {commit}: the glob {pattern!r} matches no file")
            for path in found:
                said[path] = merge(said[path], entry) if path in said else entry
    return [Blob(path, said[path], *files[path]) for path in sorted(said)]


def content(git: Git, blob: Blob, max_bytes: int) -> bytes:
    """Return a file's content. Raises Unavailable for what is no plain file, or too large."""
    if blob.mode not in REGULAR:
        what = {"120000": "symlink", "160000": "submodule"}.get(blob.mode, "no_file")
        raise Unavailable(what, f"{blob.path} is a {what}, not a file of the repository")
    if any(0xD800 <= ord(letter) < 0xE000 for letter in blob.path):
        raise Unavailable("bad_name", f"{shown(blob.path)}: the name is not UTF-8")
    if blob.size > max_bytes:
        raise Unavailable("too_large", f"{blob.path}: {blob.size} bytes, at most {max_bytes} are read")
    return git.read(blob.object)


def shown(path: str) -> str:
    """Return a path as UTF-8 text: bytes that are none are escaped."""
    return path.encode("utf-8", "backslashreplace").decode()


def address(url: str, commit: str, path: str) -> tuple[str, str | None]:
    """Return what a file of a repository is called, and where it stands on the web, as far as we know the host.

    The name tells no commit: the ids of what is taken from a file that a later commit has, too, stay as they are.
    """
    parts = urlsplit(url)
    host, name = (parts.hostname or "").lower(), parts.path.rstrip("/").removesuffix(".git")
    middle = "/-/blob/" if host.split(".")[0] == "gitlab" else "/blob/" if host == "github.com" else None
    if middle is None:
        return f"{url}@HEAD:{shown(path)}", None
    start, end = f"https://{parts.netloc}{name}{middle}", f"/{quote(shown(path))}"
    return f"{start}HEAD{end}", f"{start}{commit}{end}"
