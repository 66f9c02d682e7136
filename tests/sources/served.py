"""A Git repository behind a plain web server."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.sources.site import Site, serving

QUIET = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
} | {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, env=QUIET, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@contextmanager
def serving_repository(folder: Path) -> Iterator[tuple[Site, str]]:
    """Yield a site with a repository below /r.git, and the commit of its branch main and its tag v1."""
    work, bare = folder / "work", folder / "r.git"
    (work / "docs").mkdir(parents=True)
    git(work, "init", "-q", "-b", "main")
    (work / "README.md").write_text("# Read me")
    (work / "docs" / "a.md").write_text("# A")
    (work / "docs" / "large.txt").write_text("x" * 5000)
    (work / "docs" / "secret.md").symlink_to("/etc/passwd")
    (work / "LICENSE").write_text("Free.")
    git(work, "add", "-A")
    git(work, "-c", "commit.gpgsign=false", "commit", "-qm", "one")
    git(work, "-c", "tag.gpgsign=false", "tag", "-a", "v1", "-m", "v1")
    git(folder, "clone", "-q", "--bare", str(work), str(bare))
    git(bare, "repack", "-qad")
    git(bare, "update-server-info")
    with serving() as site:
        for path in (path for path in bare.rglob("*") if path.is_file()):
            site.pages[f"/r.git/{path.relative_to(bare).as_posix()}"] = path.read_bytes()
        site.pages["/r.git/info/refs?service=git-upload-pack"] = (bare / "info" / "refs").read_bytes()
        yield site, git(work, "rev-parse", "HEAD")
