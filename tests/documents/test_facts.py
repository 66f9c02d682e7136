from hypothesis import given
from hypothesis import strategies as st

from stages.documents import chunker, facts
from stages.records import Document, Section


def extract(text, **fields):
    section = Section(heading=["Setup"], text=text, span=(0, len(text)))
    document = Document(id="d", source="a.md", sha256="0", title="Guide", sections=[section], **fields)
    chunks = chunker.chunks(document, 30, lambda text: len(text.split()))
    return facts.extract(document, chunks)


def test_everything_is_a_fact_or_a_reject():
    text = (
        "Llama 2 was released by Meta in July 2023. It is free.\n\n- Llama 2 70B needs 8 processes of torchrun.\n- "
        "Short item\n\n"
        "| Model | Params |\n| --- | --- |\n| 7B | 7 billion |\n| Llama 2 13B | 13 billion |\n\n```\nrun\n```"
    )
    kept, dropped = extract(text)
    assert [fact.says for fact in kept] == [
        "Llama 2 was released by Meta in July 2023.",
        "Llama 2 70B needs 8 processes of torchrun.",
        "Llama 2 13B: Params 13 billion.",
    ]
    assert sorted(drop.reason for drop in dropped) == ["code", "table_row", "too_short", "too_short"]
    assert all(fact.topic == "Guide > Setup" for fact in kept)


def test_a_connective_or_a_label_is_left_out_of_the_quote():
    kept, _ = extract(
        "However, FSDP does not support mixed precision in one unit. Note: Llama 2 was released by Meta in 2023."
    )
    assert [fact.quote for fact in kept] == [
        "FSDP does not support mixed precision in one unit.",
        "Llama 2 was released by Meta in 2023.",
    ]


def test_items_under_a_negation_are_facts_with_it_only():
    kept, _ = extract("You agree you will not use Llama 2 to:\n\n- Create malware or harm the users of Meta products.")
    assert [fact.says for fact in kept] == [
        "You agree you will not use Llama 2 to create malware or harm the users of Meta products."
    ]
    kept, dropped = extract("We will not use it to:\n\n- Create malware or harm the users of Meta products.")
    assert kept == []
    assert [drop.reason for drop in dropped] == ["fragment", "dangling"]


def test_equal_quotes_have_ids_of_their_own():
    quote = "Llama 2 was released by Meta in July 2023."
    kept, _ = extract(f"{quote} {quote}")
    assert len({fact.id for fact in kept}) == 2


def test_marks_of_tasks_and_notes_are_left_out_of_the_quote():
    found, _ = extract(
        "- [x] TLS 1.3 is supported by the gateway.\n\n[1] Version 0.1 of the gateway was internal only."
    )
    assert [fact.quote for fact in found] == [
        "TLS 1.3 is supported by the gateway.",
        "Version 0.1 of the gateway was internal only.",
    ]


def test_an_open_task_and_masked_personal_data_are_no_facts():
    found, dropped = extract(
        "- [ ] mTLS is supported by version 3.\n\nThe owner of Llama 2 is reached at [EMAIL] by all."
    )
    assert not found
    assert [(drop.reason, drop.value) for drop in dropped] == [("open_task", "[ ]"), ("masked", "[EMAIL]")]


def test_an_answer_of_a_faq_with_masked_personal_data_is_no_fact():
    text = "Write to [EMAIL] for a licence of Llama 2."
    section = Section(heading=[], text=text, span=(0, len(text)), question="How do I get a licence?")
    document = Document(id="d", source="a.csv", sha256="0", title="Guide", sections=[section])
    kept, dropped = facts.extract(document, chunker.chunks(document, 30, lambda text: len(text.split())))
    assert not kept
    assert [(drop.reason, drop.value) for drop in dropped] == [("masked", "[EMAIL]")]


def test_the_number_of_a_clause_is_no_part_of_the_quote():
    kept, _ = extract("Run download.sh with the URL that Meta sent.\na. Llama 2 links expire after 24 hours of time.")
    assert [fact.quote for fact in kept] == [
        "Run download.sh with the URL that Meta sent.",
        "Llama 2 links expire after 24 hours of time.",
    ]


def test_a_connective_leaves_a_statement_with_a_capital():
    kept, _ = extract("Therefore, before each release of Llama 2, developers should test its safety.")
    assert kept[0].quote == "before each release of Llama 2, developers should test its safety."
    assert kept[0].statement == "Before each release of Llama 2, developers should test its safety."


def test_in_another_language_nothing_is_put_together():
    blocks = [
        "Llama 2 ist ein Modell von Meta.",
        "- Es ist frei: frei",
        "| A | B |\n| - | - |\n| x | y |",
        "```\nls\n```",
    ]
    kept, dropped = extract("\n\n".join(blocks), language="de")
    assert [fact.says for fact in kept] == ["Llama 2 ist ein Modell von Meta."]
    assert [drop.reason for drop in dropped] == ["too_short", "table_row", "code"]
    assert all(fact.statement is None for fact in kept)


BLOCKS = [
    "Llama Guard is a classifier. It checks prompts, and they are short.",
    "However, it is fast, but we do not know why.",
    "Code Llama supports the following languages:",
    "To install the tool, run the following command:",
    "- Python\n- C++, and C\n- Java",
    "1. Open the form.\n2. Wait:\n    - for the mail\n    - for the link",
    "- `--flag` this sets the flag\n- configs: Contains the files of all runs",
    "| Model | Size |\n| --- | --- |\n| 7B | 12 GB |\n| Code Llama 13B | 24 GB |",
    "```\npip install tool\n```",
    "```\n# Install the CLI\npip install tool\n\n# Run it\ntool --all\n```",
    "Example:",
    "Input: Models input text only.",
    "Pretraining used 3 GPUs; the tokenizer was trained on all of the public data, and the weights were kept.\na. So.",
]


@given(
    st.lists(st.sampled_from(BLOCKS) | st.text(max_size=60), max_size=8), st.sampled_from(["Code Llama", "Setup", ""])
)
def test_quotes_and_supports_are_verbatim_at_their_spans(blocks, heading):
    sections, start = [], 0
    for text in ("\n\n".join(blocks).strip(), "\n\n".join(blocks[::-1]).strip()):
        sections.append(Section(heading=[heading] if heading else [], text=text, span=(start, start + len(text))))
        start += len(text) + 2
    document = Document(id="d", source="a.md", sha256="0", title="Llama", sections=sections)
    chunks = chunker.chunks(document, 30, lambda text: len(text.split()))
    kept, dropped = facts.extract(document, chunks)
    for fact in [*kept, *(drop.fact for drop in dropped)]:
        assert fact.quote == document.text[slice(*fact.span)]
        assert all(words.quote == document.text[slice(*words.span)] for words in fact.support)
        assert all(words.document == "d" for words in fact.support)
        assert not fact.support or fact.statement
    assert all(1 <= len(fact.says.split()) <= 60 and fact.says.strip() == fact.says for fact in kept)
    assert len({fact.id for fact in kept} | {drop.fact.id for drop in dropped}) == len(kept) + len(dropped)
