"""What dvc.lock names, as it is stored: each file of an output and each listing of a folder, under its hash."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # slow to import
    from dvc.repo import Repo
    from dvc.stage import Stage


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


@dataclass(frozen=True)
class Size:
    """How much is in a cache."""

    files: int
    bytes: int


def size(repo: "Repo", objects: Iterable[Stored]) -> Size:
    """Return how much of some objects is in the cache, each content once."""
    sizes = [path.stat().st_size for path in {cached(repo, one) for one in objects} if path.exists()]
    return Size(len(sizes), sum(sizes))


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
