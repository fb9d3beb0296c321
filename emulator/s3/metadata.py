"""What S3 knows of buckets, objects and uploads: one SQLite database, written through.

A committed change survives the process (WAL, ``synchronous=NORMAL``); the bytes lie in files of
their own, which a row names.
Keys sort by their UTF-8 bytes, as on S3, so that a page of a listing is one range of the index.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS configurations (
    bucket TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (bucket, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT, key TEXT, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified REAL NOT NULL, headers TEXT NOT NULL, PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, started REAL NOT NULL,
    headers TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    upload TEXT, number INTEGER, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified REAL NOT NULL, PRIMARY KEY (upload, number)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object as its row describes it.

    Args:
        file: name of the file that has the bytes.
        etag: without quotes.
        headers: what the uploader set: ``content-type``, ``x-amz-meta-…``, checksums.
    """

    bucket: str
    key: str
    file: str
    size: int
    etag: str
    modified: datetime
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A multipart upload that was begun."""

    upload_id: str
    bucket: str
    key: str
    started: datetime
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a multipart upload."""

    number: int
    file: str
    size: int
    etag: str
    modified: datetime


class Metadata:
    """The database; every method is one transaction, safe from any thread."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database; twice does no harm."""
        with self._lock:
            self._connection.close()

    # --- buckets ----------------------------------------------------------------------------------

    def create_bucket(self, name: str, now: datetime) -> bool:
        """Make a bucket; give ``False`` if it is there."""
        created = self._run("INSERT OR IGNORE INTO buckets VALUES (?, ?)", name, now.timestamp())
        return created.rowcount == 1

    def delete_bucket(self, name: str) -> None:
        """Forget a bucket and its configurations."""
        self._run("DELETE FROM configurations WHERE bucket = ?", name)
        self._run("DELETE FROM buckets WHERE name = ?", name)

    def has_bucket(self, name: str) -> bool:
        """Tell whether there is such a bucket."""
        return self._first("SELECT 1 FROM buckets WHERE name = ?", name) is not None

    def buckets(self) -> list[tuple[str, datetime]]:
        """List the buckets by name, each with when it was made."""
        rows = self._all("SELECT name, created FROM buckets ORDER BY name")
        return [(name, datetime.fromtimestamp(created, UTC)) for name, created in rows]

    def configuration(self, bucket: str, name: str) -> str | None:
        """Give a bucket's configuration, for example ``policy``, as it was put."""
        row = self._first(
            "SELECT document FROM configurations WHERE bucket = ? AND name = ?", bucket, name
        )
        return str(row[0]) if row else None

    def configure(self, bucket: str, name: str, document: str | None) -> None:
        """Keep a configuration of a bucket; ``None`` forgets it."""
        if document is None:
            self._run("DELETE FROM configurations WHERE bucket = ? AND name = ?", bucket, name)
            return
        self._run("INSERT OR REPLACE INTO configurations VALUES (?, ?, ?)", bucket, name, document)

    # --- objects ----------------------------------------------------------------------------------

    def find(self, bucket: str, key: str) -> StoredObject | None:
        """Find an object."""
        row = self._first("SELECT * FROM objects WHERE bucket = ? AND key = ?", bucket, key)
        return _object(row) if row else None

    def put(self, stored: StoredObject) -> None:
        """Put an object in the place of any other of its key."""
        self._run(
            "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)",
            stored.bucket,
            stored.key,
            stored.file,
            stored.size,
            stored.etag,
            stored.modified.timestamp(),
            json.dumps(stored.headers),
        )

    def delete(self, bucket: str, key: str) -> None:
        """Forget an object."""
        self._run("DELETE FROM objects WHERE bucket = ? AND key = ?", bucket, key)

    def page(self, bucket: str, *, after: str, prefix: str, limit: int) -> list[StoredObject]:
        """List objects of a bucket by key: those with ``prefix`` that come behind ``after``."""
        rows = self._all(
            "SELECT * FROM objects WHERE bucket = ? AND key > ? AND key >= ? AND key < ?"
            " ORDER BY key LIMIT ?",
            bucket,
            after,
            prefix,
            behind(prefix),
            limit,
        )
        return [_object(row) for row in rows]

    def empty_bucket(self, name: str) -> list[str]:
        """Forget every object and upload of a bucket; give their files."""
        with self._lock:
            self._connection.execute("BEGIN")
            rows = self._all("SELECT file FROM objects WHERE bucket = ?", name)
            rows += self._all(
                "SELECT file FROM parts JOIN uploads ON upload = id WHERE bucket = ?", name
            )
            self._run("DELETE FROM objects WHERE bucket = ?", name)
            self._run(
                "DELETE FROM parts WHERE upload IN (SELECT id FROM uploads WHERE bucket = ?)", name
            )
            self._run("DELETE FROM uploads WHERE bucket = ?", name)
            self._connection.execute("COMMIT")
        return [file for (file,) in rows]

    def files(self) -> Iterator[str]:
        """List the file of every object and part."""
        yield from (file for (file,) in self._all("SELECT file FROM objects"))
        yield from (file for (file,) in self._all("SELECT file FROM parts"))

    def forget_file(self, file: str) -> list[str]:
        """Forget what lies in a file that is lost; give a line for each."""
        rows = self._all("SELECT bucket, key FROM objects WHERE file = ?", file)
        self._run("DELETE FROM objects WHERE file = ?", file)
        self._run("DELETE FROM parts WHERE file = ?", file)
        return [f"{bucket}/{key}" for bucket, key in rows]

    # --- multipart uploads ------------------------------------------------------------------------

    def begin_upload(self, upload: Upload) -> None:
        """Begin a multipart upload."""
        self._run(
            "INSERT INTO uploads VALUES (?, ?, ?, ?, ?)",
            upload.upload_id,
            upload.bucket,
            upload.key,
            upload.started.timestamp(),
            json.dumps(upload.headers),
        )

    def upload(self, upload_id: str) -> Upload | None:
        """Find a multipart upload."""
        row = self._first("SELECT * FROM uploads WHERE id = ?", upload_id)
        return _upload(row) if row else None

    def uploads(self, bucket: str) -> list[Upload]:
        """List the multipart uploads of a bucket."""
        rows = self._all("SELECT * FROM uploads WHERE bucket = ? ORDER BY key, started", bucket)
        return [_upload(row) for row in rows]

    def put_part(self, upload_id: str, part: Part) -> bool:
        """Put a part; give ``False`` if the upload has ended meanwhile."""
        with self._lock:
            if self.upload(upload_id) is None:
                return False
            self._run(
                "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?)",
                upload_id,
                part.number,
                part.file,
                part.size,
                part.etag,
                part.modified.timestamp(),
            )
            return True

    def parts(self, upload_id: str) -> list[Part]:
        """List the parts of an upload by number."""
        rows = self._all("SELECT * FROM parts WHERE upload = ? ORDER BY number", upload_id)
        return [
            Part(
                number=number,
                file=file,
                size=size,
                etag=etag,
                modified=datetime.fromtimestamp(modified, UTC),
            )
            for _, number, file, size, etag, modified in rows
        ]

    def end_upload(self, upload_id: str, completed: StoredObject | None = None) -> bool:
        """End an upload, with the object that it became, if any, in one step."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                ended = self._run("DELETE FROM uploads WHERE id = ?", upload_id).rowcount == 1
                self._run("DELETE FROM parts WHERE upload = ?", upload_id)
                if ended and completed is not None:
                    self.put(completed)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
            return ended

    def _run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        with self._lock:
            return self._connection.execute(statement, values)

    def _all(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def _first(self, statement: str, *values: Any) -> Any:
        with self._lock:
            return self._connection.execute(statement, values).fetchone()


def behind(prefix: str) -> str:
    """Give the least key that sorts behind every key with a prefix."""
    return prefix + "\U0010ffff"


def _object(row: Any) -> StoredObject:
    bucket, key, file, size, etag, modified, headers = row
    return StoredObject(
        bucket=bucket,
        key=key,
        file=file,
        size=size,
        etag=etag,
        modified=datetime.fromtimestamp(modified, UTC),
        headers=json.loads(headers),
    )


def _upload(row: Any) -> Upload:
    upload_id, bucket, key, started, headers = row
    return Upload(
        upload_id=upload_id,
        bucket=bucket,
        key=key,
        started=datetime.fromtimestamp(started, UTC),
        headers=json.loads(headers),
    )
