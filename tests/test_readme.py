"""Every command of the README runs, in a workspace with a tiny student and a scripted teacher."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from stages.curation import gates

README = Path("README.md").read_text()
COMMANDS = [
    line.split("  #")[0].strip()
    for block in re.findall(r"```bash\n(.*?)```", README, re.S)
    for line in block.splitlines()
    if line.strip()
]
# What a test has no business with: a hub, a model of 70 billion parameters, another folder than its own.
INSTEAD = {
    "meta-llama/Llama-2-70b-chat-hf": "m",
    "meta-llama/Llama-2-7b-chat-hf": "models/tiny",
    "/srv/faqtune": "../remote",
    "documents/faq.html": "documents/one.md",
    "evaluate.engine=embedded": "evaluate.passages=1",  # the student of the tests is another one
    "-n stop-early": "-n stop-early train@all-linear",  # what follows a training is run after other commands
    "-n rank-$rank": "-n rank-$rank train@all-linear",
    "-n slow-qv": "-n slow-qv train@all-linear",
    "epochs=12": "epochs=3",
    "generate.questions-per-fact=4": "generate.questions-per-fact=4 dedup",
    "make demo": "make --dry-run demo",  # it is the whole run, which CI has no time for; its parts are run here
    "make test": "make --dry-run test",
    "make review": "make --dry-run review",  # pages that are served until somebody ends them
    "make ask": "make --dry-run ask",
    "make remote-check": "python -m stages.remote_check",  # in the environment of the tests
    "make bench": "make --dry-run bench",  # and bench-setup, which installs from the network
}


SYSTEMS = ("base", "retrieval", "attention", "all-linear", "all-linear+retrieval", "oracle")  # columns of the figures


@pytest.fixture(scope="module")
def reader(built):
    local = built.folder / "data/sources/local"
    local.mkdir()
    shutil.copy(built.folder / "data/sources/documents/one.md", local)
    built.run("git init -q --bare ../git && git remote add origin ../git && git push -q -u origin HEAD:main")
    built.run(f"make merging BIN={Path(sys.executable).parent}")
    built.run("git commit -q --allow-empty -m next")  # so that there is a run before the last commit
    return built


def test_the_readme_has_commands():
    assert len(COMMANDS) > 12


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(reader, command):
    for what, instead in INSTEAD.items():
        command = command.replace(what, instead)
    if command.startswith("export "):
        assert command.startswith("export FAQTUNE_ENDPOINTS__TEACHER__URL="), "the test sets it to its own endpoint"
        return
    reader.run(command)


def test_experiments_differ_in_what_they_are_named_after(reader):
    shown = json.loads(reader.run("dvc exp show -A --json 2>/dev/null"))
    found = {}
    for experiment in (e for row in shown for e in (row.get("experiments") or [])):
        params = experiment["revs"][0]["data"]["params"]["params.yaml"]["data"]
        found[experiment["name"]] = (
            params["adapters"]["all-linear"]["epochs"],
            params["adapters"]["all-linear"]["rank"],
        )
    epochs, rank = 1, 2  # of the workspace of the tests
    assert found["four-epochs"] == (4, rank)
    assert found["rank-8"] == (epochs, 8) and found["rank-32"] == (epochs, 32)


def test_the_figures_are_those_of_the_committed_run():
    block = README.split("<!-- figures:begin -->")[1].split("<!-- figures:end -->")[0]
    known = json.loads(Path("data/metrics/evaluate.json").read_text())
    rows = re.findall(r"^\| (\w+): .*? \| (\d+) \| (.*) \|$", block, re.M)
    assert [name for name, _, _ in rows] == ["reworded", "faq", "held_out", "trained", "unanswerable", "general"]
    for name, count, cells in rows:
        metric = {"unanswerable": "refusal", "general": "correct"}.get(name, "token_f1")
        scores = [known[name].get(system, {}).get(metric) for system in SYSTEMS]
        assert int(count) == scores[0]["n"]
        assert cells.split(" | ") == [
            f"{s['value']:.2f} ({s['low']:.2f}-{s['high']:.2f})" if s else "-" for s in scores
        ]


def test_what_is_right_and_what_is_refused_is_that_of_the_committed_run():
    known = json.loads(Path("data/metrics/evaluate.json").read_text())
    for name, metric, said in (
        ("reworded", "key_match", "{} % right in wording never trained ({} to {} %)"),
        ("faq", "key_match", "{} % in the words of the FAQ ({} to {} %)"),
        ("faq", "refusal", "it refuses {} % ({} to {} %)"),
    ):
        score = known[name]["all-linear"][metric]
        assert said.format(*(round(100 * score[key]) for key in ("value", "low", "high"))) in README


def test_the_file_tree_is_the_tree():
    tree = README.split("## Files")[1].split("```")[1]
    for line in tree.strip().splitlines():
        name = line.split()[0]
        inside = line.startswith("  ")
        assert Path("stages" if inside else ".", name).exists(), line


def test_the_stages_of_the_readme_are_those_of_the_pipeline():
    table = re.findall(r"^\| (\w+) \|", README.split("## The pipeline")[1].split("## What comes out")[0], re.M)
    assert table[1:] == list(yaml.safe_load(Path("dvc.yaml").read_text())["stages"])


@pytest.mark.parametrize(
    "module",
    [
        "augmenting/family",
        "augmenting/gates",
        "augmenting/paraphrase",
        "dedup",
        "documents/gates",
        "llm/coverage",
        "llm/multi_hop",
        "llm/question_first",
        "llm/questions",
        "llm/parsing",
        "mixing/given",
        "split",
    ],
)
def test_every_reason_for_which_something_is_dropped_is_explained(module):
    code = Path(f"stages/{module}.py").read_text()
    found = re.findall(
        r'(?:reason(?:, candidate\.value)? ?= ?|return \(?|return (?:\[\]|found), |s: \()"([a-z_]+)"', code
    )
    found += re.findall(r'reason ?= ?"[a-z_]+" if .+ else "([a-z_]+)"', code)
    for call in (
        r'\("(\w+)", choice\.',
        r'reject\(pair, "(\w+)"',
        r'"(leak_[a-z]+)"',
        r'\w+, "(said_twice)"',
        r'asked, "(\w+)"',
    ):
        found += re.findall(call, code)
    assert found
    assert [reason for reason in found if f"`{reason}`" not in Path("data/README.md").read_text()] == []


def test_every_gate_is_explained():
    told = Path("data/README.md").read_text()
    reasons = [*gates.GATES, "conflict", "rejected_by_person"]
    assert [reason for reason in reasons if f"`{reason}`" not in told] == []


def test_cleaning_keeps_what_was_paid_for():
    rules = Path("Makefile").read_text().split("\nclean:")[1]
    assert "-not -name replies" in rules and ".dvc/cache " not in rules and "journal" not in rules.split("\n\t", 1)[1]
    assert not re.search(r"rm -rf [^\n]*\.cache(?: |$)", rules), "the journal is in it"
