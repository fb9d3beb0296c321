"""Key conditions: which partition a query reads, and which part of it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.dynamodb.errors import invalid_parameter, validation_error
from emulator.dynamodb.expressions.condition_parser import parse_condition
from emulator.dynamodb.expressions.conditions import (
    And,
    AttributeExists,
    AttributeType,
    BeginsWith,
    Between,
    Comparison,
    Condition,
    Contains,
    In,
    Literal,
    Not,
    Operand,
    Or,
    Path,
    Size,
)
from emulator.dynamodb.item_reader import AFTER_ALL, SortRange
from emulator.dynamodb.keys import encode_key_value, slot_of
from emulator.dynamodb.legacy import COMPARATORS, comparison
from emulator.dynamodb.request import Body, mapping, string

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import AttributeValue
    from emulator.dynamodb.expressions.placeholders import Placeholders
    from emulator.dynamodb.keys import KeyAttribute, KeyAttributes
    from emulator.errors import ServiceError

NAME = "KeyConditionExpression"
_LEGACY_OPERATORS = {**COMPARATORS, "BETWEEN": "BETWEEN", "BEGINS_WITH": "begins_with"}
_FORBIDDEN = {
    Or: "OR",
    Not: "NOT",
    In: "IN",
    Contains: "contains",
    AttributeExists: "attribute_exists",
    AttributeType: "attribute_type",
}
_MAXIMUM_RULES = 2
_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRule:
    """What a query says of one key attribute."""

    operator: str
    values: tuple[AttributeValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRange:
    """The part of a table or index that a query reads."""

    partition: tuple[int, bytes]
    sort_range: SortRange


def key_rules(body: Body, placeholders: Placeholders) -> dict[str, KeyRule]:
    """Read ``KeyConditionExpression`` or ``KeyConditions``: a rule for each attribute."""
    expression = string(body, NAME)
    if expression is not None:
        rules: dict[str, KeyRule] = {}
        for condition in _terms(parse_condition(NAME, expression, placeholders)):
            name, rule = _rule(condition)
            if name in rules:
                raise validation_error(
                    "KeyConditionExpressions must only contain one condition per key"
                )
            rules[name] = rule
        return rules
    conditions = mapping(body, "KeyConditions")
    if conditions is None:
        raise validation_error(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified "
            "in the request."
        )
    return {name: _legacy_rule(condition) for name, condition in conditions.items()}


def key_range(keys: KeyAttributes, rules: dict[str, KeyRule]) -> KeyRange:
    """Find the range that the rules describe.

    Raises:
        ServiceError: ``ValidationException`` when they do not fit the key schema.
    """
    if len(rules) > _MAXIMUM_RULES:
        raise validation_error("Conditions can be of length 1 or 2 only")
    if len(rules) > len(keys.names):
        raise _not_supported()
    rule = _rule_for(keys.partition, rules)
    if rule.operator != "=":
        raise validation_error("Query key condition not supported")
    partition = encode_key_value(rule.values[0])
    sort_range = SortRange()
    if len(rules) > 1:
        if keys.sort is None:
            raise _not_supported()
        sort_rule = _rule_for(keys.sort, rules)
        sort_range = _sort_range(sort_rule)
    return KeyRange(partition=(slot_of(partition), partition), sort_range=sort_range)


def _rule_for(attribute: KeyAttribute, rules: dict[str, KeyRule]) -> KeyRule:
    rule = rules.get(attribute.name)
    if rule is None:
        raise validation_error(f"Query condition missed key schema element: {attribute.name}")
    if any(attribute.type_name not in value for value in rule.values):
        raise invalid_parameter("Condition parameter type does not match schema type")
    if any(value in ({"S": ""}, {"B": ""}) for value in rule.values):
        raise validation_error(
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            f"cannot contain an empty string value. Key: {attribute.name}"
        )
    return rule


def _sort_range(rule: KeyRule) -> SortRange:
    first = encode_key_value(rule.values[0])
    last = encode_key_value(rule.values[-1])
    if rule.operator == "begins_with":
        if "N" in rule.values[0]:
            raise _not_supported()
        return SortRange(lower=first, upper=_after_prefix(first))
    ranges = {
        "=": SortRange(lower=first, upper=_after(first)),
        "<": SortRange(upper=first),
        "<=": SortRange(upper=_after(first)),
        ">": SortRange(lower=_after(first)),
        ">=": SortRange(lower=first),
        "BETWEEN": SortRange(lower=first, upper=_after(last)),
    }
    if rule.operator not in ranges:
        raise _not_supported()
    return ranges[rule.operator]


def _terms(condition: Condition) -> list[Condition]:
    if isinstance(condition, And):
        return _terms(condition.left) + _terms(condition.right)
    return [condition]


def _rule(condition: Condition) -> tuple[str, KeyRule]:
    match condition:
        case Comparison(comparator, left, right) if comparator != "<>":
            if isinstance(left, Literal):
                left, right, comparator = right, left, _MIRRORED[comparator]
            return _named(left, comparator, (right,))
        case Between(operand, lower, upper):
            return _named(operand, "BETWEEN", (lower, upper))
        case BeginsWith(operand, prefix):
            return _named(operand, "begins_with", (prefix,))
    operator = "<>" if isinstance(condition, Comparison) else _FORBIDDEN[type(condition)]
    raise validation_error(f"Invalid operator used in {NAME}: {operator}")


def _named(operand: Operand, operator: str, bounds: tuple[Operand, ...]) -> tuple[str, KeyRule]:
    if any(isinstance(part, Size) for part in (operand, *bounds)):
        raise validation_error(f"{NAME}s cannot contain nested operations")
    if not isinstance(operand, Path) and operator in ("BETWEEN", "begins_with"):
        raise _invalid(f"{operator} operator must have the key attribute as its first operand")
    if not isinstance(operand, Path):
        raise _invalid("No key attribute specified")
    if len(operand.path) > 1:
        raise validation_error(f"{NAME}s cannot have conditions on nested attributes")
    values = tuple(bound.literal for bound in bounds if isinstance(bound, Literal))
    if len(values) != len(bounds):
        raise _invalid("Multiple attribute names used in one condition")
    return str(operand.path[0]), KeyRule(operator=operator, values=values)


def _legacy_rule(condition: Body) -> KeyRule:
    operator, values = comparison(condition)
    if operator not in _LEGACY_OPERATORS or operator == "NE":
        raise validation_error("Attempted conditional constraint is not an indexable operation")
    return KeyRule(operator=_LEGACY_OPERATORS[operator], values=tuple(values))


def _after(key: bytes) -> bytes:
    return key + b"\x00"


def _after_prefix(prefix: bytes) -> bytes:
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else AFTER_ALL


def _invalid(text: str) -> ServiceError:
    return validation_error(f"Invalid {NAME}: Invalid condition in {NAME}: {text}")


def _not_supported() -> ServiceError:
    return validation_error("Query key condition not supported")
