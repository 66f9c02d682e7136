import pytest

from stages.documents import headers
from stages.records import Document, Section

CARD = "Llama 2 is a model of Meta. Llama 2 was trained on text. ONNX is a format."


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Model Details", CARD, "Llama 2: Model Details"),
        ("README", "Acme is a tool. Nothing more.", "Acme: README"),
        ("README", "This is a tool. This is free.", "README"),
        ("README", "Use the tool. Acme is free.", "README"),
        ("Llama 2", CARD, "Llama 2"),
        ("Guide", CARD, "Guide"),
    ],
)
def test_a_title_that_would_fit_any_document_gets_the_name_of_what_it_is_about(title, text, expected):
    document = Document(
        id="d", source="a.md", sha256="0", title=title, sections=[Section(heading=[], text=text, span=(0, len(text)))]
    )
    assert headers.title(document) == expected
    assert headers.topic(document, document.sections[0]) == expected


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Tuning on one GPU", "Install the acme-tools package. The acme_tools package needs Python.",
         "acme-tools: Tuning on one GPU"),
        ("Acme 2 recipes", "The 'acme-tools' repository is a companion of Acme 2.", "acme-tools: Acme 2 recipes"),
        ("Tuning on one GPU", "Install the acme-tools package.", "Tuning on one GPU"),
        ("Tuning on one GPU", "The acme-tools package and the opal-tools package need Python.", "Tuning on one GPU"),
        ("Setup of Tidewatch", "Install the acme-tools package. The acme-tools package is free.", "Setup of Tidewatch"),
        ("Tuning of Acme 2", "Install the acme-tools package. The acme-tools package is free.", "Tuning of Acme 2"),
        ("Tuning with acme-tools", "The acme-tools package is a tool.", "Tuning with acme-tools"),
    ],
)  # fmt: skip
def test_a_title_without_a_name_gets_that_of_the_package_it_is_of(title, text, expected):
    document = Document(
        id="d", source="a.md", sha256="0", title=title, sections=[Section(heading=[], text=text, span=(0, len(text)))]
    )
    assert headers.title(document) == expected
