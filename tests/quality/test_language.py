import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.quality import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pretraining corpus contains two trillion tokens from public sources.", "en"),
        ("Das Modell wurde mit zwei Billionen Tokens aus öffentlichen Quellen trainiert.", "de"),
        ("Le modèle a été entraîné sur des données accessibles au public.", "fr"),
        ("このモデルは公開されているデータで訓練されました。", "ja"),
    ],
)
def test_tells_the_language_of_prose(text, expected):
    found, score = language.detect(text)
    assert found == expected
    assert 0.8 <= score <= 1.0


def test_code_and_urls_do_not_count():
    text = (
        "Führen Sie das Skript aus, um die Gewichte zu laden.\n\n```bash\n"
        + "the file is read and then it is run\n" * 30
    )
    assert language.detect(text)[0] == "de"
    assert "http" not in language.prose("siehe https://example.com/the/page/is/here bitte")
    assert language.prose("set `max_seq_len` with --max_seq_len in utils/dataset_utils.py to 512") == "set with in to"


@pytest.mark.parametrize("text", ["", "   ", "```\nfor x in y: pass\n```", "4096 | 512 | --- |", "MAX_SEQ_LEN=512"])
def test_no_prose_is_undetermined(text):
    assert language.detect(text) == (language.UNKNOWN, 0.0)


def test_more_than_the_first_eighty_characters_are_read():
    opening = "Llama Llama Llama PyTorch Llama Transformers Hugging Face Kaggle Llama Guard Purple Llama "
    german = "Dieses Modell wurde für den Einsatz in der Forschung und in Unternehmen freigegeben. " * 10
    assert language.detect(opening + german)[0] == "de"


@given(st.text(alphabet="aB 1-.|:#*\twé\n/`"))
def test_what_is_no_prose_is_found_as_well_by_the_fewer_patterns_of_a_text_without_marks(text):
    assert language.prose(text) == " ".join(language._NOT_PROSE.sub(" ", text).split())
