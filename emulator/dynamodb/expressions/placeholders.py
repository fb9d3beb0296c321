"""``ExpressionAttributeNames`` and ``ExpressionAttributeValues`` of one request.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.dynamodb.attribute_value import normalise
from emulator.dynamodb.errors import RewordedError, validation_error
from emulator.dynamodb.item_size import check_name_sizes
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import AttributeValue

_NAME_KEY = re.compile(r"#[A-Za-z0-9_]+")
_VALUE_KEY = re.compile(r":[A-Za-z0-9_]+")


class Placeholders:
    """What ``#name`` and ``:value`` stand for, and which of them an expression has used."""

    def __init__(self, body: dict[str, Any], expressions: tuple[str, ...]) -> None:
        names = body.get("ExpressionAttributeNames")
        values = body.get("ExpressionAttributeValues")
        present = any(body.get(name) is not None for name in expressions)
        self._names = {} if names is None else _names(names, present=present)
        self._values = {} if values is None else _values(values, expressions, present=present)
        self._used: set[str] = set()

    def name(self, placeholder: str) -> str | None:
        """Look up ``#name``; ``None`` if it is not defined."""
        self._used.add(placeholder)
        return self._names.get(placeholder)

    def value(self, placeholder: str) -> AttributeValue | None:
        """Look up ``:value``; ``None`` if it is not defined."""
        self._used.add(placeholder)
        return self._values.get(placeholder)

    def check_all_used(self) -> None:
        """Refuse placeholders that no expression mentions, after all of them were read."""
        for kind, defined in (("Names", self._names), ("Values", self._values)):
            unused = ", ".join(key for key in defined if key not in self._used)
            if unused:
                raise validation_error(
                    f"Value provided in ExpressionAttribute{kind} unused in expressions: "
                    f"keys: {{{unused}}}"
                )


def _names(names: dict[str, str], *, present: bool) -> dict[str, str]:
    if not present:
        raise validation_error(
            "ExpressionAttributeNames can only be specified when using expressions"
        )
    if not names:
        raise validation_error("ExpressionAttributeNames must not be empty")
    for key in names:
        if not _NAME_KEY.fullmatch(key):
            raise _invalid_key("Names", key)
    check_name_sizes(names.values())
    return names


def _values(
    values: dict[str, Any], expressions: tuple[str, ...], *, present: bool
) -> dict[str, AttributeValue]:
    if not present:
        # A projection has no values.
        expressions = tuple(name for name in expressions if name != "ProjectionExpression")
        text = "ExpressionAttributeValues can only be specified when using expressions"
        absent = f"{' and '.join(expressions)} {'is' if len(expressions) == 1 else 'are'} null"
        raise RewordedError(text, older=f"{text}: {absent}")
    if not values:
        raise validation_error("ExpressionAttributeValues must not be empty")
    return {key: _value(key, value) for key, value in values.items()}


def _value(key: str, value: object) -> AttributeValue:
    if not _VALUE_KEY.fullmatch(key):
        raise _invalid_key("Values", key)
    try:
        return normalise(value)
    except RewordedError as error:
        raise RewordedError(error.message, older=_wrapped(error.older, key)) from error
    except ServiceError as error:
        if error.code != "ValidationException":
            raise
        raise validation_error(_wrapped(error.message, key)) from error


def _wrapped(message: str, key: str) -> str:
    return f"ExpressionAttributeValues contains invalid value: {message} for key {key}"


def _invalid_key(kind: str, key: str) -> ServiceError:
    return validation_error(
        f'ExpressionAttribute{kind} contains invalid key: Syntax error; key: "{key}"'
    )
