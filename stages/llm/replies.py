"""What a model said once is not asked again: a ledger that DVC tracks and a journal that it does not.

The ledger holds exactly the replies of one run of one stage, sorted by key, so that it is versioned and shared like
any output. The journal gets each reply the moment it arrives: it outlives a kill and `dvc exp run`'s forced checkout,
and all experiments of a workspace share it. Neither is needed for correctness: an absent reply is asked for.
"""

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import msgspec

from stages import records, settings


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
        asked, from_ledger, from_journal: how many replies of this run came from where.
    """

    def __init__(self, ledger: Path, journal: Path | None = None):
        self.ledger = Path(ledger)
        self.journal = Path(journal) if journal else settings.cache() / "journal.sqlite"
        self.known = {r.id: r.value for r in records.stream(self.ledger, Reply)} if self.ledger.exists() else {}
        self.used: dict[str, Any] = {}
        self.asked = self.from_ledger = self.from_journal = 0
        self._connection: sqlite3.Connection | None = None

    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            self.journal.parent.mkdir(parents=True, exist_ok=True)
            # isolation_level None: every insert is committed at once, so that a kill loses nothing that had arrived
            self._connection = sqlite3.connect(self.journal, timeout=60, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, value BLOB NOT NULL)")
        return self._connection

    def get(self, key: str) -> Any | None:
        """Return the reply to a request if it is known, from this run, the ledger or the journal, else None."""
        if key in self.used:
            return self.used[key]
        if key in self.known:
            self.from_ledger += 1
            self.used[key] = self.known[key]
            return self.used[key]
        row = self._database().execute("SELECT value FROM replies WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        self.from_journal += 1
        self.used[key] = msgspec.json.decode(row[0])
        return self.used[key]

    def put(self, key: str, value: Any) -> None:
        """Keep a reply that has just arrived: it is in the journal when this returns."""
        self._database().execute("INSERT OR REPLACE INTO replies VALUES (?, ?)", (key, msgspec.json.encode(value)))
        self.used[key] = value
        self.asked += 1

    def save(self) -> None:
        """Write the ledger: the replies used in this run and no others, sorted by key, atomically."""
        records.write(self.ledger, [Reply(id=k, value=value) for k, value in self.used.items()])
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def summary(self) -> dict[str, int]:
        """Return how many replies came from where, for metrics and the summary line."""
        return {"asked": self.asked, "from_ledger": self.from_ledger, "from_journal": self.from_journal}
