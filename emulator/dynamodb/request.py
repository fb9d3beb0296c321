"""Requests: members taken out of a body that ``request_check`` has held against AWS's model.

What the model requires is there, and everything that is there has the type that the model says.
"""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]


def string(body: Body, name: str) -> str | None:
    """Take a string; ``None`` if it is not there."""
    value: str | None = body.get(name)
    return value


def boolean(body: Body, name: str) -> bool:
    """Take a boolean; false if it is not there."""
    return bool(body.get(name))


def integer(body: Body, name: str) -> int | None:
    """Take an integer; ``None`` if it is not there."""
    value: int | None = body.get(name)
    return value


def mapping(body: Body, name: str) -> dict[str, Any] | None:
    """Take a map; ``None`` if it is not there."""
    value: dict[str, Any] | None = body.get(name)
    return value


def sequence(body: Body, name: str) -> list[Any] | None:
    """Take a list; ``None`` if it is not there."""
    value: list[Any] | None = body.get(name)
    return value


def choice(body: Body, name: str, *, default: str) -> str:
    """Take one of the values of an enumeration."""
    value: str = body.get(name) or default
    return value


def table_name(body: Body) -> str:
    """Take the name, or the ARN, of the table."""
    name: str = body["TableName"]
    return name
