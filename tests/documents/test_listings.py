import pytest

from stages.documents import statements
from stages.records import Document, Section


def states(text, *headings, title="Handbook"):
    """Return (what it says, reason) of what a section states."""
    section = Section(heading=list(headings), text=text, span=(0, len(text)))
    document = Document(id="d", source="a.md", sha256="0", title=title, sections=[section])
    return [
        (found.statement or text[found.start : found.end], found.verdict[0] if found.verdict else None)
        for found in statements.candidates(document, section, "We run Code Llama. " + text)
    ]


def test_a_short_list_is_one_statement_with_its_lead_in():
    text = "Llama Guard 3 supports the following languages:\n\n- English\n- German\n- French"
    assert states(text)[1:] == [("Llama Guard 3 supports the following languages: English, German, and French.", None)]


def test_a_lead_in_that_runs_on_needs_no_colon_and_items_with_commas_get_semicolons():
    text = "Code Llama consists of:\n\n- The base model, and\n- a Python, or C++ model"
    assert states(text)[1:] == [("Code Llama consists of the base model; and a Python, or C++ model.", None)]


def test_a_sentence_that_counts_the_items_is_their_lead_in():
    text = "Llama Guard sorts prompts into three groups.\n\n1. Violence\n2. Weapons\n3. Crime"
    assert states(text)[1:] == [("Llama Guard sorts prompts into three groups: Violence, Weapons, and Crime.", None)]
    assert states(text.replace("three", "four"))[1:] == [("Violence", None), ("Weapons", None), ("Crime", None)]


def test_items_of_a_long_list_have_the_lead_in_each():
    item = "distribution of the weights of Code Llama to people who did not accept the terms of its licence"
    text = f"The licence of Code Llama forbids:\n\n- Any {item}\n- Each {item}\n- Every {item}"
    found = states(text)[1:]
    assert [says for says, _ in found][0] == f"The licence of Code Llama forbids: Any {item}."
    assert len(found) == 3


def test_items_that_are_sentences_stay_as_they_are():
    items = ["Code Shield filters the output of all models.", "Llama Guard checks the prompts of users."]
    text = "Code Llama has two tools:\n\n- " + "\n- ".join(items)
    assert [says for says, _ in states(text)[1:]] == items


@pytest.mark.parametrize("marks", [("1.", "1.", "2.", "2."), ("-", "    -", "    -", "-")])
def test_items_below_an_item_have_it_in_their_lead_in(marks):
    items = ["Break the law, such as by:", "Any of the crimes of violence", "Any of the frauds", "Hide known dangers"]
    lines = "\n".join(f"{mark} {item}" for mark, item in zip(marks, items, strict=True))
    found = [says for says, _ in states(f"You may not use Code Llama to:\n\n{lines}")]
    assert found[2] == "You may not use Code Llama to break the law, such as by any of the crimes of violence."
    assert found[-1] == "You may not use Code Llama to hide known dangers."


def test_steps_are_one_statement_or_none():
    text = "To get Code Llama:\n\n1. Open the form\n2. Wait for mail\n3. Run download.sh."
    assert states(text)[1:] == [("To get Code Llama: (1) Open the form; (2) Wait for mail; (3) Run download.sh.", None)]
    steps = text.split("\n\n")[1]
    assert states(steps, "Download from Meta") == [
        ("Download from Meta: (1) Open the form; (2) Wait for mail; (3) Run download.sh.", None)
    ]
    assert [reason for _, reason in states(steps, "Overview")] == ["step", "step", "step"]


def test_an_item_that_says_what_something_is_needs_no_lead_in():
    items = ["--enable_fsdp boolean flag to enable FSDP in the script", "utils.py to read all of the files"]
    text = "The arguments are:\n\n- " + "\n- ".join(items)
    assert [says for says, _ in states(text)[1:]] == [
        "--enable_fsdp: boolean flag to enable FSDP.",
        "utils.py is used to read all of the files.",
    ]


def test_where_to_report_names_the_model_or_is_rejected():
    items = ["Reporting issues with the model: example.org/issues", "Reporting of bugs: example.org/bugs"]
    text = "Please write to one of these:\n\n- " + "\n- ".join(items)
    assert states(text, "Code Llama")[1][0] == "Reporting issues with Code Llama: example.org/issues"
    assert states(text)[1:] == [
        ("Reporting issues with the model: example.org/issues", "dangling"),
        ("Reporting of bugs: example.org/bugs", None),
    ]


def test_orders_below_a_lead_in_that_cannot_be_read_alone_are_rejected():
    text = "In this method there are ways:\n\n- Keep the pretrained model frozen\n- Keep the task head of it"
    assert [reason for _, reason in states(text)[1:]] == ["dangling", "dangling"]


def test_examples_of_prompts_are_told_as_such():
    text = "Example:\n\nYou are a guide to the Eiffel Tower. Begin with\n\n- Its age"
    assert [reason for _, reason in states(text)[1:]] == ["example", "example"]
    assert states("Example:\n\n```\nx\n```\n\nLlama is free.")[-1] == ("Llama is free.", None)
