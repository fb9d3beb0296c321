"""The newest versions of the keys that were used last, so that most reads need no database.

Whoever changes a key says so after the change; what was read before that is not kept then.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.s3.storage.stored import StoredObject

_LIMIT = 1024
_MOST_PARTS = 16  # the rest is as quickly read, and would take much memory


class RecentObjects:
    """A bounded memory; every method may be called from any thread."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._objects: OrderedDict[tuple[str, str], StoredObject] = OrderedDict()
        self._changes = 0

    @property
    def changes(self) -> int:
        """Count the changes so far: ask before you read what you want to ``keep``."""
        return self._changes

    def find(self, bucket: str, key: str) -> StoredObject | None:
        """Give the newest version of a key, if it is remembered."""
        return self._objects.get((bucket, key))

    def keep(self, stored: StoredObject, changes: int) -> None:
        """Remember what was read when there had been so many changes."""
        with self._lock:
            if self._changes == changes:
                self._remember(stored)

    def replace(self, stored: StoredObject) -> None:
        """Say that this is the newest version now."""
        with self._lock:
            self._changes += 1
            self._objects.pop((stored.bucket, stored.key), None)
            self._remember(stored)

    def forget(self, bucket: str, key: str) -> None:
        """Say that a key was changed."""
        with self._lock:
            self._changes += 1
            self._objects.pop((bucket, key), None)

    def forget_all(self) -> None:
        """Say that anything may have been changed."""
        with self._lock:
            self._changes += 1
            self._objects.clear()

    def _remember(self, stored: StoredObject) -> None:
        if len(stored.parts) > _MOST_PARTS:
            return
        self._objects[stored.bucket, stored.key] = stored
        if len(self._objects) > self._limit:
            self._objects.popitem(last=False)
