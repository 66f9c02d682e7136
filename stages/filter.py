"""Drop what is not worth teaching: other languages, copies, boilerplate; mask personal data; flag insults.

python -m stages.filter data/parse/documents.jsonl data/filter data/metrics/filter.json --languages en --min-words 20

Writes documents.jsonl, rejected.jsonl (whole documents; what was dropped inside a kept one is in its `drops`) and
impact.json: for each filter and flag, how much of each slice it met and hit (see quality/impact.py).
"""

from collections import Counter
from pathlib import Path

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.quality import boilerplate, foreign, impact, language, masking, mirrors, toxicity
from stages.quality.copies import Copies, with_copy
from stages.records import Document
from stages.tally import Tally, progress

FILTERS = ("error_page", "too_short", "language", "near_identical")  # of documents, in the order they are asked
SHARE = click.FloatRange(0, 1)


@click.command(cls=Stage, context_settings={"show_default": True})
@click.argument("documents", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("output", type=click.Path(path_type=Path, file_okay=False))
@click.argument("metrics", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--languages", multiple=True, default=["en"], help="Languages to keep, ISO 639-1; once for each.")
@click.option("--language-score", default=0.8, type=SHARE, help="Drop only if as sure as this, 0..1.")
@click.option("--identical", default=0.9, type=SHARE, help="Drop a document at this share of known 5-grams, 0..1.")
@click.option("--mirrored", default=0.9, type=SHARE, help="Drop a section at this share of common 5-grams, 0..1.")
@click.option("--mirror-words", default=8, type=click.IntRange(1), help="Least words of a mirrored section.")
@click.option("--min-words", default=20, type=click.IntRange(0), help="Least words of a document.")
@click.option("--allow", multiple=True, help="Public contact that is not masked, a pattern such as *@vendor.com.")
def main(
    documents: Path,
    output: Path,
    metrics: Path,
    languages: tuple[str, ...],
    language_score: float,
    identical: float,
    mirrored: float,
    mirror_words: int,
    min_words: int,
    allow: tuple[str, ...],
) -> None:
    """Keep the documents and sections worth teaching."""
    tally = Tally("filter", "documents")
    found, kinds = cleaned(disk.read(documents, Document), allow)
    copies = Copies(found, identical)
    kept: list[Document] = []
    passed: list[impact.Passed] = []
    masked: Counter[str] = Counter()
    for document in progress(found, "documents"):
        words = len(document.body.split())
        spoken, score = (document.language, 1.0) if document.language else language.detect(document.body)
        reason: str | None = None
        value: float | str | None = None
        if boilerplate.is_error_page(document):
            reason, value = "error_page", words
        elif words < min_words and not any(section.question for section in document.sections):
            reason, value = "too_short", words
        elif language.is_foreign(spoken, score, languages, language_score):
            reason, value = "language", f"{spoken} {score:.2f}"
        elif copy := copies.find(document):
            place, share = copy
            reason, value = "near_identical", f"{share:.2f} {kept[place].source}"
            kept[place] = with_copy(kept[place], document)
        passed.append(impact.document(document, spoken, reason))
        if reason:
            tally.reject(document.id, reason, value, document)
            continue
        copies.keep(document)
        masked += kinds[document.id]
        if not document.language:  # the manifest knows better, of the sections too
            certain = spoken != language.UNKNOWN and score >= language_score
            document = foreign.without_foreign_sections(document, languages, language_score)
            document = msgspec.structs.replace(document, language=spoken if certain else None)
        kept.append(document)
    kept = mirrors.without_mirrors(boilerplate.without_labels(kept), mirrored, mirror_words)
    kept = [msgspec.structs.replace(document, flags=toxicity.flags(document)) for document in kept]
    disk.write(output / "documents.jsonl", kept)
    disk.write_json(output / "impact.json", impact.report(passed, FILTERS, kept))
    figures = {"masked": dict(masked), "flagged": sum(bool(document.flags) for document in kept), **drops(kept)}
    tally.close(metrics, output / "rejected.jsonl", received=len(found), kept=len(kept), **figures)
    if found and not kept:
        raise click.ClickException(f"filter: no document was kept; see why in {output / 'rejected.jsonl'}")


def cleaned(found: list[Document], allow: tuple[str, ...]) -> tuple[list[Document], dict[str, Counter[str]]]:
    """Return the documents without personal data and page furniture, and the kinds masked in each, by its id.

    Their order is that in which they are believed: of two that say the same, the first one stays.
    """
    result, kinds = [], {}
    for document in sorted(found, key=lambda one: (-one.trust, -one.weight, one.source, one.id)):
        document, kinds[document.id] = masking.masked(document, allow)
        result.append(boilerplate.without_furniture(document))
    return result, kinds


def drops(kept: list[Document]) -> dict[str, int]:
    """Return how much this stage dropped inside kept documents: sections, and blocks of boilerplate."""
    reasons = Counter(drop.reason for document in kept for drop in document.drops)
    return {
        "mirrored_sections": reasons[mirrors.REASON],
        "language_sections": reasons[foreign.REASON],
        "boilerplate_blocks": reasons[boilerplate.REASON],
    }


if __name__ == "__main__":
    main()
