"""``BatchWriteItem``: up to 25 puts and deletions, each by itself.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
The writes share one commit here: they cost one, and none of them is ever left over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.capacity import Consumed, capacity_mode, consumed_capacity, written
from emulator.dynamodb.errors import key_mismatch, validation_error
from emulator.dynamodb.item_collection import item_collection, wants_metrics
from emulator.dynamodb.write_request import delete_request, put_request
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from emulator.dynamodb.engine import Engine
    from emulator.dynamodb.item_write import Change, ItemWrite
    from emulator.dynamodb.keys import EncodedKey
    from emulator.dynamodb.request import Body
    from emulator.dynamodb.tables import StoredTable

MAXIMUM_BATCH_WRITES = 25


def batch_write_item(engine: Engine, body: Body) -> Body:
    """Write up to 25 items of several tables."""
    writes = _writes(body)
    with engine.writing() as writer:
        tables = {name: engine.catalog.find(name) for name in writes}
        seen = set()
        for name, of_table in writes.items():
            for write in of_table:
                place = (tables[name].row_id, _locate(write, tables[name]))
                if place in seen:
                    raise validation_error("Provided list of item keys contains duplicates")
                seen.add(place)
        changes = {
            name: [write.perform(writer, tables[name]) for write in of_table]
            for name, of_table in writes.items()
        }
    return {"UnprocessedItems": {}} | _extras(body, changes)


def _locate(write: ItemWrite, table: StoredTable) -> EncodedKey:
    try:
        return write.locate(table)
    except ServiceError as error:
        # A batch does not say which key is missing or has the wrong type.
        if "Missing the key" in error.message or "Type mismatch for key" in error.message:
            raise key_mismatch() from error
        raise


def _writes(body: Body) -> dict[str, list[ItemWrite]]:
    requests: dict[str, list[Body]] = body["RequestItems"]
    if sum(map(len, requests.values())) > MAXIMUM_BATCH_WRITES:
        raise validation_error("Too many items requested for the BatchWriteItem call")
    return {name: [_write(name, one) for one in of_table] for name, of_table in requests.items()}


def _write(name: str, request: Body) -> ItemWrite:
    put, delete = request.get("PutRequest"), request.get("DeleteRequest")
    if (put is None) == (delete is None):
        # AWS says so of neither as well.
        raise validation_error(
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes"
        )
    if put is not None:
        return put_request({"TableName": name, "Item": put.get("Item")})
    return delete_request({"TableName": name, "Key": request["DeleteRequest"]["Key"]})


def _extras(body: Body, changes: dict[str, list[Change]]) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    mode = capacity_mode(body)
    if mode != "NONE":
        extras["ConsumedCapacity"] = [_capacity(done, mode) for done in changes.values()]
    if wants_metrics(body):
        extras["ItemCollectionMetrics"] = {
            name: metrics for name, done in changes.items() if (metrics := _metrics(done))
        }
    return extras


def _capacity(changes: list[Change], mode: str) -> dict[str, Any]:
    consumed = Consumed()
    for change in changes:
        consumed.add(written(change.table, change.old, change.new))
    return consumed_capacity(changes[0].table, consumed, mode)


def _metrics(changes: list[Change]) -> list[dict[str, Any]]:
    found = (item_collection(change.table, change.new or change.old) for change in changes)
    return [metrics for metrics in found if metrics is not None]
