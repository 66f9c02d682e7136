"""The study of paraphrase counts and the search: resumed, put back after an interruption, and what they say of it."""

import importlib
import json
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
STUDY = "bash benchmarks/paraphrase_study.sh"
CHANGED = ("params.yaml", "dvc.lock", "data/metrics/evaluate.json", "data/evaluate/answers.jsonl")


@pytest.fixture
def scripts(monkeypatch):
    """The search and what the study compares with, found as a script finds them."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)
    yield SimpleNamespace(
        search=importlib.import_module("search"), paraphrases=importlib.import_module("studying.paraphrases")
    )
    for name in set(sys.modules) - before:
        if name == "search" or name.startswith("studying"):
            del sys.modules[name]


def state(workspace):
    return {name: (workspace.folder / name).read_bytes() for name in CHANGED} | {
        str(path): path.is_dir() for path in sorted((workspace.folder / "data/adapters").iterdir())
    }


@pytest.mark.bench
def test_a_study_that_was_cut_off_is_put_back_and_goes_on(built):
    before, branch = state(built), built.run("git symbolic-ref HEAD").strip()
    running = subprocess.Popen(
        [*STUDY.split(), "-k", "2", "-a", "all-linear"], cwd=built.folder, env=built.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    limit = time.monotonic() + 60
    while (built.folder / "params.yaml").read_bytes() in (b"", before["params.yaml"]) and time.monotonic() < limit:
        time.sleep(0.002)
    running.send_signal(signal.SIGTERM)  # DVC stashes the workspace now, and writes Git's index
    assert running.wait(120) == 130
    assert built.run("git status --short; git rev-parse --symbolic-full-name HEAD").endswith(f"{branch}\n")
    assert state(built) == before and not (built.folder / ".cache/paraphrase_study").exists()

    output = built.run(f"{STUDY} -k 2 -a all-linear", said=False)
    assert state(built) == before, "the adapters that were left out are back, too"
    assert re.findall("^Running stage '(train.*)'", output, re.M) == ["train@all-linear"] * 2
    lines = output.splitlines()
    table = [line for line in lines if "[paraphrase-" in line]
    assert [line.split("[")[1].split("]")[0] for line in table] == ["paraphrase-0", "paraphrase-2"]
    heading = next(line for line in lines if line.startswith("| Experiment"))
    for column in ("mix.json:kept", "all-linear.token_f1_reworded", "all-linear.token_f1_held_out",
                   "train-all-linear.json:train_loss", "train-all-linear.json:eval_loss"):  # fmt: skip
        assert f" {column} |" in heading
    assert "attention" not in heading and len(heading.split("|")) == len(table[0].split("|"))
    assert "| 0 | 0.00 |" in output and "| 2 | 2.00 |" in output
    assert lines[-1].startswith("Best k by token F1 on reworded") and "all-linear k=" in lines[-1]

    again = built.run(f"{STUDY} -k 2 -a all-linear", said=False)
    assert "==" not in again and again.splitlines()[-1] == lines[-1], "nothing is run again"
    assert state(built) == before


def test_an_experiment_with_other_parameters_is_no_part_of_the_study(scripts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    params = {"augment": {"per-pair": 1, "share": 0.2}, "adapters": {"a": {"rank": 2}, "b": {"rank": 2}}}
    Path("params.yaml").write_text(yaml.safe_dump(params))
    then = params | {"augment": {"per-pair": 5, "share": 1}, "adapters": {"a": {"rank": 2}}}
    monkeypatch.setattr(scripts.paraphrases, "git_file", lambda revision, path: yaml.safe_dump(then))
    scripts.paraphrases.same_parameters({5: "x"}, ["~adapters.b"])
    with pytest.raises(SystemExit, match=r"k=5 had other parameters: adapters.a.rank \(then 2, now 4\)"):
        scripts.paraphrases.same_parameters({5: "x"}, ["~adapters.b", "adapters.a.rank=4"])
    with pytest.raises(SystemExit, match="-S adapters.a.rnk=4: .*rnk"):
        scripts.paraphrases.same_parameters({}, ["adapters.a.rnk=4"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("-k 0,2", "expected counts"),
        ("-k 0 2", "unexpected: 2"),
        ("-a nobody", "no adapter nobody, but attention all-linear"),
        ("-n ../x", "expected letters"),
    ],
)
def test_a_wrong_option_of_the_study_is_named(options, said):
    done = subprocess.run(f"{STUDY} {options}", shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and said in done.stderr


def test_a_second_study_in_the_same_workspace_is_refused(built):
    (built.folder / ".cache/paraphrase_study").mkdir()
    output = built.run(f"{STUDY} -n other", check=False)
    (built.folder / ".cache/paraphrase_study").rmdir()
    assert "a study runs here, or was killed" in output and "==" not in output


def test_the_best_count_is_told_with_the_interval_of_its_difference(scripts, monkeypatch):
    facts = {name: [f"{name}-{n}" for n in range(20)] for name in ("reworded", "held_out")}
    gains = {0: 0.0, 2: 0.2, 5: 0.1}

    def rows(revision, path, kind):
        name = Path(path).stem
        if name in facts:
            return [SimpleNamespace(id=one, facts=[one]) for one in facts[name]]
        return [
            SimpleNamespace(set=name, system=adapter, item=one, scores={"token_f1": 0.5 + gain})
            for name, items in facts.items()
            for one in items
            for adapter, gain in (("attention", 0.0), ("all-linear", gains[int(revision)]))
        ]

    made = {0: 0, 2: 200, 5: 341}
    monkeypatch.setattr(scripts.paraphrases, "dvc_rows", rows)
    monkeypatch.setattr(
        scripts.paraphrases,
        "git_file",
        lambda revision, path: json.dumps({"children": {"terse": made[int(revision)]}, "parents": 100, "kept": 7}),
    )
    runs = {count: str(count) for count in gains}
    lines = scripts.paraphrases.compared(runs, ["attention", "all-linear"])
    assert lines[-1].endswith("attention k=0, none is better; all-linear k=2, +0.200 (+0.200 to +0.200), better.")
    assert "k=5 is 3.41 forms a pair" in "\n".join(lines) and "k=2 is" not in "\n".join(lines)
    facts["held_out"].append("new")
    monkeypatch.setattr(scripts.paraphrases, "scores", lambda revision: {
        (name, adapter): dict.fromkeys(facts[name][: 20 + (revision == "0")], 0.5)
        for name in facts for adapter in ("attention", "all-linear")
    })  # fmt: skip
    with pytest.raises(SystemExit, match="k=2 was evaluated on other held_out items"):
        scripts.paraphrases.compared(runs, ["attention", "all-linear"])


@pytest.mark.bench
def test_two_trials_are_two_experiments_and_the_workspace_is_as_it_was(built):
    pytest.importorskip("optuna")
    before = state(built)
    search = (  # what is in the workspace already, and other targets
        "python benchmarks/search.py --name tried --log2-rank 1 1 --learning-rate 5e-4 5e-4 --epochs 1 1 "
        "--targets qv all-linear --trials 2 --metric trained.all-linear.token_f1.value"
    )
    lines = built.run(search, said=False).splitlines()
    figures = json.loads(lines[-1])
    assert figures["trials"] == 2 and figures["failed"] == 0 and figures["best"] in ("tried-0", "tried-1")
    assert state(built) == before
    for name in ("tried-0", "tried-1"):
        revision = built.run(f"git for-each-ref --format='%(objectname)' 'refs/exps/**/{name}'").strip()
        had = yaml.safe_load(built.run(f"git show {revision}:params.yaml"))["adapters"]["all-linear"]
        row = next(line for line in lines if line.startswith(f"| {name} |"))
        assert row.split(" | ")[1:5] == ["1", "0.0005", "1", *had["targets"]]
        assert (had["rank"], had["alpha"], had["learning-rate"], had["epochs"]) == (2, 32, 5e-4, 1)
    assert "is of {" in built.run(f"{search} --adapter attention", check=False), "another study than that file's"


@pytest.fixture
def searching(scripts, tmp_path, monkeypatch):
    """A search whose experiments are made up: the higher the rank, the better; targets `bad` fail."""
    pytest.importorskip("optuna")
    monkeypatch.chdir(tmp_path)
    subprocess.run("git init -q . && git -c user.name=A -c user.email=a@example.org commit -q --allow-empty -m a",
                   shell=True, check=True)  # fmt: skip
    Path("params.yaml").write_text(yaml.safe_dump({"adapters": {"all-linear": {"rank": 16, "alpha": 32}}}))
    Path("data/metrics").mkdir(parents=True)
    asked: list[list[str]] = []

    def evaluated(value):
        Path("data/metrics/evaluate.json").write_text(
            json.dumps({"reworded": {"all-linear": {"token_f1": {"value": value}}}})
        )

    def exit_code(command):
        asked.append([one.split(".")[-1] for one in command if one.startswith("--set-param")])
        if len(asked) in stops:
            raise KeyboardInterrupt
        evaluated(int(asked[-1][0].removeprefix("rank=")) / 64)
        return int("targets=[bad]" in asked[-1])

    stops: set[int] = set()
    evaluated(0.1)
    monkeypatch.setattr(scripts.search, "exit_code", exit_code)
    monkeypatch.setattr(scripts.search, "put_back", scripts.search.nullcontext)

    def run(*options):
        monkeypatch.setattr(sys, "argv", ["search.py", "--targets", "good", "bad", *options])
        scripts.search.main()

    return SimpleNamespace(run=run, asked=asked, stops=stops)


def test_a_failed_trial_is_told_and_the_search_goes_on(searching, capsys):
    searching.run("--trials", "12")
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    bad = sum("targets=[bad]" in one for one in searching.asked)
    assert figures["trials"] == 12 and figures["failed"] == bad and 0 < bad < 12
    best = max((one for one in searching.asked if "targets=[bad]" not in one), key=lambda one: int(one[0][5:]))
    assert figures["value"] == int(best[0][5:]) / 64


def test_a_search_in_several_goes_proposes_what_one_proposes(searching, capsys):
    searching.run("--trials", "6", "--name", "one")
    whole = searching.asked.copy()
    searching.asked.clear()
    searching.run("--trials", "2", "--name", "two")
    searching.stops.add(4)
    with pytest.raises(KeyboardInterrupt):
        searching.run("--trials", "6", "--name", "two")
    searching.run("--trials", "6", "--name", "two")
    assert searching.asked == whole[:4] + whole[3:], "the one that was cut off is run again"
    searching.asked.clear()
    searching.run("--trials", "6", "--name", "two")
    searching.run("--trials", "9", "--name", "two", "--quick")
    assert searching.asked == []
    subprocess.run(
        "git -c user.name=A -c user.email=a@example.org commit -q --allow-empty -m b", shell=True, check=True
    )
    searching.run("--name", "two", "--quick")
    with pytest.raises(SystemExit):
        searching.run("--trials", "9", "--name", "two")
    assert "give another name" in capsys.readouterr().err, "code and documents may be others"


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--adapter", "x"], "params.yaml has all-linear, not x"), (["--metric", "a.b"], "has no number a.b")],
)
def test_a_wrong_option_of_the_search_is_named(searching, capsys, options, said):
    with pytest.raises(SystemExit):
        searching.run(*options)
    assert said in capsys.readouterr().err


def test_a_search_without_optuna_says_what_to_install(searching, capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit):
        searching.run("--quick")
    assert "pip install -e '.[search]'" in capsys.readouterr().out


def test_on_ctrl_c_the_stage_ends_and_dvc_is_not_interrupted(scripts, tmp_path):
    begun, ended, interrupted = tmp_path / "begun", tmp_path / "ended", tmp_path / "interrupted"
    stage = f"trap 'touch {ended}; exit' INT; touch {begun}; while :; do sleep 0.05; done"
    dvc = f"trap 'touch {interrupted}' INT; bash -c {shlex.quote(stage)} python -m stages.train; true"
    running = subprocess.Popen([sys.executable, "benchmarks/studying/workspace.py", "bash", "-c", dvc])
    limit = time.monotonic() + 60
    while not begun.exists() and time.monotonic() < limit:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 130 and ended.exists() and not interrupted.exists()
