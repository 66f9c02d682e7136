"""The explorer from the command line: tables of text, JSON, and errors without a traceback."""

import json
import os
import pty
import subprocess
import sys

import pytest
from click.testing import CliRunner

from stages.explore import main
from tests.exploring.files import written

ROWS = [
    {"id": "1", "question": "What is Llama 2?", "answer": "Llama 2 is a family of models.", "source": "a.md"},
    {"id": "2", "question": "what is llama 2", "answer": "Write to jane.doe@company.io.", "source": "b.md"},
    {"id": "3", "question": "Hostile \x1b[31m[bold]red", "answer": "<script>alert(1)</script>", "source": "b.md"},
]


@pytest.fixture
def file(tmp_path):
    return str(written(tmp_path / "pairs.jsonl", ROWS))


def run(*words):
    return CliRunner().invoke(main, [*words])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["counts"], "question      3           3"),
        (["lengths", "--field", "question"], "question: words of 3 texts"),
        (["ngrams", "--field", "question", "--size", "2"], "what is           2      2"),
        (["duplicates", "--field", "question"], "question: normalised duplicates: 1 surplus rows, 1 groups"),
        (["personal"], "EMAIL       1   ja… (19 characters)"),
        (["fields"], "source: 3 rows, 2 different values"),
        (["profile", "--most", "2"], "3 rows"),
    ],
)
def test_each_question_is_answered_as_text(file, words, told):
    result = run(words[0], file, *words[1:])
    assert result.exit_code == 0, result.output
    assert told in result.output
    as_json = run("--json", words[0], file, *words[1:])
    assert json.loads(as_json.output)


def test_search_and_overlap(file, tmp_path):
    assert "»Llama 2« is a family" in run("search", file, "Llama 2").output
    assert "question: 2 of 3 rows, 2 matches" in run("search", file, r"llama\s\d", "--regex", "--ignore-case").output
    other = written(tmp_path / "items.jsonl", [{"prompt": "What is Llama 2?", "completion": "A model."}])
    told = json.loads(run("--json", "overlap", file, str(other)).output)
    assert (told["field"], told["other_field"], told["exact"], told["normalised"]) == ("question", "prompt", 1, 2)


def test_neither_escapes_nor_markup_of_the_data_reach_the_terminal(file):
    output = run("search", file, "Hostile", "--field", "question").output
    assert "\x1b" not in output and "[31m[bold]red" in output


def test_options_stand_before_or_behind_the_question(file):
    behind = run("counts", file, "--json", "--memory", "300MB", "--threads", "1")
    before = run("--json", "--memory", "300MB", "--threads", "1", "counts", file)
    assert json.loads(behind.output) == json.loads(before.output) and json.loads(before.output)["rows"] == 3
    assert "memory or threads" in run("counts", file, "--memory", "much").output


def test_nothing_of_the_data_is_a_control_character_of_json_or_of_an_error(tmp_path):
    file = str(written(tmp_path / "rows.jsonl", [{"\x9b31m\x1bt": "One \x9b31m of \x1b[0m it. \u2028\U000e0001"}]))
    outputs = [run("search", file, "of", "--json").output, run("counts", file, "--field", "x").output]
    assert all(one.isprintable() or one == "\n" for output in outputs for one in output)
    assert json.loads(outputs[0])[0]["shown"][0]["text"] == "One \x9b31m »of« \x1b[0m it. \u2028\U000e0001"


def test_that_it_is_at_work_is_shown_on_a_terminal_only(file):
    command = [sys.executable, "-m", "stages.explore", "ngrams", file, "--size", "1"]
    piped = subprocess.run(command, capture_output=True, text=True, check=True)
    assert piped.stderr == "" and piped.stdout
    terminal, other = pty.openpty()
    on_terminal = subprocess.run(command, stdout=subprocess.PIPE, stderr=other, text=True, check=True)
    os.close(other)
    said = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert "ngrams" in said and "0:00:0" in said and on_terminal.stdout == piped.stdout


def test_files_without_rows_are_no_error(tmp_path):
    file = str(written(tmp_path / "rejected.jsonl", []))
    results = [run(*words) for words in (["counts", file], ["profile", file], ["ngrams", file], ["fields", file])]
    assert [result.exit_code for result in results] == [0, 0, 0, 0] and results[0].output == "0 rows\n"


def test_licences_come_from_a_file_of_documents(file, tmp_path):
    documents = str(written(tmp_path / "documents.jsonl", [{"source": "b.md", "licence": "MIT"}]))
    assert "licence of source: 3 rows, 2 different values" in run("fields", file, "--documents", documents).output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["counts", "none.jsonl"], "none.jsonl: there is no such file"),
        (["counts", "FILE", "--field", "quest"], "there is no field quest"),
        (["search", "FILE", "(", "--regex"], "'(' is no regular expression"),
        (["search", "FILE", ""], "not an empty one"),
    ],
)
def test_what_cannot_be_asked_is_told_without_a_traceback(file, words, told):
    result = run(*(file if word == "FILE" else word for word in words))
    assert result.exit_code == 1 and result.output.startswith("Error: explore: ") and told in result.output


def test_the_explorer_imports_no_model():
    code = "import sys, stages.explore; sys.exit(bool({'torch', 'transformers', 'datasets'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
