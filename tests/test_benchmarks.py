"""The benchmarks' own arithmetic, and what they print, without the tools that they compare with."""

import importlib
import json
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from stages import disk, engine
from stages.records import Pair

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def parse(monkeypatch):
    """The benchmark of the readers with its modules, found as a script finds them."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)
    yield SimpleNamespace(
        main=importlib.import_module("parse"),
        documents=importlib.import_module("parsing.documents"),
        kept=importlib.import_module("parsing.kept"),
    )
    for name in set(sys.modules) - before:
        if name == "parse" or name.startswith("parsing"):
            del sys.modules[name]


@pytest.fixture
def asking(monkeypatch):
    """The modules below benchmarks/asking, found as a benchmark finds them."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)
    names = ("accepted", "bare", "edited", "endpoint", "manuals", "peers", "relay")
    yield SimpleNamespace(**{name: importlib.import_module(f"asking.{name}") for name in names})
    for name in set(sys.modules) - before:
        if name.startswith("asking"):
            del sys.modules[name]


def score(parse, text, links=(), chapters=2, furniture=()):
    return parse.kept.kept(text, list(links), parse.documents.content(chapters), furniture)


def test_the_markdown_of_a_document_keeps_all_of_it(parse):
    chapters = parse.documents.content(2)
    text = parse.documents.make(chapters, ".md").decode()
    assert score(parse, text) == parse.kept.known(chapters, ())
    assert parse.kept.known(chapters, ()) == {
        "headings": 8,
        "links": 6,
        "code": 12,
        "cells": 8,
        "pairs": 6,
        "furniture": 0,
    }


def test_a_heading_counts_below_its_own_parent_only(parse):
    text = parse.documents.make(parse.documents.content(2), ".md").decode()
    assert score(parse, text.replace("### ", "## "))["headings"] == 2, "the chapters, which stand below the title"
    assert score(parse, text.replace("# ", "").replace("#", ""))["headings"] == 0


def test_a_comment_in_code_is_no_heading(parse):
    chapter = parse.documents.content(1)[0]
    first, second = (section.heading for section in chapter.sections[:2])
    text = f"# {chapter.heading}\n## {first}\n```\n# {second}\n```\n### {chapter.sections[2].heading}"
    assert score(parse, text, chapters=1)["headings"] == 2


def test_links_count_from_the_text_and_from_the_list(parse):
    urls = [section.url for section in parse.documents.content(1)[0].sections]
    assert score(parse, f"see [this]({urls[0]}).", [urls[1], "https://other.example"], chapters=1)["links"] == 2


def test_code_whose_lines_were_joined_or_escaped_is_lost(parse):
    first, second = parse.documents.content(1)[0].sections[0].code
    assert score(parse, f"{first} {second}", chapters=1)["code"] == 0
    assert score(parse, f"    {first}\n" + second.replace("_", "\\_"), chapters=1)["code"] == 1


def test_cells_count_in_rows_of_pipes_and_of_html_but_not_as_loose_text(parse):
    (a, b), (c, d) = parse.documents.content(1)[0].rows
    assert (
        score(parse, f"| {a} | **{b}** |\n<table><tr><td>{c}</td><td>{d}</td></tr></table>", chapters=1)["cells"] == 4
    )
    assert score(parse, f"{a}\n{b}\n{c} {d}", chapters=1)["cells"] == 0


def test_a_text_below_another_heading_makes_no_pair(parse):
    first, second, _ = parse.documents.content(1)[0].sections
    text = f"# {first.heading}\n\n{second.key}\n\n# {second.heading}\n\n{first.key} {second.key}"
    assert score(parse, text, chapters=1)["pairs"] == 1


def test_furniture_that_is_left_counts(parse):
    assert score(parse, "We use\ncookies here", furniture=("We use cookies", "Careers"))["furniture"] == 1


