"""Files of a Git revision: what Git has, and outputs that dvc.lock names, from DVC's cache or else from its remote."""

from collections.abc import Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stages.pipeline import LOCK
from stages.sharing import failures, lockfile
from stages.tally import progress

if TYPE_CHECKING:  # slow to import
    from dvc.repo import Repo


def commit_of(repo: "Repo", revision: str) -> str:
    """Return the commit of a revision: HEAD~3, a branch, a tag, a DVC experiment.

    Raises click.ClickException if there is none.
    """
    from dvc.exceptions import DvcException
    from dvc.scm import resolve_rev

    try:
        return str(resolve_rev(repo.scm, revision))
    except (DvcException, AttributeError) as error:  # the latter where there is no Git
        raise click.ClickException(
            f"{revision}: there is no such revision here; expected a commit, a branch, a tag or a DVC experiment"
        ) from error


def take(repo: "Repo", commit: str, name: str, files: Iterable[str], needed: Container[str], folder: Path) -> None:
    """Copy files of a commit to the same paths below a folder; those that it does not have are left out.

    What can be had from neither cache nor remote is said, with why the remote fails; click.ClickException is raised if
    it is needed, and if the revision cannot be read at all.
    """
    from dvc.api import DVCFileSystem

    there = DVCFileSystem(".", rev=commit)
    remote = repo.config["core"].get("remote")
    try:
        there.ls("")  # `isfile` says no to a file in what cannot be read
        made = _outputs(there)
    except Exception as error:  # of DVC, or of whatever library serves the remote
        raise click.ClickException(f"{name}: {failures.sentence(error, str(remote))}") from error
    where = f"on the remote {remote}" if remote else "on a remote (there is no default one)"
    for file in progress(list(files), f"files of {name}"):
        try:
            if there.isfile(file):
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                there.get_file(file, str(folder / file))
                continue
            for out in made:
                if file.startswith(f"{out}/"):
                    there.ls(out)  # fails where it is not known what is in it
        except Exception as error:  # of DVC, or of whatever library serves the remote
            why = failures.reason(error, str(remote))
            said = f"{name}: {file} is neither in the cache nor {where}{f' ({why})' if why else ''}"
            if file in needed:
                raise click.ClickException(
                    f"{said}. Where it was made, `dvc push --all-commits` sends it; `dvc fetch --all-commits -r NAME` "
                    "brings it from another remote"
                ) from error
            click.echo(f"{said}: compared without it", err=True)


def _outputs(there: Any) -> set[str]:
    """Return the paths of what stages made, by dvc.lock."""
    if not there.isfile(str(LOCK)):
        return set()
    stages = lockfile.read(there.read_text(str(LOCK)))["stages"]
    return {out["path"] for stage in stages.values() for out in stage.get("outs", [])}
