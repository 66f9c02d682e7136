"""Import: pairs of other tools become a source, pass the gates of all others, and are never taken unlooked at."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from stages import chunk, collect, curate, decide, dedup, disk, filter, parse, refine
from stages.import_recipe import main
from stages.mixing import drawing
from stages.records import Pair, Reject, Source
from tests.endpoint import Endpoint, serving
from tests.teacher import Stage, perfect

GUIDE = """\
# Aster pump

The pump of Aster moves 12 litres of water in a minute. The flag --dry-run of Aster prints all steps without starting
the motor. The licence of Aster allows free use in schools.

## Storage

A sensor of Aster is stored in the cellar below the main hall. Aster keeps 40 gigabytes of logs in the folder archive.
"""
GOOD = {"Question": "How much water does the pump of Aster move in a minute?", "Answer": "It moves 12 litres of water."}
LOGS = {"Question": "Which folder of Aster holds 40 gigabytes?", "Answer": "The folder archive keeps the logs."}
PASSAGE = {"Question": "Where does the passage say that a sensor is stored?", "Answer": "In the cellar of the hall."}
TOPIC = {"Question": "Storage of a sensor of Aster", "Answer": "It is stored in the cellar below the main hall."}
OURS = {"Question": "where is a sensor of Aster stored", "Answer": "It is stored in the cellar below the main hall."}
WRONG = {"Question": "How much water does the Aster pump move?", "Answer": "The pump moves 15 litres in a minute."}
DENIED = {
    "Question": "Does the flag --dry-run start the motor?",
    "Answer": "Yes, --dry-run prints all steps with starting the motor.",
}


class Project:
    """A folder with one document, the stages' outputs, and what was imported."""

    def __init__(self, folder: Path, tokenizer: Path):
        self.folder, self.tokenizer = folder, tokenizer
        self.sources, self.data = folder / "sources" / "documents", folder / "data"
        self.sources.mkdir(parents=True)
        (self.sources / "guide.md").write_text(GUIDE)

    def put(self, value: object, name: str = "data.json") -> Path:
        path = self.folder / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return path

    def invoke(self, *words: object) -> Result:
        """Import; an exception that is no message fails the test."""
        places = ["--sources", self.sources, "--rejected", self.folder / "rejected", "--against", self.data]
        return CliRunner().invoke(main, [str(word) for word in [*words, *places]], catch_exceptions=False)

    def take(self, value: object, *options: object, name: str = "data.json") -> list[dict]:
        """Import and return what is kept."""
        done = self.invoke(self.put(value, name), *options)
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in self.imported(name).read_text().splitlines()]

    def imported(self, name: str = "data.json") -> Path:
        return self.sources / "imported" / f"{Path(name).stem}.jsonl"

    def rejected(self, name: str = "data") -> dict[str, Reject]:
        """Return the last reject of each reason."""
        return {one.reason: one for one in disk.read(self.folder / "rejected" / f"{name}.jsonl", Reject)}

    @property
    def entries(self) -> list[dict]:
        return yaml.safe_load((self.sources / "imported.yaml").read_text())["sources"]

    def run(self, *commands: tuple[object, ...]) -> None:
        """Run stages: each a command and its arguments, those below the data folder as paths from there."""
        for command, *words in commands:
            paths = [str(self.data / word) if str(word).split("/")[0] in STAGES else str(word) for word in words]
            place = next((at for at, word in enumerate(paths) if word.startswith("--")), len(paths))
            paths.insert(place, str(self.data / "metrics" / f"{command.name}.json"))
            done = CliRunner().invoke(command, paths, catch_exceptions=False)
            assert done.exit_code == 0, f"{command.name}: {done.output}"

    def cut(self) -> None:
        """Run the stages that ask nobody."""
        given = Path("data/sources")
        self.run(
            (collect.main, "collect", "--sources", self.sources),
            (parse.main, "collect", "parse"),
            (filter.main, "parse/documents.jsonl", "filter"),
            (refine.main, "filter/documents.jsonl", "refine", "--history", given / "refine.json", "--corrections",
             given / "corrections.csv"),
            (chunk.main, "refine/documents.jsonl", "chunk", "--student", self.tokenizer),
        )  # fmt: skip

    def pairs(self, made: Stage) -> None:
        """Run the stages from the facts to the pairs; questions are made by rule."""
        shutil.rmtree(made.folder / "chunk", ignore_errors=True)
        shutil.copytree(self.data / "chunk", made.folder / "chunk")
        made.run("--rules", "--ask", "short", "--min-pairs-per-fact", "0")
        shutil.copytree(made.folder / "out", self.data / "generate", dirs_exist_ok=True)
        none = self.put("", "none.jsonl")
        self.run(
            (curate.main, "generate/pairs.jsonl", "chunk", none, "curate"),
            (decide.main, "curate", self.judge(), none, "decide", "--min-rank", "-1000"),
            (dedup.main, "decide/pairs.jsonl", "dedup"),
        )

    def judge(self) -> Path:
        """Return the folder of a judge that was not asked."""
        for name in ("pairs.jsonl", "labels.jsonl"):
            disk.write(self.folder / "judge" / name, [])
        return self.folder / "judge"


