"""``INSERT``, ``UPDATE`` and ``DELETE`` as the writes that the engine does anyway.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from emulator.dynamodb.errors import ConditionalCheckFailedError
from emulator.dynamodb.expressions.conditions import And, AttributeExists, Not, Or, Path
from emulator.dynamodb.expressions.document_path import project
from emulator.dynamodb.item_size import check_item_size
from emulator.dynamodb.item_write import ItemDelete, ItemPut, ItemUpdate, ItemWrite
from emulator.dynamodb.partiql.keys import whole_key
from emulator.dynamodb.partiql.statements import Change, Insert, Select
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from emulator.dynamodb import item_write
    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.item_writer import ItemWriter
    from emulator.dynamodb.partiql.statements import Statement
    from emulator.dynamodb.tables import StoredTable


def to_write(statement: Statement, table: StoredTable, *, return_item: bool = False) -> ItemWrite:
    """Make the write of a statement; an ``EXISTS`` is a write that only checks.

    Raises:
        ServiceError: ``ValidationException`` when the statement does not name one item.
    """
    return replace(_write(statement, table), return_item_on_failure=return_item)


def _write(statement: Statement, table: StoredTable) -> ItemWrite:
    name, exists = table.name, AttributeExists(Path((table.keys.partition.name,)))
    if isinstance(statement, Insert):
        check_item_size(statement.item)
        return ItemPut(table_name=name, key=statement.item, condition=Not(exists))
    key, rest = whole_key(table.keys, statement.condition)
    there = exists if rest is None else And(exists, rest)
    if isinstance(statement, Select):
        return ItemWrite(table_name=name, key=key, condition=there)
    if statement.update is not None:
        return ItemUpdate(table_name=name, key=key, condition=there, update=statement.update)
    # What is not there is deleted without an error.
    condition = None if rest is None else Or(Not(exists), rest)
    return ItemDelete(table_name=name, key=key, condition=condition)


def perform(
    statement: Statement, write: ItemWrite, writer: ItemWriter, table: StoredTable
) -> item_write.Change:
    """Do the write.

    Raises:
        ServiceError: ``DuplicateItemException`` where ``INSERT`` finds an item.
    """
    try:
        return write.perform(writer, table)
    except ConditionalCheckFailedError as error:
        if not isinstance(statement, Insert):
            raise
        raise ServiceError(
            "DuplicateItemException", "Duplicate primary key exists in table"
        ) from error


def returned_items(statement: Statement, change: item_write.Change) -> list[Item]:
    """Take what ``RETURNING`` asks for."""
    if not isinstance(statement, Change) or statement.returning is None:
        return []
    which, when = statement.returning
    item = change.old if when == "OLD" else change.new
    if item is None:
        return []
    if which == "MODIFIED" and statement.update is not None:
        item = project(item, statement.update.paths)
    return [item]
