"""The explorer from the command line: tables of text, JSON, and errors without a traceback."""

import json
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
