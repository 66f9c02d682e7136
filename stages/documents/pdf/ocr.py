"""PDF: words of scanned pages, by tesseract. Needs the extra `ocr` and the program tesseract."""

import re
import statistics
from collections.abc import Iterator
from itertools import accumulate
from math import log
from typing import Any

from stages.documents.blocks import ReadError
from stages.documents.pdf.runs import Drawn, Run

DPI = 300  # what tesseract is made for
MAX_PIXELS = 40_000_000  # of a page's picture: a page may claim any size
STEP = 1.3  # from one font size to the next that is told apart
TIMEOUT = 120  # seconds a page


def read_scans(data: bytes, numbers: list[int], language: str) -> Iterator[tuple[int, Drawn]]:
    """Yield what stands on the pages with these numbers, counted from 1.

    Args:
        data: the PDF.
        numbers: the pages.
        language: as tesseract names it, such as "eng" or "deu+eng".

    Raises:
        ReadError: bad_language if it is no such name, ocr_missing if a package, the program or the language is not
            there, ocr_failed for whatever else goes wrong.
    """
    if not re.fullmatch(r"[A-Za-z_]{3,16}(\+[A-Za-z_]{3,16})*", language):
        raise ReadError("bad_language", f"{language!r} is no tesseract language; it should look like eng or deu+eng")
    try:
        import pypdfium2
        import pytesseract
    except ImportError as error:
        raise ReadError("ocr_missing", f"{error.name} is not installed; install the extra ocr") from error
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise ReadError("ocr_failed", f"the PDF cannot be drawn: {error}") from error
    try:
        for number in numbers:
            page = document[number - 1]
            width, height = page.get_size()
            scale = min(DPI / 72, (MAX_PIXELS / max(1.0, width * height)) ** 0.5)
            picture = page.render(scale=scale, grayscale=True).to_pil()
            yield number, Drawn(_runs(_words(pytesseract, picture, language), height, scale), width, height)
    finally:
        document.close()


def _words(pytesseract: Any, picture: Any, language: str) -> dict[str, list[Any]]:
    """Return tesseract's table of words with their boxes in pixels."""
    try:
        return pytesseract.image_to_data(picture, lang=language, timeout=TIMEOUT, output_type=pytesseract.Output.DICT)
    except pytesseract.TesseractNotFoundError as error:
        raise ReadError("ocr_missing", "the program tesseract is not installed") from error
    except pytesseract.TesseractError as error:
        message = " ".join(str(error).split())
        missing = "loading language" in message or "Failed loading" in message
        raise ReadError("ocr_missing" if missing else "ocr_failed", f"tesseract: {message[:300]}") from error
    except RuntimeError as error:  # what pytesseract raises when the time is over
        raise ReadError("ocr_failed", f"tesseract took more than {TIMEOUT} s for a page: {error}") from error


def _runs(table: dict[str, list[Any]], height: float, scale: float) -> list[Run]:
    """Return the words as runs, those of a line on one baseline and in one size."""
    lines: dict[tuple[int, int, int], list[int]] = {}
    for index, word in enumerate(table["text"]):
        if str(word).strip():
            key = table["block_num"][index], table["par_num"][index], table["line_num"][index]
            lines.setdefault(key, []).append(index)
    sizes = {
        key: _size([(table["text"][i], table["height"][i] / scale) for i in words]) for key, words in lines.items()
    }
    body = statistics.median(sizes.values()) if sizes else 0.0
    runs = []
    for key, words in lines.items():
        size = body * STEP ** round(log(sizes[key] / body, STEP))  # the measure is a rough one
        feet = [
            table["top"][i] + table["height"][i] * (0.78 if re.search(r"[gjpqyQ,;()\[\]]", table["text"][i]) else 1.0)
            for i in words
        ]
        baseline = height - statistics.median(feet) / scale
        for i in words:
            text, left, wide = str(table["text"][i]).strip(), table["left"][i] / scale, table["width"][i] / scale
            run = Run(text, left, left + wide, baseline, size, False, False)
            run.places = [0.0, *accumulate([1 / len(text)] * len(text))]
            runs.append(run)
    return runs


def _size(words: list[tuple[str, float]]) -> float:
    """Return a line's font size by the height of its words: letters rise 0.72 of it and fall 0.21."""
    found = []
    for word, height in words:
        rise = 0.72 if re.search(r"[A-Z0-9bdfhklßäöü]", word) else 0.5
        fall = 0.21 if re.search(r"[gjpqyQ]", word) else 0.0
        found.append(height / (rise + fall))
    return statistics.median(found)
