import json

import pytest
from click.testing import CliRunner

from stages import filter as stage
from stages import records
from stages.records import Document, Link, Section

TEXT = (
    "The pretraining corpus of the model contains two trillion tokens from publicly available sources. "
    "The training ran for six months on a large cluster of accelerators, and the emissions were offset in full."
)
OTHER = (
    "To request the weights, fill in the form on the website and wait for the message with a signed link. "
    "The link expires after a day, and a new one can be requested at any time without giving a reason."
)
GERMAN = (
    "Das Modell wurde mit Texten aus öffentlich zugänglichen Quellen trainiert und danach für Gespräche angepasst. "
    "Vor der Nutzung sollte die Lizenz gelesen werden, denn sie schränkt manche Anwendungen ein."
)


def document(source, *texts, weight=1.0, **fields):
    sections, start = [], 0
    for number, text in enumerate(texts):
        sections.append(Section(heading=[f"Part {number}"], text=text, span=(start, start + len(text))))
        start += len(text) + 2
    identity = records.content_id(source, texts)
    return Document(id=identity, source=source, sha256="0", title=source, sections=sections, weight=weight, **fields)


@pytest.fixture
def run(tmp_path):
    def run(documents, *options):
        records.write(tmp_path / "in.jsonl", documents)
        arguments = [tmp_path / "in.jsonl", tmp_path / "out", tmp_path / "metrics" / "filter.json", *options]
        result = CliRunner().invoke(stage.main, [str(argument) for argument in arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        kept = records.read(tmp_path / "out" / "documents.jsonl", Document)
        rejected = records.read(tmp_path / "out" / "rejected.jsonl", records.Reject)
        metrics = json.loads((tmp_path / "metrics" / "filter.json").read_text())
        impact = json.loads((tmp_path / "out" / "impact.json").read_text())
        return kept, {reject.record["source"]: reject for reject in rejected}, metrics, impact

    return run


def test_keeps_what_is_worth_it_and_says_why_not(run):
    documents = [document("a.md", TEXT), document("b.md", "Only five words are here."), document("c.html", GERMAN)]
    kept, rejected, metrics, _ = run(documents)
    assert [each.source for each in kept] == ["a.md"]
    assert kept[0].language == "en"
    assert rejected["b.md"].reason == "too_short"
    assert rejected["b.md"].value == 5
    assert rejected["c.html"].reason == "language"
    assert rejected["c.html"].value.startswith("de ")
    assert metrics == {"in": 3, "kept": 1, "masked": {}, "rejected": {"language": 1, "too_short": 1}}


def test_the_manifest_knows_the_language_better(run):
    kept, rejected, _, _ = run([document("a.md", TEXT, language="fr"), document("b.md", GERMAN, language="en-GB")])
    assert [each.source for each in kept] == ["b.md"]
    assert rejected["a.md"].value == "fr 1.00"


def test_languages_asked_for_stay(run):
    kept, *_ = run([document("a.md", TEXT), document("c.md", GERMAN)], "--languages", "en", "--languages", "de")
    assert {each.source: each.language for each in kept} == {"a.md": "en", "c.md": "de"}


def test_unsure_languages_stay(run):
    kept, *_ = run([document("c.md", GERMAN)], "--language-score", "1.0")
    assert len(kept) == 1
    assert kept[0].language is None


def test_of_near_identical_documents_the_heaviest_stays(run):
    copy = TEXT.replace("large", "big")
    documents = [document("a.md", copy), document("z.md", TEXT, weight=2.0), document("m.md", OTHER)]
    kept, rejected, _, _ = run(documents, "--identical", "0.8")
    assert {each.source for each in kept} == {"z.md", "m.md"}
    assert rejected["a.md"].reason == "near_identical"
    assert rejected["a.md"].value.endswith(" z.md")
    kept, _, _, _ = run(documents, "--identical", "1.0")
    assert len(kept) == 3


def test_a_rejected_document_hides_no_other(run):
    kept, rejected, _, _ = run([document("a.md", TEXT, weight=2.0, language="fr"), document("b.md", TEXT)])
    assert [each.source for each in kept] == ["b.md"]
    assert set(rejected) == {"a.md"}


def test_personal_data_is_masked_everywhere_and_spans_fit(run):
    first, second = "Write to jane@company.io about it. " + TEXT, "Call +1 650-253-0000. " + OTHER
    given = document("a.md", first, second)
    given.sections[0].links.append(Link(text="jane@company.io", url="mailto:jane@company.io"))
    bad = document("b.md", "jane@company.io")
    kept, rejected, metrics, _ = run([given, bad])
    assert metrics["masked"] == {"EMAIL": 1, "PHONE": 1}
    assert "[EMAIL]" in kept[0].sections[0].text
    assert kept[0].sections[0].links == [Link(text="[EMAIL]", url="mailto:[EMAIL]")]
    for section in kept[0].sections:
        assert kept[0].text[slice(*section.span)] == section.text
    assert "jane" not in str(rejected["b.md"].record)


def test_public_contacts_stay(run):
    kept, _, metrics, _ = run([document("a.md", "Write to help@company.io. " + TEXT)], "--allow", "*@company.io")
    assert "help@company.io" in kept[0].text
    assert metrics["masked"] == {}


def test_impact_counts_each_filter_by_slice(run):
    documents = [document("a.md", TEXT), document("b.md", "Too short."), document("c.html", GERMAN)]
    *_, impact = run(documents)
    assert impact["too_short"]["suffix"][".md"] == {
        "n_in": 2,
        "n_removed": 1,
        "rate": 0.5,
        "low": 0.0945,
        "high": 0.9055,
    }
    assert impact["language"]["suffix"][".md"]["n_in"] == 1  # the short one never got there
    assert impact["language"]["language"]["de"]["rate"] == 1.0
    assert impact["near_identical"]["all"]["all"]["n_in"] == 1


def test_nothing_in_is_nothing_out(run):
    kept, rejected, metrics, impact = run([])
    assert (kept, rejected, metrics["in"]) == ([], {}, 0)
    assert set(impact) == {"too_short", "language", "near_identical"}
