"""Pages: how Query and Scan answer, one megabyte or ``Limit`` items at a time.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
Items count towards the page before the filter, and are shown after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.dynamodb.attribute_value import normalise_item
from emulator.dynamodb.errors import (
    RewordedError,
    invalid_parameter,
    key_mismatch,
    validation_error,
)
from emulator.dynamodb.expressions.condition_parser import parse_condition
from emulator.dynamodb.expressions.document_path import project
from emulator.dynamodb.item_reader import Position, ReadItem
from emulator.dynamodb.item_size import item_size_bytes
from emulator.dynamodb.key_condition import NAME as KEY_CONDITION
from emulator.dynamodb.keys import empty_kind
from emulator.dynamodb.legacy import filter_condition
from emulator.dynamodb.projection import PROJECTION, requested_paths
from emulator.dynamodb.request import Body, boolean, choice, integer, mapping, string
from emulator.dynamodb.wording import counted
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.expressions.conditions import Condition
    from emulator.dynamodb.expressions.document_path import DocumentPath
    from emulator.dynamodb.expressions.placeholders import Placeholders
    from emulator.dynamodb.tables import Index, StoredTable

_INVALID_START = "The provided starting key is invalid"
PAGE_BYTES = 1024 * 1024
FILTER = "FilterExpression"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """What a query or scan shows of what it reads, and how much it reads.

    Args:
        whole_item: a query of a local index asks for attributes that only the table has.
    """

    limit: int | None
    condition: Condition | None
    paths: tuple[DocumentPath, ...] | None
    count_only: bool
    consistent: bool
    whole_item: bool


@dataclass(slots=True, kw_only=True)
class Page:
    """What one request has read."""

    items: list[Item] = field(default_factory=list)
    count: int = 0
    scanned_count: int = 0
    size_bytes: int = 0
    last_evaluated_key: Item | None = None


def refuse_empty(body: Body, expressions: tuple[str, ...]) -> None:
    """Refuse an expression without anything in it, before the key condition makes any sense."""
    for name in expressions:
        if body.get(name) == "":
            raise validation_error(f"Invalid {name}: The expression can not be empty;")


def find_index(table: StoredTable, body: Body) -> Index | None:
    """Take ``IndexName``; ``None`` for the table itself."""
    name = string(body, "IndexName")
    if name is None:
        return None
    index = table.indexes.get(name)
    if index is None:
        raise validation_error(f"The table does not have the specified index: {name}")
    return index


def page_request(
    body: Body,
    index: Index | None,
    placeholders: Placeholders,
    legacy_filter: str,
) -> PageRequest:
    """Read the members that Query and Scan have in common; the legacy filter is only named."""
    paths = requested_paths(body, placeholders)
    selection = _selection(body, index, paths)
    consistent = boolean(body, "ConsistentRead")
    if index is not None and index.is_global and consistent:
        raise validation_error("Consistent reads are not supported on global secondary indexes")
    expression = string(body, FILTER)
    condition = (
        filter_condition(body, legacy_filter)
        if expression is None
        else parse_condition(FILTER, expression, placeholders)
    )
    return PageRequest(
        limit=integer(body, "Limit"),
        condition=condition,
        paths=paths,
        count_only=selection == "COUNT",
        consistent=consistent,
        whole_item=_whole_item(index, selection, paths),
    )


def start_position(body: Body, table: StoredTable, index: Index | None) -> Position | None:
    """Take ``ExclusiveStartKey``: the key in the table and, on an index, the key in it."""
    raw = mapping(body, "ExclusiveStartKey")
    if raw is None:
        return None
    start = _start_key(raw)
    attributes = {attribute.name: attribute.type_name for attribute in table.keys.attributes}
    if index is not None:
        attributes |= {attr.name: attr.type_name for attr in index.keys.attributes}
    if start.keys() != attributes.keys():
        # A query does not say why.
        is_query = KEY_CONDITION in body or "KeyConditions" in body
        raise validation_error(_INVALID_START) if is_query else _invalid_start(index)
    for name, type_name in attributes.items():
        if type_name not in start[name] or empty_kind(start[name]):
            raise _invalid_start(index)
    item_key = table.keys.encode(start)
    return Position(item_key if index is None else index.keys.encode(start), item_key)


def read_page(
    rows: Iterator[ReadItem], request: PageRequest, table: StoredTable, index: Index | None
) -> Page:
    """Read one page: up to the limit, a megabyte or the end."""
    page = Page()
    last: Item | None = None
    for row in rows:
        item, size_bytes = _in_index(row, index, request)
        if page.size_bytes + size_bytes > PAGE_BYTES and page.scanned_count:
            page.last_evaluated_key = last
            break
        page.size_bytes += size_bytes
        page.scanned_count += 1
        last = _position_key(table, index, row.item)
        _show(page, item, request)
        if page.scanned_count == request.limit:
            page.last_evaluated_key = last
            break
    return page


def _in_index(row: ReadItem, index: Index | None, request: PageRequest) -> tuple[Item, int]:
    if index is None or index.projected is None or request.whole_item:
        return row.item, row.size_bytes
    item = index.project(row.item)
    return item, item_size_bytes(item)


def _show(page: Page, item: Item, request: PageRequest) -> None:
    if request.condition is not None and not request.condition.holds(item):
        return
    page.count += 1
    if not request.count_only:
        page.items.append(item if request.paths is None else project(item, request.paths))


def _position_key(table: StoredTable, index: Index | None, item: Item) -> Item:
    key = table.keys.extract(item)
    return key if index is None else key | index.keys.extract(item)


def _selection(body: Body, index: Index | None, paths: tuple[DocumentPath, ...] | None) -> str:
    selection = choice(body, "Select", default="")
    if not selection:
        return selection
    if selection == "SPECIFIC_ATTRIBUTES" and paths is None:
        raise counted(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
            "SPECIFIC_ATTRIBUTES"
        )
    if selection != "SPECIFIC_ATTRIBUTES" and paths is not None:
        member = PROJECTION if PROJECTION in body else "AttributesToGet"
        chosen = "only the Count" if selection == "COUNT" else selection
        raise counted(f"Cannot specify the {member} when choosing to get {chosen}")
    if selection == "ALL_PROJECTED_ATTRIBUTES" and index is None:
        raise counted("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    return selection


def _whole_item(
    index: Index | None,
    selection: str,
    paths: tuple[DocumentPath, ...] | None,
) -> bool:
    if index is None or index.projected is None:
        return False
    outside = sorted({str(path[0]) for path in paths or ()} - index.projected)
    if not index.is_global:
        return bool(outside) or selection == "ALL_ATTRIBUTES"
    if selection == "ALL_ATTRIBUTES":
        raise invalid_parameter(
            "Select type ALL_ATTRIBUTES is not supported for global secondary index "
            f"{index.name} because its projection type is not ALL"
        )
    if outside:
        raise invalid_parameter(
            f"Global secondary index {index.name} does not project [{', '.join(outside)}]"
        )
    return False


def _start_key(raw: Item) -> Item:
    try:
        return normalise_item(raw)
    except RewordedError as error:
        raise RewordedError(error.message, older=f"{_INVALID_START}: {error.older}") from error
    except ServiceError as error:
        if error.code != "ValidationException":
            raise
        raise validation_error(f"{_INVALID_START}: {error.message}") from error


def _invalid_start(index: Index | None) -> Exception:
    reason = "" if index is not None else f": {key_mismatch().message}"
    return validation_error(f"{_INVALID_START}{reason}")
