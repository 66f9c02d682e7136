"""Parse: each collected file to sections with heading path, links and spans. A bad file is quarantined.

    python -m stages.parse data/collect data/parse data/metrics/parse.json
    python -m stages.parse guide.pdf      # shows what is read of one file

What was made of a file once is kept in the cache, so that of many files only those that changed are read again.
"""

import hashlib
from collections import Counter
from pathlib import Path

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.documents import inspection
from stages.documents.blocks import ReadError
from stages.documents.readers import LIBRARIES, document
from stages.memory import Memory
from stages.records import Document, Source
from stages.tally import Tally, progress

SHOWN_BYTES = 100_000_000  # largest file that is shown


class Outcome(msgspec.Struct):
    """What came of reading a file: a document, or the reason why there is none."""

    document: Document | None = None
    reason: str = ""
    message: str = ""


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("given", type=click.Path(exists=True, path_type=Path), metavar="COLLECTED|FILE")
@click.argument("output", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.argument("metrics", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--ocr", default="none", help="Language of scanned pages, such as eng (extra ocr); none: only reported.")
def main(given: Path, output: Path | None, metrics: Path | None, ocr: str) -> None:
    """Read every source, or show one file."""
    if output is None or metrics is None:
        if output is not None:
            raise click.UsageError("name METRICS too, or no OUTPUT: then FILE is shown")
        if not given.is_file():
            raise click.UsageError(f"{given} is a folder: name OUTPUT and METRICS too, or a file that is to be shown")
        click.echo(show(given, ocr))
        return
    tally = Tally("parse", "documents")
    manifest = given / "sources.jsonl"
    if not manifest.exists():
        raise click.ClickException(
            f"{manifest} is not there, as the stage collect writes it into its folder; run the stage collect first"
        )
    sources = disk.read(manifest, Source)
    memory = Memory("parse", ("documents",), LIBRARIES)
    documents: list[Document] = []
    formats: Counter[str] = Counter()
    for source in progress(sources, "parse"):
        outcome = remembered(source, given / "files" / source.file, memory, ocr)
        if outcome.document is None:
            tally.reject(source.id, outcome.reason, outcome.message, source)
            continue
        documents.append(outcome.document)
        formats[Path(source.file).suffix.removeprefix(".")] += 1
    memory.close()
    disk.write(output / "documents.jsonl", documents)
    found = [section for one in documents for section in one.sections]
    dropped: Counter[str] = Counter()
    for drop in (drop for one in documents for drop in one.drops):
        dropped[drop.reason] += len(drop.text.split())
    tally.close(
        metrics,
        output / "rejected.jsonl",
        received=len(sources),
        kept=len(documents),
        sections=len(found),
        words=sum(len(section.text.split()) for section in found),
        words_dropped=dict(sorted(dropped.items())),
        links=sum(len(section.links) for section in found),
        scanned_pages=sum(len(one.scanned) for one in documents),
        formats=dict(sorted(formats.items())),
    )
    click.echo(f"parse: {memory.made} read, {memory.found} known from before", err=True)


def remembered(source: Source, path: Path, memory: Memory, ocr: str) -> Outcome:
    """Return what came of reading a source, now or in an earlier run."""
    key = memory.key(source.path, source.sha256, path.suffix, source.base, source.title, ocr)
    outcome = memory.get(key, Outcome)
    if outcome is None:
        try:
            outcome = Outcome(document=document(source, collected(source, path), path.suffix, ocr))
        except ReadError as error:
            outcome = Outcome(reason=error.reason, message=f"{source.path}: {error}")
            if error.reason in ("changed", "missing", "ocr_missing"):  # not by the file alone
                return outcome
        outcome = memory.put(key, outcome)
    if outcome.document is not None:  # what the manifest says may have changed without the file
        names = ("licence", "weight", "language", "description", "tags", "trust")
        told = {name: getattr(source, name) for name in names}
        outcome.document = msgspec.structs.replace(outcome.document, **told)
    return outcome


def collected(source: Source, path: Path) -> bytes:
    """Return a source's copy. Raises ReadError if it is not there or is another than the one that was collected."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError("missing", f"{path}: {error.strerror}; run the stage collect again") from error
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise ReadError("changed", f"{path} is not what was collected; run the stage collect again")
    return data


def show(path: Path, ocr: str) -> str:
    """Return the sections, spans, links and drops of one file, to be read at a terminal."""
    if path.stat().st_size > SHOWN_BYTES:
        raise click.ClickException(f"{path} has {path.stat().st_size:,} bytes; at most {SHOWN_BYTES:,} are read")
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    source = Source(id=sha256[:16], path=path.name, file=path.name, sha256=sha256)
    try:
        return inspection.told(document(source, data, path.suffix, ocr))
    except ReadError as error:
        raise click.ClickException(f"{path} would be quarantined ({error.reason}): {error}") from error


if __name__ == "__main__":
    main()
