"""Put the funnel, coverage, curves, scores, answers and pairs on one page that needs no network.

python -m stages.report data data/report --params params.yaml

Text from documents and models is untrusted: it is escaped, a link is one only if it leads to http or https, and no
script but the page's own runs. Same inputs, same bytes, but for what is no function of them: the seconds that stages
took, the tokens a second of a training (data/speed), and the commit that the parameters are compared with.
"""

import subprocess
from pathlib import Path

import click
import yaml

from stages import disk
from stages.records import RecordError
from stages.reporting import page, rendering
from stages.reporting.changes import Changes, changes, figures
from stages.reporting.gather import GatherError


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("output", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--params",
    default="params.yaml",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the parameters, which are shown as they are, and beside those of the commit before.",
)
def main(data: Path, output: Path, params: Path) -> None:
    """Gather, check, render, write."""
    if not params.exists():
        raise click.ClickException(f"{params} is missing: run this in the repository, or name the file with --params")
    try:
        text = params.read_text(encoding="utf-8")
        html = rendering.render(page.content(data, text, before(params, data / "metrics" / "evaluate.json"))).encode()
    except (GatherError, RecordError, yaml.YAMLError) as error:
        raise click.ClickException(f"report: {error}") from error
    disk.write_bytes(output / "index.html", html)
    click.echo(f"report: {output / 'index.html'}, {len(html) / 1000:.0f} kB")


def before(params: Path, evaluated: Path) -> Changes | None:
    """Return how parameters and figures differ from the last commit with other parameters; None if there is none."""
    now = yaml.safe_load(params.read_text(encoding="utf-8"))
    for line in _git(params, "log", "--format=%h %s", "--", params.name).splitlines()[:2]:
        commit, _, subject = line.partition(" ")
        found = changes(yaml.safe_load(_git(params, "show", f"{commit}:./{params.name}")), now)
        if found:
            then = yaml.safe_load(_git(evaluated, "show", f"{commit}:./{evaluated.name}")) or {}
            current = disk.read_json(evaluated) if evaluated.exists() else {}
            return Changes(commit, subject, found, changes(figures(then), figures(current)))
    return None


def _git(params: Path, *words: str) -> str:
    """Return what git says of the folder of a file; nothing where there is no git, no repository, or no such commit."""
    try:
        ran = subprocess.run(["git", "-C", str(params.parent), *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return ran.stdout


if __name__ == "__main__":
    main()
