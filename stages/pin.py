"""Pin: what the URLs of a manifest hold now, fetched once and noted by checksum, so that collect sees any change.

    python -m stages.pin data/sources/llama-official.yaml

Fetches what has no pin yet and writes the block `pinned:` at the end of the manifest; `--refresh` asks for the rest
too, by ETag. Of a folder all manifests are pinned. For a Git revision that is a branch or tag it says the commit.
`python -m stages.collect --refresh` does the latter for all that params.yaml collects.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from stages import settings
from stages.sources import manifest
from stages.sources.errors import SourcesError
from stages.sources.fetch import configured
from stages.sources.git import Git
from stages.sources.manifest import COMMIT
from stages.sources.pinning import Pinning, advice


@click.command(help=__doc__)
@click.argument("sources", type=click.Path(exists=True, path_type=Path))
@click.option("--refresh", is_flag=True, help="Ask again for what is pinned already.")
@click.option("--max-bytes", default=50_000_000, show_default=True, help="Largest size of a document in bytes.")
@click.option("--allow-hosts", "--allow-host", multiple=True, help="Host, or host:port, that may be private.")
def main(sources: Path, refresh: bool, max_bytes: int, allow_hosts: tuple[str, ...]) -> None:
    """Pin all manifests; the exit status is 1 if something is left to do."""
    pin(sources, refresh, max_bytes, allow_hosts)


def pin(sources: Path, refresh: bool, max_bytes: int, allow: Sequence[str]) -> None:
    """Pin all manifests and say what became of each address.

    Raises click.ClickException if a manifest is wrong, or if a person must attend to something.
    """
    cache = settings.cache()
    try:
        fetcher = configured(max_bytes, allow)
        clone = partial(Git, cache=cache / "git", allow=allow, deadline=fetcher.deadline)
        read = manifest.read_all(sources) if sources.is_dir() else [manifest.read(sources)]
        work = [Pinning(each, fetcher, cache / "fetched", refresh) for each in read]
        for one in work:
            one.run()
            for entry in one.manifest.entries:
                if entry.git and not COMMIT.fullmatch(entry.revision or ""):
                    one.attend(entry.git, advice(clone(entry.git), entry))
    except SourcesError as error:
        raise click.ClickException(str(error)) from error
    if refresh:
        changed, asked = sum(one.changed for one in work), sum(one.asked for one in work)
        told = f"URLs asked: {asked}, pins that changed or went: {changed}"
        click.echo(told + ("; `dvc repro` reads them anew" if changed else ""))
    if todo := sum(one.todo for one in work):
        raise click.ClickException(f"{todo} of the entries above could not be pinned")


if __name__ == "__main__":
    main()