def test_as_much_is_at_least_as_much_of_all_and_no_more_furniture(parse):
    ours = {"headings": 4, "links": 3, "code": 2, "cells": 0, "pairs": 3, "furniture": 1}
    assert parse.kept.as_much(ours | {"cells": 8, "furniture": 0}, ours)
    assert not parse.kept.as_much(ours | {"cells": 8, "links": 2}, ours)
    assert not parse.kept.as_much(ours | {"furniture": 2}, ours)


def test_the_ratio_is_to_the_fastest_that_keeps_as_much_and_has_read(parse):
    keeps = {"headings": 4, "links": 3, "code": 2, "cells": 0, "pairs": 3, "furniture": 0}
    runs = {
        "faqtune": [{"seconds": [2.0, 3.0]}, {"seconds": [4.0]}, {"seconds": [2.0]}],
        "unstructured": [{"seconds": [4.0]}, {"seconds": [8.0]}, {"seconds": [1.0]}],
        "markitdown": [{"seconds": [1.0]}] * 3,
        "synthetic-data-kit": [{"seconds": [0.5]}] * 3,
    }
    found = {
        "faqtune": {"keeps": keeps},
        "unstructured": {"keeps": keeps},
        "markitdown": {"keeps": keeps, "unread": True},
        "synthetic-data-kit": {"keeps": keeps | {"headings": 0}},
    }
    assert parse.main.ratios(runs, found) == {
        "ratio_to_fastest_equal": 0.5,
        "ratio_to_fastest": 4.0,
        "ratio_to_unread": 2.0,
    }
    found["unstructured"] = {"error": "ValueError: no"}
    assert parse.main.ratios(runs, found)["ratio_to_fastest_equal"] is None


def test_the_worst_ratio_counts_and_formats_without_one_are_null(parse):
    names = ("ratio_to_fastest_equal", "ratio_to_fastest", "ratio_to_unread")
    empty = dict.fromkeys(names)
    found = parse.main.overall(
        {"md": {"5": empty | {"ratio_to_fastest_equal": 0.2}, "50": empty}, "pdf": {"5": empty}, "docx": {"5": empty}}
    )
    assert found["ratio_to_fastest_equal"] == 0.2 and found["ratio_to_fastest"] is None
    assert found["ratio_to_fastest_equal_by_format"] == {"md": 0.2, "pdf": None, "docx": None}


def test_a_tool_that_does_not_start_or_reads_nothing_is_an_error_in_the_table(parse, tmp_path):
    file = tmp_path / "a.odt"
    file.write_bytes(b"x")
    python = Path(sys.executable)
    assert "No module named 'markitdown'" in parse.main.run("markitdown", python, [file, file], 1)["error"]
    result = parse.main.run("faqtune", python, [file, file], 1)
    assert result["seconds"] == [None] and "'.odt'" in result["error"]
    assert parse.main.summary([result], 1, None) == {"error": result["error"]}


def test_with_our_reader_only_the_last_line_has_its_figures(parse, monkeypatch):
    monkeypatch.setattr(parse.main, "TOOLS", ("faqtune",))
    result = CliRunner().invoke(parse.main.main, ["--quick"], catch_exceptions=False)
    figures = json.loads(result.output.splitlines()[-1])
    assert result.exit_code == 0 and figures["ratio_to_fastest_equal"] is None
    assert list(figures["formats"]) == ["md", "html", "pdf", "docx"]
    for suffix, cases in figures["formats"].items():
        ours = cases["5"]["tools"]["faqtune"]
        assert ours["seconds"] > 0 and ours["peak_mb"] > 1
        assert ours["keeps"]["links"] == 15 and ours["keeps"]["furniture"] == 0, suffix
        assert f"| {suffix} | 5 | faqtune | " in result.output


def test_real_documents_are_timed(parse, tmp_path):
    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    (tmp_path / "b.md").write_text("# B\n\nText.\n")
    found = parse.main.real({"faqtune": Path(sys.executable)}, tmp_path)
    assert list(found) == ["md"]
    assert found["md"]["faqtune"]["read"] == found["md"]["faqtune"]["of"] == 2


def test_the_same_document_is_the_same_bytes(parse):
    for suffix in (".md", ".html", ".pdf"):
        first, again = (parse.documents.make(parse.documents.content(1, 7), suffix) for _ in range(2))
        assert first == again


