"""Two people and a remote: each step of their work costs the least possible, and both get the same bytes."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.workspace import SAMPLES, Workspace, page

MAIN = "git push -q origin HEAD:main"


class Person:
    """Who works in a clone: what her commands cost is counted by the teacher that all share."""

    def __init__(self, workspace: Workspace):
        self.workspace, self.folder, self.run, self.edit = workspace, workspace.folder, workspace.run, workspace.edit

    def costs(self, command: str) -> tuple[int, list[str]]:
        """Return how many samples were asked for, and which stages ran."""
        return self.workspace.asked_by(command)

    def adds(self, name: str, title: str, parts: list[str], first: int) -> None:
        (self.folder / "data/sources/documents" / name).write_text(page(title, parts, first))

    def shares(self, message: str) -> None:
        self.run(f"git add -A && git commit -qm '{message}' && dvc push -q && {MAIN}")

    def data(self) -> dict[str, bytes]:
        """Return what the pipeline made, but for how fast it went."""
        return self.workspace.digests()


@pytest.fixture(scope="module")
def people(built: Workspace) -> tuple[Person, Person]:
    """Anna has run the whole pipeline and pushed it; Ben has cloned the repository, and nothing else."""
    anna = Person(built)
    anna.run("git init -q --bare ../git && git remote add origin ../git && dvc remote add -q -d storage ../remote")
    anna.shares("a run to share")
    anna.run("git clone -q -b main ../git ../ben")
    ben = Person(built.at(built.folder.parent / "ben"))
    shutil.copytree(anna.folder / "models", ben.folder / "models")  # the tiny student, which no hub has
    ben.run("git config user.email b@example.org && git config user.name B")
    for person in (anna, ben):
        person.run(f"make merging BIN={Path(sys.executable).parent}")
    return anna, ben


def test_a_second_clone_gets_the_same_bytes_for_nothing(people):
    anna, ben = people
    assert ben.costs("dvc repro --pull") == (0, [])
    assert ben.data() == anna.data()
    assert ben.run("git status --short") == ""
    assert not (ben.folder / ".cache/journal.sqlite").exists(), "a journal is nobody else's"


def test_an_edited_sentence_costs_its_own_fact_and_the_other_nothing(people):
    anna, ben = people
    ben.edit("data/sources/documents/two.md", "weighs 22 grams", "weighs 23 grams")
    asked, stages = ben.costs("dvc repro dedup")
    assert asked == SAMPLES and stages[-1] == "dedup"
    ben.shares("23 grams")
    anna.run("git pull -q --ff-only origin main && dvc pull -q")
    assert anna.costs("dvc repro dedup") == (0, [])
    for name in ("chunk/facts.jsonl", "dedup/pairs.jsonl", "replies/generate.jsonl"):
        assert (anna.folder / "data" / name).read_bytes() == (ben.folder / "data" / name).read_bytes()


def test_two_documents_added_by_two_people_are_merged_and_asked_once_each(people):
    anna, ben = people
    anna.adds("three.md", "Aster supplement", ["hinge"], 50)
    ben.adds("four.md", "Aster addendum", ["lamp"], 60)
    assert anna.costs("dvc repro generate")[0] == SAMPLES * 2, "two facts of her part"
    assert ben.costs("dvc repro generate")[0] == SAMPLES * 2
    anna.shares("three")
    ben.run("git add -A && git commit -qm four && git fetch -q origin")
    assert "dvc.lock is merged" in ben.run("git merge --no-edit origin/main")
    ben.run("dvc pull -q --allow-missing")
    asked, stages = ben.costs("dvc repro")
    assert asked == 0, "what Anna was answered is not asked again"
    assert stages[0] == "collect" and stages[-1] == "report"
    ben.shares("both")
    anna.run("git pull -q --ff-only origin main && dvc pull -q")
    assert anna.costs("dvc repro") == (0, []), "nor trained again"
    assert anna.data() == ben.data()
    facts = (anna.folder / "data/chunk/facts.jsonl").read_text()
    assert all(part in facts for part in ("hinge", "lamp", "23 grams"))


def test_an_experiment_is_shared_by_its_name(people):
    anna, ben = people
    ben.run("dvc exp run -q -S decide.max-answer-words=12 -n shorter dedup && dvc exp push -q origin shorter")
    assert "shorter" in anna.run("dvc exp list origin")
    anna.run("dvc exp pull -q origin shorter && dvc exp apply -q shorter")
    assert "max-answer-words: 12" in (anna.folder / "params.yaml").read_text()
    assert anna.costs("dvc repro dedup") == (0, [])
    assert anna.data() == ben.data()
