"""Accept, reject or edit pairs beside their evidence, on a page of this machine.

    python -m stages.review --who ann

Shows what `dvc repro decide` left in the data folder, and writes decisions, and nothing else. The next `dvc repro`
honours them. Two may review the same pairs, each under a name: what they disagree about holds for nobody.
"""

import secrets
import subprocess
from pathlib import Path
from typing import Any

import click
import msgspec

from stages import disk, settings
from stages.command import Stage
from stages.curation.gates import Thresholds
from stages.records import Document
from stages.reviewing import cases
from stages.reviewing.decisions import Decisions
from stages.reviewing.desk import Desk
from stages.reviewing.passages import Library
from stages.web import app, review


def git_name() -> str:
    """Return the name that Git knows the user by; empty if it knows none."""
    try:
        return subprocess.run(["git", "config", "user.name"], capture_output=True, text=True).stdout.strip()
    except OSError:  # no git here
        return ""


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.option("--data", default="data", type=click.Path(path_type=Path), help="Folder of the stages' outputs.")
@click.option(
    "--decisions", default="data/sources/decisions.jsonl", type=click.Path(dir_okay=False, path_type=Path),
    help="File of decisions, which Git tracks.",
)  # fmt: skip
@click.option("--params", default="params.yaml", type=click.Path(dir_okay=False, path_type=Path),
              help="File of the parameters: from which thresholds on a judge and the gates disagree.")  # fmt: skip
@click.option("--who", default=git_name, show_default="git config user.name", help="Who you are.")
@click.option("--port", default=8765, type=click.IntRange(0, 65535), help="0: any. If it is taken, the next one.")
@click.option("--open/--no-open", "browse", default=False, help="Open the page in a browser.")
def main(data: Path, decisions: Path, params: Path, who: str, port: int, browse: bool) -> None:
    """Load, then serve until Ctrl-C."""
    token = secrets.token_urlsafe(24)
    routes = review.routes(desk(data, decisions, params, who))
    try:
        app.serve(app.build(token, routes, "/review"), "/review", port, token, browse)
    except OSError as error:
        raise click.ClickException(f"review: port {port}: {error.strerror}; choose another one with --port") from error


def desk(data: Path, decisions: Path, params: Path, who: str) -> Desk:
    """Return what lies before a reviewer. Raises RecordError or click.ClickException if something is missing."""
    if not who.strip() or not who.isprintable():
        raise click.ClickException("review: who are you? Say it with --who NAME (or git config user.name NAME)")
    documents = disk.read(cases.needed(data, "refine", "documents.jsonl"), Document)
    written = Decisions(decisions, who.strip(), settings.cache())
    found = Desk(cases.cases(data), Library(documents), cases.statements(data), written, _thresholds(params))
    found.state()  # a broken file of decisions is told here and now
    return found


def _thresholds(params: Path) -> Thresholds:
    try:
        section = msgspec.convert(msgspec.yaml.decode(params.read_bytes())["decide"], dict[str, Any])
        return msgspec.convert({name.replace("-", "_"): value for name, value in section.items()}, Thresholds)
    except (OSError, LookupError, TypeError, msgspec.DecodeError) as error:
        raise click.ClickException(
            f"review: {params}: expected the parameters of decide ({error!r}): run this in the repository, or name the "
            "file with --params"
        ) from error


if __name__ == "__main__":
    main()
