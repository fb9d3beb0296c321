"""How large an item is, as DynamoDB counts it for limits, pages and capacity.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.errors import validation_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulator.dynamodb.attribute_value import AttributeValue, Item

MAXIMUM_ITEM_BYTES = 400 * 1024
_COLLECTION_BYTES = 3
_NAME_BYTES = 65536
_BYTES_PER_CHARACTER = 4


def check_item_size(item: Item) -> None:
    """Refuse an item that is to be put and is too large."""
    size = item_size_bytes(item)
    if size >= _NAME_BYTES:
        check_name_sizes(item)
    if size > MAXIMUM_ITEM_BYTES:
        raise validation_error("Item size has exceeded the maximum allowed size")


def check_name_sizes(names: Iterable[str]) -> None:
    """Refuse names of attributes that no item can have."""
    for name in names:
        if len(name) * _BYTES_PER_CHARACTER >= _NAME_BYTES <= len(name.encode()):
            raise validation_error("Attribute name is too large, must be less than 65536 bytes")


def item_size_bytes(item: Item) -> int:
    """Add up names and values."""
    return sum(len(name.encode()) + value_size_bytes(value) for name, value in item.items())


def value_size_bytes(value: AttributeValue) -> int:
    """Size of one attribute value, without its name."""
    [(type_name, content)] = value.items()
    return _SIZES[type_name](content)


def _string(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _number(text: str) -> int:
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


def _binary(text: str) -> int:
    return len(text) * 3 // 4 - text.count("=", -2)


def _list(members: list[AttributeValue]) -> int:
    return _COLLECTION_BYTES + sum(1 + value_size_bytes(member) for member in members)


def _map(members: Item) -> int:
    return _COLLECTION_BYTES + len(members) + item_size_bytes(members)


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _string,
    "N": _number,
    "B": _binary,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "L": _list,
    "M": _map,
    "SS": lambda members: sum(map(_string, members)),
    "NS": lambda members: sum(map(_number, members)),
    "BS": lambda members: sum(map(_binary, members)),
}
