"""The reviewer as a person runs it: a process of its own, ended by Ctrl-C."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def reviewing(data: Path, who: str = "ann", port: int = 0) -> Iterator[str]:
    """Serve a data folder; yield the address with the token. After it: it has ended cleanly, and said nothing more."""
    options = {"--data": data, "--decisions": data / "decisions.jsonl", "--params": data / "params.yaml",
               "--who": who, "--port": port}  # fmt: skip
    command = [sys.executable, "-m", "stages.review", *(str(one) for pair in options.items() for one in pair)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    try:
        assert server.stdout
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), server.communicate()[1]
        yield address
        server.send_signal(signal.SIGINT)
        said, wrong = server.communicate(timeout=20)
        assert (server.returncode, wrong) == (0, ""), wrong
    finally:
        server.kill()
        server.wait()
