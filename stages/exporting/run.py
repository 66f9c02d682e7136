"""What dvc.lock says of the run that made the data: models that were asked, options and prompts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from stages.reporting import parameters
from stages.reporting.gather import GatherError
from stages.tuning import models

ASKING = ("generate", "judge", "augment")  # stages that may ask a model for pairs, or about them
PARAPHRASE = "paraphrase"  # the form that a teacher writes
PROMPTS = "prompts/"


@dataclass(frozen=True)
class Asked:
    """A stage that could ask a model."""

    stage: str
    model: str
    revision: str
    endpoint: str


@dataclass(frozen=True)
class Run:
    """What is known of a run; nothing without a dvc.lock."""

    asked: list[Asked] = field(default_factory=list)
    scorer: str = ""
    writer: str = ""  # of the embedded teacher
    allowed: list[str] = field(default_factory=list)  # contacts that are not masked
    prompts: dict[str, str] = field(default_factory=dict)  # MD5 by path


def read(lock: Path) -> Run:
    """Return what a dvc.lock says, nothing if it is not there. Raises GatherError if it cannot be read."""
    if not lock.exists():
        return Run()
    try:
        stages: Mapping[str, Any] = yaml.load(lock.read_bytes(), Loader=yaml.CSafeLoader)["stages"]
        options = {name: parameters.options(stage["cmd"]) for name, stage in stages.items()}
        asking = [name for name in ASKING if options.get(name, {}).get("model", ["none"]) != ["none"]]
        if PARAPHRASE not in options.get("augment", {}).get("forms", []):
            asking = [name for name in asking if name != "augment"]  # its other forms are made by rule
        deps = [dep for name in asking for dep in stages[name]["deps"]]
        prompts = {str(dep["path"]): str(dep["md5"]) for dep in deps if str(dep["path"]).startswith(PROMPTS)}
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise GatherError(f"{lock}: expected what DVC writes after a run ({error!r}); run `dvc repro`") from error

    def option(stage: str, name: str) -> str:
        return " ".join(options.get(stage, {}).get(name, []))

    asked = [
        Asked(name, _named(option(name, "model")), option(name, "revision"), option(name, "endpoint"))
        for name in asking
    ]  # fmt: skip
    return Run(asked, _named(option("generate", "scorer")), option("teach", "writer"),
               options.get("filter", {}).get("allow", []), dict(sorted(prompts.items())))  # fmt: skip


def _named(model: str) -> str:
    """Return what strangers may know of a model: its name, if it has one, and no path of this machine."""
    if not model:
        return ""
    if model == models.EMBEDDED:
        return models.EMBEDDED_NAME
    return Path(model).name if Path(model).is_absolute() else models.public_name(model)
