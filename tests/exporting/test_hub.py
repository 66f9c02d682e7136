"""A folder becomes a dataset of the hub; each way in which that fails has a message that says what to do."""

from pathlib import Path

import pytest

from stages.exporting import hub as ours
from tests.exporting.taking_hub import TakingHub, taking

TOKEN = "hf_doNotTellAnybody"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from huggingface_hub import constants

    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    made = tmp_path / "out"
    (made / "messages").mkdir(parents=True)
    (made / "README.md").write_text("---\nlicense: mit\n---\n# A\n")
    (made / "messages" / "train.jsonl").write_bytes(b"{}\n")
    return made


def pushed(hub: TakingHub, folder: Path, monkeypatch: pytest.MonkeyPatch, private: bool = False) -> str:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    return ours.push(folder, "somebody/faq", private, ["messages/*", "alpaca/*"])


def test_a_folder_is_uploaded_and_files_of_an_earlier_upload_go(folder: Path, monkeypatch: pytest.MonkeyPatch):
    with taking(TakingHub()) as hub:
        assert pushed(hub, folder, monkeypatch) == f"{hub.url}/datasets/somebody/faq"
        (folder / "messages" / "train.jsonl").rename(folder / "messages" / "train.parquet")
        hub.datasets["somebody/faq"]["LICENSE"] = b"added by hand"
        pushed(hub, folder, monkeypatch)
        assert hub.datasets["somebody/faq"] == {
            "README.md": (folder / "README.md").read_bytes(),
            "messages/train.parquet": b"{}\n",
            "LICENSE": b"added by hand",
        }
        assert hub.tokens == {TOKEN} and not hub.private


def test_what_must_be_private_is_uploaded_to_a_private_dataset_only(folder: Path, monkeypatch: pytest.MonkeyPatch):
    with taking(TakingHub()) as hub:
        pushed(hub, folder, monkeypatch, private=True)
        assert hub.private == {"somebody/faq"} and len(hub.datasets["somebody/faq"]) == 2
    with taking(TakingHub(public=("somebody/faq",))) as hub:
        with pytest.raises(ours.PushError, match=r"is public: nothing was uploaded"):
            pushed(hub, folder, monkeypatch, private=True)
        assert hub.datasets == {"somebody/faq": {}}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"refused": 401}, r"does not know the token.*hf auth login"),
        ({"refused": 403}, r"may not write to somebody/faq \(403\).*somebody is you"),
        ({"refused": 503}, r"answers 503.*the folder here is complete"),
        ({"invalid": True}, r"does not take the head of README.md"),
    ],
)
def test_a_refusal_says_what_to_do_and_no_token(given: dict, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch):
    with taking(TakingHub(**given)) as hub, pytest.raises(ours.PushError, match=said) as raised:
        pushed(hub, folder, monkeypatch)
    assert TOKEN not in str(raised.value) and str(raised.value).isprintable()


def test_a_hub_that_is_not_there_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    with taking(TakingHub()) as hub:
        pass
    with pytest.raises(ours.PushError, match=rf"{hub.url} cannot be reached"):
        pushed(hub, folder, monkeypatch)


@pytest.mark.parametrize(
    "name",
    ["me/faq", "a/b", "Me-2/my_faq.v1_", "a" * 96 + "/b", "me/fa--q", "me/f..aq", "me/faq.git", "me/faq.", "-me/faq",
     "me-/faq", "me/.faq", "faq", "me/a/b", "../faq", "a" * 97 + "/b", "me/faq\n", "mé/faq"],
)  # fmt: skip
def test_a_name_is_allowed_if_the_hub_takes_it(name: str):
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
        taken = "/" in name and name.isascii() and name.isprintable()
    except HFValidationError:
        taken = False
    assert bool(ours.NAME.fullmatch(name)) == taken


def test_without_a_token_nothing_is_begun(folder: Path, monkeypatch: pytest.MonkeyPatch):
    ours.ready()
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(ours.PushError, match=r"hf auth login.*HF_TOKEN"):
        ours.ready()
