"""The tables that exist: in the database, and in memory for every request to look up.

Tables change only inside the writer's transaction, and what is in memory with them; a write looks
its table up inside its own transaction and so never meets a dropped one.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from emulator.arns import table_arn
from emulator.dynamodb.errors import resource_not_found
from emulator.dynamodb.item_writer import ItemWriter
from emulator.dynamodb.tables import (
    Definition,
    StoredTable,
    build_index,
    index_requests,
    key_attributes,
    stream_label,
    stream_view_type,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from emulator.dynamodb.database import Database

_TABLES = """
SELECT id, name, table_id, created_at, definition, ttl_attribute, stream_label
FROM tables ORDER BY name"""
_INSERT_TABLE = """
INSERT INTO tables (name, table_id, created_at, definition, stream_label)
VALUES (?, ?, ?, ?, ?)"""
_REDEFINE = "UPDATE tables SET definition = ?, stream_label = ? WHERE id = ?"
_ITEMS_OF_TABLE = """
SELECT id, slot, partition_key, sort_key, item FROM items WHERE table_row = ?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much a table and its indexes hold now; AWS counts every six hours."""

    item_count: int
    size_bytes: int
    index_item_counts: Mapping[str, int]


class Catalog:
    """Tables by name."""

    def __init__(self, database: Database, *, region: str, account_id: str) -> None:
        self._database = database
        self._region = region
        self._account_id = account_id
        self._tables: dict[str, StoredTable] = {}
        with database.reading() as connection:
            self._load(connection)

    @property
    def tables(self) -> list[StoredTable]:
        """All tables, by name."""
        return list(self._tables.values())

    def get(self, name: str) -> StoredTable | None:
        """Find a table by name or ARN; ``None`` if there is none."""
        if name.startswith("arn:"):
            return next((table for table in self.tables if table.arn == name), None)
        return self._tables.get(name)

    def find(self, name: str) -> StoredTable:
        """Find a table by name or ARN.

        Raises:
            ServiceError: ``ResourceNotFoundException``.
        """
        table = self.get(name)
        if table is None:
            raise resource_not_found()
        return table

    def counts(self, table: StoredTable) -> Counts:
        """Count what a table holds; triggers keep the figures, nothing is counted here."""
        with self._database.reading() as connection:
            [(item_count, size_bytes)] = connection.execute(
                "SELECT item_count, size_bytes FROM tables WHERE id = ?", (table.row_id,)
            ).fetchall() or [(0, 0)]
            rows = connection.execute(
                "SELECT name, item_count FROM indexes WHERE table_row = ?", (table.row_id,)
            ).fetchall()
        return Counts(item_count=item_count, size_bytes=size_bytes, index_item_counts=dict(rows))

    def create(
        self,
        definition: Definition,
        *,
        table_id: str,
        now: datetime,
        label: str | None = None,
    ) -> None:
        """Make an empty table; its stream, if it has one, is called by the label or the time."""
        stream = (label or stream_label(now)) if stream_view_type(definition) else None
        with self._changing() as connection:
            cursor = connection.execute(
                _INSERT_TABLE,
                (
                    definition["TableName"],
                    table_id,
                    now.timestamp(),
                    json.dumps(definition),
                    stream,
                ),
            )
            for name in index_requests(definition):
                _insert_index(connection, cursor.lastrowid or 0, name)

    def redefine(
        self,
        table: StoredTable,
        definition: Definition,
        *,
        now: datetime,
        label: str | None = None,
    ) -> None:
        """Change a table that keeps its keys: indexes are dropped, made and filled."""
        stream = table.stream_label
        if stream_view_type(definition) not in (None, table.stream_view_type):
            stream = label or stream_label(now)
        before, after = index_requests(table.definition), index_requests(definition)
        with self._changing() as connection:
            connection.execute(_REDEFINE, (json.dumps(definition), stream, table.row_id))
            for name, request in before.items():
                if after.get(name) != request:
                    _drop_index(connection, table.indexes[name].row_id)
            made = [name for name, request in after.items() if before.get(name) != request]
            for name in made:
                row_id = _insert_index(connection, table.row_id, name)
                _fill_index(connection, table.row_id, definition, name, row_id)

    def set_time_to_live(self, table: StoredTable, attribute: str | None) -> None:
        """Switch expiry on or off; items that are there already fall due as well."""
        with self._changing() as connection:
            connection.execute(
                "UPDATE tables SET ttl_attribute = ? WHERE id = ?", (attribute, table.row_id)
            )
            changed = replace(table, ttl_attribute=attribute)
            rows = connection.execute(_ITEMS_OF_TABLE, (table.row_id,)).fetchall()
            connection.executemany(
                "UPDATE items SET expires_at = ? WHERE id = ?",
                [(changed.expires_at(json.loads(item)), row_id) for row_id, *_, item in rows],
            )

    def drop(self, table: StoredTable) -> None:
        """Remove a table with its items; the records of its stream can still be read."""
        with self._changing() as connection:
            _remove_items(connection, table)
            connection.execute("DELETE FROM indexes WHERE table_row = ?", (table.row_id,))
            connection.execute("DELETE FROM tables WHERE id = ?", (table.row_id,))

    def empty(self, table: StoredTable) -> None:
        """Remove the items of a table and the records of its stream, without a trace."""
        with self._database.writing() as connection:
            _remove_items(connection, table)
            connection.execute(
                "DELETE FROM stream_records WHERE stream_arn = ?", (table.stream_arn,)
            )

    def forget_request_tokens(self) -> None:
        """Let a transaction run again whose effects a reset has taken away."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM request_tokens")

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._database.writing() as connection:
                yield connection
                self._load(connection)
        except BaseException:
            with self._database.reading() as connection:
                self._load(connection)
            raise

    def _load(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute(_TABLES).fetchall()
        tables = [self._build(connection, row) for row in rows]
        self._tables = {table.name: table for table in tables}

    def _build(self, connection: sqlite3.Connection, row: tuple[object, ...]) -> StoredTable:
        row_id, name, table_id, created_at, text, ttl_attribute, label = row
        definition = json.loads(str(text))
        index_rows = connection.execute(
            "SELECT name, id FROM indexes WHERE table_row = ? ORDER BY id", (row_id,)
        ).fetchall()
        return StoredTable(
            row_id=row_id,  # type: ignore[arg-type] # columns have the types of the schema
            name=str(name),
            arn=table_arn(self._region, self._account_id, str(name)),
            table_id=str(table_id),
            created_at=datetime.fromtimestamp(created_at, UTC),  # type: ignore[arg-type]
            definition=definition,
            keys=key_attributes(definition, definition["KeySchema"]),
            indexes={
                index_name: build_index(definition, index_name, index_row)
                for index_name, index_row in index_rows
            },
            ttl_attribute=ttl_attribute,  # type: ignore[arg-type]
            stream_label=label,  # type: ignore[arg-type]
        )


def _insert_index(connection: sqlite3.Connection, table_row: int, name: str) -> int:
    cursor = connection.execute(
        "INSERT INTO indexes (table_row, name) VALUES (?, ?)", (table_row, name)
    )
    return cursor.lastrowid or 0


def _drop_index(connection: sqlite3.Connection, index_row: int) -> None:
    connection.execute("DELETE FROM index_entries WHERE index_row = ?", (index_row,))
    connection.execute("DELETE FROM indexes WHERE id = ?", (index_row,))


def _fill_index(
    connection: sqlite3.Connection,
    table_row: int,
    definition: Definition,
    name: str,
    index_row: int,
) -> None:
    index = build_index(definition, name, index_row)
    keys = key_attributes(definition, definition["KeySchema"])
    writer = ItemWriter(connection, now=datetime.fromtimestamp(0, UTC))
    for row_id, *_, text in connection.execute(_ITEMS_OF_TABLE, (table_row,)).fetchall():
        item = json.loads(text)
        writer.add_to_index(index, keys.encode(item), row_id, item)


def _remove_items(connection: sqlite3.Connection, table: StoredTable) -> None:
    connection.executemany(
        "DELETE FROM index_entries WHERE index_row = ?",
        [(index.row_id,) for index in table.indexes.values()],
    )
    connection.execute("DELETE FROM items WHERE table_row = ?", (table.row_id,))
