"""Requests: members taken out of their JSON with the types that the API says.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.dynamodb.attribute_value import wrong_json_type
from emulator.dynamodb.errors import serialization_error, validation_error

if TYPE_CHECKING:
    from emulator.errors import ServiceError

Body = dict[str, Any]

_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]+")
_MAXIMUM_TABLE_NAME = 1024


def string(body: Body, name: str) -> str | None:
    """Take a string; ``None`` if it is not there."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise wrong_json_type(value, "String")
    return value


def boolean(body: Body, name: str) -> bool:
    """Take a boolean; false if it is not there."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong_json_type(value, "Boolean")
    return bool(value)


def integer(body: Body, name: str, *, minimum: int, maximum: int | None = None) -> int | None:
    """Take an integer in a range; ``None`` if it is not there."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_json_type(value, "Integer")
    if value < minimum:
        raise constraint(value, name, f"Member must have value greater than or equal to {minimum}")
    if maximum is not None and value > maximum:
        raise constraint(value, name, f"Member must have value less than or equal to {maximum}")
    return value


def mapping(body: Body, name: str) -> dict[str, Any] | None:
    """Take a map; ``None`` if it is not there."""
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise serialization_error("Unexpected field type")
    return value


def sequence(body: Body, name: str) -> list[Any] | None:
    """Take a list; ``None`` if it is not there."""
    value = body.get(name)
    if value is not None and not isinstance(value, list):
        raise serialization_error("Unexpected field type")
    return value


def required_mapping(body: Body, name: str) -> dict[str, Any]:
    """Take a map that must be there."""
    value = mapping(body, name)
    if value is None:
        raise missing(name)
    return value


def required_sequence(body: Body, name: str) -> list[Any]:
    """Take a list that must be there."""
    value = sequence(body, name)
    if value is None:
        raise missing(name)
    return value


def choice(body: Body, name: str, choices: tuple[str, ...], *, default: str) -> str:
    """Take one of the values of an enumeration."""
    value = string(body, name)
    if value is None:
        return default
    if value not in choices:
        raise constraint(
            f"'{value}'", name, f"Member must satisfy enum value set: [{', '.join(choices)}]"
        )
    return value


def table_name(body: Body) -> str:
    """Take the name, or the ARN, of the table."""
    name = string(body, "TableName")
    if name is None:
        raise missing("TableName")
    check_table_name(name)
    return name


def check_table_name(name: str) -> None:
    """Refuse what cannot be the name or ARN of a table."""
    if not name or len(name) > _MAXIMUM_TABLE_NAME:
        bound = "greater than or equal to 1" if not name else "less than or equal to 1024"
        raise constraint(f"'{name}'", "TableName", f"Member must have length {bound}")
    if not name.startswith("arn:") and not _TABLE_NAME.fullmatch(name):
        raise constraint(
            f"'{name}'",
            "TableName",
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        )


def missing(name: str) -> ServiceError:
    """Refuse a request without a member that it needs."""
    return constraint("null", name, "Member must not be null")


def constraint(value: object, name: str, rule: str) -> ServiceError:
    """Refuse a member's value, in the words of the service's model."""
    member = name[0].lower() + name[1:]
    written = value if isinstance(value, str) else f"'{value}'"
    return validation_error(
        f"1 validation error detected: Value {written} at '{member}' "
        f"failed to satisfy constraint: {rule}"
    )
