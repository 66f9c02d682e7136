"""The page as one file: templates, style, scripts and data put together, with a policy that lets nothing else run."""

import base64
import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stages.reporting.links import web
from stages.reporting.page import label_of

FOLDER = Path(__file__).parent
SECTIONS = (
    "html/scores.html.jinja", "html/answers.html.jinja", "html/funnel.html.jinja", "html/gates.html.jinja",
    "html/coverage.html.jinja", "html/documents.html.jinja", "html/profile.html.jinja", "html/pairs.html.jinja",
    "html/training.html.jinja", "html/cost.html.jinja", "html/parameters.html.jinja",
)  # fmt: skip
TITLES = {"profile": "Data", "cost": "Time and cost"}  # in the navigation, where they are not the section's name
AROUND = ("html/page.html.jinja", "html/macros.html.jinja")
STYLE = "html/report.css"
WITH_VEGA = "html/draw.js"
SCRIPTS = ("html/page.js", "html/answers.js", "html/pairs.js", "html/start.js")


def render(content: Mapping[str, Any]) -> str:
    """Return the page of what `page.content` gathered.

    The data of plots, answers and pairs is packed (gzip, base64) in an element that is no script; the page's policy
    names the hashes of the scripts, so that no other one runs, wherever it comes from.
    """
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"web": web, "comma": "{:,}".format, "words": label_of}
    scripts = [_vega(), "".join(_text(name) for name in SCRIPTS)]
    return environment.get_template(Path(AROUND[0]).name).render(
        **content,
        sections=[Path(name).name.removesuffix(".html.jinja") for name in SECTIONS],
        titles=TITLES,
        style=Markup(_text(STYLE)),
        scripts=[Markup(script) for script in scripts],
        hashes=Markup(" ".join(map(_hash, scripts))),
        packed=_packed(content["data"]),
    )


def _vega() -> str:
    """Return Vega, Vega-Lite and Vega-Embed in one script, with what draws."""
    import vl_convert  # slow to import

    return (
        str(vl_convert.javascript_bundle(_text(WITH_VEGA))).replace("</script", r"<\/script").replace("<!--", r"<\!--")
    )


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _packed(data: Any) -> str:
    return base64.b64encode(gzip.compress(msgspec.json.encode(data), mtime=0)).decode()
