"""Parts of speech of technical sentences: above all, which word is the finite verb."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.documents.lexicon import inflect, lemmas
from stages.documents.tagging import tags, tokens

FINITE = {"VBZ", "VBP", "VBD", "MD"}


def finite(sentence):
    return [word for word, tag in tags(sentence) if tag in FINITE]


@pytest.mark.parametrize(
    ("sentence", "verbs"),
    [
        ("The --seed flag of torchrun sets the random seed.", ["sets"]),
        ("The number of workers limits memory use.", ["limits"]),
        ("Redis stores its snapshots in `/var/lib/redis`.", ["stores"]),
        ("The log files of Nginx are rotated every night.", ["are"]),
        ("A cache that expires after an hour saves requests.", ["expires", "saves"]),
        ("Workers process tasks that the broker queues.", ["process", "queues"]),
        ("The backups stored on tape are encrypted.", ["are"]),
        ("Django 5.0 added support for generated columns.", ["added"]),
        ("When the disk fills up, the server stops.", ["fills", "stops"]),
        ("The scheduler loads the table and answers requests.", ["loads", "answers"]),
        ("FastAPI and Starlette support WebSockets.", ["support"]),
        ("The default batch size is 32.", ["is"]),
        ("Results of the nightly job", []),
        ("Storing the state of the cluster in memory", []),
        ("Use the `--force` flag to overwrite files.", []),
        ("PyTorch finetunes the adapter in 8 bit.", ["finetunes"]),
        ("Pair programming helps the young developer understand the code base.", ["helps"]),
    ],
)
def test_the_finite_verbs_of_a_sentence(sentence, verbs):
    assert finite(sentence) == verbs


@pytest.mark.parametrize(
    ("sentence", "word", "tag"),
    [
        ("Run `pip install x` to install the tool.", "`pip install x`", "NN"),
        ("Run `pip install x` to install the tool.", "Run", "VB"),
        ("Run `pip install x` to install the tool.", "install", "VB"),
        ("Install the CLI and open the port.", "open", "VB"),
        ("Pass --dry-run to print the plan.", "--dry-run", "NN"),
        ("The file train_config.yaml holds the settings.", "train_config.yaml", "NN"),
        ("Falcon 2 11B has a licence of its own.", "2", "NNP"),
        ("Falcon 2 11B has a licence of its own.", "11B", "NNP"),
        ("It handles 16,000 requests.", "16,000", "CD"),
        ("The index is built by a worker.", "built", "VBN"),
        ("The user's key is kept.", "'s", "POS"),
        ("Prompt Shield is a filter.", "Prompt", "NNP"),
        ("The key that opens the vault is lost.", "that", "WDT"),
    ],
)
def test_the_tag_of_a_word(sentence, word, tag):
    assert dict(tags(sentence))[word] == tag


@pytest.mark.parametrize(
    ("form", "base"),
    [("stores", "store"), ("ran", "run"), ("finetuned", "finetune"), ("quantizes", "quantize"), ("kept", "keep"),
     ("preloads", "preload")],
)  # fmt: skip
def test_base_forms(form, base):
    assert lemmas(form)["VERB"] == base


@pytest.mark.parametrize(
    ("verb", "tag", "form"),
    [("run", "VBZ", "runs"), ("keep", "VBD", "kept"), ("preload", "VBZ", "preloads"), ("carry", "VBZ", "carries"),
     ("fine-tune", "VBN", "fine-tuned"), ("shardify", "VBD", "shardified")],
)  # fmt: skip
def test_inflections(verb, tag, form):
    assert inflect(verb, tag) == form


@given(st.text())
def test_any_text_is_tagged_and_every_token_is_where_it_says(text):
    for token in tokens(text):
        assert text[token.start : token.end] == token.text and token.tag


def test_nothing_heavy_is_imported():
    program = (
        "import sys; from stages.documents.tagging import tags; tags('A test runs.'); "
        "assert not {'nltk', 'spacy', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
