import pytest

from stages.documents import markup, tabular


def rows(table, name=None):
    """Return (statement, reason) of every row."""
    (block,) = markup.blocks(table)
    return [(found.statement, found.verdict and found.verdict[1]) for found in tabular.candidates(table, block, name)]


def table(*lines):
    head, *body = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([head, "|" + " --- |" * len(lines[0]), *body])


def test_a_row_is_a_statement_by_the_head():
    given = table(
        ("Model", "Params", "Context length", "GQA"), ("Llama 2 7B", "7B", "4k", "✗"), ("Llama 2 70B", "70B", "4k", "✔")
    )
    assert rows(given) == [
        ("Llama 2 7B: Params 7B, Context length 4k, GQA no.", None),
        ("Llama 2 70B: Params 70B, Context length 4k, GQA yes.", None),
    ]


def test_words_are_told_from_their_head_by_a_colon():
    given = table(("Component", "Type", "Licence"), ("Code Shield", "safeguard", "MIT, or so."))
    assert rows(given) == [("Code Shield – Type: safeguard; Licence: MIT, or so.", None)]


def test_a_size_needs_the_name_of_what_it_is_the_size_of():
    given = table(("Model", "Disk"), ("7B", "12 GB"), ("13B", "24 GB"))
    assert rows(given, "Code Llama")[0] == ("Code Llama 7B: Disk 12 GB.", None)
    assert rows(given) == [(None, "label"), (None, "label")]


def test_two_columns_are_the_label_where_one_does_not_tell_the_rows_apart():
    given = table(("", "Data", "Size", "Score"), ("Llama 1", "all", "7B", "1.5"), ("Llama 1", "all", "13B", "2"))
    assert rows(given)[1][0] == "Llama 1 13B – Data: all; Score: 2."
    given = table(("Kind", "Tool", "Licence"), ("guard", "Llama Guard", "MIT"), ("guard", "Code Shield", "BSD"))
    assert rows(given)[0][0] == "Llama Guard – Kind: guard; Licence: MIT."


def test_an_ordinary_word_has_its_head_and_a_measure_is_told():
    assert rows(table(("Level", "Size"), ("debug", "5")))[0][0] == "Level debug: Size 5."
    assert rows(table(("AUPRC", "ToxicChat"), ("Llama Guard", "0.6")))[0][0] == "Llama Guard (AUPRC): ToxicChat 0.6."


def test_an_abbreviation_of_the_head_is_spelled_out_where_the_section_has_the_words():
    text = table(("Model", "MP"), ("Llama 2 7B", "1")) + "\n\nThe model-parallel (MP) values."
    block = next(markup.blocks(text))
    row = next(tabular.candidates(text, block, None))
    assert row.statement == "Llama 2 7B: model-parallel value 1."
    words = [text[start:end] for start, end in row.support]
    assert words == ["| Model | MP |\n| --- | --- |", "model-parallel (MP) values"], "the statement stands on both"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((("Model", "Size"), ("Total", "12")), "label"),
        ((("Port", "Use"), ("80", "web")), "label"),
        ((("Model", "Size"), ("Llama 2", "")), "empty"),
        ((("Model", ""), ("Llama 2", "12")), "no_head"),
        ((("Step", "Question"), ("Test it", "Who may be hurt?")), "question"),
        ((("Model", "Size"), ("Llama 2", "1"), ("Llama 2", "2")), "no_label"),
        ((tuple("ABCDEFGHIJ"), ("Llama 2", *"123456789")), "wide"),
    ],
)
def test_a_row_that_is_no_statement_has_its_reason(lines, reason):
    assert rows(table(*lines))[0] == (None, reason)


def test_a_table_without_a_head_is_no_statement():
    assert rows("| a | b |\n| c | d |") == [(None, "no_head"), (None, "no_head")]


def test_the_head_supports_a_row():
    text = table(("Model", "Size"), ("Llama 2", "12"))
    (found,) = tabular.candidates(text, next(markup.blocks(text)), None)
    assert [text[slice(*span)] for span in found.support] == ["| Model | Size |\n| --- | --- |"]
