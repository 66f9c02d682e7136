"""dvc.yaml names every module, prompt, data file and parameter that a stage uses, so that no change goes unnoticed."""

import ast
import importlib
import shlex
from pathlib import Path

import click
import pytest
import yaml

PIPELINE = yaml.safe_load(Path("dvc.yaml").read_text())
STAGES = {name: stage.get("do", stage) for name, stage in PIPELINE["stages"].items()}
PARAMS = yaml.safe_load(Path("params.yaml").read_text())
FILES = (".jinja", ".yaml", ".css", ".js")  # what a module may read from beside itself or from prompts/
BY_HAND = {"refresh"}  # options by which a script does something else than its stage


def imports(module: Path) -> set[Path]:
    """Return the modules of stages/ that a module imports, wherever in it, itself included."""
    found: set[Path] = set()
    todo = [module]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "stages":
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names if alias.name.startswith("stages.")]
            else:
                continue
            todo += [path for name in names for path in run_by(name)]
    return found


def run_by(name: str) -> list[Path]:
    """Return the files that run when a name is imported: its module, and its packages if they hold code."""
    parts = name.split(".")
    packages = [Path(*parts[:n], "__init__.py") for n in range(1, len(parts) + 1)]
    packages = [path for path in packages if path.exists() and len(ast.parse(path.read_text()).body) > 1]
    return packages + [path for path in [Path(*parts).with_suffix(".py")] if path.exists()]


def files_read(module: Path) -> set[Path]:
    """Return the prompts and data files that a module names in a string."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Prompt":
            found |= {Path("prompts", f"{a.value}.jinja") for a in node.args if isinstance(a, ast.Constant)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(FILES):
            beside = module.parent / node.value
            if beside.is_file():
                found.add(beside)
    return found


def script(name: str) -> Path:
    words = shlex.split(STAGES[name]["cmd"])
    assert words[:2] == ["python", "-m"], f"{name}: `python -m`, or an experiment runs the code of another workspace"
    return Path(words[2].replace(".", "/") + ".py")


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_its_code_and_on_no_other(name):
    code = {dep for dep in STAGES[name]["deps"] if dep.endswith(".py")}
    assert code == {str(path) for path in imports(script(name))}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_its_prompts_and_data_files(name):
    read = set().union(*(files_read(module) for module in imports(script(name))))
    assert {str(path) for path in read} <= set(STAGES[name]["deps"])


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_has_the_name_of_its_script(name):
    assert script(name) == Path("stages", f"{name}.py")


def sections(name: str) -> dict:
    """Return the parameters that a stage's command unpacks, adapters by their first entry."""
    found: dict = {}
    for word in STAGES[name]["cmd"].split():
        key = word.removeprefix("${").removesuffix("}")
        if word == "${item}":
            found |= next(iter(PARAMS["adapters"].values()))
        elif word.startswith("${") and "." not in key and key != "key":
            found |= PARAMS[key]
    return found


@pytest.mark.parametrize("name", STAGES)
def test_every_option_of_a_stage_is_a_parameter_and_the_other_way_round(name):
    main: click.Command = importlib.import_module(f"stages.{name}").main
    options = {
        option.removeprefix("--")
        for parameter in main.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts[:1]
    }
    given = {word.removeprefix("--") for word in STAGES[name]["cmd"].split() if word.startswith("--")}
    assert options - BY_HAND == set(sections(name)) | given


@pytest.mark.parametrize("name", [name for name in STAGES if name != "train"])
def test_a_stage_run_by_hand_does_what_the_pipeline_does(name):
    main: click.Command = importlib.import_module(f"stages.{name}").main
    defaults = {p.opts[0].removeprefix("--"): p.default for p in main.params if isinstance(p, click.Option)}
    for key, value in sections(name).items():
        if key not in {
            "sources",
            "system",
            "allow",
            "abbreviations",
        }:  # what has no default that would fit other documents
            default = list(defaults[key]) if isinstance(value, list) else defaults[key]
            assert default == value, f"--{key}"


def test_every_parameter_reaches_a_stage():
    used = " ".join(stage["cmd"] for stage in STAGES.values()) + PIPELINE["stages"]["train"]["foreach"]
    assert [section for section in PARAMS if f"${{{section}" not in used] == []


def test_every_adapter_has_the_same_keys():
    assert len({frozenset(adapter) for adapter in PARAMS["adapters"].values()}) == 1


def test_every_parameter_has_a_comment():
    lines = Path("params.yaml").read_text().splitlines()
    documented, bare = set(), []
    for line in lines:
        key = line.split(":")[0].strip()
        if line.startswith("  ") and not line.rstrip().split("#")[0].rstrip().endswith(":"):
            if "#" in line:
                documented.add(key)
            elif key not in documented:
                bare.append(line)
    assert bare == []


def test_a_stage_that_keeps_replies_keeps_its_ledger():
    kept = [out for stage in STAGES.values() for out in stage["outs"] if isinstance(out, dict)]
    ledgers = {f"data/replies/{stage}.jsonl" for stage in ("generate", "judge", "augment", "evaluate", "grade")}
    assert {path for out in kept for path, options in out.items() if options == {"persist": True}} == ledgers


@pytest.mark.parametrize("name", [name for name in STAGES if name not in {"generate", "train", "evaluate"}])
def test_a_stage_without_a_model_never_imports_torch(name):
    import subprocess
    import sys

    code = f"import sys, stages.{name}; assert not {{'torch', 'transformers', 'openai', 'dask'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
