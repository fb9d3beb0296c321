"""What ``DescribeTable`` shows, where moto does not know it or says something else than AWS.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
AWS counts items about every six hours; here the counts are those of now. The size of an index is
an estimate: its share of the table's items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.dynamodb.catalog import Counts
    from emulator.dynamodb.tables import StoredTable

_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def amend_description(description: dict[str, Any], table: StoredTable, counts: Counts) -> None:
    """Put true counts, times and ids into a description by moto."""
    description |= {
        "TableId": table.table_id,
        "CreationDateTime": table.created_at.timestamp(),
        "ItemCount": counts.item_count,
        "TableSizeBytes": counts.size_bytes,
    }
    for kind in _INDEXES:
        indexes = description.pop(kind, None)
        if indexes:
            description[kind] = indexes
            for index in indexes:
                _amend_index(index, table, counts)
    if table.stream_label is not None:
        description |= {
            "LatestStreamLabel": table.stream_label,
            "LatestStreamArn": table.stream_arn,
        }
    _amend_capacity(description, table)
    if "TableClass" in table.definition:
        description["TableClassSummary"] = {"TableClass": table.definition["TableClass"]}


def _amend_index(index: dict[str, Any], table: StoredTable, counts: Counts) -> None:
    item_count = counts.index_item_counts.get(index["IndexName"], 0)
    index |= {
        "IndexArn": f"{table.arn}/index/{index['IndexName']}",
        "ItemCount": item_count,
        "IndexSizeBytes": counts.size_bytes * item_count // max(counts.item_count, 1),
    }


def _amend_capacity(description: dict[str, Any], table: StoredTable) -> None:
    on_demand = table.definition.get("BillingMode") == "PAY_PER_REQUEST"
    if on_demand:
        description["BillingModeSummary"] = {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": table.created_at.timestamp(),
        }
    else:
        description.pop("BillingModeSummary", None)
    if on_demand and "OnDemandThroughput" in table.definition:
        description["OnDemandThroughput"] = table.definition["OnDemandThroughput"]
    for part in (description, *description.get("GlobalSecondaryIndexes", ())):
        throughput = part.setdefault("ProvisionedThroughput", {})
        throughput.setdefault("NumberOfDecreasesToday", 0)
        if on_demand:
            throughput |= {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
