"""The log on disk: one SQLite file of groups, streams and events, which forgets the oldest.

Events are numbered in the order in which they came; every index leads to a page of the answer
without a sort, however much is stored.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log_groups (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL,
    retention_days INTEGER);
CREATE TABLE IF NOT EXISTS log_streams (
    id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL, name TEXT NOT NULL,
    created INTEGER NOT NULL, first_event INTEGER, last_event INTEGER, last_ingestion INTEGER,
    last_number INTEGER, UNIQUE (group_id, name));
CREATE INDEX IF NOT EXISTS streams_by_latest ON log_streams
    (group_id, coalesce(last_event, 0), name);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER, stream_id INTEGER,
    timestamp INTEGER NOT NULL, ingested INTEGER NOT NULL, function_name TEXT NOT NULL,
    request_id TEXT NOT NULL, level TEXT, message TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_stream ON events (stream_id, timestamp);
CREATE INDEX IF NOT EXISTS events_by_group ON events (group_id, timestamp);
CREATE INDEX IF NOT EXISTS events_by_function ON events (function_name);
"""


class LogDatabase:
    """The open file; every use is one transaction.

    Args:
        largest_bytes: beyond it, the oldest tenth of the events is forgotten.
    """

    def __init__(self, file: Path, *, largest_bytes: int) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._largest_bytes = largest_bytes
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        # A crash of this process loses nothing; a power cut may lose the last moment.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file; twice does no harm."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do everything of the block, or nothing."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite may have rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read without a transaction of its own."""
        with self._lock:
            yield self._connection

    def forget_oldest(self) -> bool:
        """Keep the file within its bound; the space is used again. Tell whether that was needed."""
        if self._used_bytes() <= self._largest_bytes:
            return False
        with self.transaction() as connection:
            first, last = connection.execute(
                "SELECT min(number), max(number) FROM events"
            ).fetchone()
            if first is None:
                return False
            bound = first + (last - first) // 10
            connection.execute("DELETE FROM events WHERE number <= ?", (bound,))
            connection.execute("DELETE FROM log_streams WHERE last_number <= ?", (bound,))
        return True

    def _used_bytes(self) -> int:
        def pragma(name: str) -> int:
            return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

        with self._lock:
            pages = pragma("page_count") - pragma("freelist_count")
            return pages * pragma("page_size")
