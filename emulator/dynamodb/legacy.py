"""Legacy parameters, from before expressions: translated to what expressions become.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
``Expected``, ``QueryFilter`` and ``ScanFilter`` become conditions, ``AttributeUpdates`` an update;
``KeyConditions`` are read by ``key_condition``, ``AttributesToGet`` by ``projection``.
"""

from __future__ import annotations

import json
from functools import reduce
from typing import TYPE_CHECKING, Any

from emulator.dynamodb.attribute_value import AttributeValue, normalise, type_of
from emulator.dynamodb.errors import invalid_parameter, validation_error
from emulator.dynamodb.expressions.conditions import (
    ORDERED_TYPES,
    SETS,
    And,
    AttributeExists,
    BeginsWith,
    Between,
    Comparison,
    Condition,
    Contains,
    In,
    Literal,
    Not,
    Or,
    Path,
    compare,
)
from emulator.dynamodb.expressions.updates import Action, Given, LegacyUpdate, Update
from emulator.dynamodb.item_size import check_name_sizes
from emulator.dynamodb.request import Body, choice, mapping, sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

COMPARATORS = {"EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
_ALLOWED_TYPES = {
    **dict.fromkeys(("LT", "LE", "GT", "GE", "BETWEEN", "IN"), ORDERED_TYPES),
    **dict.fromkeys(("CONTAINS", "NOT_CONTAINS"), (*ORDERED_TYPES, "BOOL", "NULL", "L", "M")),
    "BEGINS_WITH": ("S", "B"),
}
_ARGUMENT_COUNTS = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2}


def refuse_mixture(body: Body, legacy: tuple[str, ...], expressions: tuple[str, ...]) -> None:
    """Refuse a request that has both legacy parameters and expressions."""
    old = [name for name in legacy if body.get(name) is not None]
    new = [name for name in expressions if body.get(name) is not None]
    if old and new:
        raise validation_error(
            "Can not use both expression and non-expression parameters in the same request: "
            f"Non-expression parameters: {{{', '.join(old)}}} "
            f"Expression parameters: {{{', '.join(new)}}}"
        )


def expected_condition(body: Body) -> Condition | None:
    """Translate ``Expected``."""
    expected = mapping(body, "Expected")
    if not expected:
        return None
    return _joined(body, (_expectation(name, rule) for name, rule in expected.items()))


def filter_condition(body: Body, name: str) -> Condition | None:
    """Translate ``QueryFilter`` or ``ScanFilter``."""
    filters = mapping(body, name)
    if not filters:
        return None
    return _joined(
        body, (_compared(attribute, *comparison(rule)) for attribute, rule in filters.items())
    )


def comparison(rule: dict[str, Any]) -> tuple[str, list[AttributeValue]]:
    """Read ``ComparisonOperator`` and ``AttributeValueList``."""
    operator = choice(rule, "ComparisonOperator", default="EQ")
    values = [normalise(value) for value in sequence(rule, "AttributeValueList") or ()]
    wanted = _ARGUMENT_COUNTS.get(operator, 1)
    if (len(values) < 1) if operator == "IN" else (len(values) != wanted):
        raise invalid_parameter(
            f"Invalid number of argument(s) for the {operator} ComparisonOperator"
        )
    if len({type_of(value) for value in values}) > 1:
        raise invalid_parameter("AttributeValues inside AttributeValueList must be of same type")
    allowed = _ALLOWED_TYPES.get(operator)
    for value in values:
        if allowed is not None and type_of(value) not in allowed:
            raise invalid_parameter(
                f"ComparisonOperator {operator} is not valid for {type_of(value)} "
                "AttributeValue type"
            )
    if operator == "BETWEEN" and compare(">", *values):
        raise validation_error(
            "The BETWEEN condition was provided a range where the lower bound is greater than "
            "the upper bound"
        )
    return operator, values


def legacy_update(body: Body) -> Update | None:
    """Translate ``AttributeUpdates``."""
    updates = mapping(body, "AttributeUpdates")
    if updates is None:
        return None
    check_name_sizes(updates)
    return LegacyUpdate(tuple(_action(name, update) for name, update in updates.items()))


def _joined(body: Body, conditions: Iterable[Condition]) -> Condition:
    operator = choice(body, "ConditionalOperator", default="AND")
    join: Callable[[Condition, Condition], Condition] = Or if operator == "OR" else And
    return reduce(join, conditions)


def _expectation(name: str, rule: dict[str, Any]) -> Condition:
    _check_together(name, rule)
    if "ComparisonOperator" in rule:
        if "Value" in rule:
            rule = {**rule, "AttributeValueList": [rule["Value"]]}
        return _compared(name, *comparison(rule))
    if "Value" in rule:
        return Comparison("=", Path((name,)), Literal(normalise(rule["Value"])))
    return Not(AttributeExists(Path((name,))))


def _check_together(name: str, rule: dict[str, Any]) -> None:
    """Refuse members of one expectation that do not go together, or not without another."""
    operator, exists = rule.get("ComparisonOperator"), rule.get("Exists")
    has_values = "Value" in rule or "AttributeValueList" in rule
    problems = {
        "Value and AttributeValueList cannot be used together": (
            "Value" in rule and "AttributeValueList" in rule
        ),
        "Exists and ComparisonOperator cannot be used together": operator and exists is not None,
        f"Value or AttributeValueList must be used with ComparisonOperator: {operator}": (
            operator not in (None, "NULL", "NOT_NULL") and not has_values
        ),
        "AttributeValueList can only be used with a ComparisonOperator": (
            operator is None and "AttributeValueList" in rule
        ),
        f"Value must be provided when Exists is {json.dumps(exists)}": (
            operator is None and exists is not False and "Value" not in rule
        ),
        "Value cannot be used when Exists is false": exists is False and "Value" in rule,
    }
    for problem, found in problems.items():
        if found:
            raise invalid_parameter(f"{problem} for Attribute: {name}")


def _compared(name: str, operator: str, values: list[AttributeValue]) -> Condition:
    path, literals = Path((name,)), tuple(Literal(value) for value in values)
    if operator in COMPARATORS:
        return Comparison(COMPARATORS[operator], path, literals[0])
    builders: dict[str, Callable[[], Condition]] = {
        "NULL": lambda: Not(AttributeExists(path)),
        "NOT_NULL": lambda: AttributeExists(path),
        "CONTAINS": lambda: Contains(path, literals[0]),
        # An attribute that is not there does not count as not containing.
        "NOT_CONTAINS": lambda: And(AttributeExists(path), Not(Contains(path, literals[0]))),
        "BEGINS_WITH": lambda: BeginsWith(path, literals[0]),
        "IN": lambda: In(path, literals),
        "BETWEEN": lambda: Between(path, literals[0], literals[1]),
    }
    return builders[operator]()


def _action(name: str, update: dict[str, Any]) -> Action:
    action = choice(update, "Action", default="PUT")
    if "Value" not in update:
        if action != "DELETE":
            raise invalid_parameter(
                "Only DELETE action is allowed when no attribute value is specified"
            )
        return Action("REMOVE", (name,))
    value = normalise(update["Value"])
    allowed = {"ADD": (*SETS, "N", "L"), "DELETE": SETS}.get(action)
    with_value = " with value" if action == "DELETE" else ""
    if allowed is not None and type_of(value) not in allowed:
        raise invalid_parameter(
            f"{action} action{with_value} is not supported for the type {type_of(value)}"
        )
    return Action("SET" if action == "PUT" else action, (name,), Given(value))
