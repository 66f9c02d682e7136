"""The summary says what came out, within the width of a terminal."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from stages.summary import WIDTH, main, table
from tests.test_report import made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path / "data")


def run(data: Path) -> Any:
    return CliRunner().invoke(main, [str(data), "--params", str(data.parent / "params.yaml")])


def test_summary_tells_funnel_seconds_losses_and_scores(data: Path) -> None:
    result = run(data)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith("2 documents, 30 facts (29 with a pair that passed the gates), 120 pairs, 158 training")
    told = [" ".join(line.split()) for line in lines]
    assert "generate questions 193 146 47 812.3 dangling 40, gives_away 7" in told
    assert "train@all-linear rows 158 158 0 345.6" in told
    assert "parse documents 4 3 1 - unreadable 1" in told
    assert "all-linear 158 0.410 1.250" in told
    assert "reworded all-linear 0.68 (0.61-0.74) 0.68 (0.61-0.74) 0.68 (0.61-0.74) better" in told
    assert told[-1] == "no report yet: run `dvc repro report`"


def test_summary_fits_the_terminal_and_has_no_colours(data: Path) -> None:
    output = run(data).output.replace(str(data), "data")
    assert max(map(len, output.splitlines())) <= WIDTH and "\x1b" not in output


def test_summary_names_the_report(data: Path) -> None:
    (data / "report").mkdir()
    (data / "report" / "index.html").write_text("")
    assert run(data).output.splitlines()[-1] == f"report: {data / 'report' / 'index.html'}"


def test_summary_of_a_stage_that_was_not_run_says_which(data: Path) -> None:
    (data / "metrics" / "dedup.json").unlink()
    result = run(data)
    assert result.exit_code == 1 and "`dvc repro dedup`" in result.output


def test_long_cells_are_cut_and_the_last_is_wrapped_below_itself() -> None:
    lines = table(["name", "why"], [["n" * 40, "reason 1, " * 20]], "<<")
    assert len(lines) > 2 and max(map(len, lines)) <= WIDTH
    assert lines[1].startswith("n" * 17 + "…  reason") and lines[2].index("reason") == lines[1].index("reason")
