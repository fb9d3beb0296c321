"""``TransactWriteItems``: up to 100 writes and checks, all of them or none.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.capacity import capacities_by_table, capacity_mode, written
from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.item_collection import item_collection, wants_metrics
from emulator.dynamodb.item_size import item_size_bytes
from emulator.dynamodb.operations.transaction_parts import (
    all_or_canceled,
    refuse_duplicates,
    transaction_parts,
)
from emulator.dynamodb.request import Body, string
from emulator.dynamodb.request_tokens import RequestTokens
from emulator.dynamodb.write_request import (
    check_request,
    delete_request,
    put_request,
    update_request,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.dynamodb.engine import Engine
    from emulator.dynamodb.item_write import Change, ItemWrite
    from emulator.dynamodb.item_writer import ItemWriter
    from emulator.dynamodb.keys import EncodedKey

_MAXIMUM_BYTES = 4 * 1024 * 1024
_READERS: dict[str, Callable[[Body], ItemWrite]] = {
    "ConditionCheck": check_request,
    "Put": put_request,
    "Delete": delete_request,
    "Update": update_request,
}


def transact_write_items(engine: Engine, body: Body) -> Body:
    """Do all writes and checks, once for each ``ClientRequestToken``."""
    parts = transaction_parts(body, tuple(_READERS))
    writes = [_READERS[kind](members) for kind, members in parts]
    token = string(body, "ClientRequestToken")
    with engine.writing() as writer:
        tokens = RequestTokens(writer.connection, now=engine.clock.now())
        answered = tokens.answer(token, body["TransactItems"])
        if answered is not None:
            return answered
        answer = _extras(body, _perform(engine, writer, writes))
        tokens.remember(token, body["TransactItems"], answer)
    return answer


def _perform(engine: Engine, writer: ItemWriter, writes: list[ItemWrite]) -> list[Change]:
    tables = {write.table_name: engine.catalog.find(write.table_name) for write in writes}

    def locate(write: ItemWrite) -> tuple[int, EncodedKey]:
        table = tables[write.table_name]
        return table.row_id, write.locate(table)

    refuse_duplicates(all_or_canceled(locate, writes))
    changes = all_or_canceled(lambda write: write.perform(writer, tables[write.table_name]), writes)
    if sum(item_size_bytes(change.new or {}) for change in changes) > _MAXIMUM_BYTES:
        raise validation_error("Transaction size has exceeded the maximum allowed size")
    return changes


def _extras(body: Body, changes: list[Change]) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    mode = capacity_mode(body)
    if mode != "NONE":
        extras["ConsumedCapacity"] = capacities_by_table(
            (
                (change.table, written(change.table, change.old, change.new, transactional=True))
                for change in changes
            ),
            mode,
            also="WriteCapacityUnits",
        )
    if wants_metrics(body):
        extras["ItemCollectionMetrics"] = _metrics(changes)
    return extras


def _metrics(changes: list[Change]) -> dict[str, list[dict[str, Any]]]:
    metrics: dict[str, list[dict[str, Any]]] = {}
    for change in changes:
        found = item_collection(change.table, change.new or change.old)
        if found is not None:
            metrics.setdefault(change.table.name, []).append(found)
    return metrics
