"""Prove that a team mate gets from the remote storage what is here: push, fetch into an empty clone, compare.

    python -m stages.remote_check

What dvc.lock names now is searched for secrets, and nothing is pushed if it holds one; then it is pushed, fetched into
a temporary clone with a cache of its own, and each file is compared with its hash. The workspace stays as it is.

Secrets are what the environment and the settings of remotes call key, token, password or the like, and the variables
that `key_env` in engine.yaml names. A path that exists only on this machine is told, and does not stop it.
"""

import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stages import freshness, pipeline, settings
from stages.sharing import git, leaving, roundtrip, stored
from stages.sharing.leaving import UNREAD, Needle
from stages.sharing.roundtrip import RemoteError
from stages.sources.errors import printable
from stages.tally import progress

if TYPE_CHECKING:  # slow to import
    from dvc.repo import Repo

SHOWN = 20  # lines of one kind
ADD = "dvc remote add --default storage ADDRESS  (a folder, s3://bucket/path, ssh://host/path or webdavs://host/path)"


@click.command(help=__doc__)
@click.option("--remote", help="Name of the remote, if it is not the default one.")
@click.option("--repair", is_flag=True, help="Upload again what the remote lacks or has wrongly, and check once more.")
def main(remote: str | None, repair: bool) -> None:
    """Search, push, fetch, compare."""
    repo = pipeline.opened()
    name = remote or repo.config["core"].get("remote")
    if not name:
        raise click.ClickException(f"there is no default remote; add one:\n  {ADD}")
    needles = known(repo)
    try:
        check(repo, name, needles, repair)
    except RemoteError as error:
        raise click.ClickException(printable(leaving.masked(f"remote {name}: {error}", needles))) from error


def known(repo: "Repo") -> list[Needle]:
    """Return what must not leave this machine."""
    endpoints = (settings.load().get("endpoints") or {}).values()
    names = [one["key_env"] for one in endpoints if isinstance(one, dict) and one.get("key_env")]
    found = leaving.secrets(os.environ, repo.config["remote"], names)
    return found + leaving.places(Path(repo.root_dir), Path.home())


def check(repo: "Repo", name: str, needles: list[Needle], repair: bool) -> None:
    """Say each step in a line. Raises RemoteError, click.ClickException."""
    started = time.perf_counter()
    say(f"remote {name}: {roundtrip.address(repo, name)}")
    if name.lower() not in repo.config.read("repo")["remote"]:
        say("  only known here: .dvc/config, which Git has, does not name this remote")
    listed("left out, as dvc.lock has no output of it", stored.never_made(repo))
    listed("not committed, and so not yet in what a team mate clones", git.uncommitted(repo))
    behind = [one.name for one in freshness.seen(repo, Path("data"), None) if one.ever_run and one.inputs]
    listed("changed since its last run, so that whoever clones this runs it again", behind)
    search(repo, needles)
    if not roundtrip.reach(repo, name):
        say("  nothing is at this address yet: it is made")
    say(f"pushed, as new there: {roundtrip.push(repo, name):,}")
    bar = partial(progress, what="compared")
    fetched, wrong = roundtrip.returned(repo, name, bar)
    if wrong and repair:
        roundtrip.again(repo, name, wrong)
        say(f"uploaded again: {len(wrong):,}")
        fetched, wrong = roundtrip.returned(repo, name, bar)
    if wrong:
        listed("wrong there", [f"{one.path} (stage {one.stage}) {how}" for one, how in wrong.items()])
        here = not repair and all(stored.cached(repo, one).exists() for one in wrong)
        mend = "; python -m stages.remote_check --repair uploads them again from the cache here" if here else ""
        raise RemoteError(f"files that do not come back as dvc.lock names them: {len(wrong):,}{mend}")
    seconds = time.perf_counter() - started
    say(f"all as dvc.lock names it: {fetched.files:,} files, {fetched.bytes / 1e6:,.1f} MB, {seconds:.1f} s")


def search(repo: "Repo", needles: list[Needle]) -> None:
    """Search what is about to be shared. Raises click.ClickException if a secret is in it."""
    files = {one.path: stored.cached(repo, one) for one in stored.stored(repo)}
    if not files:
        raise click.ClickException(f"{pipeline.LOCK} names nothing that could be pushed: dvc repro")
    files |= {path: Path(repo.root_dir) / path for path in git.tracked(repo)}
    here = [(path, file) for path, file in files.items() if file.is_file()]
    bar = progress(here, "searched for secrets")
    found = [(path, needle) for path, file in bar for needle in leaving.search(file, needles)]
    listed("searched only in part", [f"{path}: {one.what}" for path, one in found if one is UNREAD])
    known_here = [f"{path}: {one.what}" for path, one in found if not one.secret and one is not UNREAD]
    listed("names what exists only here", known_here)
    secret = [f"{path}: the value of {one.what}" for path, one in found if one.secret]
    listed("secret", secret)
    if secret:
        raise click.ClickException("nothing was pushed: take the secret out of what these files are made of")
    say(f"searched: {len(here):,} files, for the {sum(one.secret for one in needles)} secrets that are known here")


def listed(what: str, lines: list[str]) -> None:
    """Say something of each of some things, of many only the first."""
    for line in lines[:SHOWN]:
        say(f"  {what}: {line}")
    if len(lines) > SHOWN:
        say(f"  {what}: and {len(lines) - SHOWN:,} more")


def say(line: str) -> None:
    """Print a line that does a terminal no harm: file names and what a server says may hold anything."""
    click.echo(printable(line))


if __name__ == "__main__":
    main()
