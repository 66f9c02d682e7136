"""The labelled sets of the benchmarks of duplicates and leaks, their scores, and what the benchmarks print."""

import importlib
import json
import random
import re
import sys
from collections import Counter
from itertools import combinations
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

BENCHMARKS = "benchmarks"
MODULES = ("duplicates", "grammar", "measured", "near_misses", "planted", "questions", "scores", "tools", "vocabulary")


@pytest.fixture(scope="module")
def bench(request):
    """The two benchmarks with their modules, found as a script finds them."""
    folder = str(request.config.rootpath / BENCHMARKS)
    before = set(sys.modules)
    sys.path.insert(0, folder)
    found = {name: importlib.import_module(f"deduping.{name}") for name in MODULES}
    found |= {name: importlib.import_module(name) for name in ("dedup", "decontaminate")}
    yield SimpleNamespace(**found)
    sys.path.remove(folder)
    for name in set(sys.modules) - before:
        if name in ("dedup", "decontaminate") or name.startswith("deduping"):
            del sys.modules[name]


@pytest.fixture(scope="module")
def rows(bench):
    return {edits: bench.questions.make(3000, 5, edits) for edits in ("dev", "test")}


def printed(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_set_has_the_shares_and_kinds_that_it_should_and_the_same_seed_makes_the_same(bench, rows):
    for edits, made in rows.items():
        met = Counter(row.kind for row in made)
        assert met.pop("base") == 2100
        assert sum(met[kind] for kind in bench.duplicates.KINDS) == 600
        assert set(met) == {*bench.duplicates.KINDS, *bench.near_misses.KINDS}
        assert max(met[kind] for kind in bench.near_misses.KINDS) <= 38
        assert bench.questions.make(3000, 5, edits) == made
    assert rows["dev"] != rows["test"] != bench.questions.make(3000, 6, "test")


def test_labels_say_what_a_row_was_made_of(bench, rows):
    for made in rows.values():
        own = {row.label: place for place, row in enumerate(made) if row.kind == "base"}
        assert len(own) == 2100
        for place, row in enumerate(made):
            if row.kind == "base":
                assert row.base == place
            elif row.kind in bench.duplicates.KINDS:
                assert row.base == own[row.label] and row.question != made[row.base].question
            else:
                assert row.label not in own and made[row.base].kind == "base"
        near = [row.label for row in made if row.kind in bench.near_misses.KINDS]
        assert len(near) == len(set(near))


def test_rows_with_different_labels_differ_in_more_than_case_marks_and_articles(bench, rows):
    for made in rows.values():
        labels = {}
        for row in made:
            assert labels.setdefault(bench.questions.bare(row.question), row.label) == row.label


def test_a_third_of_the_questions_has_two_clauses_and_there_are_sixty_templates_and_more(bench):
    maker = bench.questions.Maker(2000, 0, "dev")
    maker.ask(2000)
    assert 0.28 < sum(bool(one.condition) for one in maker.asked) / 2000 < 0.4
    assert len({one.template for one in maker.asked}) == len(bench.grammar.templates(bench.vocabulary.GRAMMAR)) > 100


def test_dev_and_test_share_no_words_of_edits(bench):
    dev, test = (bench.questions._read(edits) for edits in ("dev", "test"))
    assert dev.keys() == test.keys()
    for one, key in (("polite", "whole"), ("polite", "indirect"), ("filler", "adverbs"), ("filler", "openers")):
        assert not set(dev[one][key]) & set(test[one][key])
    for key in ("scopes", "scope_adverbs"):
        assert not set(dev[key]) & set(test[key])
    for key in ("opposites", "abbreviations"):
        assert not set(dev[key].items()) & set(test[key].items())


def test_edits_change_what_their_kind_says_and_nothing_else(rows):
    for made in rows.values():
        for row in made:
            base, text = made[row.base].question, row.question
            if row.kind in ("number", "version"):
                assert re.sub(r"\d+", "", text.lower().strip("?.")) == re.sub(r"\d+", "", base.lower().strip("?."))
            if row.kind == "case":
                assert re.sub(r"[^a-z0-9]", "", text.lower()) == re.sub(r"[^a-z0-9]", "", base.lower())
            if row.kind == "reorder":
                assert sorted(re.findall(r"\w+", text.lower())) == sorted(re.findall(r"\w+", base.lower()))
            if row.kind == "typo":
                assert 0 < len(set(re.findall(r"\w+", text.lower())) ^ set(re.findall(r"\w+", base.lower()))) <= 4


def test_made_names_lie_more_than_two_letters_apart(bench):
    from rapidfuzz.distance import OSA

    vocabulary = bench.vocabulary
    real = set(vocabulary.SLOTS["real"])
    names = [
        name
        for name in vocabulary.Vocabulary(600, 1).names
        if name not in real and re.fullmatch("[a-z]{5,}", name.lower())
    ]
    assert len(names) > 300
    for left, right in combinations([name.lower() for name in names], 2):
        assert OSA.distance(left, right, score_cutoff=2) > 2 or left.startswith(("py", "lib")) or left.endswith("js")


@pytest.mark.parametrize(
    "lead, clause",
    [("How do I", "how to sort it"), ("Can I", "whether I can sort it"), ("Do I need to", "whether I need to sort it"),
     ("Which page should I", "which page I should sort it")],
)  # fmt: skip
def test_a_question_of_the_user_as_a_clause(bench, lead, clause):
    grammar = bench.grammar
    asked = grammar.Asked(grammar.Template("user", lead, "", "sort it"), {}, "", False)
    assert grammar.clause(asked) == clause
    assert grammar.render(asked) == f"{lead} sort it?"


def test_a_question_of_a_subject_as_a_clause_and_with_its_condition_first(bench):
    grammar = bench.grammar
    asked = grammar.Asked(grammar.Template("subject", "Why", "a {thing}", "retry"), {"thing": "agent"}, "on {os}", True)
    asked = asked._replace(slots={"thing": "agent", "os": "Linux"})
    assert grammar.render(asked) == "On Linux, why does an agent retry?"
    assert grammar.clause(asked) == "why an agent retries on Linux"
    assert grammar.render(asked._replace(first=False), adverb="really") == "Why does an agent really retry on Linux?"


def test_too_small_a_set_is_said_to_be(bench):
    with pytest.raises(ValueError, match="at least 500"):
        bench.questions.make(100, 0)


def made_of(bench, *rows):
    return [bench.questions.Row(f"q{place}", *row) for place, row in enumerate(rows)]


def test_scores_count_pairs_recall_and_merges_by_kind(bench):
    rows = made_of(bench, (0, "base", 0), (0, "typo", 0), (0, "case", 0), (9, "number", 0), (1, "base", 4))
    scored = bench.scores.score(rows, [0, 0, 7, 0, 0])
    assert scored.found["typo"] == (1, 1) and scored.found["case"] == (0, 1) and scored.recall == 0.5
    assert scored.merged["number"] == (1, 1) and scored.false_merges == 1
    assert scored.right == (1, 6) and scored.elsewhere == 3
    nothing = bench.scores.score(rows, [0, 1, 2, 3, 4])
    assert nothing.precision == 1.0 and nothing.recall == 0.0 and nothing.elsewhere == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_counted_pairs_are_those_that_one_would_list(bench, groups, chance: random.Random):
    listed = sum(left == right for left, right in combinations(groups, 2))
    assert bench.scores.pairs(groups) == listed
    chance.shuffle(groups)
    assert bench.scores.pairs(groups) == listed


def test_growth_is_taken_for_ten_times_the_rows_at_its_worst(bench):
    assert bench.dedup.growth({1000: 1.0, 10_000: 10.0, 40_000: 40.0}) == 10.0
    assert bench.dedup.growth({1000: 1.0, 100_000: 400.0}) == 20.0
    assert bench.dedup.growth({1000: 1.0}) is None


def test_the_benchmark_of_duplicates_prints_its_figures(bench, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["dedup.py", "--rows", "600", "--edits", "dev"])
    monkeypatch.setattr(bench.dedup, "OTHERS", {"rapidfuzz": 1000, "thefuzz": 100})
    bench.dedup.main()
    figures = printed(capsys)
    assert figures["rows"] == [600] and figures["false_merges"] == 0 and figures["seconds_50k"] is None
    assert figures["recall"] > 0.8 and figures["precision"] > 0.98
    ours, other = figures["by_size"]["600"], figures["others"]["rapidfuzz"]["600"]
    assert ours["seconds"] > 0 and ours["peak_mb"] > 20 and figures["others"]["thefuzz"] == {}
    assert other["recall"] > 0.7 and other["false_merges"] > 10
    assert set(ours["found_by_kind"]) == set(bench.duplicates.KINDS)


def test_a_tool_that_fails_or_takes_too_long_is_said_to(bench, tmp_path, monkeypatch):
    measured = bench.measured
    with pytest.raises(measured.ToolError, match="NoneType"):
        measured.run("thefuzz", None, tmp_path, 60)
    with pytest.raises(measured.ToolError, match="not ready"):
        measured.run("thefuzz", [f"question {n}" for n in range(3000)], tmp_path, 0.3)


def test_planted_rows_hold_their_leak_and_clean_ones_ask_something_else(bench):
    evaluation, rows = bench.planted.make(100, 700, 3, "dev")
    assert len(set(evaluation)) == 100 and len(rows) == 700
    met = Counter(row.kind for row in rows)
    assert set(met) == {*bench.planted.LEAKS, *bench.planted.NEAR_MISSES, "clean"}
    assert sum(met[kind] for kind in bench.planted.LEAKS) == 182 and met["clean"] == 448
    for row in rows:
        if row.kind in ("verbatim", "embedded"):
            assert evaluation[row.source] in row.question
        if row.kind == "answer":
            assert evaluation[row.source] in row.answer and evaluation[row.source] not in row.question
        if row.kind == "clean":
            assert not any(question in row.question for question in evaluation)
    words = [len(row.question.split()) for row in rows if row.kind == "embedded"]
    assert 55 < sum(words) / len(words) < 95
    assert bench.planted.make(100, 700, 3, "dev") == (evaluation, rows)


def test_n_gram_rules_find_what_is_long_enough(bench):
    row = bench.planted.Row("How do I sort a long list in C?", "First, open it.", "verbatim", 0)
    assert set(bench.decontaminate.shared([row], ["How do I sort a long list, in C"], 8)) == {(0, 0)}
    assert not set(bench.decontaminate.shared([row], ["How do I sort a long list in C?"], 13))
    assert not set(bench.decontaminate.shared([row], ["How do I sort a short list in C?"], 8))


def test_the_benchmark_of_leaks_prints_its_figures_without_an_encoder(bench, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["decontaminate.py", "--quick", "--edits", "dev", "--encoder", str(tmp_path)])
    bench.decontaminate.main()
    figures = printed(capsys)
    assert figures["with_encoder"] is None and set(figures["others"]) == {"13-gram", "8-gram"}
    assert all(figures["found"][kind] == 1.0 for kind in ("verbatim", "case", "reorder", "embedded"))
    assert figures["false_alarm_rate"] < 0.01 and figures["false_alarms_of_near_misses"] == 0
    assert figures["others"]["13-gram"]["found"]["verbatim"] < 0.8


def test_other_weights_than_the_known_ones_stop_the_benchmark(bench, tmp_path):
    assert bench.decontaminate.weights(tmp_path) is None
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(SystemExit, match="expected the weights of all-MiniLM-L6-v2"):
        bench.decontaminate.weights(tmp_path)
