"""Item collection metrics, which tables with a local index report for a write.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ItemCollections
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.request import Body, choice

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.tables import StoredTable


def collection_metrics(body: Body, table: StoredTable, item: Item | None) -> dict[str, Any]:
    """Write ``ItemCollectionMetrics`` if the request asks and the table has a local index."""
    metrics = item_collection(table, item) if wants_metrics(body) else None
    return {} if metrics is None else {"ItemCollectionMetrics": metrics}


def wants_metrics(body: Body) -> bool:
    """Tell whether the request asks for metrics."""
    wanted = choice(body, "ReturnItemCollectionMetrics", default="NONE")
    return wanted == "SIZE"


def item_collection(table: StoredTable, item: Item | None) -> dict[str, Any] | None:
    """Estimate the collection that an item belongs to, in AWS's coarse steps."""
    if item is None or all(index.is_global for index in table.indexes.values()):
        return None
    name = table.keys.partition.name
    return {"ItemCollectionKey": {name: item[name]}, "SizeEstimateRangeGB": [0.0, 1.0]}
