"""``TransactGetItems``: up to 100 items as they are at one moment.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.dynamodb.attribute_value import normalise_item
from emulator.dynamodb.capacity import (
    Consumed,
    capacities_by_table,
    capacity_mode,
    read_units,
)
from emulator.dynamodb.operations.get_item import Display, read_display
from emulator.dynamodb.operations.transaction_parts import (
    all_or_canceled,
    refuse_duplicates,
    transaction_parts,
)
from emulator.dynamodb.request import Body, table_name

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.engine import Engine
    from emulator.dynamodb.item_reader import StoredItem
    from emulator.dynamodb.keys import EncodedKey
    from emulator.dynamodb.tables import StoredTable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Get:
    """One part of the transaction."""

    table: StoredTable
    key: Item
    display: Display

    def locate(self) -> EncodedKey:
        """Check the key and find where the item lies."""
        self.table.keys.check_key(self.key)
        return self.table.keys.encode(self.key)

    def show(self, found: StoredItem | None) -> Body:
        """Write the part's answer."""
        return {} if found is None else {"Item": self.display.show(found.item)}


def transact_get_items(engine: Engine, body: Body) -> Body:
    """Read all items from one snapshot."""
    gets = [_get(engine, members) for _, members in transaction_parts(body, ("Get",))]
    keys = all_or_canceled(_Get.locate, gets)
    refuse_duplicates([(get.table.row_id, key) for get, key in zip(gets, keys, strict=True)])
    with engine.snapshot() as reader:
        found = [reader.find(get.table, key) for get, key in zip(gets, keys, strict=True)]
    answer: Body = {"Responses": [get.show(item) for get, item in zip(gets, found, strict=True)]}
    mode = capacity_mode(body)
    if mode != "NONE":
        answer["ConsumedCapacity"] = capacities_by_table(
            ((get.table, _consumed(item)) for get, item in zip(gets, found, strict=True)),
            mode,
            also="ReadCapacityUnits",
        )
    return answer


def _get(engine: Engine, members: Body) -> _Get:
    name = table_name(members)
    key = normalise_item(members["Key"])
    return _Get(table=engine.catalog.find(name), key=key, display=read_display(members))


def _consumed(item: StoredItem | None) -> Consumed:
    size_bytes = 0 if item is None else item.size_bytes
    return Consumed(table_units=read_units(size_bytes, consistent=True, transactional=True))
