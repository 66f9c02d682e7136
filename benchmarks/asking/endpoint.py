"""A scripted OpenAI-compatible endpoint on loopback: it counts what it is asked, and takes as long as it is told.

    python benchmarks/asking/endpoint.py --seconds 0.2    # as a process of its own; prints its URL

Asked about a statement it writes a question, asked for anything else a JSON list with one pair.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Endpoint:
    """The server, used as `with Endpoint() as endpoint`.

    Args:
        seconds: what a call takes on average; each takes between half and one and a half of it, the same each time.

    Attributes:
        url: base URL.
        calls: how often it was asked, `n` samples counted as n.
    """

    def __init__(self, seconds: float = 0.0):
        self.seconds, self.calls = seconds, 0
        self.lock = threading.Lock()
        handler = type("Bound", (_Handler,), {"endpoint": self})
        self.server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def __enter__(self) -> "Endpoint":
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def pause(self, body: dict[str, Any]) -> float:
        """Return the seconds that a call takes: a function of what is asked."""
        asked = json.dumps([body["messages"], body.get("seed")]).encode()
        return self.seconds * (0.5 + hashlib.sha256(asked).digest()[0] / 255)


def answer(messages: list[dict[str, str]]) -> str:
    """Return a question about the statement at the end of the messages, else a pair as JSON."""
    asked = messages[-1]["content"]
    if "Statement: " in asked:
        statement = asked.split("Statement: ")[1].splitlines()[0]
        kind = asked.split("Kind: ")[1].splitlines()[0] if "Kind: " in asked else "what"
        return f"{kind.capitalize()} is true of {' '.join(statement.rstrip('.').split()[:5])}?"
    number = hashlib.sha256(asked.encode()).hexdigest()[:6]
    return json.dumps([{"question": f"What is the value of {number}?", "answer": f"The value is {number}."}])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # connections that wait to be taken; of the usual 5 some would be reset


class _Handler(BaseHTTPRequestHandler):
    endpoint: Endpoint
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        with suppress(ConnectionError):  # the client went away
            super().handle()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        n = body.get("n") or 1
        with self.endpoint.lock:
            self.endpoint.calls += n
        time.sleep(self.endpoint.pause(body))
        text = answer(body["messages"])
        choices = [
            {"index": number, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            for number in range(n)
        ]
        prompt = sum(len(message["content"].split()) for message in body["messages"])
        completion = n * len(text.split())
        usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
        whole = {"id": "x", "object": "chat.completion", "created": 0, "model": "scripted"}
        data = json.dumps(whole | {"choices": choices, "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def process(seconds: float) -> Iterator[str]:
    """Run the endpoint as a process of its own, so that it shares no interpreter with who asks; yield its URL."""
    command = [sys.executable, str(Path(__file__)), "--seconds", str(seconds)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        yield running.stdout.readline().strip()
    finally:
        running.terminate()
        running.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.0, help="what a call takes on average")
    with Endpoint(parser.parse_args().seconds) as running:
        print(running.url, flush=True)
        threading.Event().wait()
