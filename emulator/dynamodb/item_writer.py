"""Items written to the database, with all that follows from it in the same transaction.

An item, its entries in the indexes, its expiry and its stream record are there together or not at
all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emulator.dynamodb.item_reader import ItemReader, StoredItem
from emulator.dynamodb.item_size import item_size_bytes
from emulator.dynamodb.stream_record import stream_record

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.keys import EncodedKey
    from emulator.dynamodb.tables import Index, StoredTable

_INSERT = """
INSERT INTO items (table_row, slot, partition_key, sort_key, size_bytes, expires_at, item)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_UPDATE = "UPDATE items SET size_bytes = ?, expires_at = ?, item = ? WHERE id = ?"
_DELETE = "DELETE FROM items WHERE id = ?"
_INSERT_ENTRY = "INSERT INTO index_entries VALUES (?, ?, ?, ?, ?, ?, ?)"
_DELETE_ENTRY = """
DELETE FROM index_entries
WHERE index_row = ? AND slot = ? AND partition_key = ? AND sort_key = ?
AND item_partition_key = ? AND item_sort_key = ?"""
_INSERT_RECORD = "INSERT INTO stream_records (stream_arn, created_at, record) VALUES (?, ?, ?)"


class ItemWriter(ItemReader):
    """Reads and writes items inside one transaction.

    Args:
        now: the emulator's time, for stream records.
    """

    def __init__(self, connection: sqlite3.Connection, *, now: datetime) -> None:
        super().__init__(connection)
        self._now = now

    def put(self, table: StoredTable, key: EncodedKey, old: StoredItem | None, new: Item) -> None:
        """Write an item in the place of the old one, which ``find`` gave in this transaction."""
        size_bytes = item_size_bytes(new)
        text = json.dumps(new, separators=(",", ":"))
        expires_at = table.expires_at(new)
        if old is None:
            cursor = self._connection.execute(
                _INSERT, (table.row_id, *key, size_bytes, expires_at, text)
            )
            row_id = cursor.lastrowid or 0
        else:
            row_id = old.row_id
            self._connection.execute(_UPDATE, (size_bytes, expires_at, text, row_id))
        self._write_entries(table, key, old, new, row_id)
        self._record(table, old, new)

    def remove(
        self, table: StoredTable, key: EncodedKey, old: StoredItem, *, expired: bool = False
    ) -> None:
        """Delete an item; if it has expired, its stream record says so."""
        self._connection.execute(_DELETE, (old.row_id,))
        self._write_entries(table, key, old, None, old.row_id)
        self._record(table, old, None, expired=expired)

    def add_to_index(self, index: Index, key: EncodedKey, row_id: int, item: Item) -> None:
        """Enter an item into an index that was made after it, if it has the index's key."""
        entry = _entry_key(index, item)
        if entry is not None:
            self._insert_entry(index, entry, key, row_id)

    def _write_entries(
        self,
        table: StoredTable,
        key: EncodedKey,
        old: StoredItem | None,
        new: Item | None,
        row_id: int,
    ) -> None:
        for index in table.indexes.values():
            before = None if old is None else _entry_key(index, old.item)
            after = None if new is None else _entry_key(index, new)
            if before == after:
                continue
            if before is not None:
                self._connection.execute(
                    _DELETE_ENTRY, (index.row_id, *before, key.partition, key.sort)
                )
            if after is not None:
                self._insert_entry(index, after, key, row_id)

    def _insert_entry(self, index: Index, entry: EncodedKey, key: EncodedKey, row_id: int) -> None:
        self._connection.execute(
            _INSERT_ENTRY, (index.row_id, *entry, key.partition, key.sort, row_id)
        )

    def _record(
        self, table: StoredTable, old: StoredItem | None, new: Item | None, *, expired: bool = False
    ) -> None:
        if table.stream_view_type is None or (old is not None and old.item == new):
            return
        record = stream_record(
            table, None if old is None else old.item, new, self._now, expired=expired
        )
        self._connection.execute(
            _INSERT_RECORD,
            (table.stream_arn, self._now.timestamp(), json.dumps(record, separators=(",", ":"))),
        )


def _entry_key(index: Index, item: Item) -> EncodedKey | None:
    return index.keys.encode(item) if index.accepts(item) else None
