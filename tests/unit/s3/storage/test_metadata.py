"""The rows of versions, when a reset comes between a look and a change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from emulator.s3.storage.database import Database
from emulator.s3.storage.metadata import Metadata
from emulator.s3.storage.stored import StoredObject

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _object(key: str, file: str) -> StoredObject:
    return StoredObject(bucket="b", key=key, file=file, modified=NOW)


def test_freed_sequence_is_another_keys(tmp_path: Path) -> None:
    """What was found before a reset never changes the key that has its sequence after it."""
    database = Database(tmp_path / "metadata.sqlite3", durable=False)
    metadata = Metadata(database)
    metadata.create_bucket("b", NOW)
    metadata.put(_object("old", "1"), replaced=None, hidden=None)
    found = metadata.find("b", "old")
    assert found is not None
    metadata.take_files("b", 10)
    metadata.put(_object("new", "2"), replaced=None, hidden=None)

    metadata.tag(found, '{"a": "b"}')
    metadata.put(_object("old", "3"), replaced=found, hidden=None)
    metadata.delete(found)

    new = Metadata(database).find("b", "new")  # not from memory
    assert new is not None
    assert (new.file, new.tags) == ("2", {})
    database.close()
