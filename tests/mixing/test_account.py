"""Rows and tokens are counted as they are."""

from stages.mixing import account, rows
from stages.mixing.given import Given
from stages.mixing.tokens import counter
from stages.records import Message, Pair


def words(texts):
    return [len(text.split()) for text in texts]


def test_tokens_are_those_of_all_that_is_said():
    turns = (Message(role="user", content="one two"), Message(role="assistant", content="three"))
    made = [rows.of_given(Given("x", "four five?", "six seven eight", turns), "replay", "be brief")]
    assert account.lengths(made, words) == {made[0].id: (7, 3)}


def test_tables_share_out_rows_and_tokens():
    pairs = {name: Pair(id=name, question="Why?", answer=answer, facts=[], source="a.md", origin="seed", form=form)
             for name, answer, form in (("p1", "a b c", "what"), ("p2", "d", None))}  # fmt: skip
    made = [rows.of_pair(pair, "") for pair in pairs.values()]
    made.append(rows.of_given(Given("r", "Hello you!", "Hi there you two"), "replay", ""))
    tables = account.tables(made, account.lengths(made, words), pairs, {})
    assert tables["origin"]["replay"] == {"rows": 1, "share": 0.3333, "prompt_tokens": 2, "answer_tokens": 4,
                                          "token_share": 0.5}  # fmt: skip
    assert tables["source"] == {"a.md": {"rows": 2, "share": 1.0, "prompt_tokens": 2, "answer_tokens": 4,
                                         "token_share": 1.0}}  # fmt: skip
    assert {name: one["token_share"] for name, one in tables["form"].items()} == {"none": 0.25, "what": 0.75}
    assert "trust" not in tables


def test_a_student_counts_its_own_tokens(tiny_llama):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tiny_llama / "tokenizer.json"))
    texts = ["What is the context length of Llama 2?", "", "é 中"] * 700
    assert counter(str(tiny_llama))(texts) == [len(tokenizer.encode(text).ids) for text in texts]
    assert counter(str(tiny_llama))([]) == []
