"""Collect: the documents we are given, copied under their content's name, with a manifest.

    python -m stages.collect data/collect data/metrics/collect.json --sources data/sources/documents

Every file below the folder is a document. An optional `sources.yaml` in it says more about them, and names URLs:

    sources:
      - {path: guide.pdf, title: The guide, licence: CC-BY-4.0, weight: 2}
      - {glob: "faq/*.html", language: en}
      - {url: "https://example.org/card.md", sha256: 9f86d081..., description: a model card}
"""

import hashlib
import shutil
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import click

from stages import records, settings
from stages.documents.fetch import FetchError, fetch
from stages.documents.formats import FORMATS
from stages.documents.listing import LIST, Entry, SourcesError, assign, is_inside, read_entries, walk
from stages.records import Source
from stages.tally import Tally, progress


@click.command(help=__doc__)
@click.argument("output", type=click.Path(file_okay=False, path_type=Path))
@click.argument("metrics", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--sources",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of documents, with a sources.yaml or without.",
)
@click.option("--licence", default="unknown", show_default=True, help="Licence of the files for which none is given.")
@click.option(
    "--max-bytes",
    default=50_000_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Largest size of a document in bytes; larger ones are rejected.",
)
def main(output: Path, metrics: Path, sources: Path, licence: str, max_bytes: int) -> None:
    """Copy the documents and write the manifest."""
    if output.resolve().is_relative_to(sources.resolve()):
        raise click.ClickException(f"{output} lies in {sources}: the next run would collect its own output")
    tally = Tally("collect", "sources")
    try:
        entries = read_entries(sources / LIST)
        chosen = assign(entries, walk(sources), sources)
    except SourcesError as error:
        raise click.ClickException(str(error)) from error
    shutil.rmtree(output / "files", ignore_errors=True)  # no stale copy stays behind
    (output / "files").mkdir(parents=True)
    kept: list[Source] = []
    urls = [entry for entry in entries if entry.url is not None]
    for where, entry in progress([*chosen.items(), *((entry.url or "", entry) for entry in urls)], "collect"):
        size = (sources / where).stat().st_size if entry.url is None else 0
        suffix = suffix_of(where)
        identity = records.content_id("collect", where)
        if entry.url is None and not is_inside(sources / where, sources):
            tally.reject(identity, "outside_folder", None, {"path": where})
        elif suffix not in FORMATS:
            tally.reject(identity, "unsupported_type", suffix or "none", {"path": where})
        elif size > max_bytes:
            tally.reject(identity, "too_large", float(size), {"path": where})
        else:
            data = (sources / where).read_bytes() if entry.url is None else download(entry, max_bytes)
            if not data.strip():
                tally.reject(identity, "empty", float(len(data)), {"path": where})
                continue
            source = describe(where, data, entry, licence, suffix)
            records.write_bytes(output / "files" / source.file, data)
            kept.append(source)
    records.write(output / "sources.jsonl", kept)
    figures = {"bytes": sum((output / "files" / source.file).stat().st_size for source in kept), "urls": len(urls)}
    received = len(chosen) + len(urls)
    tally.close(metrics, output / "rejected.jsonl", received=received, kept=len(kept), **figures)
    if not kept:
        raise click.ClickException(f"{sources} holds no document that can be read: expected {' '.join(FORMATS)}, or "
                                   f"urls in {LIST}; see {output / 'rejected.jsonl'}")  # fmt: skip


def download(entry: Entry, max_bytes: int) -> bytes:
    """Return what is at the entry's URL, or its copy in the cache, which is found by the checksum."""
    sha256 = (entry.sha256 or "").lower()
    copy = settings.cache() / "fetched" / sha256
    if copy.exists():
        data = copy.read_bytes()
        if hashlib.sha256(data).hexdigest() == sha256 and len(data) <= max_bytes:
            return data
    try:
        data = fetch(entry.url or "", sha256, max_bytes)
    except FetchError as error:
        raise click.ClickException(f"{LIST}, the entry `url: {entry.url}`: {error}") from error
    records.write_bytes(copy, data)
    return data


def suffix_of(where: str) -> str:
    """Return the suffix that tells the format; a URL without one is a web page."""
    if "://" not in where:
        return PurePosixPath(where).suffix.lower()
    suffix = PurePosixPath(urlsplit(where).path).suffix.lower()
    return suffix if suffix in FORMATS else ".html"


def describe(where: str, data: bytes, entry: Entry, licence: str, suffix: str) -> Source:
    """Return the manifest's record of a document."""
    sha256 = hashlib.sha256(data).hexdigest()
    if entry.sha256 is not None and sha256 != entry.sha256.lower():
        raise click.ClickException(f"{where}: {LIST} expects the sha256 {entry.sha256.lower()}, but it has {sha256}")
    identity = records.content_id(where, sha256)
    return Source(
        id=identity,
        path=where,
        file=f"{identity}{suffix}",
        sha256=sha256,
        title=entry.title,
        licence=entry.licence or licence,
        weight=1.0 if entry.weight is None else entry.weight,
        language=entry.language,
        description=entry.description,
    )


if __name__ == "__main__":
    main()
