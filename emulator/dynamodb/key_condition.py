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
from emulator.dynamodb.keys import (
    END_OF_VALUE,
    encode_key_part,
    encode_key_value,
    escape,
    slot_of,
)
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
                    f"Invalid {NAME}: {NAME}s must only contain one condition per key"
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
    if len(rules) > len(keys.names):
        raise validation_error(
            f"The number of query conditions ({len(rules)}) exceeds the number of key attributes "
            f"defined in the schema ({len(keys.names)})"
        )
    of_partition = [_rule_for(attribute, rules) for attribute in keys.partitions]
    if any(rule.operator != "=" for rule in of_partition):
        raise _not_supported()
    partition = encode_key_part([rule.values[0] for rule in of_partition])
    sort_range = _sort_range(keys, _sort_rules(keys, rules))
    return KeyRange(partition=(slot_of(partition), partition), sort_range=sort_range)


def _sort_rules(keys: KeyAttributes, rules: dict[str, KeyRule]) -> list[KeyRule]:
    """Take the rules of the sort key: of its first attributes, all but the last with ``=``.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
    """
    count = len(rules) - len(keys.partitions)
    named = [attribute for attribute in keys.sorts if attribute.name in rules]
    if not count:
        return []
    if not named or len(named) < count:
        absent = next(attribute for attribute in keys.sorts if attribute not in named)
        return [_rule_for(absent, rules)]
    last = keys.sorts.index(named[-1])
    unequal = [
        attribute.name
        for attribute in keys.sorts[:last]
        if attribute not in named or rules[attribute.name].operator != "="
    ]
    if unequal:
        raise validation_error(
            f"RANGE key attributes {', '.join(unequal)} must have equality conditions specified in "
            f"the query because a condition is present on key attribute {named[-1].name}"
        )
    return [_rule_for(attribute, rules) for attribute in keys.sorts[: last + 1]]


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


def _sort_range(keys: KeyAttributes, rules: list[KeyRule]) -> SortRange:
    if not rules:
        return SortRange()
    if len(keys.sorts) == 1:
        first, last = (encode_key_value(rules[0].values[place]) for place in (0, -1))
        return _range_of(rules[0], first, (first, _after(first), _after(last)), SortRange())
    *equal, rule = rules
    start = b"".join(_ended(one.values[0]) for one in equal)
    first, last = (start + _ended(rule.values[place]) for place in (0, -1))
    prefix = first.removesuffix(END_OF_VALUE)
    whole = SortRange(lower=start, upper=_after_prefix(start))
    return _range_of(rule, prefix, (first, _after_prefix(first), _after_prefix(last)), whole)


def _range_of(
    rule: KeyRule, prefix: bytes, bounds: tuple[bytes, bytes, bytes], whole: SortRange
) -> SortRange:
    """Cut out of the whole what a rule leaves: ``bounds`` are value, after it, after the last."""
    value, after, after_last = bounds
    if rule.operator == "begins_with" and "N" not in rule.values[0]:
        return SortRange(lower=prefix, upper=_after_prefix(prefix))
    ranges = {
        "=": SortRange(lower=value, upper=after),
        "<": SortRange(lower=whole.lower, upper=value),
        "<=": SortRange(lower=whole.lower, upper=after),
        ">": SortRange(lower=after, upper=whole.upper),
        ">=": SortRange(lower=value, upper=whole.upper),
        "BETWEEN": SortRange(lower=value, upper=after_last),
    }
    if rule.operator not in ranges:
        raise _not_supported()
    return ranges[rule.operator]


def _ended(value: AttributeValue) -> bytes:
    return escape(encode_key_value(value)) + END_OF_VALUE


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
