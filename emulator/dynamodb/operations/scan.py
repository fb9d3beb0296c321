"""``Scan``: all items of a table or an index, or of one segment of it.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.expressions.placeholders import Placeholders
from emulator.dynamodb.item_reader import segment_slots
from emulator.dynamodb.legacy import refuse_mixture
from emulator.dynamodb.operations.query import page_answer
from emulator.dynamodb.page import FILTER, find_index, page_request, read_page, start_position
from emulator.dynamodb.projection import PROJECTION
from emulator.dynamodb.request import Body, integer, table_name

if TYPE_CHECKING:
    from emulator.dynamodb.engine import Engine
    from emulator.dynamodb.item_reader import Position

_EXPRESSIONS = (FILTER, PROJECTION)
_LEGACY = ("ScanFilter", "AttributesToGet", "ConditionalOperator")


def scan(engine: Engine, body: Body) -> Body:
    """Read one page of a table or index, in the order of its slots."""
    name = table_name(body)
    refuse_mixture(body, _LEGACY, _EXPRESSIONS)
    placeholders = Placeholders(body, _EXPRESSIONS)
    slots = _slots(body)
    table = engine.catalog.find(name)
    index = find_index(table, body)
    request = page_request(body, index, placeholders, "ScanFilter")
    placeholders.check_all_used()
    after = start_position(body, table, index)
    _check_start(after, slots)
    with engine.reading() as reader:
        rows = (
            reader.scan_table(table, slots=slots, after=after)
            if index is None
            else reader.scan_index(index, slots=slots, after=after)
        )
        page = read_page(rows, request, table, index)
    return page_answer(body, table, index, request, page)


def _slots(body: Body) -> range:
    total = integer(body, "TotalSegments")
    segment = integer(body, "Segment")
    if total is None and segment is None:
        return segment_slots(0, 1)
    if segment is None:
        raise validation_error(
            "The Segment parameter is required but was not present in the request when parameter "
            "TotalSegments is present"
        )
    if total is None:
        raise validation_error(
            "The TotalSegments parameter is required but was not present in the request when "
            "Segment parameter is present"
        )
    if segment >= total:
        raise validation_error(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {segment} is not less than TotalSegments: {total}"
        )
    return segment_slots(segment, total)


def _check_start(after: Position | None, slots: range) -> None:
    if after is not None and after.key.slot not in slots:
        raise validation_error(
            "The provided starting key is invalid: "
            "Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
        )
