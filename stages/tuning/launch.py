"""The same stage on several GPUs, or in several processes: started again under `accelerate launch`."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from stages import settings


class LaunchError(RuntimeError):
    """Several processes cannot be started; the message says what to do."""


def again(section: Mapping[str, Any]) -> int:
    """Start this very command under `accelerate launch` with the config that engine.yaml names; return its exit status.

    Where there is no GPU, the threads are shared among the processes, which talk by gloo.
    """
    config = Path(section.get("launch_config") or "launch/fsdp.yaml")
    if not config.exists():
        raise LaunchError(f"{config}: expected a config of accelerate there (launch_config in engine.yaml)")
    processes = int((msgspec.yaml.decode(config.read_bytes()) or {}).get("num_processes", 1))
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config), "-m"]
    environment = os.environ | {"FAQTUNE_THREADS": str(max(1, settings.threads() // processes))}
    module = sys.modules["__main__"].__spec__
    assert module is not None, "started with python -m"
    return subprocess.run([*command, module.name, *sys.argv[1:]], env=environment).returncode
