"""Collect: the documents we are given, copied under their content's name, with a record of where each is from.

    python -m stages.collect data/collect data/metrics/collect.json --sources data/sources/documents

Every file below the folder is a document. Each `*.yaml` at its top is a manifest, which says more about the files and
lists documents that are elsewhere; `stages/sources/manifest.py` shows all that it can say. A manifest by itself may
be given instead of a folder. What is not a local file is pinned first: `python -m stages.pin MANIFEST`.

    python -m stages.collect --refresh

asks again for all that is pinned of what params.yaml collects, notes in the manifests what has changed (`git diff`
shows it), and collects nothing.
"""

import shutil
from functools import partial
from pathlib import Path

import click

from stages import disk, pin, pipeline, records, settings
from stages.documents.formats import FORMATS
from stages.records import Source
from stages.sources import local, manifest, remote
from stages.sources.errors import SourcesError, Unavailable, printable
from stages.sources.fetch import configured
from stages.sources.git import Git
from stages.sources.wanted import Wanted, distinct, taken
from stages.tally import Tally, progress


class Collect(click.Command):
    """The command, to which `--refresh` needs no more words: it takes those of the pipeline, before what is given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words of the command line."""
        return super().parse_args(ctx, [*pipeline.command("collect"), *args] if "--refresh" in args else args)


@click.command(cls=Collect, help=__doc__)
@click.argument("output", type=click.Path(file_okay=False, path_type=Path))
@click.argument("metrics", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--sources",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Folder of documents, with manifests or without; or one manifest that lists only what is elsewhere.",
)
@click.option("--licence", default="unknown", show_default=True, help="Licence of the files for which none is given.")
@click.option(
    "--max-bytes",
    default=50_000_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Largest size of a document in bytes; larger ones are rejected.",
)
@click.option(
    "--allow-hosts",
    "--allow-host",
    multiple=True,
    default=[],
    help="Host, or host:port, that may be asked though it is on a private network; once for each.",
)
@click.option("--refresh", is_flag=True, help="Ask again for what is pinned, note what changed, collect nothing.")
def main(
    output: Path, metrics: Path, sources: Path, licence: str, max_bytes: int, allow_hosts: tuple[str, ...],
    refresh: bool,
) -> None:  # fmt: skip
    """Copy the documents and write their records, or only look what has changed."""
    if refresh:
        pin.pin(sources, True, max_bytes, allow_hosts)
        return
    if output.resolve().is_relative_to(sources.resolve()):
        raise click.ClickException(f"{output} lies in {sources}: the next run would collect its own output")
    tally = Tally("collect", "sources")
    kept: list[Source] = []
    size = 0
    try:
        wanted = plan(sources, max_bytes, allow_hosts)
        shutil.rmtree(output / "files", ignore_errors=True)  # no stale copy stays behind
        (output / "files").mkdir(parents=True)
        for one in progress(wanted, "collect"):
            try:
                source, data = taken(one, licence)
            except Unavailable as error:
                click.echo(f"collect: {printable(one.path)}: {error.reason}: {error}", err=True)
                tally.reject(records.content_id("collect", one.path), error.reason, str(error), {"path": one.path})
            else:
                disk.write_bytes(output / "files" / source.file, data)
                kept.append(source)
                size += len(data)
    except SourcesError as error:
        raise click.ClickException(str(error)) from error
    disk.write(output / "sources.jsonl", kept)
    remotes = sum("://" in one.path for one in wanted)
    tally.close(metrics, output / "rejected.jsonl", received=len(wanted), kept=len(kept), bytes=size, remote=remotes)
    if not kept:
        raise click.ClickException(f"{sources} holds no document that can be read: expected {' '.join(FORMATS)}, or "
                                   f"a manifest that lists some; see {output / 'rejected.jsonl'}")  # fmt: skip


def plan(sources: Path, max_bytes: int, allow: tuple[str, ...]) -> list[Wanted]:
    """Return what is to be collected, local files first. Raises SourcesError if a manifest is wrong."""
    manifests = manifest.read_all(sources)
    wanted = local.documents(sources, manifests, max_bytes) if sources.is_dir() else []
    fetcher, cache = configured(max_bytes, allow), settings.cache()
    wanted += remote.pages(manifests, fetcher, cache / "fetched")
    clone = partial(Git, cache=cache / "git", allow=allow, deadline=fetcher.deadline)
    return distinct([*wanted, *remote.files(manifests, clone, max_bytes)])


if __name__ == "__main__":
    main()
