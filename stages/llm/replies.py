"""What a model said once is not asked again: a ledger that DVC tracks and a journal that it does not.

The ledger holds exactly the replies of one run of one stage, sorted by key, so that it is versioned and shared like
any output. The journal gets each reply the moment it arrives: it outlives a kill and `dvc exp run`'s forced checkout,
and all experiments of a workspace share it. Neither is needed for correctness: an absent reply is asked for.
"""

import hashlib
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from stages import disk, records, settings


class Reply(records.Record, kw_only=True):
    """One reply: its id is the key of the request."""

    value: Any


def key(**request: Any) -> str:
    """Return the SHA-256 of everything a reply depends on, as sorted JSON. Secrets are never part of it."""
    return hashlib.sha256(msgspec.json.encode(request, order="deterministic")).hexdigest()


class Replies:
    """Known replies by key.

    Args:
        ledger: the stage's ledger, read now if it exists and written by `save`.
        journal: the sqlite file, by default `journal.sqlite` in the cache folder.

    Attributes:
        used: the replies of this run.
        fresh: the keys of those that were asked for in this run.
        calls: how many calls brought them.
        asked, from_ledger, from_journal: how many replies of this run came from where.
    """

    def __init__(self, ledger: Path, journal: Path | None = None):
        self.ledger = Path(ledger)
        self.journal = Path(journal) if journal else settings.cache() / "journal.sqlite"
        self.known = {r.id: r.value for r in disk.stream(self.ledger, Reply)} if self.ledger.exists() else {}
        self.used: dict[str, Any] = {}
        self.fresh: set[str] = set()
        self.asked = self.from_ledger = self.from_journal = self.calls = 0
        self._connection: sqlite3.Connection | None = None

    def database(self) -> sqlite3.Connection:
        """Return the journal, opened on first use."""
        if self._connection is None:
            self.journal.parent.mkdir(parents=True, exist_ok=True)
            # isolation_level None: every insert is committed at once, so that a kill loses nothing that had arrived;
            # synchronous NORMAL: only `sync` waits for the disk, which a power cut needs and a kill does not
            connection = sqlite3.connect(self.journal, timeout=60, isolation_level=None, check_same_thread=False)
            for attempt in range(100):
                try:
                    connection.execute("PRAGMA journal_mode=WAL")
                    break
                except sqlite3.OperationalError:  # another process is just doing it, and for this sqlite does not wait
                    if attempt == 99:
                        raise
                    time.sleep(0.05)
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, value BLOB NOT NULL)")
            self._connection = connection
        return self._connection

    def get(self, key: str) -> Any | None:
        """Return the reply to a request if it is known, from this run, the ledger or the journal, else None."""
        if key in self.used:
            return self.used[key]
        value = self.peek(key)
        if value is not None:
            self.from_ledger += key in self.known
            self.from_journal += key not in self.known
            self.used[key] = value
        return value

    def peek(self, key: str) -> Any | None:
        """Return the reply to a request if it is known, without using it."""
        for place in (self.used, self.known):
            if key in place:
                return place[key]
        if self._connection is None and not self.journal.exists():
            return None
        row = self.database().execute("SELECT value FROM replies WHERE key = ?", (key,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0])

    def put(self, key: str, value: Any) -> None:
        """Keep a reply that has just arrived: it is in the journal when this returns."""
        self.put_all({key: value})

    def put_all(self, values: Mapping[str, Any]) -> None:
        """Keep the replies that one call brought: all are in the journal when this returns, or none is."""
        connection = self.database()
        connection.execute("BEGIN IMMEDIATE")
        try:
            rows = [(key, msgspec.json.encode(value)) for key, value in values.items()]
            connection.executemany("INSERT OR REPLACE INTO replies VALUES (?, ?)", rows)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        self.used.update(values)
        self.fresh.update(values)
        self.asked += len(values)

    def sync(self) -> None:
        """Have what was put so far outlive a power cut too."""
        self.database().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def save(self) -> None:
        """Write the ledger: the replies used in this run and no others, sorted by key, atomically."""
        disk.write(self.ledger, [Reply(id=k, value=value) for k, value in self.used.items()])
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def summary(self) -> dict[str, int]:
        """Return how many replies came from where, for metrics and the summary line."""
        return {"asked": self.asked, "from_ledger": self.from_ledger, "from_journal": self.from_journal}
