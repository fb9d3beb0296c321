"""``GetItem`` and ``BatchGetItem``.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.dynamodb.attribute_value import normalise_item
from emulator.dynamodb.capacity import Consumed, capacity_mode, consumed_capacity, read_units
from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.expressions.document_path import project
from emulator.dynamodb.expressions.placeholders import Placeholders
from emulator.dynamodb.legacy import refuse_mixture
from emulator.dynamodb.projection import PROJECTION, requested_paths
from emulator.dynamodb.request import Body, boolean, table_name

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.engine import Engine
    from emulator.dynamodb.expressions.document_path import DocumentPath
    from emulator.dynamodb.item_reader import ItemReader
    from emulator.dynamodb.keys import EncodedKey
    from emulator.dynamodb.tables import StoredTable

MAXIMUM_BATCH_KEYS = 100
MAXIMUM_RESPONSE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """What is shown of the items that are read, and how they are read."""

    paths: tuple[DocumentPath, ...] | None
    consistent: bool

    def show(self, item: Item) -> Item:
        """Keep what is shown."""
        return item if self.paths is None else project(item, self.paths)


@dataclass(slots=True)
class _Batch:
    """How much a batch has read so far; it stops short of 16 MB."""

    size_bytes: int = 0


def read_display(body: Body) -> Display:
    """Read the members of a request that say what is shown."""
    refuse_mixture(body, ("AttributesToGet",), (PROJECTION,))
    placeholders = Placeholders(body, (PROJECTION,))
    paths = requested_paths(body, placeholders)
    placeholders.check_all_used()
    return Display(paths=paths, consistent=boolean(body, "ConsistentRead"))


def get_item(engine: Engine, body: Body) -> Body:
    """Read one item by its key."""
    name = table_name(body)
    key = normalise_item(body["Key"])
    display = read_display(body)
    table = engine.catalog.find(name)
    table.keys.check_key(key)
    with engine.reading() as reader:
        found = reader.find(table, table.keys.encode(key))
    answer: dict[str, Any] = {} if found is None else {"Item": display.show(found.item)}
    mode = capacity_mode(body)
    if mode != "NONE":
        size_bytes = 0 if found is None else found.size_bytes
        consumed = Consumed(table_units=read_units(size_bytes, consistent=display.consistent))
        answer["ConsumedCapacity"] = consumed_capacity(table, consumed, mode)
    return answer


def batch_get_item(engine: Engine, body: Body) -> Body:
    """Read up to 100 items of several tables."""
    requests = _table_requests(body)
    mode = capacity_mode(body)
    answer: dict[str, Any] = {"Responses": {}, "UnprocessedKeys": {}}
    batch, capacities = _Batch(), []
    with engine.reading() as reader:
        for name, request in requests.items():
            display = read_display(request)
            table = engine.catalog.find(name)
            keys = _located_keys(table, request)
            items, left, consumed = _read(reader, table, display, keys, batch)
            answer["Responses"][name] = items
            if left:
                answer["UnprocessedKeys"][name] = {**request, "Keys": left}
            capacities.append(consumed_capacity(table, consumed, mode))
    if mode != "NONE":
        answer["ConsumedCapacity"] = capacities
    return answer


def _table_requests(body: Body) -> dict[str, Body]:
    requests: dict[str, Body] = body["RequestItems"]
    refuse_mixture(
        {name: True for request in requests.values() for name in request},
        ("AttributesToGet",),
        (PROJECTION,),
    )
    if sum(len(request["Keys"]) for request in requests.values()) > MAXIMUM_BATCH_KEYS:
        raise validation_error("Too many items requested for the BatchGetItem call")
    return requests


def _located_keys(table: StoredTable, request: Body) -> dict[EncodedKey, Item]:
    located: dict[EncodedKey, Item] = {}
    for raw in request["Keys"]:
        key = normalise_item(raw)
        table.keys.check_key(key)
        encoded = table.keys.encode(key)
        if encoded in located:
            raise validation_error("Provided list of item keys contains duplicates")
        located[encoded] = key
    return located


def _read(
    reader: ItemReader,
    table: StoredTable,
    display: Display,
    keys: dict[EncodedKey, Item],
    batch: _Batch,
) -> tuple[list[Item], list[Item], Consumed]:
    items, left, consumed = [], [], Consumed()
    for encoded, key in keys.items():
        found = reader.find(table, encoded)
        size_bytes = 0 if found is None else found.size_bytes
        if batch.size_bytes + size_bytes > MAXIMUM_RESPONSE_BYTES:
            left.append(key)
            continue
        batch.size_bytes += size_bytes
        consumed.table_units += read_units(size_bytes, consistent=display.consistent)
        if found is not None:
            items.append(display.show(found.item))
    return items, left, consumed
