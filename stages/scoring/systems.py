"""Who answers: the untuned student with and without help, and each adapter."""

import hashlib
from pathlib import Path

import msgspec

from stages.tuning import adapter_folder, models

BASE, ORACLE, RETRIEVAL = "base", "oracle", "retrieval"
WITH = f"+{RETRIEVAL}"  # behind an adapter's name


class ComparisonError(ValueError):
    """The systems cannot be compared; the message says what is missing and what to do."""


class Student(msgspec.Struct, kw_only=True, frozen=True):
    """The untuned model, and how its weights are held for every system."""

    name: str  # embedded, a folder, a GGUF file, or a hub id
    revision: str = "main"
    dtype: str = "auto"
    quantization: str = "none"

    @property
    def key(self) -> str:
        """What identifies it in keys."""
        return f"{models.fingerprint(self.name, self.revision)} {self.dtype} {self.quantization}"


class System(msgspec.Struct, kw_only=True, frozen=True):
    """The student or an adapter, and what it reads beside the question."""

    name: str
    reads: str = "nothing"  # nothing (closed book), evidence, or passages
    adapter: Path | None = None
    digest: str | None = None  # of the adapter


def systems(adapters: Path, student: Student, passages: bool) -> list[System]:
    """Return base, oracle, each adapter, and with passages the student and each adapter with them; none is loaded.

    Args:
        adapters: a folder with one folder an adapter.
        student: what they were trained on.
        passages: whether there are systems that read passages.

    Raises ComparisonError or ModelError if an adapter is another student's, is not whole, or has a name that is taken.
    """
    base = models.fingerprint(student.name, student.revision)
    own = [System(name=BASE), System(name=ORACLE, reads="evidence")]
    for folder in sorted(path for path in adapters.iterdir() if path.is_dir() and not path.name.startswith(".")):
        digest = adapter_digest(folder)
        trained_on = adapter_folder.config(folder).get("base_model_name_or_path")
        if trained_on != models.public_name(student.name):
            raise ComparisonError(
                f"{folder}: this adapter was trained on {trained_on!r}, the student is "
                f"{models.public_name(student.name)!r}; train it again or set --student"
            )
        adapter_folder.check(folder, base)
        if folder.name in (BASE, ORACLE, RETRIEVAL) or folder.name.endswith(WITH):
            raise ComparisonError(f"{folder}: an adapter cannot be called {folder.name}; rename it in params.yaml")
        own.append(System(name=folder.name, adapter=folder, digest=digest))
    if len(own) == 2:
        raise ComparisonError(f"{adapters}: there is no adapter in it; run `dvc repro train`")
    if passages:
        own.append(System(name=RETRIEVAL, reads="passages"))
        own += [msgspec.structs.replace(one, name=one.name + WITH, reads="passages") for one in own if one.adapter]
    return own


def adapter_digest(folder: Path) -> str:
    """Return the SHA-256 of an adapter: of its weights and its configuration."""
    digest = hashlib.sha256()
    for name in (adapter_folder.CONFIG, adapter_folder.WEIGHTS):
        if not (folder / name).exists():
            raise ComparisonError(f"{folder}: expected an adapter, but it has no {name}; run the train stage again")
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()
