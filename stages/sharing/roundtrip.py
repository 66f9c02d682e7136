"""Outputs there and back: what dvc.lock names is pushed to a remote storage and fetched from it into an empty clone."""

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stages.sharing import failures, git
from stages.sharing.stored import Size, Stored, cached, differs, size, stored, wrong

if TYPE_CHECKING:  # slow to import
    from dvc.repo import Repo

Progress = Callable[[Sequence["Stored"]], Iterable["Stored"]]  # a bar around them, perhaps
LOGGERS = ("dvc", "dvc_data", "dvc_objects")


class RemoteError(Exception):
    """The remote storage cannot be used; the message says why, and what to do."""


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


def reach(repo: "Repo", name: str) -> bool:
    """List the top of a remote: where DVC would first ask for the head of an object, a server cannot say what is wrong.

    Returns whether there is something. Raises RemoteError.
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
            return False
        return True


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

    done = git.run(repo, "clone", "--quiet", "--shared", repo.root_dir, str(folder))
    if done.returncode:
        raise RemoteError(f"git clone fails: {done.stderr.strip()}")
    for path in git.uncommitted(repo, git.OF_DVC):
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
