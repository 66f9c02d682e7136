"""The tuned model stays near the untuned one on texts of its own."""

from pathlib import Path

import pytest
import torch

from stages.tuning import keeping, models, training, weights
from tests.tuning.examples import row


@pytest.fixture(scope="module")
def kept(tiny_llama: Path) -> keeping.Kept:
    model, tokenizer = weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))
    return keeping.written(model, tokenizer, 40, seed=0)


def test_the_texts_are_the_models_own_and_the_same_for_a_seed(tiny_llama: Path, kept: keeping.Kept, tmp_path: Path):
    model, tokenizer = weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))
    assert kept.ids.shape == (40, keeping.LENGTH) and kept.logs.shape == (40, keeping.LENGTH - 1, keeping.LIKELIEST)
    again = keeping.written(model, tokenizer, 40, seed=0)
    assert torch.equal(again.ids, kept.ids) and not torch.equal(keeping.written(model, tokenizer, 40, 1).ids, kept.ids)
    with torch.no_grad():
        logs = model(input_ids=kept.ids[:2]).logits[:, :-1].log_softmax(-1)
    torch.testing.assert_close(kept.logs[:2], logs.gather(-1, kept.likely[:2]), atol=1e-4, rtol=1e-4)
    keeping.save(kept, tmp_path / "kept.safetensors")
    assert all(torch.equal(a, b) for a, b in zip(keeping.load(tmp_path / "kept.safetensors"), kept, strict=True))


def test_a_batch_rehearses_the_same_texts_whenever_it_comes(kept: keeping.Kept):
    one, again, other = (keeping.chosen(kept, 3, names, 0).ids for names in (["a", "b"], ["a", "b"], ["c"]))
    assert torch.equal(one, again) and not torch.equal(one, other) and len(one) == 3
    assert len(keeping.chosen(kept, 99, ["a"], 0).ids) == 40


def test_the_divergence_is_that_of_the_whole_distribution_where_all_tokens_are_likely():
    generator = torch.Generator().manual_seed(0)
    ours, theirs = (torch.randn(5, 20, generator=generator) for _ in range(2))
    expected = torch.nn.functional.kl_div(
        theirs.log_softmax(-1), ours.log_softmax(-1), log_target=True, reduction="batchmean"
    )
    logs, likely = ours.log_softmax(-1).topk(19)
    assert float(keeping.divergence(theirs, likely, logs)) == pytest.approx(float(expected), abs=1e-4)
    few = keeping.divergence(theirs, likely[:, :4], logs[:, :4])
    assert 0 < float(few) < float(expected), "what is unlikely counts as one"
    assert float(keeping.divergence(ours, likely[:, :4], logs[:, :4])) == pytest.approx(0, abs=1e-5)


def test_what_is_kept_is_forgotten_less(tiny_llama: Path, tmp_path: Path, kept: keeping.Kept):
    rows = [row("What is the size?", "Seven billion."), row("How long is it?", "4096 tokens.")]
    lost = {}
    for keep in (0.0, 3.0):
        recipe = training.Recipe(
            student=str(tiny_llama),
            dtype="float32",
            epochs=60,
            learning_rate=5e-3,
            keep=keep,
            keep_texts=40,
            keep_rows=8,
        )
        training.train(recipe, rows, [], tmp_path / f"{keep}")
        model = weights.with_adapter(weights.load(str(tiny_llama), dtype="float32"), tmp_path / f"{keep}")
        with torch.no_grad():
            logits = model(input_ids=kept.ids[:, :-1]).logits.flatten(0, 1)
        lost[keep] = float(keeping.divergence(logits, kept.likely.flatten(0, 1), kept.logs.flatten(0, 1)))
    assert lost[3.0] < 0.3 * lost[0.0]
