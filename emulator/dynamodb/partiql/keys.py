"""Which items a ``WHERE`` names: whole keys for writes, ranges for reads.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.select.html
"""

from __future__ import annotations

from functools import reduce
from itertools import product
from typing import TYPE_CHECKING

from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.expressions.conditions import (
    And,
    BeginsWith,
    Between,
    Comparison,
    Condition,
    In,
    Literal,
    Path,
)
from emulator.dynamodb.key_condition import KeyRange, KeyRule, key_range

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import AttributeValue, Item
    from emulator.dynamodb.keys import KeyAttributes

_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def whole_key(keys: KeyAttributes, condition: Condition | None) -> tuple[Item, Condition | None]:
    """Take the key out of a condition; give it and the rest.

    Raises:
        ServiceError: ``ValidationException`` when the condition does not name one item.
    """
    key: Item = {}
    rest: list[Condition] = []
    for term in _terms(condition):
        name, rule = _rule(term) or ("", None)
        if rule is not None and rule.operator == "=" and name in keys.names and name not in key:
            key[name] = rule.values[0]
        else:
            rest.append(term)
    if key.keys() != set(keys.names):
        raise validation_error(
            "Where clause does not contain a mandatory equality on all key attributes"
        )
    return key, reduce(And, rest) if rest else None


def key_ranges(keys: KeyAttributes, condition: Condition | None) -> list[KeyRange]:
    """Find what a condition reads: a range of each partition; none: the whole table."""
    terms = _terms(condition)
    rules: dict[str, KeyRule] = {}
    for term in terms:
        name, rule = _rule(term) or ("", None)
        if rule is not None:
            rules.setdefault(name, rule)
    sort_rules = _usable_sort_rules(keys, rules)
    choices = [_choices(attribute.name, terms) for attribute in keys.partitions]
    return [
        key_range(
            keys,
            {
                attribute.name: KeyRule(operator="=", values=(value,))
                for attribute, value in zip(keys.partitions, values, strict=True)
            }
            | sort_rules,
        )
        for values in product(*choices)
    ]


def _usable_sort_rules(keys: KeyAttributes, rules: dict[str, KeyRule]) -> dict[str, KeyRule]:
    usable: dict[str, KeyRule] = {}
    for attribute in keys.sorts:
        if attribute.name not in rules:
            break
        usable[attribute.name] = rules[attribute.name]
        if rules[attribute.name].operator != "=":
            break
    return usable


def _choices(attribute: str, terms: list[Condition]) -> list[AttributeValue]:
    """List the values that a part of the partition key may have; none: any."""
    path = Path((attribute,))
    for term in terms:
        if isinstance(term, In) and term.operand == path:
            choices = [choice.literal for choice in term.choices if isinstance(choice, Literal)]
            if len(choices) == len(term.choices):
                return [one for place, one in enumerate(choices) if one not in choices[:place]]
        name, rule = _rule(term) or ("", None)
        if rule is not None and rule.operator == "=" and name == attribute:
            return [rule.values[0]]
    return []


def _terms(condition: Condition | None) -> list[Condition]:
    if condition is None:
        return []
    if isinstance(condition, And):
        return _terms(condition.left) + _terms(condition.right)
    return [condition]


def _rule(term: Condition) -> tuple[str, KeyRule] | None:
    """Read a term as a rule for one attribute; ``None`` if it is none."""
    match term:
        case Comparison(comparator, Path((str(name),)), Literal(value)) if comparator != "<>":
            return name, KeyRule(operator=comparator, values=(value,))
        case Comparison(comparator, Literal(value), Path((str(name),))) if comparator != "<>":
            return name, KeyRule(operator=_MIRRORED[comparator], values=(value,))
        case Between(Path((str(name),)), Literal(lower), Literal(upper)):
            return name, KeyRule(operator="BETWEEN", values=(lower, upper))
        case BeginsWith(Path((str(name),)), Literal(prefix)):
            return name, KeyRule(operator="begins_with", values=(prefix,))
    return None
