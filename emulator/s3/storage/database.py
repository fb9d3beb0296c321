"""The SQLite database under the metadata: one writer, one reader, every change written through.

A committed change survives the process (WAL); with ``durable`` it survives the power cut too.
Reads have a connection of their own, so that they never wait for a commit to reach the disk.
https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from emulator.outbox import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS configurations (
    bucket TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (bucket, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions (
    sequence INTEGER PRIMARY KEY, -- a newer version has a greater one
    bucket TEXT NOT NULL, key TEXT NOT NULL, version_id TEXT NOT NULL,
    latest INTEGER NOT NULL, marker INTEGER NOT NULL,
    file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified REAL NOT NULL,
    headers TEXT NOT NULL, checksum TEXT NOT NULL, parts TEXT NOT NULL, tags TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS versions_by_key ON versions (bucket, key, sequence DESC);
CREATE INDEX IF NOT EXISTS current ON versions (bucket, key) WHERE latest AND NOT marker;
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, started REAL NOT NULL,
    headers TEXT NOT NULL, algorithm TEXT NOT NULL, type TEXT NOT NULL, declared INTEGER NOT NULL,
    tags TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, id);
-- uploads whose key had an object that was deleted since they began
CREATE TABLE IF NOT EXISTS deletions (upload TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    upload TEXT, number INTEGER, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified REAL NOT NULL, checksum TEXT NOT NULL, PRIMARY KEY (upload, number)
) WITHOUT ROWID;
"""
_LISTED = """
SELECT file AS name FROM versions WHERE file != '' UNION ALL SELECT file FROM parts
UNION ALL SELECT json_extract(value, '$[1]') FROM versions, json_each(parts) WHERE parts != ''
"""
# The first version of the store had one row a key, and neither versions nor checksums.
_FROM_FIRST = f"""
DROP TABLE IF EXISTS parts;
DROP TABLE IF EXISTS uploads;
{_SCHEMA}
INSERT INTO versions (bucket, key, version_id, latest, marker, file, size, etag, modified, headers,
                      checksum, parts, tags)
    SELECT bucket, key, 'null', 1, 0, file, size, etag, modified, headers, '', '', ''
    FROM objects;
DROP TABLE objects;
"""  # noqa: S608 -- the schema is ours


class Database:
    """One database file; every method may be called from any thread.

    Args:
        durable: a commit waits for the disk.
    """

    def __init__(self, file: Path, *, durable: bool) -> None:
        self._writing = threading.RLock()
        self._reading = threading.Lock()
        self._writer = _connect(file)
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        self._prepare()
        if durable:
            sync_folder(file.parent)
        self._reader = _connect(file)

    def close(self) -> None:
        """Close the database; twice does no harm."""
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Change several things in one step, or none of them."""
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk has rolled back already
                    self._writer.execute("ROLLBACK")
                raise

    def run(self, statement: str, *values: Any) -> int:
        """Change something; give the number of rows that were."""
        with self._writing:
            return self._writer.execute(statement, values).rowcount

    def insert(self, statement: str, *values: Any) -> int:
        """Add a row; give its number."""
        with self._writing:
            return self._writer.execute(statement, values).lastrowid or 0

    def all(self, statement: str, *values: Any) -> list[Any]:
        """Read rows."""
        with self._reading:
            return self._reader.execute(statement, values).fetchall()

    def first(self, statement: str, *values: Any) -> Any:
        """Read a row; ``None`` without one."""
        with self._reading:
            return self._reader.execute(statement, values).fetchone()

    def reconcile(self, present: Iterable[str]) -> tuple[list[str], list[str]]:
        """Compare the files that are there with those that objects and parts have.

        Returns:
            Those that nothing has, and those that something has but that are not there.
        """
        with self._writing:
            run = self._writer.execute
            run("CREATE TEMP TABLE present (name TEXT PRIMARY KEY) WITHOUT ROWID")
            run(f"CREATE TEMP TABLE listed AS {_LISTED}")
            self._writer.executemany(
                "INSERT OR IGNORE INTO present VALUES (?)", ((name,) for name in present)
            )
            orphans = run("SELECT name FROM present EXCEPT SELECT name FROM listed").fetchall()
            lost = run("SELECT name FROM listed EXCEPT SELECT name FROM present").fetchall()
            run("DROP TABLE present")
            run("DROP TABLE listed")
        return [name for (name,) in orphans], [name for (name,) in lost]

    def _prepare(self) -> None:
        tables = {name for (name,) in self._writer.execute("SELECT name FROM sqlite_master")}
        self._writer.executescript(_FROM_FIRST if "objects" in tables else _SCHEMA)


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, check_same_thread=False, isolation_level=None)
