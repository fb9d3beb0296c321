"""Time to live: items are deleted when the emulator's clock reaches their expiry.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
AWS takes up to a few days; here an expired item is gone at the first request a second later, and
so is a stream record a day after its change.
"""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from emulator.dynamodb.item_reader import StoredItem
from emulator.dynamodb.streams import RETENTION

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.dynamodb.engine import Engine
    from emulator.dynamodb.item_writer import ItemWriter

_EVERY = timedelta(seconds=1)
# DynamoDB leaves items alone that expired longer ago: the attribute was no time then.
_TOO_OLD = timedelta(days=5 * 365)
_ITEMS_AT_ONCE = 500
_EXPIRED = """
SELECT i.id, i.item, i.size_bytes, t.name FROM items i JOIN tables t ON t.id = i.table_row
WHERE i.expires_at <= ? AND i.expires_at > ? ORDER BY i.expires_at LIMIT ?"""

_TRIMMED = "SELECT 1 FROM stream_records WHERE created_at <= ? LIMIT 1"


class Expiry:
    """Deletes what has expired."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._checked: datetime | None = None
        self._lock = threading.Lock()

    def check(self) -> None:
        """Delete what has expired, at most once a second of the emulator's time."""
        now = self._engine.clock.now()
        with self._lock:
            if self._checked is not None and timedelta() <= now - self._checked < _EVERY:
                return
            self._delete_expired(now)
            self._checked = now

    def _delete_expired(self, now: datetime) -> None:
        tables = self._engine.catalog.tables
        if any(table.stream_label for table in tables):
            self._trim_streams(now)
        if any(table.ttl_attribute for table in tables):
            while self._delete_some(now):
                pass

    def _trim_streams(self, now: datetime) -> None:
        oldest = ((now - RETENTION).timestamp(),)
        with self._engine.reading() as reader:
            if reader.connection.execute(_TRIMMED, oldest).fetchone() is None:
                return
        with self._engine.writing() as writer:
            writer.connection.execute("DELETE FROM stream_records WHERE created_at <= ?", oldest)

    def _delete_some(self, now: datetime) -> bool:
        bounds = (int(now.timestamp()), int((now - _TOO_OLD).timestamp()), _ITEMS_AT_ONCE)
        with self._engine.reading() as reader:
            if reader.connection.execute(_EXPIRED, bounds).fetchone() is None:
                return False
        with self._engine.writing() as writer:
            rows = writer.connection.execute(_EXPIRED, bounds).fetchall()
            for row_id, text, size_bytes, name in rows:
                self._delete(writer, name, StoredItem(row_id, json.loads(text), size_bytes))
        return len(rows) == _ITEMS_AT_ONCE

    def _delete(self, writer: ItemWriter, name: str, found: StoredItem) -> None:
        table = self._engine.catalog.find(name)
        writer.remove(table, table.keys.encode(found.item), found, expired=True)
