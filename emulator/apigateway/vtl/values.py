"""Values of a template: how Java spells, compares and computes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class RenderingError(Exception):
    """A template failed on the values of a request; API Gateway answers 500."""


class JsonList(list[Any]):
    """A list out of a JSON document; unlike one made in the template it is spelled as JSON."""


def from_json(value: Any) -> Any:
    """Take over a parsed JSON document."""
    if isinstance(value, list):
        return JsonList(from_json(item) for item in value)
    if isinstance(value, dict):
        return {name: from_json(member) for name, member in value.items()}
    return value


def spell(value: Any) -> str:
    """Write a value into the output; a map as ``{a=1, b=2}``, as recorded from AWS."""
    if isinstance(value, str):
        return value
    if isinstance(value, JsonList):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(spell(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}={spell(member)}' for name, member in value.items())}}}"
    return json.dumps(value)


def is_true(value: Any) -> bool:
    """Tell what ``#if`` makes of a value: only null and false are false."""
    return value is not None and value is not False


def compute(operator: str, left: Any, right: Any) -> Any:
    """Apply a binary operator; ``null`` where the operands have no such operation."""
    if operator in _EQUALITY:
        return _EQUALITY[operator](_equals(left, right))
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        return spell(left) + spell(right)
    if _is_number(left) and _is_number(right):
        return _calculate(operator, left, right)
    return None


def _equals(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    # Velocity compares values of different classes by how they are spelled.
    return bool(left == right) if type(left) is type(right) else spell(left) == spell(right)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _calculate(operator: str, left: float, right: float) -> Any:
    try:
        return _ARITHMETIC[operator](left, right)
    except (ZeroDivisionError, OverflowError):
        return None


def _divide(left: float, right: float) -> float:
    """Divide as Java does: integers stay integers, towards zero."""
    if isinstance(left, int) and isinstance(right, int):
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    return left / right


def _remainder(left: float, right: float) -> float:
    return left - right * int(_divide(left, right))


_EQUALITY: dict[str, Callable[[bool], bool]] = {
    "==": lambda equal: equal,
    "!=": lambda equal: not equal,
}
_ARITHMETIC: dict[str, Callable[[float, float], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "%": _remainder,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
