"""A folder as a dataset of the Hugging Face hub."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?"
NAME = re.compile(rf"(?!.*(?:--|\.\.|\.git$)){_PART}/{_PART}")  # else the hub's client refuses it, after the work


class PushError(RuntimeError):
    """The hub does not take a dataset; the message says what to do."""


def ready() -> None:
    """Raise PushError if no token is set by which something could be written."""
    from huggingface_hub import get_token

    if get_token() is None:
        raise PushError(
            "no token of the Hugging Face hub is set here: run `hf auth login`, or set the variable HF_TOKEN, with a "
            "token that may write"
        )


def push(folder: Path, name: str, private: bool, stale: list[str]) -> str:
    """Upload a folder in one commit and return the address of the dataset, which is made if need be.

    Args:
        folder: with a dataset card.
        name: OWNER/NAME.
        private: must the dataset be private?
        stale: patterns of files that go if the folder lacks them.

    Raises PushError.
    """
    from huggingface_hub import HfApi

    api = HfApi()
    try:
        where = str(api.create_repo(name, repo_type="dataset", private=True if private else None, exist_ok=True))
        if private and not api.dataset_info(name).private:
            raise PushError(
                f"the dataset {name} is there already and is public: nothing was uploaded. Make it private in its "
                "settings on the hub, choose another name, or go without --private"
            )
        api.upload_folder(
            folder_path=folder, repo_id=name, repo_type="dataset", commit_message="Dataset exported by faqtune",
            delete_patterns=stale,
        )  # fmt: skip
    except PushError:
        raise
    except Exception as error:  # many types, one thing to tell
        raise PushError(explained(error, name, api)) from error
    return where


def explained(error: Exception, name: str, api: "HfApi") -> str:
    """Return what an error of the hub means and what to do; never a token, nor what the hub said."""
    if type(error) is ValueError:  # by which huggingface_hub says that the head of a card is not valid
        return f"the hub does not take the head of README.md, the card of {name}: it holds a name that is unknown there"
    causes = (error, error.__cause__, error.__context__)
    status = next((found for found in map(_status, causes) if found), 0)
    if status == 401:
        return (
            f"the hub does not know the token that is set here (401), so that {name} was not uploaded: log in anew "
            "(`hf auth login`, or the variable HF_TOKEN)"
        )
    if status == 403:
        owner = name.split("/")[0]
        return (
            f"the token that is set here may not write to {name} (403): use one with the right to write, and check "
            f"that {owner} is you, or an organisation in which you may write"
        )
    if status:
        return f"the hub answers {status} to the upload of {name}: try again later; the folder here is complete"
    return (
        f"{name} was not uploaded, {api.endpoint} cannot be reached ({type(error).__name__}): check network and proxy; "
        "the folder here is complete"
    )


def _status(error: BaseException | None) -> int:
    """Return the HTTP status that an error carries, or 0."""
    return int(getattr(getattr(error, "response", None), "status_code", 0) or 0)
