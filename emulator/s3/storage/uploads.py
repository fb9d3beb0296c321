"""What S3 knows of multipart uploads and their parts, until they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.s3.storage.metadata import behind
from emulator.s3.storage.stored import Part, Upload, part_row, read_part, read_upload, upload_row

if TYPE_CHECKING:
    from emulator.s3.storage.database import Database


class Uploads:
    """The multipart uploads that were begun."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, upload: Upload) -> None:
        """Begin an upload."""
        self._database.run(
            "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *upload_row(upload)
        )

    def find(self, upload_id: str) -> Upload | None:
        """Find an upload."""
        row = self._database.first("SELECT * FROM uploads WHERE id = ?", upload_id)
        return read_upload(row) if row else None

    def page(self, bucket: str, *, after: tuple[str, str], prefix: str, limit: int) -> list[Upload]:
        """List uploads of a bucket by key: those with ``prefix`` behind a key and an id."""
        rows = self._database.all(
            "SELECT * FROM uploads WHERE bucket = ? AND (key, id) > (?, ?)"
            " AND key >= ? AND key < ? ORDER BY key, id LIMIT ?",
            *(bucket, *after, prefix, behind(prefix), limit),
        )
        return [read_upload(row) for row in rows]

    def put_part(self, upload_id: str, part: Part) -> tuple[bool, str | None]:
        """Put a part; tell whether the upload is still there, and the file that it replaces."""
        with self._database.transaction() as run:
            if not run.execute("SELECT 1 FROM uploads WHERE id = ?", (upload_id,)).fetchone():
                return False, None
            old = run.execute(
                "SELECT file FROM parts WHERE upload = ? AND number = ?", (upload_id, part.number)
            ).fetchone()
            run.execute(
                "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)",
                part_row(upload_id, part),
            )
        return True, old[0] if old else None

    def parts(self, upload_id: str, *, after: int = 0, limit: int = -1) -> list[Part]:
        """List the parts of an upload by number."""
        rows = self._database.all(
            "SELECT * FROM parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?",
            *(upload_id, after, limit),
        )
        return [read_part(row) for row in rows]

    def end(self, upload_id: str) -> list[str]:
        """Forget an upload; give the files of its parts."""
        with self._database.transaction() as run:
            rows = run.execute("SELECT file FROM parts WHERE upload = ?", (upload_id,)).fetchall()
            run.execute("DELETE FROM parts WHERE upload = ?", (upload_id,))
            run.execute("DELETE FROM deletions WHERE upload = ?", (upload_id,))
            run.execute("DELETE FROM uploads WHERE id = ?", (upload_id,))
        return [file for (file,) in rows]

    def lost_object(self, upload_id: str) -> bool:
        """Tell whether an object of the upload's key was deleted since the upload began."""
        row = self._database.first("SELECT 1 FROM deletions WHERE upload = ?", upload_id)
        return row is not None

    def ids(self, bucket: str) -> list[str]:
        """List the ids of a bucket's uploads."""
        return [i for (i,) in self._database.all("SELECT id FROM uploads WHERE bucket = ?", bucket)]
