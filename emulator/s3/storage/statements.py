"""The statements that change versions of objects, each of one row.

A row is named by its sequence and its key: a sequence that a reset has freed may be another key's
by now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.s3.storage.stored import StoredObject

_COLUMNS = (
    "bucket, key, version_id, latest, marker, file, size, etag, modified, headers, checksum,"
    " parts, tags"
)
INSERT = f"INSERT INTO versions ({_COLUMNS}) VALUES ({', '.join('?' * 13)})"  # noqa: S608 -- ours
_ROW = "sequence = ? AND bucket = ? AND key = ?"
DELETE = f"DELETE FROM versions WHERE {_ROW}"  # noqa: S608 -- ours
HIDE = f"UPDATE versions SET latest = 0 WHERE {_ROW}"  # noqa: S608 -- ours
TAG = f"UPDATE versions SET tags = ? WHERE {_ROW}"  # noqa: S608 -- ours
DESCRIBE = f"UPDATE versions SET headers = ? WHERE {_ROW}"  # noqa: S608 -- ours
# No column of an index is set, so that none is written.
_SET = "file = ?, size = ?, etag = ?, modified = ?, headers = ?, checksum = ?, parts = ?, tags = ?"
OVERWRITE = f"UPDATE versions SET {_SET} WHERE {_ROW}"  # noqa: S608 -- ours
FIRST_OVERWRITTEN = 5


def row_id(stored: StoredObject) -> tuple[int, str, str]:
    """Name the row of a version, as the statements want it."""
    return stored.sequence, stored.bucket, stored.key
