"""DynamoDB tables with their indexes, streams and time to live.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict, cast

from emulator.application import KeySchema, SecondaryIndex, Table

if TYPE_CHECKING:
    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties

_TABLE, _GLOBAL_TABLE = "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"
_ATTRIBUTE_TYPES = ("S", "N", "B")
_KEY_TYPES = ("HASH", "RANGE")
_PROJECTIONS = ("ALL", "KEYS_ONLY", "INCLUDE")
_BILLING_MODES = ("PAY_PER_REQUEST", "PROVISIONED")


class _Units(TypedDict):
    read_capacity_units: int
    write_capacity_units: int


def read_tables(resources: CreatedResources, notes: Notes) -> tuple[Table, ...]:
    """Make the tables of a template; of a global table, its replica here.

    Raises:
        TemplateError: DynamoDB would refuse the keys.
    """
    return tuple(_table(resource, notes) for resource in resources.of_type(_TABLE, _GLOBAL_TABLE))


def _table(resource: Resource, notes: Notes) -> Table:
    properties = resource.properties
    is_global = resource.type == _GLOBAL_TABLE
    replica = _local_replica(resource, notes) if is_global else properties
    attributes = dict(map(_attribute, properties.mappings("AttributeDefinitions")))
    table = Table(
        logical_id=resource.logical_id,
        name=resource.name,
        attributes=tuple(attributes.items()),
        key_schema=_key_schema(properties, attributes),
        global_indexes=_indexes(properties, "GlobalSecondaryIndexes", attributes),
        local_indexes=_indexes(properties, "LocalSecondaryIndexes", attributes),
        billing_mode=cast(
            'Literal["PAY_PER_REQUEST", "PROVISIONED"]',
            _one_of(properties, "BillingMode", _BILLING_MODES, "PROVISIONED"),
        ),
        **(_scaled(properties, replica) if is_global else _throughput(properties)),
        stream_view_type=properties.mapping("StreamSpecification").optional_text("StreamViewType"),
        ttl_attribute=_ttl_attribute(properties.mapping("TimeToLiveSpecification")),
        deletion_protection=replica.boolean("DeletionProtectionEnabled"),
        tags=tuple(
            (tag.required_text("Key"), tag.text("Value")) for tag in replica.mappings("Tags")
        ),
    )
    _refuse_unused(table, properties)
    return table


def _attribute(definition: Properties) -> tuple[str, str]:
    name = definition.required_text("AttributeName")
    definition.required_text("AttributeType")
    return name, _one_of(definition, "AttributeType", _ATTRIBUTE_TYPES, "S")


def _key_schema(properties: Properties, attributes: dict[str, str]) -> KeySchema:
    keys: dict[str, list[str]] = {"HASH": [], "RANGE": []}
    for element in properties.mappings("KeySchema"):
        role = _one_of(element, "KeyType", _KEY_TYPES, "HASH")
        keys[role].append(element.required_text("AttributeName"))
    if not keys["HASH"]:
        raise properties.error("No Hash Key specified in schema", "KeySchema")
    for name in (*keys["HASH"], *keys["RANGE"]):
        if name not in attributes:
            raise properties.error(
                "One or more parameter values were invalid: Some index key attributes are not "
                f"defined in AttributeDefinitions. Keys: [{name}]",
                "KeySchema",
            )
    partition_key, *more_partition_keys = keys["HASH"]
    sort_key, *more_sort_keys = keys["RANGE"] or (None,)
    return KeySchema(
        partition_key=partition_key,
        sort_key=sort_key,
        more_partition_keys=tuple(more_partition_keys),
        more_sort_keys=tuple(filter(None, more_sort_keys)),
    )


def _indexes(
    properties: Properties, name: str, attributes: dict[str, str]
) -> tuple[SecondaryIndex, ...]:
    return tuple(_index(index, attributes) for index in properties.mappings(name))


def _index(index: Properties, attributes: dict[str, str]) -> SecondaryIndex:
    projection = index.mapping("Projection")
    return SecondaryIndex(
        name=index.required_text("IndexName"),
        key_schema=_key_schema(index, attributes),
        projection_type=cast(
            'Literal["ALL", "KEYS_ONLY", "INCLUDE"]',
            _one_of(projection, "ProjectionType", _PROJECTIONS, "ALL"),
        ),
        non_key_attributes=projection.texts("NonKeyAttributes"),
        **_units(index),
    )


def _local_replica(resource: Resource, notes: Notes) -> Properties:
    """Find the replica that is kept here, the first; the others are noted."""
    replicas = tuple(resource.properties.mappings("Replicas"))
    if not replicas:
        raise resource.properties.error("Property Replicas cannot be empty.", "Replicas")
    for replica in replicas[1:]:
        notes.unsupported(
            replica, None, f"the replica in {replica.text('Region')}: there is one region here"
        )
    return replicas[0]


def _throughput(properties: Properties) -> _Units:
    is_provisioned = properties.text("BillingMode", "PROVISIONED") == "PROVISIONED"
    if is_provisioned and "ProvisionedThroughput" not in properties:
        raise properties.error(
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits "
            "must both be specified when BillingMode is PROVISIONED",
            remedy="add BillingMode: PAY_PER_REQUEST",
        )
    return _units(properties)


def _units(properties: Properties) -> _Units:
    throughput = properties.mapping("ProvisionedThroughput")
    return {
        "read_capacity_units": throughput.integer("ReadCapacityUnits"),
        "write_capacity_units": throughput.integer("WriteCapacityUnits"),
    }


def _scaled(properties: Properties, replica: Properties) -> _Units:
    """Take the least capacity of a global table, which scales by itself."""
    reading = replica.mapping("ReadProvisionedThroughputSettings")
    writing = properties.mapping("WriteProvisionedThroughputSettings")
    scaled = writing.mapping("WriteCapacityAutoScalingSettings")
    return {
        "read_capacity_units": reading.integer("ReadCapacityUnits", 1),
        "write_capacity_units": scaled.integer("MinCapacity", 1),
    }


def _ttl_attribute(specification: Properties) -> str | None:
    if not specification.boolean("Enabled"):
        return None
    return specification.required_text("AttributeName")


def _one_of(properties: Properties, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = properties.text(name, default)
    if value not in allowed:
        raise properties.error(f"{name} must be one of {', '.join(allowed)}", name)
    return value


def _refuse_unused(table: Table, properties: Properties) -> None:
    """Refuse an attribute that is no key, as DynamoDB does: a common mistake."""
    schemas = [
        table.key_schema,
        *(index.key_schema for index in (*table.global_indexes, *table.local_indexes)),
    ]
    used = {name for schema in schemas for name in (*schema.partition_keys, *schema.sort_keys)}
    for name, _ in table.attributes:
        if name not in used:
            raise properties.error(
                "One or more parameter values were invalid: Some AttributeDefinitions are not "
                f"used. AttributeDefinitions: [{name}]",
                "AttributeDefinitions",
            )
