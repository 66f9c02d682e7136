"""Drop documents that are too short, in a language not asked for, or seen before; mask personal data.

python -m stages.filter data/parse/documents.jsonl data/filter data/metrics/filter.json --languages en --min-words 20

Writes documents.jsonl, rejected.jsonl and impact.json: for each filter, how many documents of each slice (file
suffix, language, length) met it and how many it dropped, with the 95 % Wilson interval. Slices only measure.
"""

import re
from collections import Counter
from pathlib import Path

import click
import msgspec

from stages import records
from stages.command import Stage
from stages.quality import impact, language, privacy
from stages.records import Document, Link
from stages.tally import Tally, progress

SHINGLE = 5  # words


@click.command(cls=Stage, context_settings={"show_default": True})
@click.argument("documents", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("output", type=click.Path(path_type=Path, file_okay=False))
@click.argument("metrics", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--languages", multiple=True, default=["en"], help="Languages to keep, ISO 639-1; once for each.")
@click.option("--language-score", default=0.8, type=click.FloatRange(0, 1), help="Drop only if as sure as this, 0..1.")
@click.option(
    "--identical", default=0.9, type=click.FloatRange(0, 1), help="Drop at this share of known 5-grams, 0..1."
)
@click.option("--min-words", default=20, type=click.IntRange(0), help="Least words of a document.")
@click.option("--allow", multiple=True, help="Public contact that is not masked, a pattern such as *@vendor.com.")
def main(
    documents: Path,
    output: Path,
    metrics: Path,
    languages: tuple[str, ...],
    language_score: float,
    identical: float,
    min_words: int,
    allow: tuple[str, ...],
) -> None:
    """Keep the documents worth teaching."""
    tally = Tally("filter", "documents")
    found = sorted(records.read(documents, Document), key=lambda document: (-document.weight, document.source))
    kept: list[Document] = []
    masked: Counter[str] = Counter()
    known: dict[tuple[str, ...], list[int]] = {}  # shingle: places in `kept`
    passed: list[impact.Passed] = []
    for original in progress(found, "documents"):
        document, kinds = without_personal_data(original, allow)
        words = document.text.split()
        spoken, score = (document.language, 1.0) if document.language else language.detect(document.text)
        reason: str | None = None
        value: float | str | None = None
        grams = shingles(document.text)
        if len(words) < min_words:
            reason, value = "too_short", len(words)
        elif languages and spoken != language.UNKNOWN and not speaks(spoken, languages) and score >= language_score:
            reason, value = "language", f"{spoken} {score:.2f}"
        else:
            share, place = overlap(grams, known)
            if place is not None and share >= identical:
                reason, value = "near_identical", f"{share:.2f} {kept[place].source}"
        passed.append(impact.Passed(document, spoken, reason))
        if reason:
            tally.reject(document.id, reason, value, document)
            continue
        for gram in grams:
            known.setdefault(gram, []).append(len(kept))
        masked += kinds
        certain = spoken != language.UNKNOWN and score >= language_score
        kept.append(msgspec.structs.replace(document, language=spoken if certain else document.language))
    records.write(output / "documents.jsonl", kept)
    records.write_json(output / "impact.json", impact.table(passed))
    tally.close(metrics, output / "rejected.jsonl", received=len(found), kept=len(kept), masked=dict(masked))
    if found and not kept:
        raise click.ClickException(f"filter: no document was kept; see why in {output / 'rejected.jsonl'}")


def speaks(spoken: str, languages: tuple[str, ...]) -> bool:
    """Say whether a language is among those asked for; a region ("en-GB") makes no difference."""
    return spoken.lower().split("-")[0] in {wanted.lower().split("-")[0] for wanted in languages}


def without_personal_data(document: Document, allow: tuple[str, ...]) -> tuple[Document, Counter[str]]:
    """Return the document with personal data masked wherever text is shown, new spans, and the kinds' counts."""
    kinds: Counter[str] = Counter()

    def clean(text: str) -> str:
        text, hits = privacy.mask(text, allow)
        kinds.update(hit.kind for hit in hits)
        return text

    sections, start = [], 0
    for section in document.sections:
        text = clean(section.text)
        links = [  # not counted: their label is in the text
            Link(text=privacy.mask(link.text, allow)[0], url=privacy.mask(link.url, allow)[0]) for link in section.links
        ]
        heading = [clean(part) for part in section.heading]
        span = (start, start + len(text))
        sections.append(msgspec.structs.replace(section, text=text, heading=heading, links=links, span=span))
        start = span[1] + 2
    description = document.description and clean(document.description)
    changes = {"title": clean(document.title), "description": description, "sections": sections}
    return msgspec.structs.replace(document, **changes), kinds


def shingles(text: str) -> set[tuple[str, ...]]:
    """Return the word 5-grams of a text; of a shorter one, all its words."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[n : n + SHINGLE]) for n in range(max(1, len(words) - SHINGLE + 1))}


def overlap(grams: set[tuple[str, ...]], known: dict[tuple[str, ...], list[int]]) -> tuple[float, int | None]:
    """Return the largest share of the shingles that one kept document holds, and its place."""
    counts = Counter(place for gram in grams for place in known.get(gram, ()))
    if not counts:
        return 0.0, None
    place = min(counts, key=lambda place: (-counts[place], place))
    return counts[place] / len(grams), place


if __name__ == "__main__":
    main()
