"""A sentence encoder: a mean over tokens, neighbours by cosine, and pairs for a person to look at."""

from itertools import pairwise

import numpy as np
import pytest

from stages.curation.paraphrases import candidates
from stages.quality import semantic
from stages.records import Pair
from stages.tuning.models import ModelError

WORDS = "what is the limit of llama how large may a text be with without gpu 7 ##b 13 2 ? enable disable it".split()


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A tiny BERT with random weights, saved and loaded as one of the hub would be."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    vocabulary = {word: n for n, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    plain = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    plain.normalizer, plain.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    plain.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=plain, pad_token="[PAD]", unk_token="[UNK]", model_max_length=32
    ).save_pretrained(folder)  # fmt: skip
    torch.manual_seed(0)
    BertModel(BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=32,
    )).save_pretrained(folder)  # fmt: skip
    return semantic.load(str(folder))


TEXTS = ["What is the limit of Llama 2?", "How large may a text be?", "it", "What is the limit of Llama 2? " * 20]


def test_a_vector_is_the_mean_over_the_tokens_of_a_text_of_length_one(encoder):
    import torch

    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (4, 16) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    for text, vector in zip(TEXTS, vectors, strict=True):  # alone, there is no padding to leave out
        with torch.inference_mode():
            tokens = encoder.tokenizer(text, return_tensors="pt", truncation=True, max_length=32)
            mean = encoder.model(**tokens).last_hidden_state[0].mean(0).numpy()
        assert vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_the_order_of_the_texts_changes_nothing(encoder, monkeypatch):
    monkeypatch.setattr(semantic, "BATCH", 2)
    assert (encoder.encode(TEXTS[::-1])[::-1] == encoder.encode(TEXTS)).all()
    assert encoder.encode([]).shape == (0, 16)


def test_neighbours_are_all_pairs_above_the_cosine(encoder, monkeypatch):
    vectors = encoder.encode(TEXTS)
    cosines = np.round(vectors.astype(float) @ vectors.T.astype(float), 4)
    least = float(np.median(cosines))
    expected = [(i, j) for i in range(4) for j in range(i + 1, 4) if cosines[i, j] >= least]
    monkeypatch.setattr(semantic, "ROWS", 3)
    found = semantic.neighbours(TEXTS, None, encoder, least)
    assert [(i, j) for i, j, _ in found] == expected != []
    assert semantic.neighbours(TEXTS[:1], TEXTS, encoder, 1.0)[0] == (0, 0, 1.0)
    assert semantic.neighbours([], None, encoder, 0.5) == [] == semantic.neighbours(TEXTS, [], encoder, 0.5)


def test_candidates_are_pairs_of_other_clusters_those_on_other_facts_first(encoder):
    def pair(identity, question, fact, cluster=None):
        return Pair(id=identity, question=question, answer=f"Answer {identity}.", facts=[fact], source="s",
                    origin="generated", cluster=cluster or identity)  # fmt: skip

    pairs = [pair("d", TEXTS[1], "f"), pair("a", "What is the limit?", "f"), pair("b", "What is the limit of 7B?", "f"),
             pair("c", TEXTS[2], "g"), pair("e", "this", "g", "d")]  # fmt: skip
    found = candidates(pairs, encoder, -1.0)
    apart = [one.pairs for one in found if not one.same_fact]
    assert sorted(apart) == [["a", "c"], ["a", "e"], ["c", "d"]]
    assert [one.pairs for one in found[:3]] == apart and sorted(one.pairs for one in found[3:]) == [
        ["a", "d"],
        ["c", "e"],
    ]
    assert all(one.cosine >= other.cosine for one, other in pairwise(found[:3]))
    assert found == candidates(pairs[::-1], encoder, -1.0)


def test_what_is_no_encoder_is_named(tmp_path):
    for name in ("embedded", str(tmp_path)):
        with pytest.raises(ModelError, match="config.json"):
            semantic.load(name)
