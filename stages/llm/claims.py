"""Two processes on one journal ask nothing twice: who asks for a reply claims its key first, the other one waits.

A claim is held only while its call runs. That of a process which is gone, or which has not been heard of for a while,
is taken over, so that `kill -9` loses nothing.
"""

import os
import socket
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

BEAT = 2.0  # seconds between two signs of life
STALE = 120.0  # seconds without one, after which a claim is anyone's


class Claims:
    """The claims of one run on the keys of a journal.

    Args:
        connection: the journal, in autocommit mode.
    """

    def __init__(self, connection: sqlite3.Connection):
        self.connection = connection
        self.host, self.pid = socket.gethostname(), os.getpid()
        self.run = uuid.uuid4().hex  # a process may have several runs, and a process id is used again
        self.started = started(self.pid)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS claims "
            "(key TEXT PRIMARY KEY, run TEXT, host TEXT, pid INTEGER, started REAL, beat REAL)"
        )

    def take(self, keys: Sequence[str]) -> list[str]:
        """Claim those of the keys that no other run has, and return them."""
        if len(self._taken(keys)) == len(keys):
            return []  # nothing is written: a process that waits does not hold up the others
        with self._transaction():
            taken = self._taken(keys)
            mine = [key for key in keys if key not in taken]
            owner = (self.run, self.host, self.pid, self.started, time.time())
            self.connection.executemany(
                "INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?, ?)", [(key, *owner) for key in mine]
            )
        return mine

    def release(self, keys: Iterable[str]) -> None:
        """Give up claims: their replies are in the journal, or anyone may ask again."""
        with self._transaction():
            rows = [(key, self.run) for key in keys]
            self.connection.executemany("DELETE FROM claims WHERE key = ? AND run = ?", rows)

    def beat(self) -> None:
        """Say that this run still lives."""
        self.connection.execute("UPDATE claims SET beat = ? WHERE run = ?", (time.time(), self.run))

    def _taken(self, keys: Sequence[str]) -> set[str]:
        """Return which of the keys another run holds that can be expected to answer."""
        marks = ", ".join("?" * len(keys))
        rows = self.connection.execute(
            f"SELECT key, host, pid, started, beat FROM claims WHERE run != ? AND key IN ({marks})", (self.run, *keys)
        ).fetchall()
        return {key for key, *owner in rows if self._lives(*owner)}

    def _lives(self, host: str, pid: int, began: float | None, beat: float) -> bool:
        if abs(time.time() - beat) > STALE:
            return False
        if host != self.host or began is None:
            return True  # a process id of another host or container says nothing here
        found = started(pid)
        return found is not None and abs(found - began) < 2  # else the id was given to another process

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")


def started(pid: int) -> float | None:
    """Return when a process started, in seconds since the epoch; None if it is gone, or a zombie."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None
