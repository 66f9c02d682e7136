"""Status: it says of each stage what `dvc repro` would do and why, of a small pipeline that DVC really runs."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from dvc.repo import Repo

from stages import status
from stages.reporting.terminal import WIDTH

PIPELINE = """
stages:
  write:
    cmd: sh stages/write.sh data/write ${write}
    deps: [stages/write.sh, data/sources/given.txt]
    outs: [data/write]
    metrics: [{data/metrics/write.json: {cache: false}}]
  count:
    cmd: wc -c < data/write/text.txt > data/count.txt
    deps: [data/write/text.txt]
    outs: [data/count.txt]
  reply:
    cmd: cp data/count.txt data/replies.txt
    deps: [data/count.txt]
    outs: [{data/replies.txt: {persist: true}}]
"""
SCRIPT = """
mkdir -p $1 data/metrics
echo "$@" > $1/text.txt
echo '{"in": 5, "kept": 3, "rejected": {"bad": 2}}' > data/metrics/write.json
"""
PARAMS = {"write": {"text": "short", "names": ["a", "b"]}}


class Project:
    """A repository with three stages, which follow each other."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.write("dvc.yaml", PIPELINE)
        self.write("stages/write.sh", SCRIPT)
        self.write("data/sources/given.txt", "given")
        self.write("data/seconds.json", '{"write": 90.0, "count": 2.5}')
        self.set()
        config = Path(__file__).parents[1].joinpath(".dvc/config").read_text()
        self.write(".dvc/config", config.replace("[core]", "[core]\n    no_scm = true"))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def set(self, **changes: Any) -> None:
        self.write("params.yaml", yaml.safe_dump({"write": PARAMS["write"] | changes}))

    def repro(self, *targets: str) -> None:
        Repo(".").reproduce(targets=list(targets) or None)

    def remove(self, name: str) -> None:
        path = self.folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def run(self, *words: str) -> Any:
        return CliRunner().invoke(status.main, words)

    def told(self) -> dict[str, Any]:
        result = self.run("--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def stages(self) -> dict[str, str]:
        """Return each stage's state and why."""
        return {one["name"]: ": ".join([one["state"], *one["why"]]) for one in self.told()["stages"]}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that was run, for copies."""
    project = Project(tmp_path_factory.mktemp("project") / "first")
    before = Path.cwd()
    os.chdir(project.folder)
    try:
        project.repro()
    finally:
        os.chdir(before)
    return project.folder


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Project(folder)


@pytest.fixture
def built(first: Path, fresh: Project) -> Project:
    shutil.copytree(first, fresh.folder, symlinks=True, dirs_exist_ok=True)
    return fresh


def test_of_a_fresh_clone_all_will_run_and_how_long_is_not_known(fresh):
    fresh.remove("data/seconds.json")
    told = fresh.told()
    assert fresh.stages() == {"write": "will run: never run", "count": "will run: never run: follows write",
                              "reply": "will run: never run: follows count"}  # fmt: skip
    assert told["cost"]["not_timed"] == ["write", "count", "reply"] and told["cost"]["most_seconds"] == 0
    assert told["last_run"] is None and told["headline"] == {}
    output = fresh.run().output
    assert "takes      not known of write, count, reply" in output and "last run   never" in output


def test_after_a_run_all_is_up_to_date_with_what_came_out(built):
    told = built.told()
    assert set(built.stages().values()) == {"up to date"}
    assert told["stages"][0] == {"name": "write", "state": "up to date", "why": [], "in": 5, "kept": 3, "seconds": 90.0}
    assert told["at_work"] is None and told["cost"]["most_seconds"] == 0 and not told["advice"]
    output = built.run().output
    assert re.search(r"^dvc repro +has nothing to do$", output, re.M) and "takes" not in output
    assert re.search(r"^write +5 +3 +90.0 +up to date$", output, re.M)


def test_it_writes_nothing_into_the_repository(built):
    def everything() -> dict[str, float]:
        return {str(path): path.stat().st_mtime_ns for path in built.folder.rglob("*")}

    built.set(text="longer")
    before = everything()
    built.told()
    assert everything() == before


def test_a_changed_parameter_is_named_with_both_values(built):
    built.set(text="longer words", names=["b", "c"])
    assert built.stages() == {
        "write": "will run: write.names + c; − a: write.text short → longer words",
        "count": "may run: follows write",
        "reply": "may run: follows write",
    }
    cost = built.told()["cost"]
    assert (cost["least_seconds"], cost["most_seconds"], cost["not_timed"]) == (90.0, 92.5, ["reply"])
    output = built.run().output
    assert "will run write; may run count, reply" in output
    assert "at least 90 s, at most 92 s, by the last runs; not known of reply" in output


def test_what_an_earlier_run_made_of_the_same_is_taken_from_the_cache(built):
    built.set(text="other")
    built.repro()
    built.set()
    assert built.stages()["write"] == "from the cache: write.text other → short"
    built.repro("write")
    assert built.stages()["count"] == "from the cache: data changed: data/write/text.txt"
    assert built.stages()["reply"] == "may run: follows count"


def test_changed_code_and_data_are_named(built):
    built.write("stages/write.sh", SCRIPT + "echo more >> $1/text.txt\n")
    built.write("data/sources/given.txt", "other")
    assert built.stages()["write"] == "will run: code changed: write.sh: data changed: data/sources/given.txt"
    built.remove("data/sources/given.txt")
    assert "data missing: data/sources/given.txt" in built.stages()["write"]


def test_what_was_made_anew_before_a_stage_is_changed_data(built):
    built.set(text="longer words")
    built.repro("write")
    assert built.stages() == {
        "write": "up to date",
        "count": "will run: data changed: data/write/text.txt",
        "reply": "may run: follows count",
    }


def test_a_missing_output_that_the_cache_has_needs_no_run(built):
    built.remove("data/write")
    assert built.stages() == {
        "write": "from the cache: output missing, but in the cache: data/write",
        "count": "up to date",
        "reply": "up to date",
    }
    assert "dvc checkout" in built.told()["advice"][0]
    assert built.told()["cost"]["most_seconds"] == 0
    Repo(".").reproduce()
    assert set(built.stages().values()) == {"up to date"}


def test_outputs_that_are_kept_between_runs_are_not_taken_from_the_cache(built):
    built.remove("data/replies.txt")
    assert built.stages()["reply"] == "will run: output missing, but in the cache: data/replies.txt"
    assert "dvc checkout" in built.told()["advice"][0]


def test_outputs_that_are_nowhere_are_to_be_pulled_or_made(built):
    built.remove("data/write")
    built.remove(".dvc/cache")
    stages = built.stages()
    assert stages["write"] == "will run: output missing, and not in the cache: data/write"
    assert stages["count"] == "will run: output not in the cache: data/count.txt: follows write"
    assert [line.split("`")[1] for line in built.told()["advice"]] == ["dvc pull", "dvc commit"]
    built.write("data/count.txt", "by hand")
    assert "not that of dvc.lock, which is not in the cache: data/count.txt" in built.stages()["count"]


def test_an_output_that_dvc_lock_does_not_know_is_made(built):
    built.write("dvc.yaml", PIPELINE.replace("outs: [data/count.txt]", "outs: [data/count.txt, data/more.txt]"))
    assert built.stages()["count"] == "will run: output not in dvc.lock: data/more.txt"


def test_an_output_that_was_changed_by_hand_is_named(built):
    built.remove("data/count.txt")  # it may be a link into the cache
    built.write("data/count.txt", "by hand")
    built.remove("data/metrics/write.json")
    assert built.stages() == {
        "write": "from the cache: output missing: data/metrics/write.json",
        "count": "from the cache: output changed since the run: data/count.txt",
        "reply": "up to date",
    }
    assert len(built.told()["advice"]) == 2


def test_while_another_command_holds_the_lock_it_says_so_and_what_it_sees(built):
    repo = Repo(".")
    with repo.lock:
        assert built.told()["at_work"]["pid"] == os.getpid()
        assert set(built.stages().values()) == {"up to date"}
        assert f"is at work (process {os.getpid()}, for " in " ".join(built.run().output.split())


def test_while_repro_runs_it_says_what_runs_and_the_run_goes_on(built):
    built.write("dvc.yaml", PIPELINE.replace("wc -c", "touch running; while [ ! -e go ]; do sleep 0.05; done; wc -c"))
    dvc = subprocess.Popen([sys.executable, "-m", "dvc", "repro", "-q"])
    try:
        while not Path("running").exists():
            time.sleep(0.05)
            assert dvc.poll() is None
        told = built.told()
        assert told["at_work"]["command"] == "dvc repro -q" and told["at_work"]["pid"] == dvc.pid
        assert built.stages() == {"write": "up to date", "count": "running: command changed",
                                  "reply": "may run: follows count"}  # fmt: skip
        assert "dvc repro -q is at work" in built.run().output.splitlines()[0]
        Path("go").touch()
        assert dvc.wait(20) == 0
    finally:
        dvc.kill()
    assert set(built.stages().values()) == {"up to date"}


def test_plain_text_has_no_escapes_no_boxes_and_fits(built):
    built.set(text="[red]\x1b[31m" + "long " * 40, names=[f"name{n}" for n in range(40)])
    output = built.run().output
    assert "\x1b" not in output and not re.search("[\u2500-\u257f]", output)
    assert max(map(len, output.splitlines())) <= WIDTH and "write.text short → [red]?[31mlong" in output
    assert not any(line.endswith(" ") for line in output.splitlines())


def test_a_terminal_has_colours_unless_they_are_not_wanted_and_80_columns_are_enough(built, monkeypatch):
    built.write(
        "data/metrics/evaluate.json", Path(__file__).parents[1].joinpath("data/metrics/evaluate.json").read_text()
    )
    built.set(text="[red]\x1b[31mred", names=[f"n{n}" for n in range(9)])
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    output = built.run().output
    assert "\x1b[1;33mwill run" in output and "\x1b[31m" not in output
    shown = re.sub(r"\x1b\[[\d;]*m", "", output)
    assert max(map(len, shown.splitlines())) <= 80 and "…" not in shown and "1.82–2.96" in shown
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1mwill run" in built.run().output and "\x1b[1;33m" not in built.run().output


def test_the_last_run_is_as_old_as_its_commit_if_git_brought_it(built, monkeypatch):
    assert built.told()["last_run"] == pytest.approx(time.time(), abs=600)
    two_days_ago = f"{int(time.time()) - 2 * 86400} +0000"
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "A")
        monkeypatch.setenv(f"{name}_EMAIL", "a@example.org")
        monkeypatch.setenv(f"{name}_DATE", two_days_ago)
    for words in ("init -q", "add dvc.lock dvc.yaml params.yaml data/sources", "commit -qm a"):
        subprocess.run(["git", *words.split()], check=True)
    assert built.told()["uncommitted"] == [] and "last run   2 d 0 h ago" in built.run().output
    built.set(text="longer")
    built.repro("write")
    assert built.told()["uncommitted"] == ["dvc.lock", "params.yaml"]
    assert built.told()["last_run"] == pytest.approx(time.time(), abs=60)
    assert "Git        not committed: dvc.lock, params.yaml" in built.run().output


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("dvc.yaml", "stages: [", "dvc.yaml"),
        ("dvc.yaml", "stages: {a: {cmd: x, dep: y}}", "dvc.yaml' validation failed; `dvc status` says more"),
        ("dvc.yaml", "stages: {a: {cmd: 'x ${absent}'}}", "Could not find 'absent'"),
        (
            "dvc.yaml",
            "stages: {a: {cmd: x, deps: [a], outs: [b]}, b: {cmd: x, deps: [b], outs: [a]}}",
            "both a dependency",
        ),
        ("params.yaml", "write: [", "params.yaml"),
        ("dvc.lock", "stages: [", "dvc.lock"),
        ("dvc.yaml", None, "there is no dvc.yaml here"),
        (".dvc/config", None, "not inside of a DVC repository"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line(fresh, file, text, said):
    if text is None:
        fresh.remove(str(Path(file).parts[0]))
    else:
        fresh.write(file, text)
    result = fresh.run()
    assert result.exit_code == 1 and result.output.startswith("Error: ") and result.output.count("\n") == 1
    assert said in result.output


def test_broken_metrics_are_no_error_but_changed_outputs(built):
    built.write("data/metrics/write.json", "{")
    assert "output changed since the run: data/metrics/write.json" in built.stages()["write"]
    assert built.told()["stages"][0]["kept"] is None


def test_all_stages_of_this_repository_appear_in_its_order_and_torch_is_not_loaded():
    code = "import sys; from stages import status; status.main(['--json'], standalone_mode=False)"
    code += "; assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pipeline = yaml.safe_load(Path("dvc.yaml").read_text())["stages"]
    adapters = [f"train@{name}" for name in yaml.safe_load(Path("params.yaml").read_text())["adapters"]]
    expected = [one for name in pipeline for one in (adapters if name == "train" else [name])]
    assert [one["name"] for one in json.loads(done.stdout)["stages"]] == expected
