"""A model of the Hugging Face hub: fetched once, at a revision, with errors that say what to do."""

import functools
import re
from pathlib import Path

import yaml

README, UNKNOWN = "README.md", "unknown"
_CARD = 65_536  # most bytes of a model card that are looked at
_LICENCE = re.compile(r"[A-Za-z0-9._-]{1,60}")


class HubError(RuntimeError):
    """The hub does not give a model; the message says what to do."""


@functools.cache  # one answer a process: a branch may move between tokenizer and weights
def fetch(student: str, revision: str, files: tuple[str, ...]) -> Path:
    """Return the snapshot folder of a model, which is named by its commit; what is not in the cache is fetched.

    Args:
        student: id of the model, owner/name.
        revision: branch, tag or commit.
        files: patterns of the files that make the model; weights as .bin are left out where there are safetensors.

    Raises HubError.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import IncompleteSnapshotError

    plain = [pattern for pattern in files if pattern != "*.bin"]
    try:
        try:
            folder = Path(snapshot_download(student, revision=revision, allow_patterns=[*plain, README]))
        except IncompleteSnapshotError:  # without network, and fetched before by others, who want no card
            folder = Path(snapshot_download(student, revision=revision, allow_patterns=plain))
        if not any(folder.glob("*.safetensors")):
            folder = Path(snapshot_download(student, revision=folder.name, allow_patterns=[*files]))
    except Exception as error:  # many types, one thing to tell
        raise HubError(explained(error, student, revision)) from error
    if not (folder / "config.json").exists():
        raise HubError(
            f"the model {student} has no config.json, so it is not in transformers format; of a repository with GGUF "
            f"files, fetch one (hf download {student} NAME.gguf) and give its path as the student"
        )
    return folder


def explained(error: Exception, student: str, revision: str) -> str:
    """Return what an error of the hub means and what to do; never a token, whatever the error holds."""
    from huggingface_hub import constants, errors, get_token

    page = f"{constants.ENDPOINT}/{student}"
    causes = [error, error.__cause__, error.__context__]
    status = next((found for found in map(_status, causes) if found), 0)
    if isinstance(error, errors.GatedRepoError):
        said = "no token is set here" if get_token() is None else "the token that is set here does not give access"
        return (
            f"the model {student} is gated, and {said}: accept its licence at {page} and log in with the same account "
            "(`hf auth login`, or the variable HF_TOKEN; a fine-grained token must allow gated repositories)"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return (
            f"the model {student} has no revision {revision!r}: choose a branch, tag or commit of those at "
            f"{page}/commits/main (student.revision in params.yaml, --revision)"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"the hub has no model {student}, or does not show it to you: check the id at {page} (capital letters "
            "count); for a private model log in (`hf auth login`, or the variable HF_TOKEN)"
        )
    if status in (401, 403):
        return (
            f"the hub refuses access to the model {student} ({status}): the token that is set here is not valid or "
            "does not allow it; log in anew (`hf auth login`, or the variable HF_TOKEN)"
        )
    if status:
        return f"the hub answers {status} for the model {student}: try again later, what was fetched is kept"
    if any(isinstance(cause, errors.OfflineModeIsEnabled) for cause in causes):
        return (
            f"the model {student} at revision {revision} is not in the hub cache, and HF_HUB_OFFLINE forbids to fetch "
            f"it: unset it, or run `hf download {student} --revision {revision}` where there is network"
        )
    if isinstance(error, errors.LocalEntryNotFoundError | errors.IncompleteSnapshotError):
        return (
            f"the model {student} at revision {revision} is not, or not wholly, in the hub cache, and {page} cannot be "
            f"reached: check network and proxy, or run `hf download {student} --revision {revision}` where there is "
            "network and copy the hub cache (HF_HOME); the student 'embedded' needs no hub"
        )
    line = str(error).splitlines()[0] if str(error) else ""
    return (
        f"the model {student} at revision {revision} is not in the hub cache and could not be fetched: "
        f"{type(error).__name__}: {_without_secrets(line, get_token())}. Check id, revision, network and disk, or use "
        "the student 'embedded', which needs no hub"
    )


def _status(error: BaseException | None) -> int:
    """Return the HTTP status that an error carries, or 0."""
    return int(getattr(getattr(error, "response", None), "status_code", 0) or 0)


def _without_secrets(text: str, token: str | None) -> str:
    """Return a text without the token, which an error about an ill-formed header repeats, and without passwords."""
    text = text.replace(token, "***") if token else text
    return re.sub(r"hf_\w+|(?<=Bearer )[^\s'\"]+|(?<=//)[^/\s@]+@", "***", text)


def card_licence(folder: Path) -> str:
    """Return the licence that a model's card names, or `unknown`; see `known_licence`."""
    try:
        with (folder / README).open("rb") as file:
            text = file.read(_CARD).decode(errors="replace").replace("\r\n", "\n")
        front = re.match(r"---[ \t]*\n(.*?\n)---[ \t]*(\n|$)", text, re.DOTALL)
        card = yaml.safe_load(front[1]) if front else None
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        card = None
    if not isinstance(card, dict):
        return UNKNOWN
    licence, name = card.get("license"), card.get("license_name")
    if licence in (None, "other") and name is not None:  # a licence that the hub has no id for
        licence = name
    return known_licence(licence)


def known_licence(licence: object) -> str:
    """Return a licence's id, or `unknown` for what does not look like one: it is a stranger's text."""
    return licence if isinstance(licence, str) and _LICENCE.fullmatch(licence) else UNKNOWN
