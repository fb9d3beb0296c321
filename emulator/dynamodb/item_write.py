"""One write of one item, read from a request and then done in somebody's transaction.

The same four writes serve single requests, batches and transactions.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.dynamodb.errors import (
    ConditionalCheckFailedError,
    invalid_parameter,
    validation_error,
)
from emulator.dynamodb.item_size import MAXIMUM_ITEM_BYTES, item_size_bytes

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.expressions.conditions import Condition
    from emulator.dynamodb.expressions.updates import Update
    from emulator.dynamodb.item_reader import StoredItem
    from emulator.dynamodb.item_writer import ItemWriter
    from emulator.dynamodb.keys import EncodedKey
    from emulator.dynamodb.tables import StoredTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a write did."""

    table: StoredTable
    old: Item | None
    new: Item | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWrite:
    """A write that names an item and may have a condition; by itself it only checks.

    Args:
        table_name: name or ARN.
        key: the item's key; for a put, the item.
        return_item_on_failure: a failed condition shows the item as it is.
    """

    table_name: str
    key: Item
    condition: Condition | None = None
    return_item_on_failure: bool = False

    def locate(self, table: StoredTable) -> EncodedKey:
        """Check the key against the table and find where the item lies."""
        table.keys.check_key(self.key)
        return table.keys.encode(self.key)

    def perform(self, writer: ItemWriter, table: StoredTable) -> Change:
        """Check the condition and do the write.

        Raises:
            ConditionalCheckFailedError: and nothing was written.
        """
        key = self.locate(table)
        old = writer.find(table, key)
        self._check_condition(old)
        new = self._write(writer, table, key, old)
        return Change(table=table, old=None if old is None else old.item, new=new)

    def _check_condition(self, old: StoredItem | None) -> None:
        if self.condition is None or self.condition.holds({} if old is None else old.item):
            return
        shown = old.item if old is not None and self.return_item_on_failure else None
        raise ConditionalCheckFailedError(shown)

    def _write(
        self, writer: ItemWriter, table: StoredTable, key: EncodedKey, old: StoredItem | None
    ) -> Item | None:
        del writer, table, key
        return None if old is None else old.item


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPut(ItemWrite):
    """``PutItem``: the item takes the place of what was there."""

    def locate(self, table: StoredTable) -> EncodedKey:
        """Check the keys in the item and find where it lies."""
        table.check_item(self.key)
        return table.keys.encode(self.key)

    def _write(
        self, writer: ItemWriter, table: StoredTable, key: EncodedKey, old: StoredItem | None
    ) -> Item | None:
        writer.put(table, key, old, self.key)
        return self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDelete(ItemWrite):
    """``DeleteItem``: nothing is there afterwards."""

    def _write(
        self, writer: ItemWriter, table: StoredTable, key: EncodedKey, old: StoredItem | None
    ) -> Item | None:
        if old is not None:
            writer.remove(table, key, old)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemUpdate(ItemWrite):
    """``UpdateItem``: the item is changed, or made with its key."""

    update: Update

    def locate(self, table: StoredTable) -> EncodedKey:
        """Check the key, and that the update leaves it alone."""
        key = ItemWrite.locate(self, table)
        for path in self.update.paths:
            if path[0] in table.keys.names:
                raise invalid_parameter(
                    f"Cannot update attribute {path[0]}. This attribute is part of the key"
                )
        return key

    def _write(
        self, writer: ItemWriter, table: StoredTable, key: EncodedKey, old: StoredItem | None
    ) -> Item | None:
        new = self.update.apply(self.key if old is None else old.item)
        table.check_update(new)
        if item_size_bytes(new) > MAXIMUM_ITEM_BYTES:
            raise validation_error("Item size to update has exceeded the maximum allowed size")
        writer.put(table, key, old, new)
        return new
