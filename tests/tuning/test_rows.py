from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from stages.records import Message, Row
from stages.tuning import models, rows


def row(question: str, answer: str, identity: str = "r", weight: float = 1.0) -> Row:
    return Row(
        id=identity,
        pair="p",
        origin="generated",
        prompt=models.chat("Be brief.", question),
        completion=[Message(role="assistant", content=answer)],
        weight=weight,
    )


@pytest.fixture(scope="module")
def tokenizer(tiny_llama: Path):
    return models.load_tokenizer(str(tiny_llama))


def test_labels_are_the_answer_and_its_end_token(tokenizer):
    one = rows.encode_rows(tokenizer, [row("How long is it?", "It has 4096 tokens – naïve.", weight=0.5)])[0]
    assert tokenizer.decode([one.ids[i] for i in one.labelled]) == "It has 4096 tokens – naïve.<|im_end|>"
    assert one.ids[-1] == tokenizer.eos_token_id and one.weight == 0.5
    assert one.text[slice(*one.answer)] == "It has 4096 tokens – naïve."


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    question=st.text(alphabet=st.characters(exclude_characters="<|>", exclude_categories=["Cs", "Cc"]), min_size=2),
    answer=st.text(alphabet=st.characters(exclude_characters="<|>", exclude_categories=["Cs", "Cc"]), min_size=2),
)
def test_any_text_keeps_prompt_and_answer_apart(tokenizer, question: str, answer: str):
    if len(question.strip()) < 2 or len(answer.strip()) < 2:
        return
    made = row(question, answer)
    encoded = rows.encode_rows(tokenizer, [made])
    assert rows.check(tokenizer, [made], encoded, 10_000)["labels_on_prompt"] == 0
    prompt = models.render(tokenizer, made.prompt, add_generation_prompt=True)
    assert tokenizer.decode(encoded[0].ids[: encoded[0].start]) == prompt


def test_figures_of_the_loader(tokenizer):
    some = [row("How long is it?", "Long.", "a"), row("What is it?", "A model.", "b")]
    encoded = rows.encode_rows(tokenizer, some)
    figures = rows.check(tokenizer, some, encoded, 256)
    assert figures["rows"] == 2 and figures["truncated"] == figures["one_letter"] == 0
    assert figures["labels"] == sum(len(one.labelled) for one in encoded)


@pytest.mark.parametrize(
    ("some", "longest", "message"),
    [
        ([], 256, "no training row"),
        ([row("How?", " ")], 256, "answer is empty"),
        ([row("How long?", "So long. " * 20)], 32, "more than --max-length 32"),
        ([row(letter, letter, letter) for letter in "What"], 256, "ask one letter"),
    ],
)
def test_rows_that_teach_nothing_stop_the_training(tokenizer, some, longest, message):
    with pytest.raises(rows.RowsError, match=message):
        rows.check(tokenizer, some, rows.encode_rows(tokenizer, some), longest)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda one: setattr(one, "start", one.start - 1), "its labels say|label is on its prompt"),
        (lambda one: setattr(one, "start", one.end + 1), "no label at all"),
        (lambda one: setattr(one, "ended", False), "no end token"),
        (lambda one: one.ids.__setitem__(0, 7), "not the ones of the tokenizer's own chat template"),
        (lambda one: setattr(one, "end", one.end - 1), "its labels say"),
    ],
)
def test_a_broken_loader_is_caught(tokenizer, spoil, message):
    some = [row("How long is it?", "It has 4096 tokens.")]
    encoded = rows.encode_rows(tokenizer, some)
    spoil(encoded[0])
    with pytest.raises(rows.RowsError, match=message):
        rows.check(tokenizer, some, encoded, 256)


def test_llama_2_style_templates_are_understood(tokenizer, tiny_llama: Path):
    other = models.load_tokenizer(str(tiny_llama))
    other.chat_template = (
        "{% for m in messages %}{% if m['role'] == 'system' %}{% elif m['role'] == 'user' %}"
        "{{ '<|im_start|>[INST] ' + m['content'].strip() + ' [/INST]' }}"
        "{% else %}{{ ' ' + m['content'].strip() + ' <|im_end|>' }}{% endif %}{% endfor %}"
    )
    some = [row("How long is it?", "It has 4096 tokens.")]
    encoded = rows.encode_rows(other, some)
    assert encoded[0].text[slice(*encoded[0].answer)] == "It has 4096 tokens."
    assert other.decode([encoded[0].ids[i] for i in encoded[0].labelled]) == " It has 4096 tokens. <|im_end|>"
    assert rows.check(other, some, encoded, 256)["rows"] == 1


def test_a_template_that_moves_the_answer_is_refused(tokenizer, tiny_llama: Path):
    other = models.load_tokenizer(str(tiny_llama))
    other.chat_template = "{{ messages[-1]['content'] }}{% if add_generation_prompt %}assistant:{% endif %}"
    with pytest.raises(rows.RowsError, match="does not render prompt and answer one after the other"):
        rows.encode_rows(other, [row("How?", "So.")])
