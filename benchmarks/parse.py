"""How fast are the readers, beside tools for the same purpose, and who keeps what?

python benchmarks/parse.py [--quick] [--documents FOLDER]

Documents with known content (parsing/documents.py) are read by each tool in a process and an environment of its own
(`make bench-setup`), the tools by turns. Time is that of a reading, without imports and the first reading; memory is
the peak of the process, and a tool's imports are in it. What counts as kept: parsing/kept.py.

The last line is a JSON object. `ratio_to_fastest_equal` is our time divided by that of the fastest tool that keeps at
least as much of everything (headings, links, code, cells, text below its heading) and leaves no more navigation and
page furniture: the worst of all formats and sizes; null where no other tool keeps as much. 1 or less: none is faster.
A tool that gives the file back as it is has not read it and is no such tool, though it keeps all; our time divided by
its time is `ratio_to_unread`. `ratio_to_fastest` is that to the fastest tool that does read, whatever it keeps.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import click
from parsing.documents import content, furniture, make
from parsing.kept import as_much, kept, known

HERE = Path(__file__).parent
OURS = "faqtune"
TOOLS = (OURS, "synthetic-data-kit", "markitdown", "unstructured")
SUFFIXES = (".md", ".html", ".pdf", ".docx")
TIMEOUT = 300  # seconds for one process
QUIET = {"SCARF_NO_ANALYTICS": "true", "DO_NOT_TRACK": "true", "UNSTRUCTURED_DISABLE_NOTICE": "1"}


@click.command(help=__doc__.split("\n")[0] if __doc__ else None)
@click.option("--quick", is_flag=True, help="Small documents, once: under a minute.")
@click.option("--documents", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Time these as well.")
def main(quick: bool, documents: Path | None) -> None:
    """Measure, print the table and the figures."""
    tools = {tool: python for tool in TOOLS if (python := interpreter(tool)).exists()}
    for tool in set(TOOLS) - set(tools):
        print(f"{tool} is not installed (make bench-setup)")
    figures: dict = {"formats": {}}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in SUFFIXES:
            for chapters in (5,) if quick else (5, 50):
                case = compare(
                    tools, suffix, chapters, Path(folder), rounds=1 if quick else 3, limit=0.5 if quick else 5
                )
                figures["formats"].setdefault(suffix[1:], {})[str(chapters)] = case
    print(table(figures["formats"]))
    if documents:
        figures["documents"] = real(tools, documents)
    print(json.dumps(overall(figures["formats"]) | figures))


def interpreter(tool: str) -> Path:
    """Return the Python of a tool's environment."""
    return Path(sys.executable) if tool == OURS else HERE.parent / ".cache/bench" / tool / "bin/python"


def run(tool: str, python: Path, files: list[Path], limit: float) -> dict:
    """Return what parsing/reader.py prints of these files, or {"error": ...}."""
    command = [str(python), "-P", str(HERE / "parsing/reader.py"), tool, str(limit), *map(str, files)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, env=os.environ | QUIET)
    except subprocess.TimeoutExpired:
        return {"error": f"not ready after {TIMEOUT} s"}
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def compare(tools: dict[str, Path], suffix: str, chapters: int, folder: Path, rounds: int, limit: float) -> dict:
    """Return the figures of all tools on one format and size: `truth`, `tools` and the ratios."""
    files = []
    for seed in range(6):
        files.append(folder / f"{chapters}-{seed}{suffix}")
        files[-1].write_bytes(make(content(chapters, seed), suffix))
    runs: dict[str, list[dict]] = {tool: [] for tool in tools}
    for _ in range(rounds):
        for tool, python in tools.items():
            runs[tool].append(run(tool, python, files, limit))
    size, pages = files[0].stat().st_size / 1024, pages_of(files[0])
    found = {tool: summary(results, size, pages) for tool, results in runs.items()}
    for tool, results in runs.items():
        if "error" not in found[tool]:
            text = results[0]["text"]
            found[tool]["keeps"] = kept(text, results[0]["links"], content(chapters), furniture(suffix))
            found[tool]["unread"] = suffix == ".md" and text.split() == files[0].read_text().split()
    truth = known(content(chapters), furniture(suffix))
    return {"kilobytes": round(size, 1), "pages": pages, "truth": truth, "tools": found, **ratios(runs, found)}


def pages_of(file: Path) -> int | None:
    """Return the number of a PDF's pages, None for other formats."""
    if file.suffix != ".pdf":
        return None
    from pypdf import PdfReader

    return len(PdfReader(file).pages)


