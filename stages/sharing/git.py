"""What Git has of a repository: which files it tracks, and which of those that go with outputs are not committed."""

import os
import subprocess
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # slow to import
    from dvc.repo import Repo

OF_DVC = ("dvc.yaml", "dvc.lock", "params.yaml", ".dvcignore", "*.dvc")  # what says which outputs there are
GIVEN = (  # goes with Git, beside the outputs
    *(*OF_DVC, ".dvc/config", "engine.yaml", "prompts", "stages"),
    *("data/sources", "data/metrics", "data/seconds.json", "data/speed"),
)


def uncommitted(repo: "Repo", paths: Iterable[str] = GIVEN) -> list[str]:
    """Return the files at these paths that differ from the last commit, or are not in it."""
    done = run(repo, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *paths)
    return [entry[3:] for entry in done.stdout.split("\0") if entry]


def tracked(repo: "Repo") -> list[str]:
    """Return the files that Git tracks, and so `git push` shares."""
    return [path for path in run(repo, "ls-files", "-z").stdout.split("\0") if path]


def run(repo: "Repo", *words: str) -> "subprocess.CompletedProcess[str]":
    """Run Git in the repository, whatever repository the environment names."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    asked = ["git", "--no-optional-locks", "-C", repo.root_dir, *words]
    # names of files are bytes
    return subprocess.run(asked, capture_output=True, text=True, errors="surrogateescape", env=plain)
