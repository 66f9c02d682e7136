"""Merge: two versions of dvc.lock into one, and the others' replies into the journal, so that none is asked for again.

    python -m stages.merge

After `make setup` Git calls it by itself, where both sides of a merge ran the pipeline. Where Git reports a conflict
in dvc.lock, it is run by hand, before `git add dvc.lock`. Each stage keeps the run of the side that ran it; where both
did it is ours, and `dvc repro` runs it again on what was merged. The ledgers `data/replies/*.jsonl` of the others' run
are taken from DVC's cache, or else from the remote storage.
"""

import subprocess
from pathlib import Path
from typing import Any

import click

from stages import disk, pipeline
from stages.command import Stage
from stages.llm.replies import Replies
from stages.sharing import lockfile

SIDES = ("base", "ours", "theirs")


@click.command(cls=Stage, help=__doc__)
@click.argument("files", nargs=-1, metavar="[BASE OURS THEIRS]", type=click.Path(dir_okay=False, path_type=Path))
def main(files: tuple[Path, ...]) -> None:
    """Merge the three versions, those of the index or, for Git, three files; the exit status is 1 if replies lack."""
    if files and len(files) != len(SIDES):
        raise click.UsageError("expected no files, or three: BASE OURS THEIRS, as Git names them to a merge driver")
    base, ours, theirs = (_version(number, files) for number in range(len(SIDES)))
    # first of all: DVC opens no repository whose lock has Git's marks of a conflict in it
    disk.write_bytes(files[1] if files else pipeline.LOCK, _dumped(lockfile.merged(base, ours, theirs)))
    wanted = lockfile.ledgers(theirs)
    found, said = lockfile.fetched(pipeline.opened(), set(wanted.values()))
    counts = [_adopt(found[digest], Path(path)) for path, digest in wanted.items() if digest in found]
    if missing := sorted(path for path, digest in wanted.items() if digest not in found):
        raise click.ClickException(
            f"{', '.join(missing)} of theirs: neither in DVC's cache nor on the remote{f' ({said})' if said else ''}. "
            "Have it pushed (`dvc push`) where it was written and run `python -m stages.merge`; or "
            f"`git add {pipeline.LOCK}`, and `dvc repro` asks for these replies again"
        )
    known, new = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    click.echo(f"merge: {pipeline.LOCK} is merged, {new:,} of their {known:,} replies are new here", err=bool(files))
    click.echo("merge: now `dvc pull`, then `dvc repro`", err=bool(files))


def _version(number: int, files: tuple[Path, ...]) -> dict[str, Any]:
    """Return one of the three versions of dvc.lock."""
    try:
        if files:
            return lockfile.read(files[number].read_text())
        asked = ["git", "show", f":{number + 1}:./{pipeline.LOCK}"]
        done = subprocess.run(asked, capture_output=True, text=True)
        if done.returncode and number == 0:
            return lockfile.read("")  # both sides added it
        if done.returncode:
            raise click.ClickException(
                f"{pipeline.LOCK} has no conflict here: this is run between a `git merge` that reports one and "
                f"`git add {pipeline.LOCK}`"
            )
        return lockfile.read(done.stdout)
    except (ValueError, OSError) as error:
        raise click.ClickException(f"{pipeline.LOCK}, {SIDES[number]}: {error}") from error


def _adopt(theirs: Path, ours: Path) -> tuple[int, int]:
    """Put the replies of their ledger into the journal.

    Returns how many it has, and how many of them neither our ledger nor the journal had.
    """
    ledger, here = Replies(theirs), Replies(ours)
    new = sum(here.peek(key) is None for key in ledger.known)
    ledger.put_all(ledger.known)
    return len(ledger.known), new


def _dumped(lock: dict[str, Any]) -> bytes:
    """Return a dvc.lock as DVC writes it."""
    from dvc.utils.serialize import dumps_yaml

    return dumps_yaml(lock).encode()


if __name__ == "__main__":
    main()