def summary(results: list[dict], size: float, pages: int | None) -> dict:
    """Return a tool's figures over all rounds: seconds for one document, speed at the best, memory in MB."""
    if failed := [result["error"] for result in results if "error" in result]:
        return {"error": failed[0]}
    times = [seconds for result in results for seconds in result["seconds"]]
    best = min(times)
    return {
        "seconds": round(best, 5),
        "seconds_median": round(median(times), 5),
        "kilobytes_per_second": round(size / best, 1),
        "pages_per_second": round(pages / best, 1) if pages else None,
        "seconds_import": round(median(result["import"] for result in results), 2),
        "peak_mb": round(max(result["peak_mb"] for result in results)),
    }


def ratios(runs: dict[str, list[dict]], found: dict[str, dict]) -> dict[str, float | None]:
    """Return our time divided by that of others, each the median over the rounds of the ratio within a round."""
    others: dict[str, float] = {}
    for tool in set(runs) - {OURS} if "error" not in found[OURS] else ():
        if "error" not in found[tool]:
            pairs = zip(runs[OURS], runs[tool], strict=True)
            others[tool] = round(median(_best(ours) / _best(other) for ours, other in pairs), 3)
    reading = {tool: ratio for tool, ratio in others.items() if not found[tool].get("unread")}
    ours = found[OURS].get("keeps", {})
    equal = [ratio for tool, ratio in reading.items() if as_much(found[tool]["keeps"], ours)]
    return {
        "ratio_to_fastest_equal": max(equal, default=None),
        "ratio_to_fastest": max(reading.values(), default=None),
        "ratio_to_unread": max((others[tool] for tool in set(others) - set(reading)), default=None),
    }


def _best(result: dict) -> float:
    return min(result["seconds"])


def overall(formats: dict[str, dict[str, dict]]) -> dict:
    """Return the worst ratio of all, and of each format."""
    worst: dict = {}
    for name in ("ratio_to_fastest_equal", "ratio_to_fastest", "ratio_to_unread"):
        by_format = {
            suffix: max((case[name] for case in cases.values() if case[name] is not None), default=None)
            for suffix, cases in formats.items()
        }
        worst[name] = max((ratio for ratio in by_format.values() if ratio is not None), default=None)
        worst[f"{name}_by_format"] = by_format
    return worst


def table(formats: dict[str, dict[str, dict]]) -> str:
    """Return the figures as a Markdown table, and what our time is of that of the fastest tool that keeps as much."""
    names = ("headings", "links", "code", "cells", "pairs", "furniture")
    head = ["format", "chapters", "tool", "ms best", "ms median", "KB/s", "pages/s", "peak MB", *names]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    closing = []
    for suffix, cases in formats.items():
        for chapters, case in cases.items():
            for tool, f in case["tools"].items():
                cells = [suffix, chapters, f"{tool} (gives it back unread)" if f.get("unread") else tool]
                if "error" in f:
                    cells += [f["error"], *[""] * (len(head) - 4)]
                else:
                    cells += [f"{1000 * f['seconds']:.1f}", f"{1000 * f['seconds_median']:.1f}"]
                    cells += [f"{f['kilobytes_per_second']:.0f}", str(f["pages_per_second"] or "-"), str(f["peak_mb"])]
                    cells += [f"{f['keeps'][name]}/{case['truth'][name]}" for name in names]
                lines.append("| " + " | ".join(cells) + " |")
            ratio = case["ratio_to_fastest_equal"]
            found = "no other tool keeps as much" if ratio is None else f"{ratio} of the fastest that keeps as much"
            closing.append(f"{suffix}, {chapters} chapters: {found}")
    return "\n".join([*lines, "", *closing])


def real(tools: dict[str, Path], folder: Path) -> dict:
    """Return, by format and tool, seconds and number of real documents read, of which no truth is known."""
    figures: dict = {}
    for suffix in SUFFIXES:
        files = sorted(folder.rglob(f"*{suffix}"))
        for tool, python in tools.items() if files else ():
            result = run(tool, python, [files[0], *files], TIMEOUT)
            times = [seconds for seconds in result.get("seconds", ()) if seconds is not None]
            figures.setdefault(suffix[1:], {})[tool] = {
                "read": len(times),
                "of": len(files),
                "seconds": round(sum(times), 3),
                "peak_mb": round(result.get("peak_mb", 0)),
            }
            print(f"{suffix[1:]}, {tool}: {figures[suffix[1:]][tool]}")
    return figures


if __name__ == "__main__":
    main()
