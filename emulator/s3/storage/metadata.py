"""What S3 knows of buckets and of the versions of objects; every change is written through.

Keys sort by their UTF-8 bytes, as on S3, so that a page of a listing is one range of an index.
What concerns whole buckets is small, and held in memory too.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from emulator.s3.errors import s3_error
from emulator.s3.storage.recent import RecentObjects
from emulator.s3.storage.statements import (
    DELETE,
    DESCRIBE,
    FIRST_OVERWRITTEN,
    HIDE,
    INSERT,
    OVERWRITE,
    TAG,
    row_id,
)
from emulator.s3.storage.stored import object_row, read_object

if TYPE_CHECKING:
    import sqlite3

    from emulator.s3.storage.database import Database
    from emulator.s3.storage.stored import StoredObject

_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


class Metadata:
    """Buckets, their configurations, and the versions of their objects."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._recent = RecentObjects()
        self._created: dict[str, datetime] = {
            name: datetime.fromtimestamp(created, UTC)
            for name, created in database.all("SELECT name, created FROM buckets")
        }
        self._configurations: dict[tuple[str, str], str] = {
            (bucket, name): document
            for bucket, name, document in database.all("SELECT * FROM configurations")
        }

    # --- buckets ----------------------------------------------------------------------------------

    def create_bucket(self, name: str, now: datetime) -> bool:
        """Make a bucket; give ``False`` if it is there."""
        with self._lock:
            if name in self._created:
                return False
            self._database.run("INSERT INTO buckets VALUES (?, ?)", name, now.timestamp())
            self._created[name] = now
            return True

    def delete_bucket(self, name: str) -> bool:
        """Forget an empty bucket and its configurations; give ``False`` if it has objects."""
        with self._lock, self._database.transaction() as run:
            if run.execute("SELECT 1 FROM versions WHERE bucket = ? LIMIT 1", (name,)).fetchone():
                return False
            run.execute("DELETE FROM configurations WHERE bucket = ?", (name,))
            run.execute("DELETE FROM buckets WHERE name = ?", (name,))
            self._created.pop(name, None)
            for key in [key for key in self._configurations if key[0] == name]:
                del self._configurations[key]
            return True

    def has_bucket(self, name: str) -> bool:
        """Tell whether there is such a bucket."""
        return name in self._created

    def buckets(self) -> list[tuple[str, datetime]]:
        """List the buckets by name, each with when it was made."""
        return sorted(self._created.items())

    def configuration(self, bucket: str, name: str) -> str | None:
        """Give a bucket's configuration, for example ``policy``, as it was put."""
        return self._configurations.get((bucket, name))

    def configure(self, bucket: str, name: str, document: str | None) -> None:
        """Keep a configuration of a bucket; ``None`` forgets it."""
        with self._lock:
            if document is None:
                self._database.run(
                    "DELETE FROM configurations WHERE bucket = ? AND name = ?", bucket, name
                )
                self._configurations.pop((bucket, name), None)
                return
            self._database.run(
                "INSERT OR REPLACE INTO configurations VALUES (?, ?, ?)", bucket, name, document
            )
            self._configurations[bucket, name] = document

    # --- versions of objects ----------------------------------------------------------------------

    def find(self, bucket: str, key: str) -> StoredObject | None:
        """Find the newest version of a key; it may be a delete marker."""
        stored = self._recent.find(bucket, key)
        return stored or self._find(bucket, key)

    def _find(self, bucket: str, key: str) -> StoredObject | None:
        changes = self._recent.changes
        row = self._database.first(
            "SELECT * FROM versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1",
            bucket,
            key,
        )
        if row is None:
            return None
        stored = read_object(row)
        self._recent.keep(stored, changes)
        return stored

    def find_version(self, bucket: str, key: str, version_id: str) -> StoredObject | None:
        """Find one version of a key."""
        row = self._database.first(
            "SELECT * FROM versions WHERE bucket = ? AND key = ? AND version_id = ?",
            bucket,
            key,
            version_id,
        )
        return read_object(row) if row else None

    def put(
        self,
        stored: StoredObject,
        *,
        replaced: StoredObject | None,
        hidden: StoredObject | None,
        upload_id: str | None = None,
    ) -> bool:
        """Put a version in place, and what it replaces or hides out of it, in one step.

        The multipart upload that ends with this is forgotten; if it has ended before, nothing is
        changed, and ``False`` is the answer.

        Raises:
            ServiceError: ``NoSuchBucket``: it was deleted meanwhile.
        """
        with self._lock:
            if stored.bucket not in self._created:
                raise s3_error("NoSuchBucket", BucketName=stored.bucket)
            sequence = self._put(stored, replaced, hidden, upload_id)
            if sequence is None:
                return False
            self._recent.replace(replace(stored, sequence=sequence))
            return True

    def _put(
        self,
        stored: StoredObject,
        replaced: StoredObject | None,
        hidden: StoredObject | None,
        upload_id: str | None,
    ) -> int | None:
        """Give the sequence that the version has got; ``None``: its upload has ended before."""
        row = object_row(stored)
        simple = hidden is None and upload_id is None
        if simple and (sequence := self._alone(row, stored, replaced)):
            return sequence
        with self._database.transaction() as run:
            if upload_id is not None and not _end_upload(run, upload_id):
                return None
            if replaced is not None:
                run.execute(DELETE, row_id(replaced))
            if hidden is not None:
                run.execute(HIDE, row_id(hidden))
            return run.execute(INSERT, row).lastrowid

    def _alone(
        self, row: tuple[Any, ...], stored: StoredObject, replaced: StoredObject | None
    ) -> int:
        """Put the only version of a key in place, in one statement; 0 if that cannot be."""
        if replaced is None:
            return self._database.insert(INSERT, *row)
        if stored.delete_marker or replaced.delete_marker:
            return 0
        values = (*row[FIRST_OVERWRITTEN:], *row_id(replaced))
        return replaced.sequence if self._database.run(OVERWRITE, *values) else 0

    def delete(self, stored: StoredObject) -> None:
        """Forget a version; the newest that is left becomes the latest."""
        with self._database.transaction() as run:
            run.execute(DELETE, row_id(stored))
            run.execute(
                "UPDATE versions SET latest = 1 WHERE sequence ="
                " (SELECT max(sequence) FROM versions WHERE bucket = ? AND key = ?)",
                (stored.bucket, stored.key),
            )
            run.execute(
                "INSERT OR IGNORE INTO deletions"
                " SELECT id FROM uploads WHERE bucket = ? AND key = ?",
                (stored.bucket, stored.key),
            )
        self._recent.forget(stored.bucket, stored.key)

    def tag(self, stored: StoredObject, tags: str) -> None:
        """Replace the tags of a version, written as JSON."""
        self._database.run(TAG, tags, *row_id(stored))
        self._recent.forget(stored.bucket, stored.key)

    def describe(self, stored: StoredObject, headers: str) -> None:
        """Replace the headers of a version, written as JSON."""
        self._database.run(DESCRIBE, headers, *row_id(stored))
        self._recent.forget(stored.bucket, stored.key)

    def page(self, bucket: str, *, start: str, prefix: str, limit: int) -> list[StoredObject]:
        """List current objects of a bucket by key: those with ``prefix``, from ``start`` on."""
        rows = self._database.all(
            "SELECT * FROM versions INDEXED BY current WHERE latest AND NOT marker"
            " AND bucket = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?",
            *(bucket, max(start, prefix), behind(prefix), limit),
        )
        return [read_object(row) for row in rows]

    def versions_of(self, bucket: str, key: str) -> list[StoredObject]:
        """List the versions of one key, the newest first."""
        rows = self._database.all(
            "SELECT * FROM versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC",
            *(bucket, key),
        )
        return [read_object(row) for row in rows]

    def versions_page(
        self, bucket: str, *, start: tuple[str, int], prefix: str, limit: int
    ) -> list[StoredObject]:
        """List versions by key, newest first: those with ``prefix``, from ``start`` on.

        It begins with the versions of the start's key whose sequence is below the start's.
        """
        key, sequence = start
        of_key = self._database.all(
            "SELECT * FROM versions WHERE bucket = ? AND key = ? AND sequence < ?"
            " AND key >= ? AND key < ? ORDER BY sequence DESC LIMIT ?",
            *(bucket, key, sequence, prefix, behind(prefix), limit),
        )
        rest = self._database.all(
            "SELECT * FROM versions WHERE bucket = ? AND key >= ? AND key < ?"
            " ORDER BY key, sequence DESC LIMIT ?",
            *(bucket, max(after(key), prefix), behind(prefix), limit - len(of_key)),
        )
        return [read_object(row) for row in (*of_key, *rest)]

    def take_files(self, bucket: str, limit: int) -> list[str]:
        """Forget some versions of a bucket; give their files."""
        with self._lock:
            with self._database.transaction() as run:
                rows = run.execute(
                    "SELECT * FROM versions WHERE bucket = ? LIMIT ?", (bucket, limit)
                ).fetchall()
                found = [read_object(row) for row in rows]
                run.executemany(
                    "DELETE FROM versions WHERE sequence = ?", [(one.sequence,) for one in found]
                )
            self._recent.forget_all()
        return [file for one in found for file in one.files]

    def forget_file(self, file: str) -> list[str]:
        """Forget what lies in a file that is lost; give a line for each."""
        rows = self._database.all(
            "SELECT * FROM versions WHERE file = ? OR instr(parts, ?)", file, file
        )
        for row in rows:
            self.delete(read_object(row))
        self._database.run("DELETE FROM parts WHERE file = ?", file)
        return [f"{row[1]}/{row[2]}" for row in rows]


def _end_upload(run: sqlite3.Connection, upload_id: str) -> bool:
    ended = run.execute("DELETE FROM uploads WHERE id = ?", (upload_id,)).rowcount == 1
    run.execute("DELETE FROM parts WHERE upload = ?", (upload_id,))
    run.execute("DELETE FROM deletions WHERE upload = ?", (upload_id,))
    return ended


def after(key: str) -> str:
    """Give the least key that sorts behind a key."""
    return key + "\x00"


def behind(prefix: str) -> str:
    """Give the least key that sorts behind every key with a prefix."""
    kept = prefix.rstrip(chr(_LAST))
    if not kept:
        return chr(_LAST) * 257  # longer than any key
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(_SURROGATES.stop if following in _SURROGATES else following)
