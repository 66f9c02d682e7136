from stages.documents import splitting

LONG = "Code Llama - Python is designed for the Python language; Code Llama - Instruct is intended for safer use of it."


def test_a_long_sentence_is_cut_between_clauses_that_stand_alone():
    assert [says for _, _, says in splitting.split(LONG, 12)] == [
        "Code Llama - Python is designed for the Python language.",
        "Code Llama - Instruct is intended for safer use of it.",
    ]
    assert all(LONG[start:end] in LONG for start, end, _ in splitting.split(LONG, 12))


def test_a_clause_that_leans_on_the_other_is_not_cut_off():
    for sentence in (
        "You may use the files of Code Llama, and make modifications to all of the materials.",
        "Code Llama is a model for all of the languages, and it supports the filling of gaps in code.",
        "Code Llama is a model (it is new; the company offers the weights to all people) of Meta.",
    ):
        assert list(splitting.split(sentence, 8)) == []


def test_a_tail_that_points_elsewhere_is_cut_off():
    sentence = "FSDP requires each unit to have consistent precision, so this case is not supported."
    assert splitting.head(sentence) == "FSDP requires each unit to have consistent precision"
    assert splitting.head("If FSDP requires each unit to have precision, this case is not supported.") is None
    assert splitting.head("We require each unit to have precision, so this case is not supported.") is None
