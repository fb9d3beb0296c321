"""Items read from the database: one by its key, or in the order of a query or scan.

Every read is a search in one b-tree that starts where the page starts: it costs what it returns,
however large the table.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from emulator.dynamodb.keys import SLOTS, EncodedKey

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.tables import Index, StoredTable

# Greater than any sort key, which has at most 1024 bytes.
AFTER_ALL = b"\xff" * 1025
_ROWS_AT_ONCE = 64

_FIND = """
SELECT id, item, size_bytes FROM items
WHERE table_row = ? AND slot = ? AND partition_key = ? AND sort_key = ?"""
_QUERY_TABLE = """
SELECT item, size_bytes FROM items
WHERE table_row = ? AND slot = ? AND partition_key = ? AND sort_key >= ? AND sort_key < ?
ORDER BY sort_key"""
_SCAN_TABLE = """
SELECT item, size_bytes FROM items
WHERE table_row = ? AND (slot, partition_key, sort_key) > (?, ?, ?) AND slot <= ?
ORDER BY slot, partition_key, sort_key"""
# CROSS JOIN keeps the entries outside: their order is the answer's.
_QUERY_INDEX = """
SELECT item, size_bytes FROM index_entries e CROSS JOIN items i ON i.id = e.item_row
WHERE e.index_row = ? AND e.slot = ? AND e.partition_key = ?
AND (e.sort_key, e.item_partition_key, e.item_sort_key) > (?, ?, ?) AND e.sort_key < ?
ORDER BY e.sort_key, e.item_partition_key, e.item_sort_key"""
_QUERY_INDEX_BACKWARD = """
SELECT item, size_bytes FROM index_entries e CROSS JOIN items i ON i.id = e.item_row
WHERE e.index_row = ? AND e.slot = ? AND e.partition_key = ?
AND e.sort_key >= ? AND (e.sort_key, e.item_partition_key, e.item_sort_key) < (?, ?, ?)
ORDER BY e.sort_key DESC, e.item_partition_key DESC, e.item_sort_key DESC"""
_SCAN_INDEX = """
SELECT item, size_bytes FROM index_entries e CROSS JOIN items i ON i.id = e.item_row
WHERE e.index_row = ?
AND (e.slot, e.partition_key, e.sort_key, e.item_partition_key, e.item_sort_key) > (?, ?, ?, ?, ?)
AND e.slot <= ?
ORDER BY e.slot, e.partition_key, e.sort_key, e.item_partition_key, e.item_sort_key"""


class StoredItem(NamedTuple):
    """An item, the row in which it lies and its size as DynamoDB counts it."""

    row_id: int
    item: Item
    size_bytes: int


class ReadItem(NamedTuple):
    """An item on a page and its size."""

    item: Item
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SortRange:
    """Encoded sort keys from ``lower`` on, before ``upper``."""

    lower: bytes = b""
    upper: bytes = AFTER_ALL


class Position(NamedTuple):
    """Where the page before ended: the key in the index (or table), and in the table."""

    key: EncodedKey
    item_key: EncodedKey


class ItemReader:
    """Reads items over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, for what else belongs into the same transaction."""
        return self._connection

    def find(self, table: StoredTable, key: EncodedKey) -> StoredItem | None:
        """Read the item with this key."""
        row = self._connection.execute(_FIND, (table.row_id, *key)).fetchone()
        return None if row is None else StoredItem(row[0], json.loads(row[1]), row[2])

    def query_table(
        self,
        table: StoredTable,
        partition: tuple[int, bytes],
        sort_range: SortRange,
        *,
        forward: bool,
        after: Position | None,
    ) -> Iterator[ReadItem]:
        """Read the items of one partition in the order of their sort keys."""
        lower, upper = sort_range.lower, sort_range.upper
        if after is not None and forward:
            lower = max(lower, after.key.sort + b"\x00")
        elif after is not None:
            upper = min(upper, after.key.sort)
        statement = _QUERY_TABLE if forward else _QUERY_TABLE + " DESC"
        return self._rows(statement, (table.row_id, *partition, lower, upper))

    def query_index(
        self,
        index: Index,
        partition: tuple[int, bytes],
        sort_range: SortRange,
        *,
        forward: bool,
        after: Position | None,
    ) -> Iterator[ReadItem]:
        """Read the items of one partition of an index, whole, in the order of their sort keys."""
        start: tuple[bytes, bytes, bytes]
        start = (sort_range.lower if forward else sort_range.upper, b"", b"")
        if after is not None:
            ended = (after.key.sort, after.item_key.partition, after.item_key.sort)
            start = max(start, ended) if forward else min(start, ended)
        if forward:
            return self._rows(_QUERY_INDEX, (index.row_id, *partition, *start, sort_range.upper))
        return self._rows(
            _QUERY_INDEX_BACKWARD, (index.row_id, *partition, sort_range.lower, *start)
        )

    def scan_table(
        self, table: StoredTable, *, slots: range, after: Position | None
    ) -> Iterator[ReadItem]:
        """Read the items whose slots are in a range, in the order of their slots."""
        start: tuple[int, bytes, bytes] = (slots.start, b"", b"")
        if after is not None:
            start = max(start, (after.key.slot, after.key.partition, after.key.sort))
        return self._rows(_SCAN_TABLE, (table.row_id, *start, slots.stop - 1))

    def scan_index(
        self, index: Index, *, slots: range, after: Position | None
    ) -> Iterator[ReadItem]:
        """Read the items of an index, whole, in the order of their slots in it."""
        start: tuple[int, bytes, bytes, bytes, bytes] = (slots.start, b"", b"", b"", b"")
        if after is not None:
            item_key = after.item_key
            start = max(start, (*after.key, item_key.partition, item_key.sort))
        return self._rows(_SCAN_INDEX, (index.row_id, *start, slots.stop - 1))

    def _rows(self, statement: str, arguments: tuple[int | bytes, ...]) -> Iterator[ReadItem]:
        cursor = self._connection.execute(statement, arguments)
        try:
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                for text, size_bytes in rows:
                    yield ReadItem(json.loads(text), size_bytes)
        finally:
            cursor.close()


def segment_slots(segment: int, total_segments: int) -> range:
    """Tell which slots a segment of a parallel scan has."""
    return range(
        SLOTS * segment // total_segments,
        SLOTS * (segment + 1) // total_segments,
    )
