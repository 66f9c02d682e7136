"""Put the funnel, coverage, curves, scores and examples on one page that needs no network and runs no script.

python -m stages.report data data/report --params params.yaml

Text from documents and models is untrusted: it is escaped, and a link is one only if it leads to http or https.
Same inputs, same bytes: neither the time nor the place nor how long a stage took is on the page. Only the tokens a
second of a training (data/speed) differ from run to run.
"""

from pathlib import Path

import click
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stages import disk
from stages.records import RecordError
from stages.reporting import page
from stages.reporting.gather import GatherError


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("output", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--params",
    default="params.yaml",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the parameters, which are shown as they are.",
)
def main(data: Path, output: Path, params: Path) -> None:
    """Gather, check, render, write."""
    if not params.exists():
        raise click.ClickException(f"{params} is missing: run this in the repository, or name the file with --params")
    try:
        html = render(data, params.read_text(encoding="utf-8")).encode()
    except (GatherError, RecordError, yaml.YAMLError) as error:
        raise click.ClickException(f"report: {error}") from error
    disk.write_bytes(output / "index.html", html)
    click.echo(f"report: {output / 'index.html'}, {len(html) / 1000:.0f} kB")


def render(data: Path, params: str) -> str:
    """Return the page of a data folder. Raises GatherError if something is missing or does not add up."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"web": page.web, "comma": "{:,}".format, "words": page.label_of}
    return environment.get_template("report.html.jinja").render(page.content(data, params))


if __name__ == "__main__":
    main()
