"""Tables as the item engine knows them: schema with types, indexes, stream, expiry.

A table is defined by its normal ``CreateTable`` request, whether the template or an API call made
it; moto answers for everything else that such a request says.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from emulator.dynamodb.errors import EmptyKeyValueError, invalid_parameter, validation_error
from emulator.dynamodb.keys import KeyAttribute, KeyAttributes, check_key_size, empty_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.application import KeySchema, SecondaryIndex, Table
    from emulator.dynamodb.attribute_value import Item

Definition = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A secondary index.

    Args:
        row_id: of the index in the database.
        projected: names that it holds; ``None`` for all of them.
    """

    row_id: int
    name: str
    keys: KeyAttributes
    is_global: bool
    projected: frozenset[str] | None

    def accepts(self, item: Item) -> bool:
        """Tell whether an item has the index's key; one older than the index may have another."""
        return all(
            attribute.type_name in item.get(attribute.name, ())
            for attribute in self.keys.attributes
        )

    def project(self, item: Item) -> Item:
        """Keep what the index holds of an item."""
        if self.projected is None:
            return item
        return {name: value for name, value in item.items() if name in self.projected}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """A table that exists.

    Args:
        row_id: of the table in the database.
        definition: the ``CreateTable`` request that would make it as it is now.
        stream_label: when its stream was switched on; ``None`` without one.
    """

    row_id: int
    name: str
    arn: str
    table_id: str
    created_at: datetime
    definition: Definition
    keys: KeyAttributes
    indexes: Mapping[str, Index] = field(default_factory=dict)
    ttl_attribute: str | None = None
    stream_label: str | None = None

    @property
    def stream_view_type(self) -> str | None:
        """``NEW_IMAGE`` …, ``None`` without a stream."""
        return stream_view_type(self.definition)

    @property
    def stream_arn(self) -> str:
        """ARN of the stream that is or was last on."""
        return f"{self.arn}/stream/{self.stream_label}"

    def check_item(self, item: Item) -> None:
        """Check the keys of an item that is to be put, those of the indexes too."""
        self.keys.check_item(item)
        for index in self.indexes.values():
            for attribute in index.keys.attributes:
                if attribute.name in item:
                    _check_index_value(index, attribute, item)
            if index.keys.covers(item):
                check_key_size(index.keys, item)

    def check_update(self, item: Item) -> None:
        """Check the index keys of an item that an update made."""
        for index in self.indexes.values():
            for attribute in index.keys.attributes:
                value = item.get(attribute.name)
                if value is not None and attribute.type_name not in value:
                    raise invalid_parameter(
                        "The update expression attempted to update the secondary index key "
                        "to unsupported type"
                    )
                if value is not None and empty_kind(value):
                    raise validation_error(
                        "One or more parameter values are not valid. The update expression "
                        "attempted to update a secondary index key to a value that is not "
                        "supported. The AttributeValue for a key attribute cannot contain an "
                        f"empty {empty_kind(value)} value."
                    )
            if index.keys.covers(item):
                check_key_size(index.keys, item)

    def expires_at(self, item: Item) -> int | None:
        """Tell when an item falls due for deletion, epoch seconds.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
        Only whole seconds in a number count, and none that lies more than five years back.
        """
        if self.ttl_attribute is None:
            return None
        text = item.get(self.ttl_attribute, {}).get("N")
        # SQLite's integers end at 2 ** 63.
        return int(float(text)) if text is not None and len(text) < _TTL_DIGITS else None


_TTL_DIGITS = 18


def create_table_request(table: Table) -> Definition:
    """Write a table of the template as the ``CreateTable`` request that would make it."""
    request: Definition = {
        "TableName": table.name,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": type_name}
            for name, type_name in table.attributes
        ],
        "KeySchema": _key_schema(table.key_schema),
        "BillingMode": table.billing_mode,
        "DeletionProtectionEnabled": table.deletion_protection,
    }
    if table.global_indexes:
        request["GlobalSecondaryIndexes"] = [
            _index_request(index) | _throughput(index, table) for index in table.global_indexes
        ]
    if table.local_indexes:
        request["LocalSecondaryIndexes"] = [_index_request(index) for index in table.local_indexes]
    if table.stream_view_type:
        request["StreamSpecification"] = {
            "StreamEnabled": True,
            "StreamViewType": table.stream_view_type,
        }
    if table.tags:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in table.tags]
    return request | _throughput(table, table)


