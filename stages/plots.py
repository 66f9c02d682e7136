"""Write the page template of `dvc plots` with Vega inside: DVC's own loads it from the web, and is blank offline.

    python -m stages.plots .venv/plots.html
    dvc config --local plots.html_template ../.venv/plots.html

`make setup` does both. The page may request nothing, whatever stands in the data.
"""

from pathlib import Path

import click

from stages import disk

TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; \
style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plots</title>
{refresh_tag}
<style>
body { display: flex; flex-wrap: wrap; gap: 1.5rem 2rem; margin: 1rem; font: .9rem system-ui, sans-serif; }
body > div { max-width: 100%; overflow-x: auto; }
</style>
<script>"""
REST = """</script>
</head>
<body>
{plot_divs}
</body>
</html>
"""
# What DVC calls. No button that sends the data to an editor on the web; a plot without data says so.
SNIPPET = """window.vegaEmbed = (place, spec) => Object.keys(spec).length
  ? vegaEmbed(place, spec, {actions: {export: true, source: false, compiled: false, editor: false}})
  : document.querySelector(place).append("no data: " + place.slice(1));
"""


@click.command(help=__doc__)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def main(file: Path) -> None:
    """Bundle and write."""
    disk.write_bytes(file, page_template().encode())


def page_template() -> str:
    """Return the page with DVC's placeholders for the plots."""
    import vl_convert

    scripts = vl_convert.javascript_bundle(SNIPPET)
    return TEMPLATE + scripts.replace("</script", r"<\/script") + REST


if __name__ == "__main__":
    main()