STAGES = {"collect", "parse", "filter", "refine", "chunk", "generate", "curate", "decide", "dedup"}


@pytest.fixture(scope="module")
def cut_once(tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path) -> Path:
    project = Project(tmp_path_factory.mktemp("import") / "project", tiny_llama)
    project.cut()
    return project.folder


@pytest.fixture
def project(cut_once: Path, tmp_path: Path, tiny_llama: Path) -> Project:
    """Return a project of which chunks are made."""
    made = Project(tmp_path / "project", tiny_llama)
    shutil.copytree(cut_once, made.folder, dirs_exist_ok=True)
    return made


def test_pairs_of_another_tool_end_in_the_data_set_or_are_rejected_with_a_reason(project, tiny_llama, tmp_path):
    with serving(Endpoint(perfect)) as server:
        made = Stage(tmp_path / "made", tiny_llama, server.url)
        project.pairs(made)
        before = {pair.question: pair for pair in disk.read(project.data / "dedup" / "pairs.jsonl", Pair)}
        kept = project.take([GOOD, LOGS, PASSAGE, TOPIC, OURS, WRONG, DENIED, GOOD], "--weight", "0.25")
        project.cut()
        project.pairs(made)
    assert {one["question"] for one in kept} == {one["Question"] for one in (GOOD, LOGS, PASSAGE, TOPIC)}
    told = {reason: (one.record, one.value) for reason, one in project.rejected().items()}
    assert told == {
        "asked_already": (OURS, before["Where is a sensor of Aster stored?"].id),
        "ungrounded": (WRONG, "15 litres"),
        "negated": (DENIED, told["negated"][1]),
        "duplicate": (GOOD, None),
    }
    decided = {one.reason: one.record for one in disk.read(project.data / "decide" / "rejected.jsonl", Reject)}
    assert decided["dangling"]["question"] == PASSAGE["Question"]
    assert decided["not_a_question"]["question"] == TOPIC["Question"]
    after = {pair.question: pair for pair in disk.read(project.data / "dedup" / "pairs.jsonl", Pair)}
    assert after.keys() == before.keys() | {GOOD["Question"], LOGS["Question"]}
    one = after[LOGS["Question"]]
    assert (one.origin, one.source, one.topic) == ("seed", "imported/data.jsonl", "data > Aster pump > Storage")
    sources = {one.path: one for one in disk.read(project.data / "collect" / "sources.jsonl", Source)}
    assert (sources[one.source].weight, sources[one.source].trust) == (0.25, 0.3)
    weights = drawing.weights_of(drawing.Mixture(by="source", sampling="quotas"), ["guide.md", one.source], sources)
    assert weights == {"guide.md": 1.0, one.source: 0.25}
    assert project.take([GOOD, LOGS, PASSAGE, TOPIC, OURS, WRONG, DENIED, GOOD], "--weight", "0.25") == kept


def test_what_was_imported_before_bears_nothing_out(project):
    claim = {"question": "How heavy is Aster?", "answer": "Aster weighs 70 kilograms."}
    project.take([GOOD, claim], "--unchecked")
    project.cut()
    assert "70 kilograms" in (project.data / "chunk" / "chunks.jsonl").read_text()
    assert [one["question"] for one in project.take([GOOD, claim])] == [GOOD["Question"]]
    assert project.rejected()["ungrounded"].value == "70 kilograms"


def test_the_same_file_again_changes_nothing_and_a_new_version_replaces_it(project):
    file = project.put([GOOD])
    assert "data.jsonl is new" in project.invoke(file, "--weight", "2").output
    before = project.imported().read_bytes(), (project.sources / "imported.yaml").read_bytes()
    assert "data.jsonl is unchanged" in project.invoke(file).output
    assert (project.imported().read_bytes(), (project.sources / "imported.yaml").read_bytes()) == before
    project.put([LOGS])
    assert "data.jsonl is replaced" in project.invoke(file, "--trust", "0.1").output
    assert [json.loads(line)["question"] for line in project.imported().open()] == [LOGS["Question"]]
    assert [(one["weight"], one["trust"]) for one in project.entries] == [(2.0, 0.1)]


