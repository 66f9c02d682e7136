"""Outputs there and back: what dvc.lock names is pushed to a remote storage and fetched from it into an empty clone."""

import contextlib
import hashlib
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stages.sharing import failures

if TYPE_CHECKING:  # slow to import
    from dvc.repo import Repo
    from dvc.stage import Stage

Progress = Callable[[Sequence["Stored"]], Iterable["Stored"]]  # a bar around them, perhaps
LOGGERS = ("dvc", "dvc_data", "dvc_objects")
OF_DVC = ("dvc.yaml", "dvc.lock", "params.yaml", ".dvcignore", "*.dvc")  # what says which outputs there are
GIVEN = (*OF_DVC, ".dvc/config", "data/metrics", "data/seconds.json", "data/speed")  # goes with Git, beside the outputs


class RemoteError(Exception):
    """The remote storage cannot be used; the message says why, and what to do."""


@dataclass(frozen=True)
class Stored:
    """A file of an output, or the listing of its folder, as it is stored."""

    hash: str
    stage: str
    path: str


def _called(stage: "Stage", repo: "Repo") -> str:
    """Return the name of a stage, or the file of what was added with `dvc add`; DVC's own depends on the folder."""
    return getattr(stage, "name", "") or os.path.relpath(stage.path, repo.root_dir)


def stored(repo: "Repo") -> Iterator[Stored]:
    """Yield what dvc.lock names; of a folder whose listing is not in the cache only the listing."""
    for stage in repo.index.stages:
        for out in stage.outs:
            if not (out.use_cache and out.can_push and out.hash_info):
                continue
            path = os.path.relpath(out.fs_path, repo.root_dir)
            yield Stored(out.hash_info.value, _called(stage, repo), path)
            listing: Any = out.get_obj() if out.hash_info.isdir else None
            for key, _, info in listing or ():
                yield Stored(info.value, _called(stage, repo), os.path.join(path, *key))


def never_made(repo: "Repo") -> list[str]:
    """Return the stages without outputs in dvc.lock."""
    return [
        _called(stage, repo)
        for stage in repo.index.stages
        if any(out.use_cache and not out.hash_info for out in stage.outs)
    ]


def cached(repo: "Repo", one: Stored) -> Path:
    """Return where something that is stored is in the cache, if it is."""
    return Path(repo.cache.local.oid_to_path(one.hash))


