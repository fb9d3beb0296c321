"""``Query``: the items of one partition, in the order of their sort keys.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.capacity import Consumed, capacity_mode, consumed_capacity, read_units
from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.expressions.conditions import attribute_names
from emulator.dynamodb.expressions.placeholders import Placeholders
from emulator.dynamodb.key_condition import NAME as KEY_CONDITION
from emulator.dynamodb.key_condition import KeyRange, key_range, key_rules
from emulator.dynamodb.legacy import refuse_mixture
from emulator.dynamodb.page import (
    FILTER,
    Page,
    PageRequest,
    find_index,
    page_request,
    read_page,
    refuse_empty,
    start_position,
)
from emulator.dynamodb.projection import PROJECTION
from emulator.dynamodb.request import Body, boolean, table_name

if TYPE_CHECKING:
    from emulator.dynamodb.engine import Engine
    from emulator.dynamodb.item_reader import Position
    from emulator.dynamodb.keys import KeyAttributes
    from emulator.dynamodb.tables import Index, StoredTable

_EXPRESSIONS = (FILTER, PROJECTION, KEY_CONDITION)
_LEGACY = ("QueryFilter", "KeyConditions", "AttributesToGet", "ConditionalOperator")


def query(engine: Engine, body: Body) -> Body:
    """Read one page of a partition."""
    name = table_name(body)
    refuse_mixture(body, _LEGACY, _EXPRESSIONS)
    refuse_empty(body, (PROJECTION, FILTER))
    placeholders = Placeholders(body, _EXPRESSIONS)
    rules = key_rules(body, placeholders)
    table = engine.catalog.find(name)
    index = find_index(table, body)
    keys = table.keys if index is None else index.keys
    wanted = key_range(keys, rules)
    request = page_request(body, index, placeholders, "QueryFilter")
    placeholders.check_all_used()
    _check_filter(body, request, keys)
    after = start_position(body, table, index)
    _check_start(after, wanted)
    forward = boolean(body, "ScanIndexForward") or body.get("ScanIndexForward") is None
    with engine.reading() as reader:
        if index is None:
            rows = reader.query_table(
                table, wanted.partition, wanted.sort_range, forward=forward, after=after
            )
        else:
            rows = reader.query_index(
                index, wanted.partition, wanted.sort_range, forward=forward, after=after
            )
        page = read_page(rows, request, table, index)
    return page_answer(body, table, index, request, page)


def page_answer(
    body: Body, table: StoredTable, index: Index | None, request: PageRequest, page: Page
) -> Body:
    """Write the answer of a query or scan."""
    answer: dict[str, Any] = {"Count": page.count, "ScannedCount": page.scanned_count}
    if not request.count_only:
        answer["Items"] = page.items
    if page.last_evaluated_key is not None:
        answer["LastEvaluatedKey"] = page.last_evaluated_key
    mode = capacity_mode(body)
    if mode != "NONE":
        units = read_units(page.size_bytes, consistent=request.consistent)
        consumed = (
            Consumed(table_units=units)
            if index is None
            else Consumed(index_units={index.name: units})
        )
        answer["ConsumedCapacity"] = consumed_capacity(table, consumed, mode)
    return answer


def _check_filter(body: Body, request: PageRequest, keys: KeyAttributes) -> None:
    if request.condition is None:
        return
    for name in keys.names:
        if name in attribute_names(request.condition):
            kind = "Filter Expression" if FILTER in body else "QueryFilter"
            raise validation_error(
                f"{kind} can only contain non-primary key attributes: Primary key attribute: {name}"
            )


def _check_start(after: Position | None, wanted: KeyRange) -> None:
    if after is None:
        return
    if after.key[:2] != wanted.partition:
        raise validation_error(
            "The provided starting key is outside query boundaries based on provided conditions"
        )
    sort_range = wanted.sort_range
    if not sort_range.lower <= after.key.sort < sort_range.upper:
        raise validation_error("The provided starting key does not match the range key predicate")
