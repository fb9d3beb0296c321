"""The memory of the objects that were used last."""

from __future__ import annotations

from datetime import UTC, datetime

from emulator.s3.storage.recent import RecentObjects
from emulator.s3.storage.stored import ObjectPart, StoredObject


def _object(key: str, etag: str = "one") -> StoredObject:
    return StoredObject(bucket="b", key=key, etag=etag, modified=datetime(2026, 1, 1, tzinfo=UTC))


def test_read_is_remembered() -> None:
    """What was read is there, until its key is changed."""
    recent = RecentObjects()
    recent.keep(_object("k"), recent.changes)
    assert recent.find("b", "k") == _object("k")
    recent.forget("b", "k")
    assert recent.find("b", "k") is None


def test_overtaken_read_is_not_kept() -> None:
    """A read that a write has overtaken never hides what the write has left."""
    recent = RecentObjects()
    before = recent.changes
    recent.replace(_object("k", "new"))
    recent.keep(_object("k", "old"), before)
    assert recent.find("b", "k") == _object("k", "new")


def test_forgotten_read_is_not_kept() -> None:
    """A read that began before everything was forgotten is forgotten too."""
    recent = RecentObjects()
    before = recent.changes
    recent.forget_all()
    recent.keep(_object("k"), before)
    assert recent.find("b", "k") is None


def test_memory_is_bounded() -> None:
    """The oldest goes when there are too many; what has many parts is not kept at all."""
    recent = RecentObjects(limit=2)
    for key in ("1", "2", "3"):
        recent.replace(_object(key))
    assert [recent.find("b", key) is not None for key in ("1", "2", "3")] == [False, True, True]
    parts = tuple(ObjectPart(number, "file", 1, "") for number in range(1, 100))
    large = StoredObject(
        bucket="b", key="large", modified=datetime(2026, 1, 1, tzinfo=UTC), parts=parts
    )
    recent.replace(large)
    assert recent.find("b", "large") is None
