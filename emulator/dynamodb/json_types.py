"""Wrong JSON types, refused in the words of the service's JSON reader.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
The words are Java's; they were recorded by https://github.com/architect/dynalite (``test/``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.dynamodb.errors import serialization_error

if TYPE_CHECKING:
    from emulator.errors import ServiceError

PACKAGE = "com.amazonaws.dynamodb.v20120810"
_TOKENS = {int: "NUMBER_VALUE", float: "DECIMAL_VALUE", str: "STRING_VALUE"}
_BOOLEANS = {"TRUE": True, "1": True, "YES": True, "FALSE": False, "0": False, "NO": False}


def to_boolean(value: object) -> bool:
    """Read a boolean; some strings are taken for one."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        if value.upper() in _BOOLEANS:
            return _BOOLEANS[value.upper()]
        raise serialization_error("Unexpected token received from parser")
    raise wrong_scalar(value, "Boolean")


def to_integer(value: object, java_type: str) -> int:
    """Read a whole number; a fraction is cut off."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong_scalar(value, java_type)
    try:
        return int(value)
    except OverflowError:  # Python has read a number without end as infinite
        raise wrong_scalar(value, java_type) from None


def to_string(value: object) -> str:
    """Read a string."""
    if not isinstance(value, str):
        raise wrong_scalar(value, "String")
    return value


def wrong_scalar(value: object, java_type: str) -> ServiceError:
    """Refuse a value where a ``String``, ``Boolean``, ``Long`` … belongs."""
    if isinstance(value, list):
        return serialization_error(f"Unrecognized collection type class java.lang.{java_type}")
    if isinstance(value, dict):
        return _unexpected_map()
    token = f"{str(value).upper()}_VALUE" if isinstance(value, bool) else _TOKENS.get(type(value))
    return serialization_error(f"{token} cannot be converted to {java_type}")


def wrong_binary(value: object) -> ServiceError:
    """Refuse a value where base64 belongs."""
    if isinstance(value, list):
        return serialization_error("Unrecognized collection type class java.nio.ByteBuffer")
    if isinstance(value, dict):
        return _unexpected_map()
    return serialization_error("only base-64-encoded strings are convertible to bytes")


def wrong_list(value: object) -> ServiceError:
    """Refuse a value where a list belongs."""
    if isinstance(value, dict):
        return _unexpected_map()
    return serialization_error("Unexpected field type")


def wrong_map(value: object, java_type: str) -> ServiceError:
    """Refuse a value where a map of such values belongs."""
    if isinstance(value, list):
        return serialization_error(
            f"Unrecognized collection type java.util.Map<java.lang.String, {java_type}>"
        )
    return serialization_error("Unexpected field type")


def wrong_structure(value: object, name: str, *, is_member: bool) -> ServiceError:
    """Refuse a value where a structure belongs: a member of another, or of a list or map."""
    if isinstance(value, list):
        return serialization_error(f"Unrecognized collection type class {PACKAGE}.{name}")
    if is_member:
        return serialization_error("Unexpected field type")
    return serialization_error("Unexpected value type in payload")


def wrong_parameterized(value: object, java_type: str) -> ServiceError:
    """Refuse a value where a collection inside a collection belongs; AWS's reader stumbles."""
    if isinstance(value, list):
        return wrong_map(value, java_type)
    if isinstance(value, dict):
        return _unexpected_map()
    parameterized = "sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl"
    return serialization_error(
        f"class {parameterized} cannot be cast to class java.lang.Class ({parameterized} and "
        "java.lang.Class are in module java.base of loader 'bootstrap')"
    )


def _unexpected_map() -> ServiceError:
    return serialization_error("Start of structure or map found where not expected")
