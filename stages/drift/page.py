"""What differs as one page that needs no network and runs no script."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stages.drift import entries
from stages.drift.difference import Difference
from stages.drift.terminal import name
from stages.drift.words import difference
from stages.reporting import rendering

FOLDER = Path(__file__).parent / "html"
SHOWN = 500  # of a kind
OPEN = 40  # entries of a section up to which its groups are unfolded


def render(found: Difference) -> str:
    """Return the page. Every text is escaped."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"comma": "{:,}".format, "named": name}
    style = [rendering.FOLDER / rendering.STYLE, FOLDER / "diff.css"]
    return environment.get_template("diff.html.jinja").render(
        found=found,
        sections=entries.sections(found, SHOWN),
        difference=difference,
        shown=SHOWN,
        open=OPEN,
        style=Markup("".join(file.read_text(encoding="utf-8") for file in style)),
    )
