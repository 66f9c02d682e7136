"""A model of a hub is fetched once, at a revision; each way in which that fails has a message that says what to do."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.tuning import hub as ours
from tests.hub import COMMIT, Hub, serving

TOKEN = "hf_doNotTellAnybody"
ASK = """
import json, sys
from stages.tuning import models
for student, revision in json.loads(sys.argv[1]):
    try:
        said = models.resolved(student, revision) + " " + models.locate(student, revision).name
    except models.ModelError as error:
        said = str(error)
    print(json.dumps(said))
"""


def run(code: str, argument: object, folder: Path, url: str, **environment: str) -> str:
    """Run code in a process of its own, which reads the hub's address and cache when it starts."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGING"))}
    made = subprocess.run(
        [sys.executable, "-c", code, json.dumps(argument)],
        env=inherited | {"HF_ENDPOINT": url, "HF_HOME": str(folder / "hub")} | environment,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    assert TOKEN not in made.stdout + made.stderr
    return made.stdout


def asked(cases: list[tuple[str, str]], folder: Path, url: str, **environment: str) -> list[str]:
    return [json.loads(line) for line in run(ASK, cases, folder, url, **environment).splitlines()]


@pytest.fixture
def carried(tiny_llama: Path, tmp_path: Path) -> Path:
    """Return the tiny model as a repository of a hub holds it."""
    folder = tmp_path / "repository"
    shutil.copytree(tiny_llama, folder)
    (folder / "README.md").write_text("---\nlicense: other\nlicense_name: llama2\n---\n# Tiny\n")
    (folder / "pytorch_model.bin").write_bytes(b"the same again")
    (folder / "training.log").write_text("no part of the model")
    return folder


def test_a_model_is_fetched_once_at_a_revision_and_used_without_network(carried: Path, tmp_path: Path):
    use = """
import json, sys
from stages.tuning import models, weights
found = {}
for revision in json.loads(sys.argv[1]):
    found[revision] = [models.resolved("o/tiny", revision), models.fingerprint("o/tiny", revision),
                       models.licence("o/tiny", revision), models.load_tokenizer("o/tiny", revision).eos_token]
found["layers"] = weights.load("o/tiny", "v1", dtype="float32").config.num_hidden_layers
print(json.dumps(found))
"""
    with serving(Hub({"o/tiny": carried})) as hub:
        assert asked([("o/tiny", "v1")], tmp_path, hub.url) == [f"{COMMIT} {COMMIT}"]
        files = sorted(hub.sent)
        assert {"README.md", "config.json", "model.safetensors", "tokenizer.json"} <= set(files)
        assert not {"pytorch_model.bin", "training.log"} & set(files), "no weights twice, nothing else"
        assert asked([("o/tiny", "v1"), ("o/tiny", COMMIT)], tmp_path, hub.url) == [f"{COMMIT} {COMMIT}"] * 2
        assert sorted(hub.sent) == files, "nothing is fetched twice"
    found = json.loads(run(use, ["v1", COMMIT], tmp_path, hub.url))
    assert found == {
        "v1": [COMMIT, "o/tiny@v1", "llama2", "<|im_end|>"],
        COMMIT: [COMMIT, f"o/tiny@{COMMIT}", "llama2", "<|im_end|>"],
        "layers": 2,
    }


def test_weights_as_bin_are_fetched_where_there_are_no_others(carried: Path, tmp_path: Path):
    (carried / "model.safetensors").unlink()
    with serving(Hub({"o/old": carried})) as hub:
        assert asked([("o/old", "main")], tmp_path, hub.url) == [f"{COMMIT} {COMMIT}"]
    assert hub.sent.count("pytorch_model.bin") == 1


def test_without_network_a_model_that_was_fetched_without_its_card_is_used(carried: Path, tmp_path: Path):
    with serving(Hub({"o/tiny": carried})) as hub:
        asked([("o/tiny", "main")], tmp_path, hub.url)
    (tmp_path / f"hub/hub/models--o--tiny/snapshots/{COMMIT}/README.md").unlink()
    assert asked([("o/tiny", "main")], tmp_path, hub.url) == [f"{COMMIT} {COMMIT}"]
    (tmp_path / f"hub/hub/models--o--tiny/snapshots/{COMMIT}/config.json").unlink()
    (said,) = asked([("o/tiny", "main")], tmp_path, hub.url)
    assert "o/tiny at revision main is not, or not wholly, in the hub cache" in said and "cannot be reached" in said


def test_a_hub_says_what_it_lacks(carried: Path, tmp_path: Path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "Model.Q4.gguf").write_bytes(b"GGUF")
    cases = [("o/gated", "main"), ("o/none", "main"), ("o/tiny", "v9"), ("o/tiny", "f" * 40), ("o/files", "main")]
    with serving(Hub({"o/gated": carried, "o/tiny": carried, "o/files": tmp_path / "files"}, {"o/gated"})) as hub:
        gated, none, revision, commit, files = asked(cases, tmp_path, hub.url)
        assert f"o/gated is gated, and no token is set here: accept its licence at {hub.url}/o/gated" in gated
        assert "`hf auth login`, or the variable HF_TOKEN" in gated
        assert "the hub has no model o/none, or does not show it to you: check the id" in none
        assert "o/tiny has no revision 'v9': choose a branch, tag or commit" in revision
        assert f"o/tiny has no revision '{'f' * 40}'" in commit
        assert "o/files has no config.json" in files and "hf download o/files NAME.gguf" in files


def test_a_token_that_does_not_help_is_never_printed(carried: Path, tmp_path: Path):
    with serving(Hub({"o/gated": carried}, {"o/gated"})) as hub:
        (gated,) = asked([("o/gated", "main")], tmp_path, hub.url, HF_TOKEN=TOKEN)
        assert "is gated, and the token that is set here does not give access: accept its licence" in gated
        hub.refused = TOKEN
        (refused,) = asked([("o/gated", "v1")], tmp_path, hub.url, HF_TOKEN=TOKEN)
        assert "refuses access to the model o/gated (401): the token that is set here is not valid" in refused
        assert hub.tokens == {TOKEN}
        hub.down = 503
        (down,) = asked([("o/gated", "v1")], tmp_path, hub.url, HF_TOKEN=TOKEN)
        assert "the hub answers 503 for the model o/gated: try again later" in down


def test_without_network_a_model_that_is_not_there_says_where_to_fetch_it(tmp_path: Path):
    nobody = "http://127.0.0.1:9"
    (away,) = asked([("o/tiny", "v1")], tmp_path, nobody)
    assert (
        f"o/tiny at revision v1 is not, or not wholly, in the hub cache, and {nobody}/o/tiny cannot be reached" in away
    )
    assert "run `hf download o/tiny --revision v1` where there is network" in away
    (offline,) = asked([("o/tiny", "v1")], tmp_path, nobody, HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE forbids to fetch it: unset it" in offline


@pytest.mark.parametrize(
    "text",
    [
        f"Illegal header value b'Bearer {TOKEN} '",
        "Illegal header value b'Bearer another-kind-of-token'",
        "no route to https://me:another-kind-of-token@example.org/api",
    ],
)
def test_an_error_that_repeats_a_secret_is_shown_without_it(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    said = ours.explained(OSError(text), "o/tiny", "main")
    assert "could not be fetched: OSError: " in said and "***" in said
    assert TOKEN not in said and "another-kind" not in said


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: mit\n---\n", "mit"),
        ("---\r\nlicense: apache-2.0\r\n---\r\nText.", "apache-2.0"),
        ("---\nlicense: other\nlicense_name: llama-3.2_x\n---\n", "llama-3.2_x"),
        ("---\nlicense_name: llama2\n---", "llama2"),
        ("---\nlicense: other\n---\n", "other"),
        ("---\nlicense: [mit, gpl]\n---\n", "unknown"),
        ("---\nlicense: 'mit](http://example.org)'\n---\n", "unknown"),
        ("---\nlicense: " + "x" * 61 + "\n---\n", "unknown"),
        ("---\nlicense: mit\n", "unknown"),
        ("---\n- a\n- list\n---\n", "unknown"),
        ("---\n!!python/object/apply:os.getcwd []\n---\n", "unknown"),
        ("license: mit", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_licence_is_what_the_front_matter_names(card: str | None, licence: str, tmp_path: Path):
    if card is not None:
        (tmp_path / "README.md").write_bytes(card.encode())
    assert ours.card_licence(tmp_path) == licence


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"---\nlicense: {text}\n---\n".encode()))
def test_whatever_a_card_holds_a_licence_is_an_id_or_unknown(tmp_path_factory, card: bytes):
    folder = tmp_path_factory.mktemp("card")
    (folder / "README.md").write_bytes(card)
    licence = ours.card_licence(folder)
    assert (
        1 <= len(licence) <= 60
        and licence.isascii()
        and not set(licence) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    )
