"""Consumed capacity, for requests that ask for it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.dynamodb.item_size import item_size_bytes
from emulator.dynamodb.request import Body, choice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.tables import Index, StoredTable

_READ_UNIT_BYTES = 4096
_WRITE_UNIT_BYTES = 1024


@dataclass(slots=True, kw_only=True)
class Consumed:
    """Units that a request has consumed of one table so far."""

    table_units: float = 0.0
    index_units: dict[str, float] = field(default_factory=dict)

    def add(self, other: Consumed) -> None:
        """Add what another part of the request consumed."""
        self.table_units += other.table_units
        for name, units in other.index_units.items():
            self.index_units[name] = self.index_units.get(name, 0.0) + units


def capacity_mode(body: Body) -> str:
    """Take ``ReturnConsumedCapacity``."""
    return choice(body, "ReturnConsumedCapacity", default="NONE")


def read_units(size_bytes: int, *, consistent: bool, transactional: bool = False) -> float:
    """Tell what a read of so many bytes costs."""
    units = max(1, -(-size_bytes // _READ_UNIT_BYTES))
    if transactional:
        return 2.0 * units
    return float(units) if consistent else units / 2


def written(
    table: StoredTable, old: Item | None, new: Item | None, *, transactional: bool = False
) -> Consumed:
    """Tell what a write costs: the larger of old and new item, and what changes in the indexes."""
    factor = 2 if transactional else 1
    size_bytes = max(item_size_bytes(item or {}) for item in (old, new))
    index_units = {
        index.name: float(factor * units)
        for index in table.indexes.values()
        if (units := _index_write_units(index, old, new))
    }
    return Consumed(table_units=float(factor * _write_units(size_bytes)), index_units=index_units)


def consumed_capacity(
    table: StoredTable, consumed: Consumed, mode: str, *, also: str | None = None
) -> dict[str, Any]:
    """Write ``ConsumedCapacity`` of one table; a transaction says ``ReadCapacityUnits`` … also."""

    def units(count: float) -> dict[str, float]:
        return {"CapacityUnits": count} if also is None else {"CapacityUnits": count, also: count}

    total = consumed.table_units + sum(consumed.index_units.values())
    written_out: dict[str, Any] = {"TableName": table.name, **units(total)}
    if mode != "INDEXES":
        return written_out
    written_out["Table"] = units(consumed.table_units)
    for name, count in consumed.index_units.items():
        kind = "Global" if table.indexes[name].is_global else "Local"
        written_out.setdefault(f"{kind}SecondaryIndexes", {})[name] = units(count)
    return written_out


def capacities_by_table(
    parts: Iterable[tuple[StoredTable, Consumed]], mode: str, *, also: str | None = None
) -> list[dict[str, Any]]:
    """Add up what the parts of a request consumed, table by table."""
    tables: dict[str, StoredTable] = {}
    consumed: dict[str, Consumed] = {}
    for table, one in parts:
        tables[table.name] = table
        consumed.setdefault(table.name, Consumed()).add(one)
    return [
        consumed_capacity(tables[name], units, mode, also=also) for name, units in consumed.items()
    ]


def _index_write_units(index: Index, old: Item | None, new: Item | None) -> int:
    before = index.project(old) if old is not None and index.accepts(old) else None
    after = index.project(new) if new is not None and index.accepts(new) else None
    if before == after:
        return 0
    sizes = [item_size_bytes(item) for item in (before, after) if item is not None]
    if before and after and index.keys.extract(before) != index.keys.extract(after):
        return sum(map(_write_units, sizes))
    return _write_units(max(sizes))


def _write_units(size_bytes: int) -> int:
    return max(1, -(-size_bytes // _WRITE_UNIT_BYTES))