@pytest.mark.bench
def test_the_calls_after_an_edit_are_those_of_the_facts_that_changed(asking, tmp_path):
    asking.manuals.write(tmp_path / "manuals", 4, 2)
    link_models(tmp_path / "cache")
    environment = {"FAQTUNE_CACHE": str(tmp_path / "cache")}
    with asking.endpoint.Endpoint() as endpoint:
        found = asking.edited.measure(tmp_path, tmp_path / "manuals", endpoint, environment, samples=2, scored=False)
    assert found["facts"] == 17 and found["facts_changed"] == asking.manuals.EDITED == 3
    assert (found["calls_before"], found["calls_full"], found["calls_repeated"]) == (32, 34, 6)
    assert found["calls_share"] == found["facts_changed_share"]


def link_models(cache):
    cache.mkdir()
    if Path(".cache/models").exists():  # or the student's tokenizer is converted
        (cache / "models").symlink_to(Path(".cache/models").absolute())


@pytest.mark.bench
def test_plain_dvc_asks_all_again_and_with_a_stage_a_document_that_document(asking, tmp_path):
    before = {"000": ["one", "two"], "008": ["three"], "c": ["four"]}
    after = before | {"000": ["one", "two!"]}
    with asking.endpoint.Endpoint() as endpoint:
        whole = asking.peers.plain_dvc(tmp_path / "whole", endpoint, before, after)
        each = asking.peers.plain_dvc(tmp_path / "each", endpoint, before, after, each=True)
    assert whole == {"calls_full": 4, "calls_repeated": 4, "calls_share": 1.0}
    assert each == {"calls_full": 4, "calls_repeated": 2, "calls_share": 0.5}


def test_a_tool_that_is_not_installed_or_asks_nothing_is_said_to(asking, tmp_path, monkeypatch):
    monkeypatch.setattr(asking.peers, "BENCH", tmp_path)
    for tool in (asking.peers.synthetic_data_kit, asking.peers.distilabel):
        with pytest.raises(asking.peers.PeerError, match="not installed"):
            tool(tmp_path / "work", asking.endpoint.Endpoint(), {}, {})
    with pytest.raises(asking.peers.PeerError, match="asked nothing"):
        asking.peers.counted(asking.endpoint.Endpoint(), lambda: None, lambda: None)


def plain_requests(count):
    from stages.llm.gateway import Request

    return [
        Request(
            messages=(("user", f"Topic: T\nStatement: The number is {n}.\nKind: what"),), temperature=0.0, max_tokens=9
        )
        for n in range(count)
    ]


def test_stage_and_bare_loop_ask_the_same_and_the_relay_counts_it(asking, monkeypatch):
    from stages.llm.gateway import Model

    for name in ("URL", "CONCURRENCY", "SAMPLES_PER_CALL", "START", "TIMEOUT"):
        monkeypatch.setenv(f"FAQTUNE_ENDPOINTS__BENCH__{name}", "")  # set by the benchmark, and taken back here
    model, requests = Model(name="m", revision="1"), plain_requests(5)
    with asking.endpoint.Endpoint() as endpoint, asking.relay.Relay(endpoint.url) as relay:
        server = asking.bare.Server(relay.url, 2)
        ours = asking.bare.stage(requests, model, server)
        assert endpoint.calls == relay.calls == 5
        loop = asking.bare.bare(asking.bare.grouped(requests, model, 1), model, server)
        assert endpoint.calls == relay.calls == 10
    assert ours.prompt == loop.prompt == relay.prompt / 2 and relay.completion > 0


def test_the_ratio_of_throughputs_is_the_median_of_the_rounds(asking):
    rounds = [(2.0, 1.0), (1.0, 1.0), (4.0, 5.0)]
    runs = [(asking.bare.Run(a, 10, 4), asking.bare.Run(b, 10, 4)) for a, b in rounds]
    assert asking.bare.ratio(runs) == 1.0
    assert asking.bare.cache_share(runs[0][0]) == 0.4


