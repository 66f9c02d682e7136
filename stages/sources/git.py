"""The git program, run on a bare clone: it asks nobody, obeys no configuration but ours, and ends in time."""

import fcntl
import hashlib
import ipaddress
import os
import re
import resource
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from stages.sources.errors import Unavailable
from stages.sources.network import Resolver, checked_addresses, resolve

PASSED_ON = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "TMPDIR")  # no proxies, no credentials
LARGEST_PACK = 4 * 1024**3  # bytes
OLDEST = (2, 37)  # knows http.curloptResolve


class Git:
    """A bare clone of a repository in the cache.

    Args:
        url: http or https.
        cache: folder of all clones.
        allow: hosts, or hosts with a port, that may be on a private network.
        deadline: seconds for one command.
        addresses: looks a host up; for tests.
    """

    def __init__(
        self, url: str, cache: Path, allow: Sequence[str] = (), deadline: float = 300, addresses: Resolver = resolve
    ):
        self.url, self.allow, self.deadline, self.addresses = url, allow, deadline, addresses
        self.folder = cache / hashlib.sha256(url.encode()).hexdigest()[:16]

    def commit_of(self, name: str) -> str | None:
        """Return the commit that a branch or tag of the repository is at, None if it has neither of that name."""
        names = [f"refs/tags/{name}^{{}}", f"refs/tags/{name}", f"refs/heads/{name}"]
        with self._locked():
            lines = self._remote("ls-remote", self.url, *names).decode("utf-8", "replace").splitlines()
        found = {name: commit for commit, _, name in (line.partition("\t") for line in lines)}
        return next((found[each] for each in names if each in found), None)

    def fetch(self, commit: str) -> None:
        """See to it that the commit is in the clone: alone where the server allows that, else with all branches.

        Raises Unavailable: unreachable, timeout, private_address or no_commit.
        """
        with self._locked():
            if self._has(commit):
                return
            every = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
            try:
                self._remote("fetch", "--depth=1", "--no-tags", self.url, commit)
            except Unavailable as error:
                if error.reason != "unreachable":
                    raise
                self._remote("fetch", "--no-tags", "--no-write-fetch-head", self.url, *every)
            if not self._has(commit):
                raise Unavailable("no_commit", f"{self.url} has no commit {commit}")

    def files(self, commit: str) -> Iterator[tuple[str, str, str, int]]:
        """Yield path, mode, object and size in bytes of what is in a commit; a submodule has the size 0.

        A path that is not UTF-8 has surrogates in it.
        """
        for line in self._run("ls-tree", "-r", "-l", "-z", "--full-tree", commit).split(b"\0"):
            if line:
                meta, path = line.split(b"\t", 1)
                mode, _, found, size = meta.decode().split()
                yield path.decode("utf-8", "surrogateescape"), mode, found, int(size) if size.isdigit() else 0

    def read(self, blob: str) -> bytes:
        """Return the content of a file."""
        return self._run("cat-file", "blob", blob)

    def _has(self, commit: str) -> bool:
        try:
            return self._run("cat-file", "-t", commit).strip() == b"commit"
        except Unavailable:
            return False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the clone, which is made if it is not there; two runs may share the cache."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with open(self.folder.with_suffix(".lock"), "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if not (self.folder / "HEAD").exists():
                self._run("init", "--quiet", "--bare", "--template=", str(self.folder))
            yield

    def _remote(self, *words: str) -> bytes:
        """Run a command that talks to the server, whose address is checked and then the only one asked."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        address = checked_addresses(host, port, self.allow, self.addresses)[0]
        wrapped = f"[{address}]" if ":" in address else address
        settings = ["http.followRedirects=false", "http.lowSpeedLimit=1", "http.lowSpeedTime=30", "credential.helper="]
        if not _is_address(host):
            if _version() < OLDEST:
                raise Unavailable("git_too_old", f"git {'.'.join(map(str, OLDEST))} or newer is needed")
            settings.append(f"http.curloptResolve={host}:{port}:{wrapped}")
        return self._run(*(word for each in settings for word in ("-c", each)), *words)

    def _run(self, *words: str) -> bytes:
        env = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {
            "GIT_DIR": str(self.folder.resolve()),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "true",
            "GIT_ALLOW_PROTOCOL": "http:https",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_REPLACE_OBJECTS": "1",
            "HOME": os.devnull,
            "LC_ALL": "C",
        }
        fixed = ["core.hooksPath=" + os.devnull, "fetch.recurseSubmodules=false", "gc.auto=0", "maintenance.auto=false"]
        command = ["git", *(word for each in fixed for word in ("-c", each)), *words]
        return _bounded(command, env, self.deadline, f"{self.url}: git {_verb(words)}")


def _verb(words: Sequence[str]) -> str:
    return next(word for before, word in zip(("", *words), words, strict=False) if word != "-c" and before != "-c")


def _bounded(command: list[str], env: dict[str, str], deadline: float, named: str) -> bytes:
    """Return what a command prints. It and all that it started are ended at the deadline."""
    try:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_limit_files,
        )
    except OSError as error:
        raise Unavailable("no_git", f"{named}: the git program cannot be run: {error.strerror}") from error
    try:
        out, err = process.communicate(timeout=deadline)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Unavailable("timeout", f"{named}: not finished after {deadline:g} s") from error
    if process.returncode != 0:
        said = " ".join(err.decode("utf-8", "replace").split())[-300:]
        raise Unavailable("unreachable", f"{named}: {said or f'ended with {process.returncode}'}")
    return out


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_PACK, LARGEST_PACK))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _version() -> tuple[int, ...]:
    try:
        said = subprocess.run(["git", "version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return (0,)
    return tuple(int(part) for part in (re.findall(r"\d+", said) or ["0"])[:2])
