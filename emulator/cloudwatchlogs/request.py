"""The body of a call: its members by name and kind, and the tokens between pages."""

from __future__ import annotations

import re
from typing import Any

from emulator.cloudwatchlogs.errors import invalid_parameter

Body = dict[str, Any]
Position = tuple[int, int]

_EVENT_ID = re.compile(r"(\d{20})(\d{36})")
_GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_IDENTIFIER = re.compile(r"[\w#+=/:,.@-]*")
_LONGEST_NAME = 512
_STREAM_NAME = re.compile(r"[^:*]{1,512}")


def string(body: Body, name: str) -> str | None:
    """Read an optional string."""
    found: str | None = _member(body, name, str)
    return found


def strings(body: Body, name: str) -> list[str]:
    """Read an optional list of strings."""
    found = _member(body, name, list) or []
    if not all(isinstance(each, str) for each in found):
        raise invalid_parameter(f"{name} must be a list of strings")
    return list(found)


def flag(body: Body, name: str) -> bool:
    """Read an optional boolean."""
    return bool(_member(body, name, bool))


def integer(body: Body, name: str) -> int | None:
    """Read an optional integer."""
    found: int | None = _member(body, name, int)
    if isinstance(found, bool):
        raise invalid_parameter(f"{name} must be a number")
    return found


def limit(body: Body, *, most: int) -> int:
    """Read ``limit``."""
    found = integer(body, "limit")
    if found is not None and not 1 <= found <= most:
        constraint = "less than or equal to " + str(most) if found > most else "greater than 0"
        raise invalid_parameter(
            f"1 validation error detected: Value '{found}' at 'limit' failed to satisfy constraint:"
            f" Member must have value {constraint}"
        )
    return found or most


def group_name(body: Body) -> str:
    """Read the group: ``logGroupName``, or ``logGroupIdentifier``, which may be an ARN."""
    name = string(body, "logGroupName")
    if name is None:
        identifier = string(body, "logGroupIdentifier") or ""
        name = re.sub(r"^arn:aws[\w-]*:logs:[^:]*:[^:]*:log-group:", "", identifier)
        if not _IDENTIFIER.fullmatch(identifier):  # the ARN with ``:*`` at its end, among others
            raise invalid_parameter(
                "1 validation error detected: Value at 'logGroupIdentifier' failed to satisfy"
                " constraint: Member must satisfy regular expression pattern: [\\w#+=/:,.@-]*"
            )
    if len(name) > _LONGEST_NAME:
        raise invalid_parameter(
            f"1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy"
            f" constraint: Member must have length less than or equal to {_LONGEST_NAME}"
        )
    if not _GROUP_NAME.fullmatch(name):
        raise invalid_parameter(
            f"1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy"
            " constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
        )
    return name


def stream_name(body: Body) -> str:
    """Read ``logStreamName``."""
    name = string(body, "logStreamName") or ""
    if not _STREAM_NAME.fullmatch(name):
        raise invalid_parameter(
            f"1 validation error detected: Value '{name}' at 'logStreamName' failed to satisfy"
            " constraint: Member must satisfy regular expression pattern: [^:*]*"
        )
    return name


def event_id(position: Position) -> str:
    """Write timestamp and number as the id of an event, which sorts as they do."""
    return f"{position[0]:020d}{position[1]:036d}"


def position_of(token: str) -> Position:
    """Read an id that is a token.

    Raises:
        ServiceError: ``InvalidParameterException``.
    """
    found = _EVENT_ID.fullmatch(token)
    if found is None:
        raise invalid_parameter("The specified nextToken is invalid.")
    return int(found[1]), int(found[2])


def _member(body: Body, name: str, kind: type) -> Any:
    value = body.get(name)
    if value is not None and not isinstance(value, kind):
        raise invalid_parameter(f"{name} is of the wrong type")
    return value
