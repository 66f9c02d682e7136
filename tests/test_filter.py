import json
import tempfile
from pathlib import Path
from random import Random

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stages import disk, records
from stages import filter as stage
from stages.documents.layout import lay_out
from stages.records import Document, Drop, Link, Section

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
        disk.write(tmp_path / "in.jsonl", documents)
        arguments = [tmp_path / "in.jsonl", tmp_path / "out", tmp_path / "metrics" / "filter.json", *options]
        result = CliRunner().invoke(stage.main, [str(argument) for argument in arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        kept = disk.read(tmp_path / "out" / "documents.jsonl", Document)
        rejected = disk.read(tmp_path / "out" / "rejected.jsonl", records.Reject)
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
    assert metrics == {
        "in": 3,
        "kept": 1,
        "rejected": {"language": 1, "too_short": 1},
        "masked": {},
        "flagged": 0,
        "mirrored_sections": 0,
        "language_sections": 0,
        "boilerplate_blocks": 0,
    }


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
    filters = impact["filters"]
    assert filters["too_short"]["suffix"][".md"] == {
        "n_in": 2,
        "n_hit": 1,
        "rate": 0.5,
        "low": 0.0945,
        "high": 0.9055,
        "ratio": 1.5,
        "p": 1.0,
        "more": False,
    }
    assert filters["language"]["suffix"][".md"]["n_in"] == 1  # the short one never got there
    assert filters["language"]["language"]["de"]["rate"] == 1.0
    assert filters["near_identical"]["all"]["all"]["n_in"] == 1
    assert filters["mirrored_section"]["all"]["all"]["n_in"] == 1


def test_nothing_in_is_nothing_out(run):
    kept, rejected, metrics, impact = run([])
    assert (kept, rejected, metrics["in"]) == ([], {}, 0)
    assert impact["flags"] == {} and not any(impact["filters"].values())


def test_of_near_identical_documents_the_most_trusted_stays_and_knows_the_other(run):
    copy = document("a.md", TEXT, weight=2.0)
    copy.sections[0].anchor = "part"
    kept, rejected, *_ = run([copy, document("z.md", TEXT, trust=0.9)])
    assert [(each.source, each.sections[0].also) for each in kept] == [("z.md", ["a.md#part"])]
    assert rejected["a.md"].value == "1.00 z.md"


def test_cards_of_one_template_that_differ_in_a_number_are_both_kept(run):
    cards = [TEXT.replace("two trillion", f"{size} trillion") + f" {OTHER}" for size in (2, 15)]
    kept, _, metrics, _ = run([document(f"{n}.md", card) for n, card in enumerate(cards)], "--identical", "0.5")
    assert [each.sections[0].text for each in sorted(kept, key=lambda one: one.source)] == cards
    assert metrics["mirrored_sections"] == 0


def test_a_mirrored_section_becomes_a_drop_of_the_less_trusted_document(run):
    documents = [
        document("readme.md", TEXT, "A readme says more than the site does."),
        document("site.html", TEXT, OTHER, trust=0.8),
    ]
    kept, _, metrics, impact = run(documents, "--identical", "1.0")
    by_source = {each.source: each for each in kept}
    assert by_source["site.html"].sections[0].also == ["readme.md"]
    assert [(drop.reason, drop.text) for drop in by_source["readme.md"].drops] == [("mirrored", TEXT)]
    assert metrics["mirrored_sections"] == 1
    assert impact["filters"]["mirrored_section"]["suffix"][".md"]["n_hit"] == 1


def test_a_section_in_another_language_becomes_a_drop(run):
    code = "```\n" + "das ist ein Test und der ist gut\n" * 9 + "```"
    given = document("a.md", f"{TEXT} {OTHER}", GERMAN, "Kurz auf Deutsch.", code)
    kept, _, metrics, _ = run([given])
    assert [drop.text for drop in kept[0].drops] == [GERMAN]
    assert [section.text[:4] for section in kept[0].sections] == [TEXT[:4], "Kurz", "```\n"]
    assert metrics["language_sections"] == 1
    kept, *_ = run([given], "--languages", "en", "--languages", "de")
    assert kept[0].drops == []


def test_the_manifest_knows_the_language_of_the_sections_too(run):
    kept, *_ = run([document("a.md", TEXT, GERMAN, language="en")])
    assert kept[0].drops == []


def test_an_error_page_is_rejected_as_one(run):
    kept, rejected, *_ = run([document("a.md", TEXT), document("https://a.org/x", "404 Not Found")])
    assert len(kept) == 1
    assert rejected["https://a.org/x"].reason == "error_page"


def test_furniture_and_insults_are_counted(run):
    given = [document("a.md", f"{TEXT}\n\nEdit this page on GitHub"), document("b.md", f"{OTHER} You idiot!")]
    kept, _, metrics, impact = run(given)
    assert {each.source: each.flags for each in kept} == {"a.md": {}, "b.md": {"toxic_terms": 1}}
    assert (metrics["boilerplate_blocks"], metrics["flagged"]) == (1, 1)
    assert impact["flags"]["toxic_terms"]["all"]["all"]["n_hit"] == 1


def test_personal_data_is_masked_in_questions_and_drops_too_and_spans_fit(run):
    mail = "jane@company.io"
    answer = Section(heading=[f"Ask {mail}"], text=TEXT, span=(0, 0), question=f"Is it {mail}?", pages=[(0, 3)])
    sections, drops = lay_out([Drop(reason="page_header", text=f"By {mail}", span=(0, 0)), answer])
    given = Document(id="a", source="a.pdf", sha256="0", title="T", tags=["team"], sections=sections, drops=drops)
    kept, _, metrics, _ = run([given])
    assert "jane" not in str(kept[0])
    assert kept[0].sections[0].question == "Is it [EMAIL]?"
    assert (kept[0].drops[0].text, kept[0].sections[0].pages, kept[0].tags) == ("By [EMAIL]", [(0, 3)], ["team"])
    assert metrics["masked"] == {"EMAIL": 3}
    assert kept[0].text == f"By [EMAIL]\n\n{TEXT}"


TEXTS = [
    TEXT,
    OTHER,
    GERMAN,
    TEXT.replace("two", "3"),
    f"Edit this page\n\n{OTHER}",
    f"{TEXT}\n\n- Share on X\n- an item\n\nTry our playground now",
    "```\nx = 1\n\n\ny = 2\n```",
    "Short.",
    "",
]


@example([[GERMAN] * 4], Random(0))
@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4), min_size=1, max_size=5), st.randoms())
def test_no_word_is_lost_every_span_fits_and_the_order_of_the_input_does_not_matter(corpus, random):
    documents = [document(f"{n}.md", TEXT.replace("six", f"{n}"), *texts) for n, texts in enumerate(corpus)]
    documents.append(document("english.md", TEXT, OTHER))  # a run that keeps no document is an error of its own
    with tempfile.TemporaryDirectory() as folder:
        outputs = []
        for turn in range(2):
            out = Path(folder, str(turn))
            disk.write(out / "in.jsonl", documents)
            lines = (out / "in.jsonl").read_bytes().splitlines(keepends=True)
            if turn:
                random.shuffle(lines)
            (out / "in.jsonl").write_bytes(b"".join(lines))
            arguments = [str(path) for path in (out / "in.jsonl", out / "out", out / "metrics" / "filter.json")]
            result = CliRunner().invoke(stage.main, arguments, catch_exceptions=False)
            assert result.exit_code == 0, result.output
            outputs.append([path.read_bytes() for path in sorted((out / "out").iterdir())])
        assert outputs[0] == outputs[1]
        before = {each.id: each for each in documents}
        for each in disk.read(out / "out" / "documents.jsonl", Document):
            pieces = [*each.sections, *each.drops]
            assert sorted(each.text.split()) == sorted(before[each.id].text.split())
            assert all(each.text[slice(*piece.span)] == piece.text for piece in pieces)


def test_a_table_of_questions_may_be_short(run):
    short = document("faq.csv", "Until six.", "Nothing.")
    sections = [msgspec.structs.replace(one, question="When is it open, and what is it?") for one in short.sections]
    kept, rejected, *_ = run(
        [document("a.md", TEXT), msgspec.structs.replace(short, sections=sections)], "--languages", "en"
    )
    assert sorted(each.source for each in kept) == ["a.md", "faq.csv"] and not rejected
