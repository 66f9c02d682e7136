import pytest

from stages.documents import subjects
from stages.documents.statements import candidates
from stages.records import Chunk, Document, Section

BODY = "We serve Code Llama and Workers AI and the Acme Gateway to all."


def states(text, *headings, title="Handbook"):
    """Return what the sentences of a section say, None for those that say what they are."""
    section = Section(heading=list(headings), text=text, span=(0, len(text)))
    document = Document(id="d", source="a.md", sha256="0", title=title, sections=[section])
    return [found.statement for found in candidates(document, section, f"{BODY}\n\n{text}")]


RESOLVED = [
    ("ONNX is an open format. It defines operators.", (), "ONNX defines operators."),
    ("ONNX is an open format. It is fast. It defines operators.", (), "ONNX defines operators."),
    ("ONNX is an open format. In general, it’s fast.", (), "ONNX is fast."),
    ("Prompt engineering is a technique. Its aim is order.", (), "Prompt engineering's aim is order."),
    ("Jailbreaks are instructions for models. They do harm.", (), "Jailbreaks do harm."),
    ("It is a platform for models.", ("Hosting", "Workers AI"), "Workers AI is a platform for models."),
    ("Is a platform for models.", ("Workers AI",), "Workers AI is a platform for models."),
    ("A platform that offers models.", ("Workers AI",), "Workers AI is a platform that offers models."),
    ("ONNX is a library for models. The library is fast.", (), "ONNX is fast."),
    (
        "All models are trained on code.",
        ("Introducing Code Llama", "Training"),
        "All Code Llama models are trained on code.",
    ),
    ("The pretraining data has a cutoff.", ("Code Llama",), "The pretraining data of Code Llama has a cutoff."),
    ("The 70B version has a cache.", ("Code Llama",), "The 70B version of Code Llama has a cache."),
    ("Opal is another format for models.", (), "Opal is a format for models."),
    ("DDP which is a technique to save memory.", (), "DDP is a technique to save memory."),
    ("--peft this enables adapters.", (), "--peft enables adapters."),
]


@pytest.mark.parametrize(("text", "headings", "statement"), RESOLVED)
def test_puts_in_the_subject_that_the_context_names(text, headings, statement):
    assert states(text, *headings)[-1] == statement


UNRESOLVED = [
    ("Meta sends the applicant a URL. It expires soon.", ()),  # of what is spoken?
    ("ONNX is an open format. Many tools read files. It defines operators.", ()),
    ("ONNX is an open format.\n\nIt defines operators.", ()),
    ("ONNX is an open format. They define operators.", ()),
    ("ONNX is an open format. It is important to install operators.", ()),
    ("The model is an open format. It defines operators.", ()),
    ("It is a platform for models.", ("Setup",)),
    ("All models are trained on code.", ("Code Llama", "Pretrained models")),
    ("The following data has a cutoff.", ("Code Llama",)),
    ("While it is a technique, memory is saved.", ()),
    ("This makes ONNX fast.", ("Code Llama",)),
    ("The base version has a cache.", ("Code Llama",)),
    ("Opal is another of the formats.", ()),
]


@pytest.mark.parametrize(("text", "headings"), UNRESOLVED)
def test_leaves_a_subject_that_is_not_plain(text, headings):
    assert states(text, *headings)[-1] is None


def test_a_document_is_called_by_its_title():
    text = "Meta may end this Agreement if this Agreement is broken."
    expected = ["Meta may end the Llama License Agreement if the Agreement is broken."]
    assert states(text, title="LLAMA LICENSE AGREEMENT") == expected
    assert states(text, title="Licence of Llama") == [None]


def test_the_sentence_that_names_the_subject_supports_it():
    text = "ONNX is an open format. It defines operators."
    section = Section(heading=[], text=text, span=(0, len(text)))
    document = Document(id="d", source="a.md", sha256="0", title="Handbook", sections=[section])
    found = list(candidates(document, section, text))[-1]
    assert [text[slice(*span)] for span in found.support] == ["ONNX is an open format."]


@pytest.mark.parametrize(
    ("headings", "title", "name"),
    [
        (("Code Llama", "Setup"), "Handbook", "Code Llama"),
        (("Setup",), "Introducing Code Llama", "Code Llama"),
        (("Setup",), "(Deprecated) Llama 2", "Llama 2"),
        (("Chat models",), "Code Llama", None),
        (("Setup",), "Handbook", None),
        ((), "Model Details", "Acme"),
    ],
)
def test_a_section_is_named_by_the_innermost_heading_that_is_a_name(headings, title, name):
    section = Section(heading=list(headings), text="", span=(0, 0))
    document = Document(id="d", source="a.md", sha256="0", title=title, sections=[section])
    assert subjects.name(document, section, f"Acme is a tool. {BODY} Acme is free.") == name


@pytest.mark.parametrize(
    "first", ["ONNX is an open format.", "ONNX this is an open format.", "ONNX which is a format."]
)
def test_a_statement_stands_on_the_sentence_that_names_its_subject(first):
    text = f"{first} It defines operators."
    section = Section(heading=[], text=text, span=(0, len(text)))
    document = Document(id="d", source="a.md", sha256="0", title="Handbook", sections=[section])
    last = list(candidates(document, section, f"{BODY}\n\n{text}"))[-1]
    assert last.statement == "ONNX defines operators."
    assert [text[slice(*span)] for span in last.support] == [first]


@pytest.mark.parametrize(
    ("topic", "subject"),
    [
        ("Tools > Code Llama", "Code Llama"),
        ("acme-tools: Tuning > How to run it?", "acme-tools"),
        ("Llama 2: Model Details > Data", "Llama 2"),
        ("Getting started with Code Llama > Setup", "Code Llama"),
        ("Note: no name > Gateway", None),  # only within another name
    ],
)
def test_a_place_is_about_what_its_topic_names(topic, subject):
    chunk = Chunk(id="c", document="d", source="a.md", heading=[], header="", text=BODY, span=(0, 1), tokens=1)
    assert subjects.Places([chunk]).subject("d", topic) == subject
