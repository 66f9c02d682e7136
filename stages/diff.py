"""Say what differs between the dataset of a Git revision and that of the workspace, or of another revision, and why.

\b
    python -m stages.diff                    # the last commit, and data/ as it is
    python -m stages.diff main try-this      # two revisions: commits, branches, tags, DVC experiments
    python -m stages.diff --page diff.html   # the same as a page, too

Documents, facts, pairs, evaluation items and answers: what was added, changed and retired, each with the reason; what
is the same is only counted. The outputs of a revision are those of its dvc.lock, from DVC's cache or else from the
remote. Nothing is run or locked, so that data/ must be up to date: `dvc repro split` first.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from stages import disk, freshness, pipeline, revision
from stages.command import Stage
from stages.drift import difference, page, terminal
from stages.drift.version import FILES, NEEDED, Version
from stages.reporting.state import State, verdicts

if TYPE_CHECKING:  # slow to import
    from dvc.repo import Repo

WORKSPACE, LAST = "workspace", "split"  # the last stage whose outputs are the dataset


@click.command(cls=Stage, help=__doc__)
@click.argument("before", metavar="[REV]", default="HEAD")
@click.argument("after", metavar="[OTHER]", required=False)
@click.option(
    "--most",
    default=20,
    show_default=True,
    type=click.IntRange(0),
    help="How many of a kind are printed; 0: all. It changes neither --json nor --page.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all of it, for programs.")
@click.option(
    "--page",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"HTML file for it, which needs no network; it shows {page.SHOWN} of a kind at most.",
)
def main(before: str, after: str | None, most: int, as_json: bool, file: Path | None) -> None:
    """Take both versions, compare, print."""
    repo = pipeline.opened()
    with tempfile.TemporaryDirectory(prefix="faqtune-diff-") as folder:
        old = version(repo, before, Path(folder) / "before")
        new = version(repo, after, Path(folder) / "after") if after else Version(WORKSPACE, Path())
        found = difference.compare(old, new, [] if after else stale(repo))
    if file:
        disk.write_bytes(file, page.render(found).encode())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return
    terminal.show(found, most)
    if file:
        click.echo(f"diff: {file}, {file.stat().st_size / 1000:.0f} kB")


def version(repo: "Repo", name: str, folder: Path) -> Version:
    """Return a revision, whose files are copied into a folder."""
    commit = revision.commit_of(repo, name)
    revision.take(repo, commit, name, FILES, NEEDED, folder)
    return Version(name, folder, commit)


def stale(repo: "Repo") -> list[str]:
    """Return the stages up to the dataset that will run, or run, and why; those that only follow them are left out."""
    seen = freshness.seen(repo, Path("data"), pipeline.at_work(repo))
    before = {one.name: one.before for one in seen}
    wanted = [LAST]
    for name in wanted:  # which grows
        wanted += [one for one in before.get(name, ()) if one not in wanted]
    return [
        ": ".join([one.name, str(one.state), *one.reasons])
        for one in verdicts(seen)
        if one.name in wanted and one.state not in (State.UP_TO_DATE, State.FROZEN, State.MAY_RUN)
    ]


if __name__ == "__main__":
    main()
