from stages.documents import statements
from stages.records import Document, Section


def states(text, *headings):
    """Return (what it says, reason) of the code of a section."""
    section = Section(heading=list(headings), text=text, span=(0, len(text)))
    document = Document(id="d", source="a.md", sha256="0", title="Handbook", sections=[section])
    return [
        (found.statement or text[found.start : found.end], found.verdict[0] if found.verdict else None)
        for found in statements.candidates(document, section, text)
        if "`" in (found.statement or "") or found.kind == "code"
    ]


def test_a_command_is_a_statement_with_its_explanation():
    text = "To install Acme, run the following command:\n\n```\npip install \\\n  acme\n```"
    assert states(text) == [("To install Acme, run: `pip install acme`", None)]


def test_several_commands_are_told_one_after_the_other():
    text = "We can install Acme with:\n\n```\ncd acme\npip install .\n```"
    assert states(text)[0][1] == "code"  # who are we?
    text = "To install Acme we can use:\n\n```\ncd acme\npip install .\n```"
    assert states(text) == [("To install Acme you can use: `cd acme`; `pip install .`", None)]


def test_quote_and_support_are_the_command_and_the_explanation():
    text = "To install Acme run:\n\n```bash\npip install acme\n```"
    section = Section(heading=[], text=text, span=(0, len(text)))
    document = Document(id="d", source="a.md", sha256="0", title="Handbook", sections=[section])
    found = list(statements.candidates(document, section, text))[-1]
    assert text[found.start : found.end] == "pip install acme"
    assert [text[slice(*span)] for span in found.support] == ["To install Acme run:"]


def test_a_comment_explains_the_command_below_it():
    text = "```\n# Install the CLI\npip install acme\n\n# x\nls\n```"
    assert states(text) == [("Install the CLI: `pip install acme`", None)]


def test_a_heading_that_tells_to_do_it_explains_the_command_below_it():
    assert states("```\npip install acme\n```", "Install with pip") == [("Install with pip: `pip install acme`", None)]
    assert states("```\npip install acme\n```", "Setup") == [("```\npip install acme\n```", "code")]


def test_a_long_or_unexplained_program_is_no_fact():
    assert states("To install Acme run:\n\n```\n" + "x = 1\n" * 4 + "```")[0][1] == "code"
    assert states("To install Acme run:\n\n```\n" + "x" * 201 + "\n```")[0][1] == "code"
    assert states("Acme is a tool.\n\n```\nacme\n```")[0][1] == "code"
    assert states("Then run it like this:\n\n```\nacme\n```")[0][1] == "code"
