"""What a stage made of one document, kept by the digest of all that it follows from: only what changed is done again.

It lies in the untracked cache folder and is never needed for correctness: what is not there is made again, to the
same bytes.
"""

import hashlib
import os
import sys
import time
from pathlib import Path
from typing import TypeVar

import msgspec

from stages import disk, settings

KEPT = 90  # days after its last use that a result is kept
STAGES = Path(__file__).parent

T = TypeVar("T")


class Memory:
    """The results of one stage, a file each.

    Args:
        name: the stage's name.
        packages: folders of stages/ on whose code and data files the results depend.
        libraries: distributions on which they depend.
    """

    def __init__(self, name: str, packages: tuple[str, ...], libraries: tuple[str, ...]):
        self.folder = root() / name
        self.code = code_digest(packages, libraries)
        self.found = self.made = 0

    def key(self, *parts: object) -> str:
        """Return the key of what follows from the parts, by the code as it stands: a SHA-256 in hex."""
        return hashlib.sha256(msgspec.json.encode((self.code, parts), order="deterministic")).hexdigest()

    def get(self, key: str, kind: type[T]) -> T | None:
        """Return the result of a key, or None if there is none that can be read."""
        path = self.folder / key
        try:
            result = msgspec.json.decode(path.read_bytes(), type=kind)
            os.utime(path)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        self.found += 1
        return result

    def put(self, key: str, result: T) -> T:
        """Keep a result, a msgspec struct, and return it as it will be read again: a whole float is no int then."""
        data = msgspec.json.encode(result)
        disk.write_bytes(self.folder / key, data)
        self.made += 1
        return msgspec.json.decode(data, type=type(result))

    def close(self) -> None:
        """Delete what was not used for KEPT days."""
        oldest = time.time() - KEPT * 86400
        for path in self.folder.glob("*") if self.folder.exists() else ():
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except OSError:  # another run was faster
                continue


def root() -> Path:
    """Return the folder in which the results of all stages are kept."""
    return settings.cache() / "results"


def code_digest(packages: tuple[str, ...], libraries: tuple[str, ...]) -> str:
    """Return the SHA-256 of the code that makes results: our files, the libraries' versions and Python's."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    files = [STAGES / "records.py"]
    for package in packages:
        files += [path for path in (STAGES / package).rglob("*") if path.suffix in (".py", ".yaml")]
    for path in sorted(files):
        digest.update(path.relative_to(STAGES).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for name in libraries:
        digest.update(f"{name} {_version(name)}\n".encode())
    return digest.hexdigest()


def _version(name: str) -> str:
    """Return a distribution's version, "-" if it is not installed.

    The name of its folder tells; importlib.metadata takes as long to import as a stage that has nothing to do.
    """
    folder = name.lower().replace("-", "_").replace(".", "_")
    beside = Path(msgspec.__file__).parent.parent
    found = [entry for entry in os.listdir(beside) if entry.lower().startswith(f"{folder}-")]
    if len(found) == 1 and found[0].endswith(".dist-info"):
        return found[0][len(folder) + 1 : -len(".dist-info")]
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:  # an extra that is not installed
        return "-"
