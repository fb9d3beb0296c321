"""Attribute values: checked and brought into normal form at the boundary, trusted behind it.

An attribute value stays what it is on the wire, ``{"S": "a"}``; nothing is converted twice.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from emulator.dynamodb.errors import RewordedError, serialization_error, validation_error
from emulator.dynamodb.json_types import (
    PACKAGE,
    to_boolean,
    to_string,
    wrong_binary,
    wrong_list,
    wrong_map,
    wrong_structure,
)
from emulator.dynamodb.number import normalise_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.errors import ServiceError

AttributeValue = dict[str, Any]
Item = dict[str, AttributeValue]

MAXIMUM_DEPTH = 32
TOO_DEEP = (
    "Nesting Levels have exceeded supported limits: "
    "Attributes in the item have nested levels beyond supported limit"
)
_INVALID = "One or more parameter values were invalid: "
_ONE_TYPE = "must contain exactly one of the supported datatypes"


def normalise_item(item: object) -> Item:
    """Check every attribute of an item and normalise it."""
    if not isinstance(item, dict):
        raise wrong_map(item, f"{PACKAGE}.AttributeValue")
    if "" in item:
        raise validation_error("Empty attribute name")
    return {name: normalise(value) for name, value in item.items()}


def normalise(value: object, depth: int = 0) -> AttributeValue:
    """Check one attribute value and normalise its numbers.

    Raises:
        ServiceError: ``ValidationException`` or ``SerializationException``, in AWS's words.
    """
    if not isinstance(value, dict):
        raise wrong_structure(value, "AttributeValue", is_member=False)
    if len(value) == 1:
        [(type_name, content)] = value.items()
        if type_name == "S" and type(content) is str:
            return value
    if len(value) != 1 or content is None:
        type_name, content = _only_type(value)
    check = _CHECKS.get(type_name)
    if check is None:
        raise validation_error(f"Supplied AttributeValue is empty, {_ONE_TYPE}")
    return {type_name: check(content, depth)}


def type_of(value: AttributeValue) -> str:
    """Name the type of a normal attribute value: ``S``, ``N`` …."""
    return next(iter(value))


def _only_type(value: AttributeValue) -> tuple[str, Any]:
    # Some SDKs write the types that a value has not as null.
    present = [
        (name, content)
        for name, content in value.items()
        if name in _CHECKS and content is not None
    ]
    if not present:
        raise validation_error(f"Supplied AttributeValue is empty, {_ONE_TYPE}")
    if len(present) > 1:
        raise validation_error(
            f"Supplied AttributeValue has more than one datatypes set, {_ONE_TYPE}"
        )
    return present[0]


def _string(content: object, _depth: int) -> str:
    return to_string(content)


def _number(content: object, _depth: int) -> str:
    return normalise_number(to_string(content))


def _binary(content: object, _depth: int) -> str:
    if not isinstance(content, str):
        raise wrong_binary(content)
    if len(content) % 4:
        raise serialization_error(
            f"Base64 encoded length is expected a multiple of 4 bytes but found: {len(content)}"
        )
    try:
        canonical = base64.b64encode(base64.b64decode(content, validate=True)).decode()
    except (binascii.Error, ValueError):
        canonical = ""
    if canonical != content:
        # The word is misspelt by AWS.
        raise serialization_error("Invalid last non-pad Base64 character dectected")
    return content


def _boolean(content: object, _depth: int) -> bool:
    return to_boolean(content)


def _null(content: object, _depth: int) -> bool:
    if not to_boolean(content):
        raise _reworded(f"{_INVALID}Null attribute value types must have the value of true")
    return True


def _list(content: object, depth: int) -> list[AttributeValue]:
    if not isinstance(content, list):
        raise wrong_list(content)
    _check_depth(content, depth)
    return [normalise(member, depth + 1) for member in content]


def _map(content: object, depth: int) -> Item:
    if not isinstance(content, dict):
        raise wrong_map(content, f"{PACKAGE}.AttributeValue")
    _check_depth(content, depth)
    return {name: normalise(member, depth + 1) for name, member in content.items()}


def _check_depth(members: list[Any] | dict[str, Any], depth: int) -> None:
    if members and depth + 1 >= MAXIMUM_DEPTH:
        raise _reworded(TOO_DEEP)


def _set_of(
    check: Callable[[object, int], str], empty: str, duplicates: Callable[[list[str]], ServiceError]
) -> Callable[[object, int], list[str]]:
    def check_set(content: object, _depth: int) -> list[str]:
        if not isinstance(content, list):
            raise wrong_list(content)
        if not content:
            raise _reworded(f"{_INVALID}{empty}")
        members = [check(member, 0) for member in content]
        if len(set(members)) != len(members):
            raise duplicates(members)
        return members

    return check_set


def _reworded(message: str) -> ServiceError:
    """Refuse a value in the same words everywhere, but in a wrapper where the older checker is."""
    return RewordedError(message, older=message)


def _duplicate_strings(members: list[str]) -> ServiceError:
    shown = ", ".join(f'"{member}"' for member in _up_to_repeat(members))
    return RewordedError(
        f"{_INVALID}Input collection [{shown}] contains duplicates.",
        older=f"{_INVALID}Input collection [{', '.join(members)}] contains duplicates.",
    )


def _duplicate_numbers(_members: list[str]) -> ServiceError:
    return RewordedError(
        f"{_INVALID}Input collection contains duplicates.",
        older="Input collection contains duplicates",
    )


def _duplicate_binaries(members: list[str]) -> ServiceError:
    shown = ",".join(f'"{member}"' for member in _up_to_repeat(members, base64.b64decode))
    return RewordedError(
        f"{_INVALID}Input collection [{shown}]of type BS contains duplicates.",
        older=f"{_INVALID}Input collection [{', '.join(members)}]of type BS contains duplicates.",
    )


def _up_to_repeat(members: list[str], key: Callable[[str], bytes] = str.encode) -> list[str]:
    """Sort what comes before the first repeat, as a set that is being filled has it."""
    place = next(place for place, member in enumerate(members) if member in members[:place])
    return [*sorted(members[:place], key=key), *members[place:]]


_CHECKS: dict[str, Callable[[object, int], Any]] = {
    "S": _string,
    "N": _number,
    "B": _binary,
    "BOOL": _boolean,
    "NULL": _null,
    "L": _list,
    "M": _map,
    "SS": _set_of(_string, "An string set  may not be empty", _duplicate_strings),
    "NS": _set_of(_number, "An number set  may not be empty", _duplicate_numbers),
    "BS": _set_of(_binary, "Binary sets should not be empty", _duplicate_binaries),
}
