"""What AWS's own model of DynamoDB says of requests: members, types, bounds.

The model is the one that botocore ships; finding it does not import botocore.
https://smithy.io/2.0/spec/constraint-traits.html
What AWS's service says and the published model does not, tables here add; they were recorded by
https://github.com/architect/dynalite (``test/``).
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# An attribute value is a leaf here: ``attribute_value`` reads it.
ATTRIBUTE_VALUE = "AttributeValue"
TABLE_NAME = "TableArn"
_COMPARISONS = (
    *("IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE"),
    *("BEGINS_WITH", "GE", "CONTAINS"),
)
# The service lists its choices in the order of a hash table.
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "ComparisonOperator": _COMPARISONS,
    "ConditionalOperator": ("OR", "AND"),
    "ProjectionType": ("ALL", "INCLUDE", "KEYS_ONLY"),
    "ReturnValue": ("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
    "ReturnValuesOnConditionCheckFailure": ("ALL_OLD", "NONE"),
    "ScalarAttributeType": ("B", "N", "S"),
    "Select": ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
}
# Bounds that the service checks later, with other words, or that the published model lacks.
# Bounds of the service that the published model does not tell.
_MOST = {
    ("DescribeStreamInput", "Limit"): 100,
    ("GetRecordsInput", "Limit"): 1000,
    ("ListStreamsInput", "Limit"): 100,
}
_BOUNDS: Mapping[str, tuple[int | None, int | None]] = {
    "AttributeName": (None, None),
    "AttributeNameList": (1, 255),
    "KeySchema": (1, 2),
    "KeySchemaAttributeName": (None, 255),
    "NonKeyAttributeName": (None, None),
    "NonKeyAttributeNameList": (1, None),
    "PositiveLongObject": (1, None),
    "ScanSegment": (0, None),
    "ScanTotalSegments": (1, None),
    # The published model knows of ARNs only; a name has the bounds that it always had.
    TABLE_NAME: (3, 255),
}
# Members whose refusal no longer shows the value: the newer checker reads them.
_NOT_SHOWN = (
    *(("BatchGetItemInput", "RequestItems"), ("KeysAndAttributes", "Keys")),
    *(("BatchWriteItemInput", "RequestItems"), ("QueryInput", "Limit")),
)
_GLOBAL_INDEXES = ("CreateGlobalSecondaryIndexAction", "GlobalSecondaryIndex")
_ITEM_REQUESTS = (
    *("DeleteItemInput", "GetItemInput", "PutItemInput", "QueryInput", "ScanInput"),
    *("UpdateItemInput", "ConditionCheck", "Delete", "Get", "Put", "Update"),
)
_PATTERNS = {TABLE_NAME: "[a-zA-Z0-9_.-]+"}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Condition": ("ComparisonOperator",),
    "CreateTableInput": ("AttributeDefinitions", "KeySchema"),
}
# Two mistakes in one request are named in this order.
_FIRST_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "CreateTableInput": (
        *("AttributeDefinitions", "TableName", "BillingMode"),
        *("KeySchema", "GlobalSecondaryIndexes"),
    ),
    "CreateGlobalSecondaryIndexAction": ("Projection", "IndexName", "ProvisionedThroughput"),
    "DeleteItemInput": ("ReturnConsumedCapacity", "TableName", "ReturnValues"),
    "GetItemInput": ("ReturnConsumedCapacity", "AttributesToGet"),
    "ProvisionedThroughput": ("WriteCapacityUnits",),
    "PutItemInput": ("ReturnConsumedCapacity", "TableName", "Item", "ConditionalOperator"),
    "QueryInput": ("Select", "IndexName", "ReturnConsumedCapacity", "QueryFilter"),
    "ScanInput": ("Select", "IndexName", "TotalSegments", "ReturnConsumedCapacity"),
    "UpdateItemInput": (
        *("ReturnConsumedCapacity", "TableName", "ReturnItemCollectionMetrics", "ReturnValues"),
        *("ConditionalOperator", "Key"),
    ),
    "UpdateTableInput": ("TableName", "ProvisionedThroughput"),
    "TransactWriteItemsInput": ("ClientRequestToken", "ReturnConsumedCapacity"),
    "BatchWriteItemInput": ("ReturnConsumedCapacity", "ReturnItemCollectionMetrics"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A type of the model.

    Args:
        kind: ``structure``, ``list``, ``map``, ``string``, ``integer`` …
        members: of a structure.
        element: of a list or map.
        key: of a map.
        minimum: of a number, or of a length.
        is_shown: a refusal says what the value was.
    """

    name: str
    kind: str
    members: Mapping[str, Shape] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    element: Shape | None = None
    key: Shape | None = None
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    is_shown: bool = True


@cache
def operation_inputs(api: str) -> Mapping[str, Shape]:
    """Read the requests of every operation of ``dynamodb`` or ``dynamodbstreams``."""
    model = json.loads(_model_text(api))
    shapes = model["shapes"]
    return {
        name: _shape(operation["input"]["shape"], shapes)
        for name, operation in model["operations"].items()
        if "input" in operation
    }


def _model_text(api: str) -> bytes:
    spec = find_spec("botocore")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("botocore, which ships AWS's service models, is not installed")
    folder = Path(spec.origin).parent / "data" / api / "2012-08-10"
    packed = folder / "service-2.json.gz"
    if packed.exists():
        return gzip.decompress(packed.read_bytes())
    return (folder / "service-2.json").read_bytes()


def _shape(name: str, shapes: dict[str, Any]) -> Shape:
    raw = shapes[name]
    minimum, maximum = _BOUNDS.get(name, (raw.get("min"), raw.get("max")))
    element = raw.get("member") or raw.get("value")
    return Shape(
        name=name,
        kind=raw["type"],
        members={} if name == ATTRIBUTE_VALUE else _members(name, raw, shapes),
        required=frozenset((*raw.get("required", ()), *_REQUIRED.get(name, ()))),
        element=None if element is None else _shape(element["shape"], shapes),
        key=_shape(raw["key"]["shape"], shapes) if "key" in raw else None,
        minimum=minimum,
        maximum=maximum,
        pattern=_PATTERNS.get(name, raw.get("pattern")),
        choices=_CHOICES.get(name, tuple(raw.get("enum", ()))),
    )


def _members(name: str, raw: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Shape]:
    members: dict[str, Any] = raw.get("members", {})
    first = [member for member in _FIRST_MEMBERS.get(name, ()) if member in members]
    ordered = (*first, *(member for member in members if member not in first))
    return {
        member: _member(name, member, _shape(members[member]["shape"], shapes))
        for member in ordered
    }


def _member(structure: str, name: str, shape: Shape) -> Shape:
    if (structure, name) in _NOT_SHOWN:
        return replace(shape, is_shown=False)
    if (structure, name) in _MOST:
        return replace(shape, maximum=_MOST[structure, name])
    if name == "KeySchema" and structure in _GLOBAL_INDEXES:
        return replace(shape, maximum=8)
    if name == "TableName" and structure in _ITEM_REQUESTS:
        # A table of this name there is none; only an empty name is no name.
        return replace(shape, minimum=1)
    return shape
