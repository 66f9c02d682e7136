"""What a sentence is about."""

import pytest

from stages.documents.concepts import concepts


@pytest.mark.parametrize(
    ("quote", "topic", "expected"),
    [
        ("Llama 2 70B is trained by Meta on 2 trillion tokens.", "", ["Llama 2 70B", "Meta", "2 trillion tokens"]),
        ("Use --enable_fsdp with FSDP and train_utils.py.", "", ["--enable_fsdp", "FSDP", "train_utils.py"]),
        ("Prompt Guard is a tool against prompt attacks.", "", ["Prompt Guard"]),
        ("Code Llama and its variants write code.", "", ["Code Llama"]),
        ("Run Llama 2 on a node.", "", ["Llama 2"]),
        ("Packing is the default strategy.", "Guide > Batching strategies", ["strategy"]),
        ("A false refusal happens when a model declines.", "", ["false refusal"]),
        ("Write to help@meta.com or https://Meta.com/Llama now.", "", []),
        ("Transformers 4.31.0 needs 24 GB.", "", ["Transformers 4.31.0", "24 GB"]),
        ("Backups run every night at 02:00.", "", ["02:00"]),
        ("Make sure to install md5sum.", "", ["md5sum"]),
        ("The default user is called admin.", "", ["default user"]),
        ("The use policy groups all uses into areas.", "", ["use policy"]),
        ("Only the original documents are binding.", "", []),
    ],
)
def test_concepts(quote, topic, expected):
    assert concepts(quote, topic) == expected


def test_at_most_six_concepts():
    assert len(concepts("Meta, Azure, AWS, Kaggle, Replicate, LangChain, FSDP and PEFT are named.")) == 6
