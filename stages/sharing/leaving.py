"""What must not leave this machine: values of secrets, and paths that exist only here, searched for in files.

A file is searched as it is, and so is what is packed in it: gzip, members of a zip (DOCX, EPUB), and the gzip in base64
that an HTML page carries.
"""

import base64
import contextlib
import gzip
import html
import io
import json
import lzma
import mmap
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

NAMES = "KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|SAS|CONNECTION_STRING"
SECRET = re.compile(rf"({NAMES})(_ID)?$", re.I)
SHORTEST = 8  # characters of a secret; a shorter one is found everywhere
MOST = 1 << 28  # bytes that are unpacked of one file
DEEPEST = 6  # layers that are unpacked; base64 with gzip in it is two
PACKED = re.compile(rb"(?:H4sI|UEsD)[A-Za-z0-9+/]{32,}={0,2}")  # gzip and zip in base64
STEP = 1 << 20  # bytes that are unpacked at once
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, OSError, ValueError)


@dataclass(frozen=True)
class Needle:
    """What is searched for, and how that is told, which is never the value of a secret."""

    value: str
    what: str
    secret: bool

    @property
    def pattern(self) -> re.Pattern[bytes]:
        """The value as it may be written: plain, in JSON, in HTML or in a URL; a path only whole."""
        in_url = quote(self.value), quote(self.value, safe="")
        ways = {self.value, json.dumps(self.value)[1:-1], html.escape(self.value), *in_url}
        either = b"|".join(re.escape(way.encode("utf-8", "surrogateescape")) for way in sorted(ways))
        return re.compile(either if self.secret else rb"(?:" + either + rb")(?![\w-])")


UNREAD = Needle("", f"more than {MOST >> 20} MB are packed in it, which were not all searched", False)


def secrets(
    environment: Mapping[str, str], remotes: Mapping[str, Mapping[str, Any]], also: Iterable[str]
) -> list[Needle]:
    """Return the secrets that are known here: of the environment, by its names, and of the settings of remotes.

    Args:
        also: further names of environment variables, such as those of `key_env` in engine.yaml.
    """
    found = {
        environment[name].strip(): name
        for name in sorted({name for name in environment if SECRET.search(name)} | environment.keys() & set(also))
    }
    for name, settings in remotes.items():
        given = {key: str(value) for key, value in settings.items() if SECRET.search(key)}
        given["password in the url"] = urlsplit(str(settings.get("url", ""))).password or ""
        found |= {value: f"{key} of the remote {name}" for key, value in given.items()}
    return [
        Needle(value, what, True) for value, what in found.items() if len(value) >= SHORTEST and not _is_file(value)
    ]


def _is_file(value: str) -> bool:
    try:
        return Path(value).is_absolute() and Path(value).exists()
    except (OSError, ValueError):
        return False


def places(workspace: Path, home: Path) -> list[Needle]:
    """Return the paths that exist only here: of the workspace, of the environment and of the home folder.

    A path of one part, such as /root or /app, is everybody's, and stands in many a document.
    """
    found = {
        workspace.resolve(): "the path of the workspace",
        workspace.absolute(): "the path of the workspace",
        Path(sys.prefix): "the path of the environment",
        home: "the path of the home folder",
    }
    return [Needle(str(path), what, False) for path, what in found.items() if len(path.parts) > 2]


def masked(text: str, needles: Iterable[Needle]) -> str:
    """Return a text without the values of the secrets."""
    for needle in needles:
        if needle.secret:
            text = text.replace(needle.value, "***")
    return text


def search(path: Path, needles: Iterable[Needle]) -> list[Needle]:
    """Return which of the needles are in a file, in their order, and UNREAD if not all of it was unpacked."""
    if path.stat().st_size == 0:
        return []
    patterns = {needle: needle.pattern for needle in needles}
    found: set[Needle] = set()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            found.update(_found(data, patterns, DEEPEST, _Budget()))
        except _SpentError:
            found.add(UNREAD)
    return [needle for needle in (*patterns, UNREAD) if needle in found]


class _SpentError(Exception):
    """Too much is packed in a file."""


class _Budget:
    """Bytes that may still be unpacked of a file."""

    def __init__(self) -> None:
        self.left = MOST

    def read(self, file: io.BufferedIOBase) -> bytes:
        """Return what a packed file holds, of a damaged one what stands before that. Raises _SpentError."""
        found = bytearray()
        with contextlib.suppress(*DAMAGED):
            while part := file.read1(min(STEP, self.left + 1)):
                found += part
                self.left -= len(part)
                if self.left < 0:
                    raise _SpentError
        return bytes(found)


def _found(
    data: bytes | mmap.mmap, patterns: Mapping[Needle, re.Pattern[bytes]], depth: int, budget: _Budget
) -> Iterator[Needle]:
    yield from (needle for needle, pattern in patterns.items() if pattern.search(data))
    if depth:
        for inner in _packed(data, budget):
            yield from _found(inner, patterns, depth - 1, budget)


def _packed(data: bytes | mmap.mmap, budget: _Budget) -> Iterator[bytes]:
    """Yield what is packed in some bytes, as far as it is not damaged or encrypted."""
    if data[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            yield budget.read(file)
    elif data[:4] == b"PK\x03\x04":
        with contextlib.suppress(*DAMAGED), zipfile.ZipFile(io.BytesIO(data)) as archive:
            for one in archive.infolist():
                with contextlib.suppress(*DAMAGED), archive.open(one) as member:
                    yield budget.read(cast(io.BufferedIOBase, member))
    for run in PACKED.finditer(data):
        text = run[0][: len(run[0]) - (len(run[0]) % 4 == 1)]
        yield base64.b64decode(text + b"=" * (-len(text) % 4))
