"""Refine: clean titles, headings and texts with OpenRefine, by a history of operations and by a corrected table.

    python -m stages.refine data/filter/documents.jsonl data/refine data/metrics/refine.json

Every run writes table.csv, one row a section, as it is after the cleaning. Open it in OpenRefine (its import should
not trim white space or guess types). Then either extract the operations (Undo / Redo, Extract) and add them to the
file given as --history, or export the table as CSV and give that file as --corrections. The history is applied first.
proposals.json has operations in the same format that would give product names and headings one spelling each: look
at them, and copy those that are right into the history. Removed rows stay on record as drops of their document.
"""

from pathlib import Path

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.quality import openrefine, sheet
from stages.quality.facets import HistoryError
from stages.quality.proposals import propose
from stages.quality.refined import cells_changed, refine
from stages.quality.sheet import SheetError
from stages.records import Document
from stages.tally import Tally


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("documents_file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("output", type=click.Path(path_type=Path, file_okay=False))
@click.argument("metrics", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--history",
    default="data/sources/refine.json",
    type=click.Path(exists=True, dir_okay=False),
    help="Operations as OpenRefine extracts them.",
)
@click.option(
    "--corrections", default="data/sources/corrections.csv", help='Table as OpenRefine exports it; "" is none.'
)
@click.option("--drop-missing/--no-drop-missing", default=False, help="Remove the rows that the corrections lack.")
def main(documents_file: Path, output: Path, metrics: Path, history: str, corrections: str, drop_missing: bool) -> None:
    """Apply the history, then the corrections; write documents, table and proposals."""
    tally = Tally("refine", "documents")
    documents = disk.read(documents_file, Document)
    table = sheet.table(documents)
    corrected, others = 0, list[str]()
    try:
        operations = openrefine.read(Path(history))
        idle = openrefine.apply(operations, table, history)
        if corrections:
            corrected, others = sheet.correct(Path(corrections), table, drop_missing)
        rows = {str(row.cells["id"]): row for row in table.rows}
        ids = sheet.row_ids(documents)
        refined = {document.id: refine(document, ids[document.id], rows) for document in documents}
    except (HistoryError, SheetError) as error:
        raise click.ClickException(f"refine: {error}") from error
    if idle:
        print(f"refine: operations of {history} that changed nothing: {', '.join(idle)}")
    others += [column for column in table.columns if column not in sheet.COLUMNS]
    if others:
        print(f"refine: columns that are not read back: {', '.join(others)}")
    kept = []
    for document in documents:
        if document.sections and not refined[document.id].sections:
            tally.reject(document.id, "no_sections", None, document)
        else:
            kept.append(refined[document.id])
    urls = {link.url for document in documents for section in document.sections for link in section.links}
    proposed, clusters = propose(table, urls)
    disk.write(output / "documents.jsonl", kept)
    disk.write_bytes(output / "table.csv", sheet.written(table))
    disk.write_bytes(output / "proposals.json", msgspec.json.format(msgspec.json.encode(proposed), indent=2) + b"\n")
    tally.close(
        metrics, output / "rejected.jsonl", received=len(documents), kept=len(kept), operations=len(operations),
        cells_changed=cells_changed(documents, ids, rows), rows_removed=len(table.removed), corrections=corrected,
        clusters_proposed=clusters,
    )  # fmt: skip
    if documents and not kept:
        raise click.ClickException("refine: all rows were removed, so that no document is left")


if __name__ == "__main__":
    main()
