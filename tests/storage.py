"""Servers of remote storage on loopback: S3, WebDAV and SSH, and a proxy that cuts the connection."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path

USER, PASSWORD = "ann", "a password of the tests"
REGION = "us-east-1"


@dataclass
class S3:
    """A server of S3 with one bucket, and keys: of who may use it, and of who may not."""

    url: str
    bucket: str
    keys: tuple[str, str]
    keys_without_rights: tuple[str, str]

    @property
    def client(self):
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=self.keys[0],
            aws_secret_access_key=self.keys[1],
        )

    def objects(self, bucket: str) -> dict[str, bytes]:
        listed = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        names = [one["Key"] for page in listed for one in page.get("Contents", [])]
        return {name: self.client.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}


@contextmanager
def s3() -> Iterator[S3]:
    """Serve S3 as moto does it, which checks keys and signatures."""
    import boto3
    from moto import settings
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    given = {"region_name": REGION, "aws_access_key_id": "x", "aws_secret_access_key": "y"}
    iam = boto3.client("iam", endpoint_url=f"http://{host}:{port}", **given)
    keys = []
    for name in ("user", "stranger"):
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        keys.append((key["AccessKeyId"], key["SecretAccessKey"]))
    all_of_it = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="user", PolicyName="all", PolicyDocument=json.dumps(all_of_it))
    before, settings.INITIAL_NO_AUTH_ACTION_COUNT = settings.INITIAL_NO_AUTH_ACTION_COUNT, 0
    try:
        found = S3(f"http://{host}:{port}", "bucket", *keys)
        found.client.create_bucket(Bucket=found.bucket)
        yield found
    finally:
        settings.INITIAL_NO_AUTH_ACTION_COUNT = before
        server.stop()


@contextmanager
def webdav(folder: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    """Serve a folder over WebDAV from a process of its own, to one user; yield its address and the process."""
    port = free_port()
    config = folder.with_suffix(".json")
    config.write_text(
        json.dumps(
            {
                "host": "127.0.0.1",
                "port": port,
                "provider_mapping": {"/": str(folder)},
                "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
                "logging": {"enable": False},
            }
        )
    )
    words = [sys.executable, "-m", "wsgidav.server.server_cli", "--config", str(config), "--quiet"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        answers(port, process)
        yield f"webdav://127.0.0.1:{port}/", process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def answers(port: int, process: subprocess.Popen) -> None:
    """Wait until a server listens."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("the server does not start")


@contextmanager
def sftp(folder: Path) -> Iterator[str]:
    """Serve a folder over SSH, to one user with a password; yield its address."""
    import asyncssh

    class Door(asyncssh.SSHServer):
        def begin_auth(self, username):
            return True

        def password_auth_supported(self):
            return True

        def validate_password(self, username, password):
            return (username, password) == (USER, PASSWORD)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start():
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Door,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder)),
        )

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
    try:
        yield f"ssh://{USER}@127.0.0.1:{server.get_port()}/"
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def forwarded(
    port: int, sent: bytearray | None = None, after: float = inf, then: Callable[[], None] = lambda: None
) -> Iterator[int]:
    """Forward to a port until so many files were put there, then call `then` and cut all connections within a body.

    Yields the port of the proxy, which refuses connections from then on. What clients send is appended to `sent`.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    lock, open_sockets, state = threading.Lock(), set(), {"put": 0, "over": False}

    def over() -> None:
        state["over"] = True
        then()
        for one in [listener, *open_sockets]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def forward(source: socket.socket, target: socket.socket, upwards: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                with lock:
                    if state["over"]:
                        return
                    if sent is not None and upwards:
                        sent.extend(data)
                    state["put"] += upwards and data.startswith(b"PUT ")
                    if state["put"] > after and upwards and not data.startswith(b"PUT "):
                        target.sendall(data[: len(data) // 2])
                        time.sleep(0.2)  # in which a server writes it
                        over()
                        return
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", port))
                with lock:
                    if state["over"]:  # accepted while all others were cut: nobody would ever answer it
                        client.close()
                        server.close()
                        return
                    open_sockets.update((client, server))
                for words in ((client, server, True), (server, client, False)):
                    threading.Thread(target=forward, args=words, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        with lock:
            if not state["over"]:
                over()