def differs(path: Path, one: Stored) -> bool:
    """Return whether a file is not what its hash says."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest() != one.hash.removesuffix(".dir")


def address(repo: "Repo", name: str) -> str:
    """Return where a remote is, without user, password and query, which may be a signature.

    Raises RemoteError if there is no such remote.
    """
    settings = repo.config["remote"].get(name.lower())
    if settings is None:
        known = ", ".join(repo.config["remote"]) or "none"
        raise RemoteError(f"there is no such remote, of those that are known ({known}): dvc remote add {name} ADDRESS")
    url = urlsplit(settings["url"])
    return url._replace(netloc=url.netloc.rpartition("@")[2], query="").geturl() if url.scheme else settings["url"]


@contextlib.contextmanager
def _translated(name: str) -> Iterator[list[BaseException]]:
    """Make a RemoteError of what goes wrong inside; DVC logs nothing, and its log is searched for the first cause.

    Yields the list of the errors that were logged.
    """
    logged: list[BaseException] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and record.exc_info[1]:
                logged.append(record.exc_info[1])

    before = {logger: logger.handlers for logger in map(logging.getLogger, LOGGERS)}
    for logger in before:
        logger.handlers = [Collector()]
    try:
        yield logged
    except Exception as error:  # of whatever library serves this kind of storage
        said = failures.sentence(logged[0] if logged else error, name)
        count = getattr(error, "amount", 0)  # of DVC
        raise RemoteError(f"{said}; files that did not get through: {count:,}" if count else said) from error
    finally:
        for logger, handlers in before.items():
            logger.handlers = handlers


def reach(repo: "Repo", name: str) -> None:
    """List the top of a remote: where DVC would first ask for the head of an object, a server cannot say what is wrong.

    Raises RemoteError.
    """
    with _translated(name):
        remote = repo.cloud.get_remote(name)
        try:
            remote.fs.ls(remote.path, detail=False)
            remote.fs.fs.invalidate_cache()  # of listings, which a push is about to change
        except NotImplementedError:
            pass
        except FileNotFoundError as error:  # DVC makes folders, but no bucket
            if failures.reason(error, name):
                raise


def push(repo: "Repo", name: str) -> int:
    """Push what dvc.lock names, and return how many files were new to the remote. Raises RemoteError."""
    with _translated(name):
        return repo.push(remote=name)


def again(repo: "Repo", name: str, objects: Iterable[Stored]) -> None:
    """Upload from the cache what the remote lacks or has wrongly, and a push takes for there. Raises RemoteError."""
    with _translated(name):
        odb = repo.cloud.get_remote_odb(name)
        for one in objects:
            path = cached(repo, one)
            if not path.exists() or differs(path, one):
                raise RemoteError(f"{one.path} is not in the cache here either: dvc repro --force {one.stage}")
            with path.open("rb") as file:
                odb.add_bytes(one.hash, file)


def clone(repo: "Repo", name: str, folder: Path) -> "Repo":
    """Clone the repository into a new folder, with the dvc.lock that is here now and an empty cache of its own.

    Raises RemoteError if Git cannot.
    """
    from dvc.repo import Repo

    done = _git(repo, "clone", "--quiet", "--shared", repo.root_dir, str(folder))
    if done.returncode:
        raise RemoteError(f"git clone fails: {done.stderr.strip()}")
    for path in uncommitted(repo, OF_DVC):
        here, there = Path(repo.root_dir) / path, folder / path
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(here, there) if here.exists() else there.unlink(missing_ok=True)
    own = {
        "core": {"remote": name, "site_cache_dir": str(folder / ".dvc" / "site")},
        "cache": {"dir": str(folder / ".dvc" / "cache")},
        "remote": {one: dict(settings) for one, settings in repo.config["remote"].items()},
    }
    return Repo(str(folder), config=own)


def fetch(repo: "Repo", name: str) -> None:
    """Fetch all that dvc.lock names and the remote has; what it lacks is no error here. Raises RemoteError."""
    from dvc.exceptions import DownloadError

    with _translated(name) as logged:
        try:
            repo.fetch(remote=name)
        except DownloadError:
            if any(not isinstance(error, FileNotFoundError) for error in logged):
                raise


def wrong(repo: "Repo", objects: Iterable[Stored]) -> dict[Stored, str]:
    """Return what is not in the cache as its hash says, and how it is wrong."""
    found = {}
    for one in objects:
        path = cached(repo, one)
        if not path.exists():
            found[one] = "is missing"
        elif differs(path, one):
            found[one] = "has other bytes than its hash says"
    for one in list(found):  # DVC fetches a listing only if all in it could be had
        if one.hash.endswith(".dir") and any(other.path.startswith(f"{one.path}/") for other in found):
            del found[one]
    return found


@dataclass(frozen=True)
class Size:
    """How much is in a cache."""

    files: int
    bytes: int


def size(repo: "Repo", objects: Iterable[Stored]) -> Size:
    """Return how much of some objects is in the cache, each content once."""
    sizes = [path.stat().st_size for path in {cached(repo, one) for one in objects} if path.exists()]
    return Size(len(sizes), sum(sizes))


def returned(repo: "Repo", name: str, progress: Progress = list) -> tuple[Size, dict[Stored, str]]:
    """Return how much comes from a remote into an empty clone, which is removed, and what of it is wrong.

    Raises RemoteError.
    """
    with (
        tempfile.TemporaryDirectory(prefix="remote-check-") as folder,
        contextlib.closing(clone(repo, name, Path(folder) / "clone")) as copy,
    ):
        fetch(copy, name)
        objects = list(dict.fromkeys([*stored(repo), *stored(copy)]))  # either may lack a listing
        return size(copy, objects), wrong(copy, progress(objects))


def uncommitted(repo: "Repo", paths: Iterable[str] = GIVEN) -> list[str]:
    """Return the files at these paths that differ from the last commit, or are not in it."""
    done = _git(repo, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *paths)
    return [entry[3:] for entry in done.stdout.split("\0") if entry]


def tracked(repo: "Repo") -> list[str]:
    """Return the files that Git tracks, and so `git push` shares."""
    return [path for path in _git(repo, "ls-files", "-z").stdout.split("\0") if path]


def _git(repo: "Repo", *words: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    asked = ["git", "--no-optional-locks", "-C", repo.root_dir, *words]
    # names of files are bytes
    return subprocess.run(asked, capture_output=True, text=True, errors="surrogateescape", env=plain)
