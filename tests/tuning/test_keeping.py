"""The tuned model stays near the untuned one on texts of its own."""

from pathlib import Path

import pytest
import torch

from stages.tuning import keeping, loss, models, training, weights
from stages.tuning.batches import collate
from stages.tuning.rows import encode_rows
from tests.tuning.examples import row

SYSTEM = "Be brief."
ANSWERS = [list(range(40 + n, 40 + n + keeping.OPENING + 2)) for n in range(4)] + [[9] * (keeping.OPENING - 1)]


@pytest.fixture(scope="module")
def kept(tiny_llama: Path) -> keeping.Kept:
    model, tokenizer = weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))
    return keeping.written(model, tokenizer, 40, 0, SYSTEM, ANSWERS)


def test_the_texts_are_the_models_own_and_the_same_for_a_seed(tiny_llama: Path, kept: keeping.Kept, tmp_path: Path):
    model, tokenizer = weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))
    longest = kept.ids.shape[1]
    assert longest >= keeping.LENGTH and kept.logs.shape == (40, longest - 1, keeping.LIKELIEST)
    again, other = (keeping.written(model, tokenizer, 40, seed, SYSTEM, ANSWERS) for seed in (0, 1))
    assert torch.equal(again.ids, kept.ids) and not torch.equal(other.ids, kept.ids)
    with torch.no_grad():
        logs = model(input_ids=kept.ids[:2]).logits[:, :-1].log_softmax(-1)
    theirs, there = logs.gather(-1, kept.likely[:2]), kept.counts[:2]
    torch.testing.assert_close(kept.logs[:2][there], theirs[there], atol=1e-4, rtol=1e-4)
    keeping.save(kept, tmp_path / "kept.safetensors")
    assert all(torch.equal(a, b) for a, b in zip(keeping.load(tmp_path / "kept.safetensors"), kept, strict=True))


def test_words_are_drawn_as_often_as_they_are_likely():
    torch.manual_seed(0)
    shares = torch.tensor([0.6, 0.0, 0.3, 0.1])
    drawn = keeping._drawn(torch.empty(0), shares.log().expand(4000, -1)).argmax(-1)
    found = torch.bincount(drawn, minlength=4) / 4000
    assert found[1] == 0 and torch.allclose(found, shares, atol=0.03)


def test_half_of_them_are_chats_below_the_system_message_whose_answers_are_kept_but_for_the_first_token(
    tiny_llama, kept: keeping.Kept
):
    tokenizer = models.load_tokenizer(str(tiny_llama))
    assert all(counts.nonzero()[:, 0].tolist() == list(range(keeping.LENGTH - 1)) for counts in kept.counts[:20])
    for ids, counts in zip(kept.ids[20:], kept.counts[20:], strict=True):
        places = counts.nonzero()[:, 0].tolist()
        if not places:  # an answer of one token
            continue
        asked = tokenizer.decode(ids[: places[0]])
        opened = models.render(tokenizer, models.chat(SYSTEM, "?"), add_generation_prompt=True)
        before, after = opened.split("?")
        assert asked.startswith(before) and asked.endswith(after)
        assert places == list(range(places[0], places[-1] + 1)), "the rest of the answer and its end"
        assert len(places) == keeping.ANSWER - 1 or int(ids[places[-1] + 1]) == tokenizer.eos_token_id


def test_a_quarter_at_most_go_on_from_what_trained_answers_begin_with(kept: keeping.Kept):
    begun = {tuple(ids[1 : keeping.OPENING + 1].tolist()) for ids in kept.ids[16:20]}
    assert begun == {tuple(answer[: keeping.OPENING]) for answer in ANSWERS[:4]}, "not the one that is too short"
    assert len({ids[0].item() for ids in kept.ids[:20]}) == 1, "as texts, not as chats"


def test_a_batch_rehearses_the_same_texts_whenever_it_comes(kept: keeping.Kept):
    one, again, other = (keeping.chosen(kept, 3, names, 0).ids for names in (["a", "b"], ["a", "b"], ["c"]))
    assert torch.equal(one, again) and not torch.equal(one, other) and len(one) == 3
    assert len(keeping.chosen(kept, 99, ["a"], 0).ids) == 40


def test_the_divergence_is_that_of_the_whole_distribution_where_all_tokens_are_likely():
    generator = torch.Generator().manual_seed(0)
    ours, theirs = (torch.randn(7, 20, generator=generator) for _ in range(2))
    counts = torch.tensor([[True] * 4, [False, False, True, True], [False, True, False, False]])

    def of(likely: int, theirs: torch.Tensor) -> float:
        logs, ids = torch.zeros(3, 4, likely), torch.zeros(3, 4, likely, dtype=torch.long)
        logs[counts], ids[counts] = ours.log_softmax(-1).topk(likely)
        return float(keeping.divergence(theirs, keeping.Kept(torch.zeros(3, 5), ids, logs, counts)))

    each = torch.nn.functional.kl_div(theirs.log_softmax(-1), ours.log_softmax(-1), log_target=True, reduction="none")
    places = each.sum(-1)
    assert of(19, theirs) == pytest.approx(float(places[:4].mean() + places[4:6].mean() + places[6]) / 3, abs=1e-4)
    assert 0 < of(4, theirs) < of(19, theirs), "what is unlikely counts as one"
    assert of(4, ours) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("rows", [1, 9])
def test_loss_and_gradient_are_the_same_of_packed_rows_and_padded_ones(tiny_llama: Path, kept: keeping.Kept, rows: int):
    tokenizer = models.load_tokenizer(str(tiny_llama))
    answers = ["Seven billion.", "It is 4096 tokens long, and a bit more than that in practice."]
    batch = collate(encode_rows(tokenizer, [row(f"What is number {n}?", answers[n % 2]) for n in range(rows)]))
    found = []
    for packed in (False, True):
        model = weights.load(str(tiny_llama), dtype="float32")
        loss.project_labels_only(model, packed, keep=2.0)
        some = keeping.chosen(kept, 3, ["a"], 0)._asdict()
        told = model(**batch, kept=some | {"logs": some["logs"] - 0.5})  # else it is its own, and nothing apart
        told["loss"].backward()
        found.append((told["loss"].item(), model.model.layers[0].self_attn.q_proj.weight.grad))
    assert [one for one, _ in found] == pytest.approx([found[0][0]] * 2, rel=1e-5)
    for _, gradient in found:
        torch.testing.assert_close(gradient, found[0][1], atol=1e-5, rtol=1e-3)


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
            logits = model(input_ids=kept.ids[:, :-1]).logits[kept.counts]
        lost[keep] = float(keeping.divergence(logits, kept))
    assert lost[3.0] < 0.3 * lost[0.0]
