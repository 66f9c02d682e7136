"""The sample documents and the hand-written items are what they claim to be."""

from pathlib import Path

import pytest
import yaml

from stages import disk
from stages.documents.readers import ReadError, read
from stages.llm.prompts import Example
from stages.quality.leaks import read_faq

FOLDER = Path("data/sources/documents")
LISTED = yaml.safe_load((FOLDER / "sources.yaml").read_text())["sources"]
BROKEN, FRENCH, PAIRS = "broken-benchmarks.pdf", "demarrage-rapide.fr.md", "support-questions.csv"


def plain(text: str) -> str:
    """Return a text without the markup that a quote of the file may hold and the text we read does not."""
    return " ".join(text.replace("`", "").replace("*", "").split())


def text_of(name: str) -> str:
    parsed = read((FOLDER / name).read_bytes(), Path(name).suffix)
    return plain(" ".join(block for part in parsed.parts for block in part.blocks))


@pytest.fixture(scope="module")
def texts():
    return {entry["path"]: text_of(entry["path"]) for entry in LISTED if entry["path"] != BROKEN}


def test_every_document_is_listed_with_its_licence():
    files = {path.name for path in FOLDER.iterdir()} - {"sources.yaml"}
    assert {entry["path"] for entry in LISTED} == files
    assert {entry["licence"] for entry in LISTED} == {"Apache-2.0"}
    assert {Path(name).suffix for name in files} == {".md", ".html", ".pdf", ".docx", ".txt", ".csv"}


def test_the_documents_have_the_size_of_a_demo(texts):
    words = sum(len(text.split()) for name, text in texts.items() if name not in (FRENCH, PAIRS))
    assert 4000 <= words <= 6000


def test_the_broken_document_is_broken():
    with pytest.raises(ReadError):
        text_of(BROKEN)


def test_the_faq_is_large_enough_and_every_quote_stands_in_its_document(texts):
    items = read_faq(Path("data/sources/faq.jsonl"))
    answerable = [item for item in items if item.answerable]
    assert len(items) >= 80 and len(items) - len(answerable) >= 15
    assert [item.id for item in answerable if plain(item.quote) not in texts[item.document]] == []


def test_every_document_is_asked_about(texts):
    asked = {item.document for item in read_faq(Path("data/sources/faq.jsonl")) if item.answerable}
    assert asked == set(texts) - {FRENCH, PAIRS}


def test_there_are_enough_worked_examples_of_many_forms():
    examples = disk.read("data/sources/examples.jsonl", Example)
    assert len(examples) >= 24 and len({example.form for example in examples}) >= 10