def test_what_is_no_pair_of_synthetic_data_kit_is_left_out(asking):
    from stages.records import Document, Section

    section = Section(heading=["T"], text="The number is 4.", span=(0, 16))
    document = Document(id="d", source="a.md", sha256="0", title="T", sections=[section])
    made = asking.accepted.as_pair(document)
    assert [made(item) for item in ("text", {"question": "What?"}, {"question": "What?", "answer": 4})] == [None] * 3
    pair = made({"question": "What is the number?", "answer": "The number is 4."})
    assert pair.evidence[0].quote == "The number is 4." and pair.origin == "generated" and pair.scores == {}


def test_a_manual_that_is_edited_keeps_all_other_sentences(asking, tmp_path):
    asking.manuals.write(tmp_path / "m", 1, 3)
    before = (tmp_path / "m/000.md").read_text()
    asking.manuals.edit(tmp_path / "m/000.md")
    one, two = (text.replace("\n", ". ").split(". ") for text in (before, (tmp_path / "m/000.md").read_text()))
    assert len(set(two) - set(one)) == 3 and len(set(one) - set(two)) == 2


def test_the_gates_reject_what_is_wrong_and_keep_what_is_right(monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setattr(sys, "argv", ["gates.py"])
    importlib.import_module("gates").main()
    sys.modules.pop("gates")
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["pairs"] >= 300
    for kind in ("digits", "units", "flags", "urls"):
        assert figures[f"{kind}_rejected"] == 1.0
    assert figures["entities_rejected"] >= 0.9 and figures["negations_rejected"] >= 0.9
    assert figures["valid_rejected"] <= 0.03


@pytest.fixture
def curate(monkeypatch):
    """The benchmark of the gates' speed with the module that makes its pairs."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)
    yield SimpleNamespace(main=importlib.import_module("curate"), pairs=importlib.import_module("curating.pairs"))
    for name in set(sys.modules) - before:
        if name == "curate" or name.startswith("curating"):
            del sys.modules[name]


def test_made_pairs_are_distinct_and_two_or_three_share_a_fact(curate, tmp_path):
    from stages.records import Fact

    curate.pairs.write(tmp_path, 2000)
    made = disk.read(tmp_path / "pairs.jsonl", Pair)
    facts = {fact.id: fact for fact in disk.read(tmp_path / "chunk/facts.jsonl", Fact)}
    quotes = {fact.quote for fact in facts.values()}
    assert len(made) == 2000 and len({pair.question for pair in made}) > 1990
    assert len({pair.answer for pair in made}) > 0.7 * len(facts) and len(quotes) > 0.95 * len(facts)
    shared = Counter(pair.facts[0] for pair in made)
    assert shared.keys() == facts.keys() and set(list(shared.values())[:-1]) <= {1, 2, 3} and len(facts) < 900
    curate.pairs.write(tmp_path / "again", 2000)
    assert (tmp_path / "again/pairs.jsonl").read_bytes() == (tmp_path / "pairs.jsonl").read_bytes()


@pytest.mark.bench
def test_curate_gives_the_same_bytes_on_one_process_several_and_dask_and_lists_its_gates(curate, monkeypatch, capsys):
    from stages.curation import gates

    monkeypatch.setattr(curate.main, "SAMPLE", 500)
    monkeypatch.setattr(sys, "argv", ["curate.py", "--pairs", str(engine.FEW + 100)])  # fewer stay in one process
    curate.main.main()
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["identical"] and figures["pairs"] == engine.FEW + 100
    assert set(figures["seconds_100k"]) == {"one process", "two processes", "Dask, two workers", "decide"}
    assert all(seconds > 0 for seconds in figures["seconds_100k"].values())
    assert figures["peak_mb"]["two processes"] > figures["peak_mb"]["one process"] > 30
    assert set(figures["gates_100k"]) >= {*gates.GATES, "conflict"}


def test_a_stage_that_fails_stops_the_benchmark(curate, tmp_path):
    with pytest.raises(SystemExit, match="failed"):
        curate.main.run(["curate", tmp_path / "none"], {})
