from pathlib import Path

import pytest

from stages.scoring import likelihood
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
    loss.check_projection(model, encoded[0])
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


def test_an_architecture_that_does_more_than_project_is_refused(tiny_llama: Path, monkeypatch):
    model, encoded = loaded(tiny_llama, 1)
    head = model.lm_head.forward
    monkeypatch.setattr(model, "get_output_embeddings", lambda: lambda hidden: head(hidden) * 3)
    with pytest.raises(training.TrainingError, match="LlamaForCausalLM. does more than project"):
        loss.check_projection(model, encoded[0])


def test_sharing_the_system_message_changes_no_gradient(tiny_llama: Path, monkeypatch):
    import torch

    model, encoded = loaded(tiny_llama, 6)
    loss.project_labels_only(model)
    gradients = []
    for worth in (0, 10**9):  # always, never
        monkeypatch.setattr(likelihood, "_WORTH", worth)
        batch = batches.collate(encoded)
        assert bool(batch["shared"]) == (worth == 0)
        model.zero_grad()
        model(**batch)["loss"].backward()
        gradients.append([weight.grad.clone() for weight in model.parameters()])
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(*gradients, strict=True))


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
