"""`dvc plots show` draws every adapter in one picture, and needs no internet."""

import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import vl_convert
import yaml
from click.testing import CliRunner

from stages.plots import main

PLOTS: list[dict[str, dict[str, Any]]] = yaml.safe_load(Path("dvc.yaml").read_text())["plots"]
SCORES = [plot for plot in PLOTS if next(iter(plot.values()))["template"] == "intervals"]
CURVES = [plot for plot in PLOTS if plot not in SCORES]
ADAPTERS = list(yaml.safe_load(Path("params.yaml").read_text())["adapters"])
STEPS = 4  # of an epoch


def run(folder: Path, command: str) -> str:
    """Run a command in a folder and return what it prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    known = os.environ | {"PATH": path, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder / ".site")}
    names = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(command, shell=True, cwd=folder, env=known | names, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def trained(folder: Path) -> None:
    """Write the curves of each adapter as `train` does, the held-out loss blank but at the end of an epoch."""
    for number, name in enumerate(ADAPTERS, 1):
        losses = ["step,epoch,train,eval,learning_rate,grad_norm,tokens"]
        speeds = ["step,seconds,tokens,tokens_per_second"]
        for step in range(1, STEPS * number + 1):
            held_out = "" if step % STEPS else f"{2 / step:.4f}"
            losses.append(f"{step},{step / STEPS:.3f},{3 / step:.4f},{held_out},{number * 1e-3:.3e},0.5000,{90 * step}")
            speeds.append(f"{step},0.3000,90,300.0")
        for kind, lines in (("loss", losses), ("speed", speeds)):
            (folder / "data" / kind).mkdir(parents=True, exist_ok=True)
            (folder / "data" / kind / f"{name}.csv").write_text("\n".join(lines) + "\n")


def evaluated(folder: Path) -> None:
    """Write the table of scores as `evaluate` does."""
    lines = ["set,system,metric,value,low,high,n"]
    for name in ("reworded", "faq"):
        for number, system in enumerate(["base", "oracle", *ADAPTERS]):
            for metric in ("token_f1", "key_match", "refusal"):
                lines.append(f"{name},{system},{metric},0.{number}5,0.{number}1,0.{number}9,40")
    (folder / "data/evaluate").mkdir(parents=True, exist_ok=True)
    (folder / "data/evaluate/scores.csv").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Git and DVC workspace with this project's plots, set up as by `make setup`, after a training."""
    folder = tmp_path_factory.mktemp("plots")
    run(folder, "git init -q && dvc init -q")
    shutil.copytree(".dvc/plots", folder / ".dvc/plots", dirs_exist_ok=True)
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"plots": PLOTS}, sort_keys=False))
    (folder / ".gitignore").write_text("/data/speed/\n/.site/\n/.venv/\n/dvc_plots/\n")
    trained(folder)
    evaluated(folder)
    run(folder, "git add -A && git commit -qm trained")
    result = CliRunner().invoke(main, [str(folder / ".venv/plots.html")])
    assert result.exit_code == 0, result.output
    run(folder, "dvc config --local plots.html_template ../.venv/plots.html")
    return folder


def specs(folder: Path, command: str) -> dict[str, dict[str, Any]]:
    """Return the Vega-Lite specifications on the page that a command makes, by the title of the chart."""
    run(folder, command)
    page = (folder / "dvc_plots/index.html").read_text()
    found = [json.loads(spec) for spec in re.findall(r"^\s*var spec = (.*);$", page, re.M)]
    return {spec["title"]["text"]: spec for spec in found if spec}


def shown(spec: dict[str, Any]) -> set[str]:
    return {value["filename"].removesuffix(".csv") for value in spec["data"]["values"]}


class Loaded(HTMLParser):
    """Notes what a page would load, and its security policy."""

    def __init__(self, page: str):
        super().__init__()
        self.sources: list[str | None] = []
        self.policy = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.sources += [value for name, value in attrs if name in ("src", "href", "srcset", "data")]
        if known.get("http-equiv") == "Content-Security-Policy":
            self.policy = known["content"] or ""


