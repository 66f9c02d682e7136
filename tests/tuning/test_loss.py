import functools
from pathlib import Path

import pytest

from stages.tuning import batches, lora, loss, models, rows, training, weights
from tests.tuning.examples import some_rows


def loaded(tiny_llama: Path, count: int, **options):
    """Return a model whose forward is replaced, its parameters that are trained, and rows."""
    model = weights.load(str(tiny_llama), dtype="float32", **options).train()
    return model, rows.encode_rows(models.load_tokenizer(str(tiny_llama)), some_rows(count))


def test_the_loss_is_the_models_own_on_the_labels(tiny_llama: Path):
    model, encoded = loaded(tiny_llama, 3)
    batch = batches.collate(encoded)
    expected = float(model(input_ids=batch["input_ids"], labels=batch["labels"]).loss)
    assert loss.check_projection(model, encoded, 256)
    loss.project_labels_only(model)
    made = model(**batch)
    assert float(made["loss"]) == pytest.approx(expected, abs=1e-5)
    assert len(made["each"]) == sum(len(one.labelled) for one in encoded)
    assert loss.mean_loss(model, encoded) == pytest.approx(expected, abs=1e-5) and loss.mean_loss(model, []) is None


def test_weights_scale_the_loss_and_it_is_shared_out_over_the_labels_of_the_whole_batch(tiny_llama: Path):
    model, encoded = loaded(tiny_llama, 2)
    loss.project_labels_only(model)
    plain = model(**batches.collate(encoded))
    halves = [model(**batches.collate([one]), num_items_in_batch=len(plain["each"]))["loss"] for one in encoded]
    assert float(sum(halves)) == pytest.approx(float(plain["loss"]), abs=1e-6)
    for one in encoded:
        one.weight = 0.25
    assert float(model(**batches.collate(encoded))["loss"]) == pytest.approx(float(plain["loss"]) / 4, abs=1e-6)


def test_the_first_token_of_each_answer_has_its_own_weight(tiny_llama: Path):
    model, encoded = loaded(tiny_llama, 2)
    loss.project_labels_only(model, first_token=4.0)
    made = model(**batches.collate(encoded))
    each, second = made["each"].tolist(), len(encoded[0].labelled)
    assert float(made["loss"]) == pytest.approx((sum(each) + 3 * (each[0] + each[second])) / len(each), abs=1e-5)
    assert loss.mean_loss(model, encoded) == pytest.approx(sum(each) / len(each), abs=1e-5), "where it is measured, not"


def test_an_architecture_that_does_more_than_project_is_refused(tiny_llama: Path, monkeypatch):
    model, encoded = loaded(tiny_llama, 1)
    head = model.lm_head.forward
    monkeypatch.setattr(model, "get_output_embeddings", lambda: lambda hidden: head(hidden) * 3)
    with pytest.raises(training.TrainingError, match="LlamaForCausalLM. does more than project"):
        loss.check_projection(model, encoded, 256)


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_packed_rows_have_the_loss_and_the_gradients_of_padded_ones(tiny_llama: Path, attention: str):
    import torch

    found = []
    for packed in (False, True):
        model, encoded = loaded(tiny_llama, 6, attention=attention)
        loss.project_labels_only(model, packed)
        batch = batches.collate(encoded)
        assert batch["shared"] > 20
        made = model(**batch)
        made["loss"].backward()
        found.append([made["each"], *(weight.grad for weight in model.parameters())])
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(*found, strict=True))


def test_rows_are_not_packed_where_attention_has_a_window_or_is_not_the_usual_one(tiny_llama: Path, monkeypatch):
    model, encoded = loaded(tiny_llama, 3, attention="eager")
    kernel = model.config._attn_implementation
    assert loss.check_projection(model, encoded, 256)
    model.config.sliding_window = 200
    assert loss.check_projection(model, encoded, 200) and not loss.check_projection(model, encoded, 201)
    model.config.sliding_window = None
    for layer in model.model.layers:  # as a softcap of Gemma 2, which our kernel does not have
        plain = layer.self_attn.forward
        monkeypatch.setattr(layer.self_attn, "forward", functools.partial(plain, softcap=50.0))
    assert loss.check_projection(loaded(tiny_llama, 1)[0], encoded, 256)
    assert not loss.check_projection(model, encoded, 256) and model.config._attn_implementation == kernel


@pytest.mark.filterwarnings("error:.*autograd kernel was not registered:UserWarning")
def test_measuring_a_loss_leaves_the_gradients_of_quantised_weights_alone(tiny_llama: Path):
    import torch

    model, encoded = loaded(tiny_llama, 6, quantization="nf4")
    adapted = lora.with_adapter(model, training.Recipe(rank=4, quantization="nf4")).train()
    loss.project_labels_only(adapted.get_base_model())
    trained = [weight for weight in adapted.parameters() if weight.requires_grad]
    gradients = []
    for _ in range(2):
        adapted.zero_grad()
        adapted(**batches.collate(encoded))["loss"].backward()
        gradients.append([weight.grad.clone() for weight in trained])
        loss.mean_loss(adapted, encoded)
    assert any(gradient.abs().sum() > 0 for gradient in gradients[0])
    assert all(torch.equal(one, other) for one, other in zip(*gradients, strict=True))


def test_dropout_and_noise_are_off_while_a_loss_is_measured(tiny_llama: Path):
    import torch

    model, encoded = loaded(tiny_llama, 3)
    adapted = lora.with_adapter(model, training.Recipe(rank=4, dropout=0.5)).train()
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.normal_()
    loss.project_labels_only(adapted.get_base_model())
    assert loss.mean_loss(adapted, encoded) == loss.mean_loss(adapted, encoded)
    drawn = [float(adapted(**batches.collate(encoded))["loss"].detach()) for _ in range(2)]
    assert drawn[0] != drawn[1] and all(module.training for module in adapted.modules())


def test_half_precision_computes_the_adapter_in_bfloat16_and_learns_the_same(tiny_llama: Path):
    import torch

    gradients = []
    for half in (False, True):
        torch.manual_seed(0)
        model = weights.load(str(tiny_llama), dtype="bfloat16").train()
        encoded = rows.encode_rows(models.load_tokenizer(str(tiny_llama)), some_rows(6))
        adapted = lora.with_adapter(model, training.Recipe(rank=4), half)
        loss.project_labels_only(adapted.get_base_model(), half=half)
        adapted(**batches.collate(encoded))["loss"].backward()
        trained = [weight for weight in adapted.parameters() if weight.requires_grad]
        assert all(weight.dtype == weight.grad.dtype == torch.float32 for weight in trained)
        gradients.append(torch.cat([weight.grad.flatten() for weight in trained]))
    assert torch.nn.functional.cosine_similarity(*gradients, dim=0) > 0.98
