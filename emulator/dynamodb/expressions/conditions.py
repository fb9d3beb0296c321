"""Conditions: what an expression asks of an item.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from emulator.dynamodb.attribute_value import type_of
from emulator.dynamodb.expressions.document_path import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.dynamodb.attribute_value import AttributeValue, Item
    from emulator.dynamodb.expressions.document_path import DocumentPath

SETS = ("SS", "NS", "BS")
ORDERED_TYPES = ("S", "N", "B")


class Operand(Protocol):
    """Something that has a value."""

    def value(self, item: Item) -> AttributeValue | None:
        """Evaluate it on an item; ``None`` for an attribute that is not there."""


class Condition(Protocol):
    """Something that is true or false of an item."""

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""


# --- operands -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Path:
    """The value at a document path."""

    path: DocumentPath

    def value(self, item: Item) -> AttributeValue | None:
        """Evaluate it on an item."""
        return lookup(item, self.path)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value of ``ExpressionAttributeValues``."""

    literal: AttributeValue

    def value(self, _item: Item) -> AttributeValue | None:
        """Give the value, whatever the item."""
        return self.literal


@dataclass(frozen=True, slots=True)
class Size:
    """``size(operand)``."""

    operand: Operand

    def value(self, item: Item) -> AttributeValue | None:
        """Count characters, bytes or members; numbers and booleans have no size."""
        value = self.operand.value(item)
        if value is None:
            return None
        [(type_name, content)] = value.items()
        if type_name in ("N", "BOOL", "NULL"):
            return None
        return {"N": str(len(base64.b64decode(content) if type_name == "B" else content))}


# --- conditions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class And:
    """Both conditions."""

    left: Condition
    right: Condition

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""
        return self.left.holds(item) and self.right.holds(item)


@dataclass(frozen=True, slots=True)
class Or:
    """Either condition."""

    left: Condition
    right: Condition

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""
        return self.left.holds(item) or self.right.holds(item)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    condition: Condition

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""
        return not self.condition.holds(item)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left = right``, and the five other comparators."""

    comparator: str
    left: Operand
    right: Operand

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""
        return compare(self.comparator, self.left.value(item), self.right.value(item))


@dataclass(frozen=True, slots=True)
class Between:
    """``operand BETWEEN lower AND upper``."""

    operand: Operand
    lower: Operand
    upper: Operand

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""
        value = self.operand.value(item)
        return compare(">=", value, self.lower.value(item)) and compare(
            "<=", value, self.upper.value(item)
        )


@dataclass(frozen=True, slots=True)
class In:
    """``operand IN (choice, …)``."""

    operand: Operand
    choices: tuple[Operand, ...]

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""
        value = self.operand.value(item)
        return any(equal(value, choice.value(item)) for choice in self.choices)


@dataclass(frozen=True, slots=True)
class AttributeExists:
    """``attribute_exists(path)``."""

    path: Path

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""
        return self.path.value(item) is not None


@dataclass(frozen=True, slots=True)
class AttributeType:
    """``attribute_type(path, type)``."""

    path: Path
    type_name: str

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""
        value = self.path.value(item)
        return value is not None and type_of(value) == self.type_name


@dataclass(frozen=True, slots=True)
class BeginsWith:
    """``begins_with(operand, prefix)``, of strings and binaries."""

    operand: Operand
    prefix: Operand

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""
        value, prefix = self.operand.value(item), self.prefix.value(item)
        if value is None or prefix is None or type_of(value) != type_of(prefix):
            return False
        if "S" in value:
            return bool(value["S"].startswith(prefix["S"]))
        return "B" in value and _raw(value).startswith(_raw(prefix))


@dataclass(frozen=True, slots=True)
class Contains:
    """``contains(operand, member)``: a part of a string, an element of a set or a list."""

    operand: Operand
    member: Operand

    def holds(self, item: Item) -> bool:
        """Evaluate it on an item."""
        value, member = self.operand.value(item), self.member.value(item)
        if value is None or member is None:
            return False
        [(type_name, content)] = value.items()
        [(member_type, member_content)] = member.items()
        if type_name == "L":
            return any(equal(element, member) for element in content)
        if type_name in SETS:
            return type_name == member_type + "S" and member_content in content
        if type_name != member_type:
            return False
        if type_name == "S":
            return member_content in content
        return type_name == "B" and _raw(member) in _raw(value)


def compare(comparator: str, left: AttributeValue | None, right: AttributeValue | None) -> bool:
    """Compare two values; what is missing or of another type is only ever unequal."""
    if comparator == "=":
        return equal(left, right)
    if comparator == "<>":
        return not equal(left, right)
    if left is None or right is None:
        return False
    type_name = type_of(left)
    if type_name != type_of(right) or type_name not in ORDERED_TYPES:
        return False
    return _ORDER[comparator](_sortable(left), _sortable(right))


def equal(left: AttributeValue | None, right: AttributeValue | None) -> bool:
    """Tell whether two values are the same; a missing one equals nothing, sets have no order."""
    if left is None or right is None:
        return False
    [(type_name, content)] = left.items()
    if type_name not in right:
        return False
    other = right[type_name]
    if type_name in SETS:
        return set(content) == set(other)
    if type_name == "M":
        return content.keys() == other.keys() and all(
            equal(member, other[name]) for name, member in content.items()
        )
    if type_name == "L":
        return len(content) == len(other) and all(map(equal, content, other))
    return bool(content == other)


def _sortable(value: AttributeValue) -> Any:
    if "N" in value:
        return Decimal(value["N"])
    return _raw(value) if "B" in value else value["S"].encode("utf-8", "surrogatepass")


def _raw(value: AttributeValue) -> bytes:
    return base64.b64decode(value["B"])


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def attribute_names(node: Any) -> set[str]:
    """Collect the names of the attributes that a condition or operand looks at."""
    if isinstance(node, Path):
        return {str(node.path[0])}
    if isinstance(node, tuple):
        return set().union(*map(attribute_names, node))
    if isinstance(node, Literal) or not is_dataclass(node):
        return set()
    return attribute_names(tuple(getattr(node, part.name) for part in fields(node)))