@pytest.mark.parametrize("plot", CURVES, ids=lambda plot: next(iter(plot)))
def test_every_adapter_is_in_every_plot(plot: dict[str, dict[str, Any]]) -> None:
    (definition,) = plot.values()
    assert [Path(file).stem for file in definition["y"]] == ADAPTERS


def test_each_plot_is_one_chart_with_all_adapters(workspace: Path) -> None:
    drawn = specs(workspace, "dvc plots show")
    assert list(drawn) == [definition["title"] for plot in PLOTS for definition in plot.values()]
    curves = [drawn[definition["title"]] for plot in CURVES for definition in plot.values()]
    assert all(shown(spec) == set(ADAPTERS) for spec in curves)


def test_scores_are_drawn_with_their_intervals_set_by_set(workspace: Path) -> None:
    drawn = specs(workspace, "dvc plots show")
    for plot in SCORES:
        for definition in plot.values():
            spec = drawn[definition["title"]]
            assert spec["transform"][0] == {"filter": f"datum.metric === '{definition['x_label']}'"}
            values = [one for one in spec["data"]["values"] if one["metric"] == definition["x_label"]]
            assert {one["system"] for one in values} == {"base", "oracle", *ADAPTERS}
            assert all(float(one["low"]) < float(one["value"]) < float(one["high"]) for one in values)
    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    assert "with its 95 % interval" in svg and "all-linear" in svg


def test_the_page_has_its_scripts_inside_and_may_load_nothing(workspace: Path) -> None:
    run(workspace, "dvc plots show")
    page = (workspace / "dvc_plots/index.html").read_text()
    loaded = Loaded(page)
    assert loaded.sources == [] and "cdn.jsdelivr.net" not in page
    assert loaded.policy.startswith("default-src 'none'; ") and "http" not in loaded.policy
    outside = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert "://" not in outside and len(page) - len(outside) > 500_000
    assert "{plot_divs}" not in page and "{refresh_tag}" not in page


def test_a_blank_held_out_loss_is_no_zero(workspace: Path) -> None:
    """DVC hands blanks on as they are, and Vega would draw them as 0."""
    loss = next(iter(specs(workspace, "dvc plots show loss").values()))
    values = [v["dvc_inferred_y_value"] for v in loss["data"]["values"] if v["field"] == "eval"]
    assert values.count("") == len(values) * (STEPS - 1) / STEPS
    assert loss["transform"][0] == {"filter": "datum['dvc_inferred_y_value'] !== ''"}


def test_revisions_without_speeds_are_compared_nevertheless(workspace: Path) -> None:
    drawn = specs(workspace, "dvc plots diff HEAD")
    revisions = {title: {value["rev"] for value in spec["data"]["values"]} for title, spec in drawn.items()}
    speed = revisions.pop("Speed of training")
    assert speed == {"workspace"} and all(revs == {"workspace", "HEAD"} for revs in revisions.values())


def test_a_workspace_where_nobody_trained_shows_the_other_plots(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace, tmp_path / "clone")
    shutil.rmtree(tmp_path / "clone/data/speed")
    drawn = specs(tmp_path / "clone", "dvc plots show")
    assert len(drawn) == len(PLOTS) - 1 and "Speed of training" not in drawn


def test_without_the_page_template_dvc_uses_its_own(workspace: Path, tmp_path: Path) -> None:
    """The committed configuration names no file that only `make setup` makes."""
    shutil.copytree(workspace, tmp_path / "clone")
    shutil.copy(".dvc/config", tmp_path / "clone/.dvc/config")
    (tmp_path / "clone/.dvc/config.local").unlink()
    shutil.rmtree(tmp_path / "clone/.venv")
    assert len(specs(tmp_path / "clone", "dvc plots show")) == len(PLOTS)
