"""Parse: each collected file to sections with heading path, links and spans. A bad file is quarantined.

python -m stages.parse data/collect data/parse data/metrics/parse.json
"""

import hashlib
from collections import Counter
from pathlib import Path

import click

from stages import records
from stages.documents.blocks import ReadError, clean
from stages.documents.readers import read, sections, stem_title
from stages.records import Document, RecordError, Source
from stages.tally import Tally, progress


@click.command(help=__doc__)
@click.argument("collected", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("output", type=click.Path(file_okay=False, path_type=Path))
@click.argument("metrics", type=click.Path(dir_okay=False, path_type=Path))
def main(collected: Path, output: Path, metrics: Path) -> None:
    """Read every source; what cannot be read is rejected with its reason."""
    tally = Tally("parse", "documents")
    manifest = collected / "sources.jsonl"
    if not manifest.exists():
        raise click.ClickException(f"{manifest} is not there; run the stage collect first")
    try:
        sources = records.read(manifest, Source)
    except RecordError as error:
        raise click.ClickException(str(error)) from error
    documents: list[Document] = []
    formats: Counter[str] = Counter()
    for source in progress(sources, "parse"):
        try:
            documents.append(parse(source, collected / "files" / source.file))
            formats[Path(source.file).suffix.removeprefix(".")] += 1
        except ReadError as error:
            tally.reject(source.id, error.reason, str(error), source)
    records.write(output / "documents.jsonl", documents)
    found = [section for document in documents for section in document.sections]
    tally.close(
        metrics,
        output / "rejected.jsonl",
        received=len(sources),
        kept=len(documents),
        sections=len(found),
        words=sum(len(section.text.split()) for section in found),
        links=sum(len(section.links) for section in found),
        formats=dict(sorted(formats.items())),
    )


def parse(source: Source, path: Path) -> Document:
    """Return a source's document. Raises ReadError with the reason if it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError("unreadable", f"{path}: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise ReadError("changed", f"{path} is not what was collected; run the stage collect again")
    base = source.path if source.path.startswith(("http://", "https://")) else None
    parsed = read(data, path.suffix, base)
    title = clean(source.title or parsed.title or "") or stem_title(source.path)
    return Document(
        id=records.content_id(source.path, source.sha256),
        source=source.path,
        sha256=source.sha256,
        title=title,
        licence=source.licence,
        weight=source.weight,
        language=source.language,
        description=source.description,
        sections=sections(parsed.parts, title, parsed.title),
    )


if __name__ == "__main__":
    main()
