"""A cache with room gives what transformers' own gives, whatever is done to it between two tokens."""

import torch
from transformers import DynamicCache, LlamaConfig

from stages.scoring import growing

CONFIG = LlamaConfig(num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2, hidden_size=8)


def states(rows: int, tokens: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    made = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(rows, 2, tokens, 4, generator=made) for _ in range(2))


def test_keys_and_values_are_the_same_after_all_that_decoding_does():
    ours, theirs = growing.cache(CONFIG), DynamicCache(config=CONFIG)
    steps = [("update", 1, 5), ("repeat", 3), ("update", 3, 7), ("update", 3, 2), ("crop", -4), ("update", 3, 1),
             ("select", [0, 2]), *[("update", 2, 1)] * (growing.ROOM + 3), ("crop", -2), ("select", [1, 0]),
             ("update", 2, growing.ROOM * 2), ("update", 2, 1)]  # fmt: skip
    for seed, (what, *how) in enumerate(steps):
        for cache in (ours, theirs):
            for layer in range(2):
                if what == "update":
                    cache.update(*states(*how, seed * 2 + layer), layer)
            if what == "crop":
                cache.crop(*how)
            if what == "repeat":
                cache.batch_repeat_interleave(*how)
            if what == "select":
                cache.batch_select_indices(torch.tensor(*how))
        for one, other in zip(ours.layers, theirs.layers, strict=True):
            assert torch.equal(one.keys, other.keys) and torch.equal(one.values, other.values), (seed, what)
        assert ours.get_seq_length() == theirs.get_seq_length()


def test_a_token_more_copies_nothing_while_there_is_room():
    cache = growing.cache(CONFIG)
    cache.update(*states(2, 9, 0), 0)
    before = cache.layers[0].keys.data_ptr()
    for _ in range(growing.ROOM):
        cache.update(*states(2, 1, 1), 0)
    assert cache.layers[0].keys.data_ptr() == before
    cache.update(*states(2, 1, 1), 0)
    assert cache.layers[0].keys.data_ptr() != before


def test_layers_of_another_kind_stay_what_they_are():
    from transformers import MistralConfig

    sliding = growing.cache(MistralConfig(num_hidden_layers=1, sliding_window=4))
    assert not any(isinstance(layer, growing.GrowingLayer) for layer in sliding.layers)
