"""A scripted OpenAI-compatible endpoint on loopback that counts what it is asked."""

import json
import threading
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Endpoint:
    """What the server was asked, and how it answers.

    Attributes:
        samples: how many samples were asked for, one entry a call: (last user message, n).
        answer: (messages, sample number within the call) -> text.
        fail: number of call -> HTTP status to answer with instead, or None.
    """

    def __init__(self, answer: Callable[[list[dict], int], str], fail: Callable[[int], int | None] = lambda call: None):
        self.answer, self.fail = answer, fail
        self.calls = 0
        self.samples: list[tuple[str, int]] = []
        self.url = ""
        self.lock = threading.Lock()

    @property
    def asked(self) -> int:
        return sum(n for _, n in self.samples)


@contextmanager
def serving(endpoint: Endpoint):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with endpoint.lock:
                endpoint.calls += 1
                status = endpoint.fail(endpoint.calls)
                if status is None:
                    endpoint.samples.append((body["messages"][-1]["content"], body.get("n") or 1))
            if status is not None:
                self.reply(status, {"error": {"message": "scripted failure"}})
                return
            choices = [
                {
                    "index": number,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": endpoint.answer(body["messages"], number)},
                }
                for number in range(body.get("n") or 1)
            ]
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            self.reply(
                200,
                {
                    "id": "x",
                    "object": "chat.completion",
                    "created": 0,
                    "model": "m",
                    "choices": choices,
                    "usage": usage,
                },
            )

        def reply(self, status, value):
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
