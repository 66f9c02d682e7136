"""Fixtures for all tests: a model small enough to train in a test."""

import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests import browser as chromium
from tests.endpoint import Endpoint, serving
from tests.workspace import SAMPLES, Workspace, question

TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}"
    "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@pytest.fixture(autouse=True)
def untouched_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Keep the workspace's journal out of tests; tests marked `model` share its converted model."""
    monkeypatch.setenv("FAQTUNE_THREADS", "1")  # tiny matrices are slower on two, above all when both are busy
    if "model" not in request.keywords:
        monkeypatch.setenv("FAQTUNE_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def browser():
    """Return a headless Chromium (playwright's Browser); tests that need it are skipped where there is none."""
    path = chromium.executable()
    if path is None:
        pytest.skip(chromium.MISSING)
    with chromium.launched(path) as found:
        yield found


@pytest.fixture(scope="session")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a two-layer Llama with random weights and the chat template of SmolLM2."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(["system user assistant", "What is the context length of Llama 2?"] * 5, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=special[1], eos_token=special[2], pad_token=special[2]
    )
    fast.chat_template = TEMPLATE
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(fast),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=512,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=None,  # its embedding would be zero, and with it the logit of the end token
            tie_word_embeddings=True,
            initializer_range=0.2,
        )
    )
    folder = tmp_path_factory.mktemp("models") / "tiny-llama"
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path, worker_id: str):
    """Return a workspace after its first whole run, committed; it is copied, never used itself.

    The first worker that needs it makes it, for all.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder, made = shared / "first-run", shared / "first-run.done"
    with serving(Endpoint(question)) as teacher:
        with FileLock(shared / "first-run.lock"):
            workspace = Workspace(folder, tiny_llama, teacher, new=not made.exists())
            if not made.exists():
                asked, stages = workspace.asked_by("dvc repro")
                assert asked == SAMPLES * 24, "two facts a part, twelve parts"
                assert stages[0] == "collect" and stages[-1] == "report" and len(stages) == 19
                workspace.run("git add -A && git commit -qm built")
                made.touch()
        yield workspace


@pytest.fixture(scope="module")
def built(first_run: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a copy of the built workspace for the tests of a module."""
    folder = tmp_path_factory.mktemp("built") / "workspace"
    shutil.copytree(first_run.folder, folder, symlinks=True)
    return first_run.at(folder)
