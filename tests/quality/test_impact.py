import math

import pytest

from stages.quality import impact
from stages.records import Document, Drop, Section


def document(source="a.md", **fields):
    section = Section(heading=[], text="Five words stand in here.", span=(0, 25))
    return Document(id=source, source=source, sha256="0", title="T", sections=[section], **fields)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (((8, 7), (16, 9)), 0.0405594),  # [[7, 1], [2, 6]]: R's fisher.test gives 0.04056
        (((4, 3), (8, 4)), 0.4857143),  # Fisher's lady tasting tea, two-sided
        (((10, 0), (30, 0)), 1.0),
        (((30, 3), (30, 3)), 1.0),
    ],
)
def test_fisher_gives_the_known_p_values(table, expected):
    assert impact.fisher(*table) == pytest.approx(expected, abs=1e-6)


def test_fisher_of_many_is_the_sum_of_exact_probabilities():
    def chance(hits):
        return math.comb(300, hits) * math.comb(700, 40 - hits) / math.comb(1000, 40)

    exact = sum(chance(hits) for hits in range(41) if chance(hits) <= chance(20) * (1 + 1e-7))
    assert impact.fisher((300, 20), (1000, 40)) == pytest.approx(exact, rel=1e-9)


def test_a_slice_has_counts_interval_ratio_and_p():
    counted = [({("all", "all"), ("suffix", ".pdf" if n < 40 else ".md")}, n < 20) for n in range(100)]
    table = impact.table(counted)
    pdf = table["suffix"][".pdf"]
    assert (pdf["n_in"], pdf["n_hit"], pdf["rate"], pdf["ratio"], pdf["more"]) == (40, 20, 0.5, 2.5, True)
    assert pdf["low"] < 0.5 < pdf["high"]
    assert pdf["p"] == pytest.approx(2 * impact.fisher((40, 20), (100, 20)), rel=1e-2)
    assert table["suffix"][".md"]["more"] is False
    assert table["all"]["all"]["ratio"] == 1.0 and table["all"]["all"]["p"] is None


def test_few_documents_are_not_called_hit_more():
    counted = [({("all", "all"), ("suffix", ".pdf" if n < 20 else ".md")}, n < 20) for n in range(100)]
    pdf = impact.table(counted)["suffix"][".pdf"]
    assert pdf["p"] < 0.001 and pdf["more"] is False


def test_the_slices_of_a_document():
    given = document("https://a.org/x/Page.HTML?v=2.md#top", tags=["guide", "old"], trust=0.75)
    assert impact.document(given, "en", None).slices == {
        ("all", "all"),
        ("suffix", ".html"),
        ("language", "en"),
        ("words", "0-99"),
        ("trust", "0.75-1.00"),
        ("tag", "guide"),
        ("tag", "old"),
    }
    assert ("trust", "0.00-0.24") in impact.document(document(trust=0.1), "en", None).slices


def test_each_filter_met_what_the_one_before_left_and_sections_have_their_own():
    one = document()
    one.drops.append(Drop(reason="mirrored", text="Said already.", span=(27, 40)))
    one.drops.append(Drop(reason="navigation", text="Home", span=(42, 46)))
    passed = [impact.document(document("b.md"), "en", "too_short"), impact.document(one, "en", None)]
    report = impact.report(passed, ("too_short", "language"), [one])
    met = {name: table["all"]["all"] for name, table in report["filters"].items()}
    assert [(met[name]["n_in"], met[name]["n_hit"]) for name in ("too_short", "language")] == [(2, 1), (1, 0)]
    assert [(met[name]["n_in"], met[name]["n_hit"]) for name in ("language_section", "mirrored_section")] == [
        (2, 0),
        (2, 1),
    ]


def test_flags_are_counted_by_slice():
    flagged = document("a.html", flags={"toxic_terms": 2})
    table = impact.report([], (), [flagged, document("b.md")])["flags"]["toxic_terms"]
    assert (table["suffix"][".html"]["rate"], table["suffix"][".md"]["rate"]) == (1.0, 0.0)


def test_filters_are_asked_in_turn_and_documents_of_the_same_slices_are_counted_each():
    slices = frozenset({("all", "all"), ("suffix", ".md")})
    passed = [impact.Passed(slices, reason) for reason in ("a", "a", "b", None, None)]
    found = impact.in_turn(passed, ["a", "b"])
    assert [(found[name]["suffix"][".md"]["n_in"], found[name]["suffix"][".md"]["n_hit"]) for name in found] == [
        (5, 2), (3, 1),
    ]  # fmt: skip