def key_attributes(definition: Definition, key_schema: list[dict[str, str]]) -> KeyAttributes:
    """Join a key schema with the types of its attributes."""
    types = {
        attribute["AttributeName"]: attribute["AttributeType"]
        for attribute in definition["AttributeDefinitions"]
    }
    by_role: dict[str, list[KeyAttribute]] = {"HASH": [], "RANGE": []}
    for element in key_schema:
        name = element["AttributeName"]
        by_role[element["KeyType"]].append(KeyAttribute(name=name, type_name=types[name]))
    return KeyAttributes(partitions=tuple(by_role["HASH"]), sorts=tuple(by_role["RANGE"]))


def key_names(definition: Definition) -> list[str]:
    """List the attributes that are keys of a table or its indexes."""
    schemas = [definition["KeySchema"]]
    schemas += [request["KeySchema"] for _, request in index_requests(definition).values()]
    return list(dict.fromkeys(element["AttributeName"] for schema in schemas for element in schema))


def index_requests(definition: Definition) -> dict[str, tuple[bool, Definition]]:
    """List the indexes of a definition: name, whether global, its part of the request."""
    found = {}
    for member, is_global in (
        ("GlobalSecondaryIndexes", True),
        ("LocalSecondaryIndexes", False),
    ):
        for request in definition.get(member) or ():
            found[request["IndexName"]] = (is_global, request)
    return found


def build_index(definition: Definition, name: str, row_id: int) -> Index:
    """Make an index of its part of the definition."""
    is_global, request = index_requests(definition)[name]
    keys = key_attributes(definition, request["KeySchema"])
    projection = request.get("Projection") or {}
    projected = None
    if projection.get("ProjectionType") != "ALL":
        projected = frozenset(
            (
                *keys.names,
                *(element["AttributeName"] for element in definition["KeySchema"]),
                *(projection.get("NonKeyAttributes") or ()),
            )
        )
    return Index(row_id=row_id, name=name, keys=keys, is_global=is_global, projected=projected)


def stream_view_type(definition: Definition) -> str | None:
    """Tell what the records of a definition's stream show; ``None`` without one."""
    specification = definition.get("StreamSpecification") or {}
    return specification.get("StreamViewType") if specification.get("StreamEnabled") else None


def stream_label(moment: datetime) -> str:
    """Name a stream after the time when it was switched on."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]


def _check_index_value(index: Index, attribute: KeyAttribute, item: Item) -> None:
    value = item[attribute.name]
    if attribute.type_name not in value:
        raise invalid_parameter(
            f"Type mismatch for Index Key {attribute.name} Expected: {attribute.type_name} "
            f"Actual: {next(iter(value))} IndexName: {index.name}"
        )
    kind = empty_kind(value)
    if kind is not None:
        raise EmptyKeyValueError(
            "A value specified for a secondary index key is not supported. The AttributeValue for "
            f"a key attribute cannot contain an empty {kind} value. IndexName: {index.name}, "
            f"IndexKey: {attribute.name}"
        )


def _throughput(part: Table | SecondaryIndex, table: Table) -> Definition:
    if table.billing_mode != "PROVISIONED":
        return {}
    throughput = {
        "ReadCapacityUnits": part.read_capacity_units,
        "WriteCapacityUnits": part.write_capacity_units,
    }
    return {"ProvisionedThroughput": throughput}


def _key_schema(schema: KeySchema) -> list[dict[str, str]]:
    roles = {"HASH": schema.partition_keys, "RANGE": schema.sort_keys}
    return [
        {"AttributeName": name, "KeyType": role} for role, names in roles.items() for name in names
    ]


def _index_request(index: SecondaryIndex) -> Definition:
    projection: Definition = {"ProjectionType": index.projection_type}
    if index.non_key_attributes:
        projection["NonKeyAttributes"] = list(index.non_key_attributes)
    return {
        "IndexName": index.name,
        "KeySchema": _key_schema(index.key_schema),
        "Projection": projection,
    }
