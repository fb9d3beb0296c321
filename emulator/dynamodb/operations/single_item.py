"""``PutItem``, ``UpdateItem`` and ``DeleteItem``.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.capacity import capacity_mode, consumed_capacity, written
from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.expressions.document_path import project
from emulator.dynamodb.item_collection import collection_metrics
from emulator.dynamodb.request import Body, choice
from emulator.dynamodb.wording import read_counted
from emulator.dynamodb.write_request import delete_request, put_request, update_request

if TYPE_CHECKING:
    from emulator.dynamodb.engine import Engine
    from emulator.dynamodb.item_write import Change, ItemUpdate, ItemWrite


def put_item(engine: Engine, body: Body) -> Body:
    """Put an item in the place of the one with its key."""
    return_old = read_counted(_returns_old, body)
    change = _perform(engine, read_counted(put_request, body))
    return _old_attributes(change, return_old=return_old) | _extras(body, change)


def delete_item(engine: Engine, body: Body) -> Body:
    """Delete an item."""
    return_old = read_counted(_returns_old, body)
    change = _perform(engine, read_counted(delete_request, body))
    return _old_attributes(change, return_old=return_old) | _extras(body, change)


def update_item(engine: Engine, body: Body) -> Body:
    """Change an item, or make it."""
    return_values = choice(body, "ReturnValues", default="NONE")
    write = read_counted(update_request, body)
    change = _perform(engine, write)
    return _updated_attributes(write, change, return_values) | _extras(body, change)


def _perform(engine: Engine, write: ItemWrite) -> Change:
    with engine.writing() as writer:
        return write.perform(writer, engine.catalog.find(write.table_name))


def _returns_old(body: Body) -> bool:
    return_values = choice(body, "ReturnValues", default="NONE")
    if return_values not in ("NONE", "ALL_OLD"):
        raise validation_error("ReturnValues can only be ALL_OLD or NONE")
    return return_values == "ALL_OLD"


def _old_attributes(change: Change, *, return_old: bool) -> dict[str, Any]:
    return {"Attributes": change.old} if return_old and change.old is not None else {}


def _updated_attributes(write: ItemUpdate, change: Change, return_values: str) -> dict[str, Any]:
    shown = change.old if return_values.endswith("OLD") else change.new
    if return_values == "NONE" or shown is None:
        return {}
    if return_values.startswith("UPDATED"):
        shown = project(shown, write.update.paths)
    return {"Attributes": shown} if shown else {}


def _extras(body: Body, change: Change) -> dict[str, Any]:
    extras = collection_metrics(body, change.table, change.new or change.old)
    mode = capacity_mode(body)
    if mode != "NONE":
        consumed = written(change.table, change.old, change.new)
        extras["ConsumedCapacity"] = consumed_capacity(change.table, consumed, mode)
    return extras
