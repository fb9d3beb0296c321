"""Event patterns of EventBridge: which events a rule asks for.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
An operator that is not documented is refused by name, as EventBridge does.
"""

from __future__ import annotations

import ipaddress
import json
import operator
import re
from typing import TYPE_CHECKING, Any

from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}


def parse_pattern(text: str) -> dict[str, Any]:
    """Read a pattern.

    Raises:
        ServiceError: ``InvalidEventPatternException``, as ``PutRule`` refuses it.
    """
    try:
        pattern = json.loads(text)
    except (ValueError, RecursionError):
        pattern = None
    if not isinstance(pattern, dict):
        raise _invalid("Filter is not an object")
    _check(pattern)
    return pattern


def matches_pattern(pattern: Mapping[str, Any], event: Any) -> bool:
    """Tell whether an event has everything that a pattern asks for."""
    if isinstance(event, list):  # of objects: one of them must have it all
        return any(matches_pattern(pattern, item) for item in event)
    members = event if isinstance(event, dict) else {}
    return all(_member_matches(name, wanted, members) for name, wanted in pattern.items())


def _member_matches(name: str, wanted: Any, members: Mapping[str, Any]) -> bool:
    if name == "$or":
        return any(matches_pattern(choice, members) for choice in wanted)
    if isinstance(wanted, dict):
        return matches_pattern(wanted, members.get(name))
    values = list(_values(members, name))
    return any(_rule_matches(rule, values) for rule in wanted)


def _values(members: Mapping[str, Any], name: str) -> Iterator[Any]:
    """Give the leaf values of a member; a list has each of its own."""
    if name not in members:
        return
    value = members[name]
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict | list):
            yield item


def _rule_matches(rule: Any, values: list[Any]) -> bool:
    if not isinstance(rule, dict):
        return any(_equal(rule, value) for value in values)
    name, wanted = next(iter(rule.items()))
    if name == "exists":
        return bool(values) is wanted
    matches = _OPERATORS[name]
    return any(matches(wanted, value) for value in values)


def _equal(wanted: Any, value: Any) -> bool:
    # JSON's true is not its 1.
    return bool(wanted == value) and isinstance(wanted, bool) == isinstance(value, bool)


def _affix(method: str) -> Callable[[Any, Any], bool]:
    def matches(wanted: Any, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        if isinstance(wanted, dict):
            wanted, value = wanted["equals-ignore-case"].lower(), value.lower()
        return bool(getattr(value, method)(wanted))

    return matches


def _ignoring_case(wanted: Any, value: Any) -> bool:
    return isinstance(value, str) and value.lower() == str(wanted).lower()


def _wildcard(wanted: Any, value: Any) -> bool:
    pieces = re.split(r"(\\.|\*)", str(wanted))
    pattern = "".join(
        ".*" if piece == "*" else re.escape(piece.removeprefix("\\")) for piece in pieces
    )
    return isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL) is not None


def _numeric(wanted: Any, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    pairs = zip(wanted[::2], wanted[1::2], strict=True)
    return all(_COMPARISONS[comparison](value, number) for comparison, number in pairs)


def _cidr(wanted: Any, value: Any) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _anything_but(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, dict):
        choices = wanted if isinstance(wanted, list) else [wanted]
        return not any(_equal(choice, value) for choice in choices)
    name, inner = next(iter(wanted.items()))
    choices = inner if isinstance(inner, list) else [inner]
    return not any(_OPERATORS[name](choice, value) for choice in choices)


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _ignoring_case,
    "exists": lambda wanted, _: bool(wanted),
    "numeric": _numeric,
    "prefix": _affix("startswith"),
    "suffix": _affix("endswith"),
    "wildcard": _wildcard,
}


def _check(pattern: Mapping[str, Any]) -> None:
    for name, wanted in pattern.items():
        if isinstance(wanted, dict):
            _check(wanted)
        elif not isinstance(wanted, list):
            raise _invalid(f'"{name}" must be an object or an array')
        elif not wanted:
            raise _invalid("Empty arrays are not allowed")
        for item in wanted if isinstance(wanted, list) else ():
            _check_choice(item) if name == "$or" else _check_rule(name, item)


def _check_choice(choice: Any) -> None:
    if not isinstance(choice, dict):
        raise _invalid('"$or" must be an array of objects')
    _check(choice)


def _check_rule(name: str, rule: Any) -> None:
    if isinstance(rule, list):
        raise _invalid(f'"{name}" has an array in its array')
    if not isinstance(rule, dict):
        return
    if len(rule) != 1:
        raise _invalid("Only one key allowed in match expression")
    kind, wanted = next(iter(rule.items()))
    if kind not in _OPERATORS:
        raise _invalid(f"Unrecognized match type {kind}")
    if kind == "exists" and not isinstance(wanted, bool):
        raise _invalid("exists match pattern must be either true or false.")
    if kind == "numeric":
        _check_numeric(wanted)


def _check_numeric(wanted: Any) -> None:
    if not isinstance(wanted, list) or not wanted or len(wanted) % 2:
        raise _invalid("Value of numeric must be an array.")
    for comparison, number in zip(wanted[::2], wanted[1::2], strict=True):
        if comparison not in _COMPARISONS:
            raise _invalid(f"Unrecognized numeric range operator: {comparison}")
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise _invalid("Value of numeric range must be numeric")


def _invalid(reason: str) -> ServiceError:
    return ServiceError(
        "InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}"
    )