def test_the_manifest_says_what_the_options_say_of_each_source(project):
    project.take([LOGS], name="b.json")
    said = ["--title", "Old FAQ", "--licence", "CC0-1.0", "--language", "en", "--trust", "0", "--name", "../old faq"]
    assert project.invoke(project.put([GOOD]), *said).exit_code == 0
    assert project.entries == [
        {"path": "imported/b.jsonl", "title": "b", "weight": 0.5, "tags": ["imported"], "trust": 0.3},
        {"path": "imported/old-faq.jsonl", "title": "Old FAQ", "licence": "CC0-1.0", "weight": 0.5, "language": "en",
         "tags": ["imported"], "trust": 0.0},
    ]  # fmt: skip


def test_the_summary_says_what_became_of_the_pairs_and_nothing_is_lost(project):
    done = project.invoke(project.put("\n".join(map(json.dumps, [GOOD, WRONG, {"x": 1}])) + '\n{"question"', "a.jsonl"))
    assert "a.jsonl: 4 in, 1 kept, 3 rejected (not_a_pair 1, ungrounded 1, unreadable_line 1)" in done.output
    assert {one.reason: one.record for one in project.rejected("a").values()} == {
        "not_a_pair": {"x": 1}, "ungrounded": WRONG, "unreadable_line": '{"question"',
    }  # fmt: skip


def test_without_a_good_pair_nothing_is_imported_and_the_old_version_stays(project):
    project.take([GOOD])
    done = project.invoke(project.put([WRONG]))
    assert done.exit_code == 1 and "1 rejected (ungrounded 1): nothing is imported; see" in done.output
    assert GOOD["Question"] in project.imported().read_text()


def test_what_this_pipeline_wrote_is_refused(project):
    project.take([GOOD])
    for file in (project.imported(), shutil.copy(project.imported(), project.folder / "copy.jsonl")):
        done = project.invoke(file)
        assert done.exit_code == 1 and "give what another tool wrote" in done.output
    assert [one["path"] for one in project.entries] == ["imported/data.jsonl"]


@pytest.mark.parametrize(
    "text, said",
    [("question: no", "expected JSON or JSON Lines"), ("", "there is nothing in it"), ("[]", "there is nothing in it"),
     ("[" * 100_000, "nested too deeply"), ("[" * 300 + "{}" + "]" * 300, "nothing is imported")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named(project, text, said):
    done = project.invoke(project.put(text))
    assert done.exit_code == 1 and "data.json" in done.output and said in done.output
    assert not project.imported().exists()


def test_without_a_run_the_message_says_what_to_do(project):
    shutil.rmtree(project.data)
    done = project.invoke(project.put([GOOD]))
    assert done.exit_code == 1 and "run `dvc repro dedup` first" in done.output and "--unchecked" in done.output
    assert [one["evidence"] for one in project.take([GOOD, WRONG], "--unchecked")] == [None, None]


def test_without_pairs_of_the_run_a_line_says_that_nothing_is_known_to_be_asked_already(project):
    done = project.invoke(project.put([OURS]))
    assert "dedup/pairs.jsonl is missing: nothing tells which questions the run asks already" in done.output
    assert "missing" not in project.invoke(project.put([OURS]), "--unchecked").output
    disk.write(project.data / "dedup" / "pairs.jsonl", [])
    assert "missing" not in project.invoke(project.put([OURS])).output


def test_what_cannot_be_written_is_told_in_one_line(project):
    done = project.invoke(project.put([GOOD]), "--name", "a" * 300)
    assert done.exit_code == 1 and "File name too long" in done.output and isinstance(done.exception, SystemExit)


def test_two_files_of_one_name_and_wrong_options_are_refused(project):
    file = project.put([GOOD])
    assert "each file needs a name of its own" in project.invoke(file, file).output
    assert "no code of ISO 639-1" in project.invoke(file, "--language", "English!").output
    (project.sources / "imported.yaml").write_text("sources: {")
    done = project.invoke(file)
    assert done.exit_code == 1 and "imported.yaml cannot be read as YAML" in done.output


def test_no_escape_sequence_of_a_file_reaches_the_terminal(project):
    done = project.invoke(project.put([GOOD, {"question": "\x1b[31mW", "answer": "\x1b[0m"}], "a\x1b[31m.json"))
    assert done.exit_code == 0 and "\x1b" not in done.output
