"""The same stage started again: in several processes under `accelerate launch`, or with a heap of large pages."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import msgspec

from stages import settings

# a heap of pages of 2 MB, of which nothing is given back and nothing up to 32 MB (the most it takes) is apart
LARGE_PAGES = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=8589934592"


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


def on_large_pages() -> None:
    """Start this very command again with a heap of large pages, where malloc knows these, or return.

    Steps of ever other lengths scatter their tensors over a heap of small pages: after 300 steps of the demo one took
    1.6 times as long as at first. glibc reads its tunables at the start of a process only (glibc manual, "Memory
    Allocation Tunables"; elsewhere, and where they are set already, nothing happens).
    """
    if platform.libc_ver()[0] == "glibc" and "GLIBC_TUNABLES" not in os.environ:
        os.environ["GLIBC_TUNABLES"] = LARGE_PAGES
        os.execv(sys.executable, sys.orig_argv)
