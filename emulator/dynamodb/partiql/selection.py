"""``SELECT``: pages of the partitions that the condition names, or of the whole table.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.select.html
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.dynamodb.errors import invalid_parameter, validation_error
from emulator.dynamodb.expressions.conditions import attribute_names
from emulator.dynamodb.expressions.document_path import lookup
from emulator.dynamodb.item_reader import Position, segment_slots
from emulator.dynamodb.page import Page, PageRequest, read_page
from emulator.dynamodb.partiql.keys import key_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.item_reader import ItemReader, ReadItem
    from emulator.dynamodb.key_condition import KeyRange
    from emulator.dynamodb.partiql.statements import Select
    from emulator.dynamodb.tables import Index, StoredTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """One page of a selection."""

    items: list[Item]
    size_bytes: int
    index: Index | None
    next_token: str | None
    last_evaluated_key: Item | None


def select(
    reader: ItemReader,
    table: StoredTable,
    statement: Select,
    *,
    limit: int | None,
    consistent: bool,
    next_token: str | None,
) -> Selected:
    """Read one page."""
    index = _find_index(table, statement.index_name)
    if index is not None and index.is_global and consistent:
        raise validation_error(
            "Strongly consistent read is not supported on Global Secondary Indexes"
        )
    if index is not None and index.projected is not None:
        _check_projected(index, index.projected, statement)
    keys = table.keys if index is None else index.keys
    ranges = key_ranges(keys, statement.condition)
    _check_order(statement, ranges)
    number, start = (0, None) if next_token is None else _read_token(next_token)
    items: list[Item] = []
    size_bytes = scanned = 0
    page = Page()
    while True:
        request = PageRequest(
            limit=None if limit is None else limit - scanned,
            condition=statement.condition,
            paths=None,
            count_only=False,
            consistent=consistent,
            whole_item=index is not None and not index.is_global,
        )
        after = None if start is None else _position(table, index, start)
        rows = _rows(reader, table, index, ranges[number] if ranges else None, statement, after)
        page, start = read_page(rows, request, table, index), None
        items += page.items
        size_bytes += page.size_bytes
        scanned += page.scanned_count
        number += page.last_evaluated_key is None
        if page.last_evaluated_key is not None or number >= len(ranges) or scanned == limit:
            break
    more = page.last_evaluated_key is not None or number < len(ranges)
    return Selected(
        items=[_show(item, statement) for item in items],
        size_bytes=size_bytes,
        index=index,
        next_token=_write_token(number, page.last_evaluated_key) if more else None,
        last_evaluated_key=page.last_evaluated_key,
    )


def _check_projected(index: Index, projected: frozenset[str], statement: Select) -> None:
    absent = sorted(attribute_names(statement.condition) - projected)
    if absent:
        raise invalid_parameter(
            f"Secondary index {index.name} does not project one or more filter attributes: "
            f"[{', '.join(absent)}]"
        )
    absent = sorted({str(path[0]) for path in statement.paths or ()} - projected)
    if absent and index.is_global:
        raise invalid_parameter(
            f"Global secondary index {index.name} does not project [{', '.join(absent)}]"
        )


def _find_index(table: StoredTable, name: str | None) -> Index | None:
    index = None if name is None else table.indexes.get(name)
    if name is not None and index is None:
        # A query names the index that there is none of.
        raise validation_error("The table does not have the specified index")
    return index


def _rows(
    reader: ItemReader,
    table: StoredTable,
    index: Index | None,
    wanted: KeyRange | None,
    statement: Select,
    after: Position | None,
) -> Iterator[ReadItem]:
    if wanted is None:
        slots = segment_slots(0, 1)
        if index is None:
            return reader.scan_table(table, slots=slots, after=after)
        return reader.scan_index(index, slots=slots, after=after)
    forward = statement.order is None or not statement.order[1]
    if index is None:
        return reader.query_table(
            table, wanted.partition, wanted.sort_range, forward=forward, after=after
        )
    return reader.query_index(
        index, wanted.partition, wanted.sort_range, forward=forward, after=after
    )


def _check_order(statement: Select, ranges: list[KeyRange]) -> None:
    if statement.order is not None and not ranges:
        raise validation_error(
            "Must have at least one non-optional hash key condition in WHERE clause when using "
            "ORDER BY clause."
        )


def _show(item: Item, statement: Select) -> Item:
    """Keep what is selected; a member of a document stands by its own name."""
    if statement.paths is None:
        return item
    shown: Item = {}
    for path in statement.paths:
        value = lookup(item, path)
        if value is not None:
            name = next(str(part) for part in reversed(path) if isinstance(part, str))
            shown[name] = value
    return shown


def _position(table: StoredTable, index: Index | None, start: Item) -> Position:
    item_key = table.keys.encode(start)
    return Position(item_key if index is None else index.keys.encode(start), item_key)


def _write_token(number: int, start: Item | None) -> str:
    return base64.urlsafe_b64encode(json.dumps([number, start]).encode()).decode()


def _read_token(token: str) -> tuple[int, Any]:
    try:
        number, start = json.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError) as error:
        raise validation_error("Invalid NextToken") from error
    return number, start
