"""The members that describe one write, the same in single requests and in transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.dynamodb.attribute_value import normalise_item
from emulator.dynamodb.expressions.condition_parser import parse_condition
from emulator.dynamodb.expressions.placeholders import Placeholders
from emulator.dynamodb.expressions.update_parser import parse_update
from emulator.dynamodb.expressions.updates import Update
from emulator.dynamodb.item_size import check_item_size
from emulator.dynamodb.item_write import ItemDelete, ItemPut, ItemUpdate, ItemWrite
from emulator.dynamodb.legacy import expected_condition, legacy_update, refuse_mixture
from emulator.dynamodb.request import Body, choice, string, table_name

if TYPE_CHECKING:
    from emulator.dynamodb.expressions.conditions import Condition

_CONDITION = "ConditionExpression"
_UPDATE = "UpdateExpression"
_ON_FAILURE = "ReturnValuesOnConditionCheckFailure"


def put_request(body: Body) -> ItemPut:
    """Read a put."""
    name = table_name(body)
    item = normalise_item(body["Item"])
    condition = _only_condition(body)
    check_item_size(item)
    return ItemPut(
        table_name=name,
        key=item,
        condition=condition,
        return_item_on_failure=_return_item(body),
    )


def delete_request(body: Body) -> ItemDelete:
    """Read a deletion."""
    return ItemDelete(
        table_name=table_name(body),
        key=normalise_item(body["Key"]),
        condition=_only_condition(body),
        return_item_on_failure=_return_item(body),
    )


def check_request(body: Body) -> ItemWrite:
    """Read the condition check of a transaction."""
    return ItemWrite(
        table_name=table_name(body),
        key=normalise_item(body["Key"]),
        condition=_only_condition(body),
        return_item_on_failure=_return_item(body),
    )


def update_request(body: Body) -> ItemUpdate:
    """Read an update."""
    name = table_name(body)
    key = normalise_item(body["Key"])
    refuse_mixture(body, ("Expected", "AttributeUpdates"), (_UPDATE, _CONDITION))
    placeholders = Placeholders(body, (_UPDATE, _CONDITION))
    expression = string(body, _UPDATE)
    update = legacy_update(body) if expression is None else parse_update(expression, placeholders)
    condition = _condition(body, placeholders)
    placeholders.check_all_used()
    return ItemUpdate(
        table_name=name,
        key=key,
        condition=condition,
        update=update or Update(),
        return_item_on_failure=_return_item(body),
    )


def _only_condition(body: Body) -> Condition | None:
    refuse_mixture(body, ("Expected",), (_CONDITION,))
    placeholders = Placeholders(body, (_CONDITION,))
    condition = _condition(body, placeholders)
    placeholders.check_all_used()
    return condition


def _condition(body: Body, placeholders: Placeholders) -> Condition | None:
    expression = string(body, _CONDITION)
    if expression is None:
        return expected_condition(body)
    return parse_condition(_CONDITION, expression, placeholders)


def _return_item(body: Body) -> bool:
    return choice(body, _ON_FAILURE, default="NONE") == "ALL_OLD"
