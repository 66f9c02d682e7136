"""The dataset card: what the run says of its data, in Markdown that the Hugging Face hub shows."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stages import disk
from stages.curation.scored import Labelled
from stages.exporting import markdown, run
from stages.exporting.examples import GIVEN, SPLITS, Example, said
from stages.exporting.provenance import UNKNOWN, Provenance
from stages.exporting.shapes import SHAPES
from stages.records import Pair, Source
from stages.reporting import coverage
from stages.reporting.funnel import funnel
from stages.reporting.gates import Share
from stages.reporting.gather import GatherError, load, metrics, needed
from stages.reporting.links import web

FILE, TEMPLATE = "README.md", "card.md.jinja"


@dataclass(frozen=True)
class Listed:
    """A document as the card lists it, with its facts and the rows for training that stand on it."""

    title: str
    path: str
    link: str
    licence: str
    language: str
    facts: int
    covered: int
    rows: int


@dataclass(frozen=True)
class Labels:
    """What labelled pairs say of the gates: how many of those past them are valid, how many valid ones they reject."""

    count: int
    ours: int  # of them, those on documents of this dataset
    who: list[str]
    valid: Share
    lost: Share


def title(documents: int) -> str:
    """Return what the dataset is called."""
    return f"Questions and answers on {documents} document{'' if documents == 1 else 's'}"


def content(data: Path, rows: str, examples: Sequence[Example], provenance: Provenance) -> dict[str, Any]:
    """Return what the run in `data` says of the examples.

    Raises GatherError if a stage was not run, or if its books do not balance.
    """
    found, quarantined, uncovered = coverage.documents(data)
    trained = [one for one in examples if one.split == "train"]
    made = [one.pair for one in trained if one.pair]
    stands = Counter(source.path for one in trained for source in provenance.documents(one))
    documents = [_listed(row, provenance.by_path.get(row.source), stands[row.source]) for row in found]
    asked_by = Counter(_asked_by(pair) for pair in made)
    by_model = Counter((pair.model, pair.prompt or "") for pair in made if pair.model)
    return {
        "rows": rows,
        "splits": {name: sum(one.split == name for one in examples) for name in SPLITS},
        "origins": {
            origin: [sum(one.row.origin == origin and one.split == name for one in examples) for name in SPLITS]
            for origin in sorted({one.row.origin for one in examples})
        },
        "documents": documents,
        "unlicensed": sum(one.licence == UNKNOWN for one in documents),
        "quarantined": quarantined,
        "of_no_document": sum(one.row.origin in GIVEN for one in trained),
        "refusals": sorted({said(one.row).answer for one in trained if one.row.origin == "refusal"}),
        "follow_ups": sum(bool(said(one.row).turns) for one in trained),
        "weighted": sum(one.row.weight != 1 for one in trained),
        "repeats": len(trained) - len({one.row.pair for one in trained}),
        "ordered": any(one.row.order for one in trained),
        "system": next((said(one.row).system for one in trained if one.pair), ""),
        "adapters": _adapters(data) if rows == "training" else {},
        "pairs": len(made),
        "by_model": sorted(by_model.items()),
        **{by: asked_by[by] for by in ("by_rule", "by_wording", "by_table", "by_person")},
        "linked": sum(bool(pair.link) for pair in made),
        "run": run.read(data.parent / "dvc.lock"),
        "funnel": funnel(data),
        "facts": sum(one.facts for one in documents),
        "covered": sum(one.covered for one in documents),
        "trained_facts": len({fact for pair in made for fact in pair.facts}),
        "given_only": len(uncovered) - sum(one.facts - one.covered for one in documents),
        "contamination": _json(data / "split" / "contamination.json", "split"),
        **{name: metrics(data, name) for name in ("filter", "decide", "split", "augment", "mix")},
        "labels": _labels(data, provenance),
    }  # fmt: skip


def _asked_by(pair: Pair) -> str:
    """Return who phrased the question of a pair."""
    if pair.model:
        return "by_model"
    if pair.origin == "reviewer":
        return "by_person"
    if pair.form == coverage.WRITTEN:
        return "by_wording"
    return "by_table" if pair.origin == "seed" else "by_rule"


def render(told: Mapping[str, Any], head: str, formats: Sequence[str], digests: Mapping[str, str], name: str) -> str:
    """Return the card.

    Args:
        told: see `content`.
        head: its metadata; see `stages.exporting.metadata`.
        formats: of the rows.
        digests: SHA-256 of all files.
        name: by which the dataset is loaded.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else markdown.plain(str(value)),
    )
    environment.filters |= {"comma": "{:,}".format, "words": lambda name: name.replace("_", " "), "share": _share}
    environment.globals["link"] = markdown.link
    return head + environment.get_template(TEMPLATE).render(
        told, title=title(len(told["documents"])), shapes={form: SHAPES[form] for form in formats}, digests=digests,
        name=Markup(name),
    )  # fmt: skip


def _share(one: Share) -> str:
    share, low, high = (f"{100 * value:.0f}" for value in (one.part / one.whole, one.low, one.high))
    return f"{one.part:,} of {one.whole:,} ({share} %, 95 % interval {low} to {high} %)"


def _listed(row: coverage.DocumentRow, source: Source | None, rows: int) -> Listed:
    link = (web(source.base) if source else "") or web(row.source)
    return Listed(row.title, row.source, link, row.licence, row.language, len(row.coverage.facts),
                  len(row.coverage.covered), rows)  # fmt: skip


def _adapters(data: Path) -> dict[str, bool]:
    """Return the adapters of the run, and whether each was trained on the rows that are exported."""
    rows = hashlib.sha256((data / "mix" / "train.jsonl").read_bytes().rstrip(b"\n")).hexdigest()  # see data_digest
    found = sorted((data / "adapters").glob("*/training.json"))
    try:
        return {file.parent.name: disk.read_json(file)["data"]["sha256"] == rows for file in found}
    except (KeyError, TypeError, ValueError) as error:
        raise GatherError(
            f"{data}/adapters: expected data.sha256 in a training.json ({error!r}); train again"
        ) from error


def _json(path: Path, stage: str) -> Any:
    try:
        return disk.read_json(needed(path, stage))
    except ValueError as error:
        raise GatherError(f"{error}; run `dvc repro {stage}`") from error


def _labels(data: Path, provenance: Provenance) -> Labels | None:
    """Return what labelled pairs say of the gates; nothing without them."""
    labels = load(data, "curate", "labels.jsonl", Labelled)
    if not labels:
        return None
    measured = _json(data / "decide" / "filter_impact.json", "decide")["false_rejects"]["any"]
    rejects, valid, lost = (int(measured[name]) for name in ("rejects", "valid", "valid_rejected"))
    return Labels(
        len(labels), sum(one.source in provenance.by_path for one in labels), sorted({one.who for one in labels}),
        Share(valid - lost, len(labels) - rejects), Share(lost, valid),
    )  # fmt: skip
