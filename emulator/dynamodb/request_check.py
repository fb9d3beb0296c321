"""Requests held against the service's model: first their JSON types, then their bounds.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
As on AWS, a wrong type is a serialization error by itself; what is missing or out of bounds is
collected, up to ten mistakes in one validation error.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.java_text import write_java
from emulator.dynamodb.json_types import (
    PACKAGE,
    to_boolean,
    to_integer,
    to_string,
    wrong_list,
    wrong_map,
    wrong_parameterized,
    wrong_structure,
)
from emulator.dynamodb.service_model import ATTRIBUTE_VALUE, TABLE_NAME, Shape, operation_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_MOST_ERRORS = 10
_TABLE_REQUESTS = (
    *("CreateTableInput", "DeleteTableInput", "DescribeTableInput", "UpdateTableInput"),
    *("DescribeTimeToLiveInput", "UpdateTimeToLiveInput"),
)


def check_request(api: str, operation: str, body: dict[str, Any]) -> None:
    """Check a request, and put into it what AWS's reader makes of it.

    Raises:
        ServiceError: ``SerializationException`` or ``ValidationException``.
    """
    shape = operation_inputs(api).get(operation)
    if shape is None:
        return
    _read_structure(body, shape)
    if shape.name in _TABLE_REQUESTS:
        _check_table_name(body.get("TableName"))
    errors = list(islice(_structure_errors(body, shape, ""), _MOST_ERRORS))
    if errors:
        plural = "s" if len(errors) > 1 else ""
        raise validation_error(
            f"{len(errors)} validation error{plural} detected: {'; '.join(errors)}"
        )


def _check_table_name(name: str | None) -> None:
    """Check the name of a table in the words of the operations on tables."""
    if name is None:
        raise validation_error(
            "The parameter 'TableName' is required but was not present in the request"
        )


# --- types ----------------------------------------------------------------------------------------


def _read_structure(value: dict[str, Any], shape: Shape) -> None:
    for name in [name for name, found in value.items() if _is_ignored(name, found, shape)]:
        del value[name]
    for name, member in shape.members.items():
        found = value.get(name)
        if found is not None:
            value[name] = _read(found, member, is_member=True)


def _is_ignored(name: str, found: object, shape: Shape) -> bool:
    return found is None or name not in shape.members


def _read(value: Any, shape: Shape, *, is_member: bool) -> Any:
    if shape.kind == "structure":
        if not isinstance(value, dict):
            raise wrong_structure(value, shape.name, is_member=is_member)
        if shape.name != ATTRIBUTE_VALUE:
            _read_structure(value, shape)
        return value
    if shape.element is not None:
        return _read_collection(value, shape, shape.element, is_member=is_member)
    return _SCALARS[shape.kind](value) if shape.kind in _SCALARS else value


def _read_collection(value: Any, shape: Shape, element: Shape, *, is_member: bool) -> Any:
    expected = list if shape.kind == "list" else dict
    if not isinstance(value, expected):
        if not is_member:
            raise wrong_parameterized(value, _java_type(element))
        raise wrong_list(value) if expected is list else wrong_map(value, _java_type(element))
    if element.name == ATTRIBUTE_VALUE:
        for one in value.values() if isinstance(value, dict) else value:
            if not isinstance(one, dict):
                raise wrong_structure(one, ATTRIBUTE_VALUE, is_member=False)
        return value
    if isinstance(value, list):
        return [_read(one, element, is_member=False) for one in value]
    return {
        name: _read(one, element, is_member=False) for name, one in value.items() if one is not None
    }


def _java_type(shape: Shape) -> str:
    if shape.kind == "string":
        return "java.lang.String"
    if shape.kind == "list" and shape.element is not None:
        return f"java.util.List<{_java_type(shape.element)}>"
    return f"{PACKAGE}.{ATTRIBUTE_VALUE if shape.kind == 'map' else shape.name}"


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "boolean": to_boolean,
    "integer": lambda value: to_integer(value, "Integer"),
    "long": lambda value: to_integer(value, "Long"),
    "string": to_string,
}


# --- bounds ---------------------------------------------------------------------------------------


def _structure_errors(value: dict[str, Any], shape: Shape, parent: str) -> Iterator[str]:
    for name, member in shape.members.items():
        path = f"{parent}{name[0].lower()}{name[1:]}"
        found = value.get(name)
        if found is not None:
            yield from _errors(found, member, path)
        elif name in shape.required:
            yield _error(None, path, "Member must not be null", member)


def _errors(value: Any, shape: Shape, path: str) -> Iterator[str]:
    for rule in _broken_rules(value, shape):
        yield _error(value, path, rule, shape)
    if shape.kind == "structure":
        yield from _structure_errors(value, shape, f"{path}.")
    elif shape.element is not None and shape.element.name != ATTRIBUTE_VALUE:
        yield from _element_errors(value, shape, shape.element, path)


def _element_errors(value: Any, shape: Shape, element: Shape, path: str) -> Iterator[str]:
    named = enumerate(value, 1) if shape.kind == "list" else value.items()
    for name, one in named:
        if shape.kind == "map" and shape.key is not None and any(_broken_rules(name, shape.key)):
            yield _error(
                value, path, f"Map keys must satisfy constraint: {_rules(shape.key)}", shape
            )
        if shape.kind == "map" and element.kind == "list" and any(_broken_rules(one, element)):
            yield _error(
                value, path, f"Map value must satisfy constraint: {_rules(element)}", shape
            )
        else:
            yield from _errors(one, element, f"{path}.{name}.member")


def _broken_rules(value: Any, shape: Shape) -> Iterator[str]:
    if shape.name == TABLE_NAME and value.startswith("arn:"):
        return
    is_empty = shape.minimum == 1 and not value
    if shape.pattern is not None and not is_empty and not re.fullmatch(shape.pattern, value):
        yield f"Member must satisfy regular expression pattern: {shape.pattern}"
    if shape.choices and value not in shape.choices:
        yield f"Member must satisfy enum value set: [{', '.join(shape.choices)}]"
    size = value if isinstance(value, int) else len(value)
    measure = "value" if isinstance(value, int) else "length"
    if shape.minimum is not None and size < shape.minimum:
        yield f"Member must have {measure} greater than or equal to {shape.minimum}"
    if shape.maximum is not None and size > shape.maximum:
        yield f"Member must have {measure} less than or equal to {shape.maximum}"


def _rules(shape: Shape) -> str:
    """List the rules of a map's keys or values, which are named all together."""
    rules = [
        f"Member must have length less than or equal to {shape.maximum}",
        f"Member must have length greater than or equal to {shape.minimum}",
    ]
    if shape.pattern is not None:
        rules.append(f"Member must satisfy regular expression pattern: {shape.pattern}")
    return f"[{', '.join(rules)}]"


def _error(value: object, path: str, rule: str, shape: Shape) -> str:
    if value is None:
        return f"Value null at '{path}' failed to satisfy constraint: {rule}"
    if not shape.is_shown and not rule.startswith("Map"):
        head, dot, tail = path.rpartition(".")
        path = f"{head}{dot}{tail[0].upper()}{tail[1:]}"
        return f"Value at '{path[0].upper()}{path[1:]}' failed to satisfy constraint: {rule}"
    if shape.name == "BatchGetRequestMap":
        written = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    else:
        written = write_java(value, shape)
    return f"Value '{written}' at '{path}' failed to satisfy constraint: {rule}"
