"""Updates: what an update expression does to an item.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
Every operand is read from the item as it was; the old item is never changed, a new one is made.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from emulator.dynamodb.attribute_value import MAXIMUM_DEPTH, type_of
from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.expressions.document_path import child, lookup
from emulator.dynamodb.number import add_numbers, subtract_numbers

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import AttributeValue, Item
    from emulator.dynamodb.expressions.document_path import DocumentPath
    from emulator.errors import ServiceError


class SetOperand(Protocol):
    """The right side of ``SET``."""

    def result(self, item: Item) -> AttributeValue:
        """Evaluate it on the item as it was."""


@dataclass(frozen=True, slots=True)
class Copied:
    """The value at a path, which must be there."""

    path: DocumentPath

    def result(self, item: Item) -> AttributeValue:
        """Evaluate it on the item as it was."""
        value = lookup(item, self.path)
        if value is None:
            raise validation_error(
                "The provided expression refers to an attribute that does not exist in the item"
            )
        return value


@dataclass(frozen=True, slots=True)
class Given:
    """A value of ``ExpressionAttributeValues``."""

    value: AttributeValue

    def result(self, _item: Item) -> AttributeValue:
        """Give the value, whatever the item."""
        return self.value


@dataclass(frozen=True, slots=True)
class IfNotExists:
    """``if_not_exists(path, default)``."""

    path: DocumentPath
    default: SetOperand

    def result(self, item: Item) -> AttributeValue:
        """Evaluate it on the item as it was."""
        found = lookup(item, self.path)
        return self.default.result(item) if found is None else found


@dataclass(frozen=True, slots=True)
class ListAppend:
    """``list_append(first, second)``."""

    first: SetOperand
    second: SetOperand

    def result(self, item: Item) -> AttributeValue:
        """Evaluate it on the item as it was."""
        first, second = self.first.result(item), self.second.result(item)
        if "L" not in first or "L" not in second:
            raise incorrect_data_type()
        return {"L": first["L"] + second["L"]}


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left + right`` or ``left - right``."""

    operator: str
    left: SetOperand
    right: SetOperand

    def result(self, item: Item) -> AttributeValue:
        """Evaluate it on the item as it was."""
        left, right = self.left.result(item), self.right.result(item)
        if "N" not in left or "N" not in right:
            raise incorrect_data_type()
        operation = add_numbers if self.operator == "+" else subtract_numbers
        return {"N": operation(left["N"], right["N"])}


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a section: ``SET``, ``REMOVE``, ``ADD`` or ``DELETE``."""

    section: str
    path: DocumentPath
    operand: SetOperand | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """All the actions of an update."""

    actions: tuple[Action, ...] = ()

    @property
    def paths(self) -> tuple[DocumentPath, ...]:
        """What the update touches."""
        return tuple(action.path for action in self.actions)

    def apply(self, old: Item) -> Item:
        """Make the new item from the old one, which stays as it is.

        Raises:
            ServiceError: ``ValidationException`` when a path or type does not fit the item.
        """
        changes = [(action.path, _new_value(action, old)) for action in self.actions]
        new = dict(old)
        for name in {str(path[0]) for path, _ in changes if len(path) > 1} & new.keys():
            new[name] = copy.deepcopy(new[name])
        assigned = [(path, value) for path, value in changes if value is not None]
        for path, value in sorted(assigned, key=lambda change: _list_position(change[0])):
            _assign(new, path, value)
        removed = [path for path, value in changes if value is None]
        # From the end of each list, so that the indexes mean the list as it was.
        for path in sorted(removed, key=_list_position, reverse=True):
            _remove(new, path)
        return new


class LegacyUpdate(Update):
    """``AttributeUpdates``, which have other words for a type that does not fit."""

    __slots__ = ()

    def apply(self, old: Item) -> Item:
        """Make the new item from the old one."""
        for action in self.actions:
            current = lookup(old, action.path)
            if (
                action.section in ("ADD", "DELETE")
                and isinstance(action.operand, Given)
                and current is not None
                and type_of(current) != type_of(action.operand.value)
            ):
                raise validation_error("Type mismatch for attribute to update")
        return Update.apply(self, old)


def incorrect_data_type() -> ServiceError:
    """Refuse a value in the item that the update cannot work on."""
    return validation_error("An operand in the update expression has an incorrect data type")


def _new_value(action: Action, old: Item) -> AttributeValue | None:
    if action.operand is None:
        return None
    value = action.operand.result(old)
    if action.section == "SET":
        return value
    current = lookup(old, action.path)
    if action.section == "ADD":
        return _added(current, value)
    return _deleted(current, value)


def _added(current: AttributeValue | None, value: AttributeValue) -> AttributeValue:
    if current is None:
        return value
    [(type_name, content)] = value.items()
    if type_of(current) != type_name:
        raise incorrect_data_type()
    if type_name == "N":
        return {"N": add_numbers(current["N"], content)}
    if type_name == "L":
        return {"L": current["L"] + content}
    return {type_name: [*current[type_name], *(m for m in content if m not in current[type_name])]}


def _deleted(current: AttributeValue | None, value: AttributeValue) -> AttributeValue | None:
    if current is None:
        return None
    [(type_name, content)] = value.items()
    if type_of(current) != type_name:
        raise incorrect_data_type()
    remaining = [member for member in current[type_name] if member not in content]
    return {type_name: remaining} if remaining else None


def _assign(item: Item, path: DocumentPath, value: AttributeValue) -> None:
    container = _container(item, path)
    last = path[-1]
    if isinstance(last, str):
        _members(container, "M")[last] = value
        return
    members = _members(container, "L")
    if last < len(members):
        members[last] = value
    else:
        members.append(value)


def _remove(item: Item, path: DocumentPath) -> None:
    container = _container(item, path)
    last = path[-1]
    if isinstance(last, str):
        _members(container, "M").pop(last, None)
        return
    members = _members(container, "L")
    if last < len(members):
        del members[last]


def _container(item: Item, path: DocumentPath) -> AttributeValue:
    if len(path) > MAXIMUM_DEPTH + 1:
        raise validation_error("Nesting Levels have exceeded supported limits")
    container: AttributeValue | None = {"M": item}
    for element in path[:-1]:
        container = child(container, element)
    if container is None:
        raise _invalid_path()
    return container


def _members(container: AttributeValue, type_name: str) -> Any:
    if type_name not in container:
        raise _invalid_path()
    return container[type_name]


def _invalid_path() -> ServiceError:
    return validation_error(
        "The document path provided in the update expression is invalid for update"
    )


def _list_position(path: DocumentPath) -> int:
    return path[-1] if isinstance(path[-1], int) else 0
