"""dvc.lock in two versions: stage by stage, of which run it keeps the record, and which ledgers of replies it names."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # slow to import
    from dvc.repo import Repo

LEDGERS = "data/replies/"


def read(text: str) -> dict[str, Any]:
    """Return what a dvc.lock records: its schema and its stages. Raises ValueError if it is none."""
    from dvc.exceptions import DvcException
    from dvc.utils.serialize import parse_yaml  # YAML 1.2, as DVC writes it: 1e-05 is a number, and off a text

    try:
        lock = parse_yaml(text, "dvc.lock") or {"schema": "2.0", "stages": {}}
        return {"schema": lock["schema"], "stages": dict(lock["stages"])}
    except (DvcException, KeyError, TypeError, ValueError) as error:
        said = " ".join(str(error.__cause__ or error).split())
        raise ValueError(f"expected a dvc.lock with schema and stages: {said}") from error


def merged(base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return the lock of a merge: of each stage the run of the side that ran it anew, ours where both did.

    A stage that both ran reads what neither read alone, so that `dvc repro` runs it again whichever is kept. One that
    a single side ran, such as a training, stands as long as what it reads is what that side read.
    """
    sides = [lock["stages"] for lock in (base, ours, theirs)]
    stages = {}
    for name in {**sides[1], **sides[2]}:  # in the order of ours
        old, mine, other = (side.get(name) for side in sides)
        kept = other if mine == old else mine
        if kept is not None:
            stages[name] = kept
    return {"schema": ours["schema"], "stages": stages}


def ledgers(lock: dict[str, Any]) -> dict[str, str]:
    """Return the ledgers that a lock names: path: MD5."""
    outs = [out for stage in lock["stages"].values() for out in stage.get("outs", [])]
    return {out["path"]: out["md5"] for out in outs if out["path"].startswith(LEDGERS)}


def fetched(repo: "Repo", digests: Collection[str]) -> tuple[dict[str, Path], str]:
    """Return where the files with these MD5s are in DVC's cache; what it lacks is fetched from the remote first.

    Returns:
        the files by MD5, without those that cannot be had; and what the remote said if it was asked and failed.
    """
    from dvc.config import ConfigError
    from dvc.exceptions import DvcException
    from dvc_data.hashfile.hash_info import HashInfo

    said, cache = "", repo.cache.local
    if absent := [digest for digest in digests if not cache.exists(digest)]:
        try:
            repo.cloud.pull([HashInfo("md5", digest) for digest in absent])
        except (ConfigError, DvcException, OSError) as error:
            said = " ".join(str(error).split())
    return {digest: Path(cache.oid_to_path(digest)) for digest in digests if cache.exists(digest)}, said
