"""The head of the card says of the files what `datasets` and the hub need to know."""

import pyarrow as pa
import pytest
import yaml

from stages.exporting import metadata
from stages.exporting.licences import identifiers
from stages.exporting.shapes import CHAT


def test_features_are_those_that_datasets_makes_of_the_columns():
    from datasets import Features

    columns = pa.schema(
        {"messages": CHAT, "history": pa.list_(pa.list_(pa.string())), "facts": pa.list_(pa.string()),
         "scores": pa.struct({"rank": pa.float64()}), "order": pa.int64(), "id": pa.string()}
    )  # fmt: skip
    assert metadata.features(columns) == Features.from_arrow_schema(columns)._to_yaml_list()


@pytest.mark.parametrize(
    ("licences", "said"),
    [
        (["Apache-2.0", "apache-2.0"], ["apache-2.0"]),
        (["unknown", "MIT"], ["mit", "unknown"]),
        (["Company secret: <b>"], ["other"]),
        (["Llama3.1", "gemma"], ["gemma", "llama3.1"]),
        ([], ["unknown"]),
    ],
)
def test_licences_are_named_as_the_hub_knows_them(licences: list[str], said: list[str]):
    assert identifiers(licences) == said


@pytest.mark.parametrize(
    ("rows", "size"), [(1, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (2_000_000, "1M<n<10M"), (10_000_000, "n>10M")]
)
def test_the_head_names_files_size_and_what_is_certain_of_the_languages(rows: int, size: str):
    text = metadata.head(
        "On 2 documents", rows, ["en", "", "x: y\n---"], ["mit", "other"], {"openai": pa.schema({"messages": CHAT})},
        {"openai": {"train": "openai/train.jsonl"}},
    )  # fmt: skip
    before, head, after = text.split("---\n")
    found = yaml.safe_load(head)
    assert (before, after) == ("", "")
    assert (found["pretty_name"], found["language"], found["license"]) == ("On 2 documents", ["en"], ["mit", "other"])
    assert found["size_categories"] == [size]
    assert found["configs"] == [
        {
            "config_name": "openai",
            "default": True,
            "data_files": [{"split": "train", "path": "openai/train.jsonl"}],
        }
    ]
