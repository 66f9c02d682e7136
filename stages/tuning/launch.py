"""The same stage on several GPUs, or in several processes: started again under `accelerate launch`."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from stages import settings


class LaunchError(RuntimeError):
    """Several processes cannot be started; the message says what to do."""


def again(config: Path) -> int:
    """Start this very command under `accelerate launch` and return its exit status.

    Args:
        config: of accelerate. The processes that it starts here share the threads; without a GPU they talk by gloo.

    Raises LaunchError if there is no such file.
    """
    if not config.exists():
        raise LaunchError(f"{config}: expected a config of accelerate there (launch_config in engine.yaml)")
    said = msgspec.yaml.decode(config.read_bytes()) or {}
    here = max(1, int(said.get("num_processes", 1)) // int(said.get("num_machines", 1)))
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config), "-m"]
    environment = os.environ | {"FAQTUNE_THREADS": str(max(1, settings.threads() // here))}
    module = sys.modules["__main__"].__spec__
    assert module is not None, "started with python -m"
    return subprocess.run([*command, module.name, *sys.argv[1:]], env=environment).returncode
