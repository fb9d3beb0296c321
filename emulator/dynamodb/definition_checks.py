"""What ``CreateTable`` and ``UpdateTable`` refuse before anything is made, in AWS's words.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
moto lets most of it pass. The words were recorded by https://github.com/architect/dynalite
(``test/createTable.js``, ``test/updateTable.js``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.errors import invalid_parameter, validation_error
from emulator.dynamodb.tables import key_names

if TYPE_CHECKING:
    from emulator.dynamodb.request import Body
    from emulator.dynamodb.tables import Definition

_MOST_UNITS = 1_000_000_000_000
_MOST_KEYS = 4
_MOST_LOCAL, _MOST_GLOBAL = 5, 20
_UNITS = ("ReadCapacityUnits", "WriteCapacityUnits")


def check_create(body: Body) -> None:
    """Check a ``CreateTable`` request."""
    _check_capacity(body)
    _check_stream(body.get("StreamSpecification") or {})
    defined = [one["AttributeName"] for one in body["AttributeDefinitions"]]
    if len(body["KeySchema"]) > len(defined):
        raise validation_error("Invalid KeySchema: Some index key attribute have no definition")
    _check_keys(body["KeySchema"], defined)
    names: set[str] = set()
    _check_local_indexes(body, defined, names)
    _check_global_indexes(body, defined, names)
    _check_all_used(body, defined)


def check_update(body: Body) -> None:
    """Check an ``UpdateTable`` request by itself."""
    if not body.keys() - {"TableName", "AttributeDefinitions"}:
        raise validation_error(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
            "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required"
        )
    if body.get("ReplicaUpdates"):
        raise validation_error("The emulator has one region: it does not emulate ReplicaUpdates")
    check_units(body.get("ProvisionedThroughput") or {})
    seen: set[str] = set()
    for update in body.get("GlobalSecondaryIndexUpdates") or ():
        if not update:
            raise invalid_parameter(
                "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                "GlobalSecondaryIndexUpdate.Delete must not be null"
            )
        if len(update) > 1:
            raise invalid_parameter(
                "Only one of GlobalSecondaryIndexUpdate.Update, "
                "GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete may be set"
            )
        [request] = update.values()
        if request["IndexName"] in seen:
            raise invalid_parameter(
                "Only one global secondary index update per index is allowed simultaneously. "
                f"Index: {request['IndexName']}"
            )
        seen.add(request["IndexName"])


def check_throughput_change(definition: Definition, body: Body) -> None:
    """Refuse a change of capacity that changes nothing, or that has no figures."""
    current, wanted = (one.get("ProvisionedThroughput") for one in (definition, body))
    if body.get("BillingMode") == "PROVISIONED" and wanted is None:
        raise invalid_parameter(
            "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"
        )
    if wanted is None or current != wanted:
        return
    units = " ".join(
        f"Current {name} provisioned for the table: {current[name]}. "
        f"Requested {name}: {wanted[name]}."
        for name in _UNITS
    )
    raise validation_error(
        "The provisioned throughput for the table will not change. The requested value equals the "
        f"current value. {units} Refer to the Amazon DynamoDB Developer Guide for current limits "
        "and how to request higher limits."
    )


def check_tags(body: Body) -> None:
    """Refuse a change of no tags."""
    for member, word in (("Tags", "Tag"), ("TagKeys", "Tag Key")):
        if body.get(member) == []:
            raise validation_error(f"Atleast one {word} needs to be provided as Input.")


def check_units(throughput: dict[str, Any]) -> None:
    """Refuse more capacity units than there are."""
    for name in _UNITS:
        if throughput.get(name, 0) > _MOST_UNITS:
            raise validation_error(f"Given value {throughput[name]} for {name} is out of bounds")


def _check_capacity(body: Body) -> None:
    throughput = body.get("ProvisionedThroughput")
    if body.get("BillingMode") == "PAY_PER_REQUEST":
        if throughput:
            raise invalid_parameter(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                "BillingMode is PAY_PER_REQUEST"
            )
        return
    if not throughput:
        raise invalid_parameter(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
            "PROVISIONED"
        )
    check_units(throughput)


def _check_keys(schema: list[dict[str, str]], defined: list[str]) -> None:
    names = [element["AttributeName"] for element in schema]
    _check_defined(names, defined)
    if len(set(names)) < len(names):
        raise validation_error(
            "Both the Hash Key and the Range Key element in the KeySchema have the same name"
        )
    for element, kind, place in zip(schema, ("HASH", "RANGE"), ("first", "second"), strict=False):
        if element["KeyType"] != kind:
            raise validation_error(
                f"Invalid KeySchema: The {place} KeySchemaElement is not a {kind} key type"
            )


def check_new_indexes(body: Body) -> None:
    """Check the indexes that an ``UpdateTable`` request makes; it defines their keys itself."""
    defined = [one["AttributeName"] for one in body.get("AttributeDefinitions") or ()]
    for update in body.get("GlobalSecondaryIndexUpdates") or ():
        if "Create" in update:
            _check_index_keys(update["Create"]["KeySchema"], defined)
            _check_index(update["Create"], set())


def _check_stream(specification: dict[str, Any]) -> None:
    view_type = specification.get("StreamViewType")
    if specification.get("StreamEnabled") and view_type is None:
        raise invalid_parameter("StreamEnabled is true, but StreamViewType is not specified")
    if specification.get("StreamEnabled") is False and view_type is not None:
        raise invalid_parameter("StreamEnabled is false, but StreamViewType is specified")


def _check_index_keys(schema: list[dict[str, str]], defined: list[str]) -> None:
    """Check the keys of a global index: up to four partition keys, then up to four sort keys.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
    """
    roles = [element["KeyType"] for element in schema]
    if roles in (["HASH"], ["HASH", "RANGE"], ["RANGE", "HASH"], ["RANGE"], ["RANGE", "RANGE"]):
        _check_keys(schema, defined)
        return
    names = [element["AttributeName"] for element in schema]
    _check_defined(names, defined)
    if len(set(names)) < len(names):
        raise validation_error("Invalid KeySchema: Duplicate attribute names in the key schema")
    if roles != sorted(roles):
        raise validation_error(
            "Invalid KeySchema: All HASH key attributes must come before the RANGE key attributes"
        )
    if not 1 <= roles.count("HASH") <= _MOST_KEYS or roles.count("RANGE") > _MOST_KEYS:
        raise validation_error(
            "Invalid KeySchema: A global secondary index has 1 to 4 HASH and up to 4 RANGE key "
            "attributes"
        )


def _check_defined(names: list[str], defined: list[str]) -> None:
    if not set(names) <= set(defined):
        raise invalid_parameter(
            "Some index key attributes are not defined in AttributeDefinitions. "
            f"Keys: [{', '.join(names)}], AttributeDefinitions: [{', '.join(defined)}]"
        )


def _check_local_indexes(body: Body, defined: list[str], names: set[str]) -> None:
    indexes = body.get("LocalSecondaryIndexes")
    if indexes is None:
        return
    if not indexes:
        raise invalid_parameter("List of LocalSecondaryIndexes is empty")
    if len(body["KeySchema"]) == 1:
        raise invalid_parameter(
            "Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex"
        )
    table_key = body["KeySchema"][0]["AttributeName"]
    for index in indexes:
        schema = index["KeySchema"]
        _check_keys(schema, defined)
        if len(schema) == 1:
            raise invalid_parameter(
                f"Index KeySchema does not have a range key for index: {index['IndexName']}"
            )
        if schema[0]["AttributeName"] != table_key:
            raise invalid_parameter(
                "Index KeySchema does not have the same leading hash key as table KeySchema for "
                f"index: {index['IndexName']}. index hash key: {schema[0]['AttributeName']}, "
                f"table hash key: {table_key}"
            )
        _check_index(index, names)
    if len(indexes) > _MOST_LOCAL:
        raise invalid_parameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5")


def _check_global_indexes(body: Body, defined: list[str], names: set[str]) -> None:
    indexes = body.get("GlobalSecondaryIndexes")
    if indexes is None:
        return
    if not indexes:
        raise invalid_parameter("List of GlobalSecondaryIndexes is empty")
    for index in indexes:
        _check_index_keys(index["KeySchema"], defined)
        if body.get("BillingMode") == "PAY_PER_REQUEST" and "ProvisionedThroughput" in index:
            raise invalid_parameter(
                f"ProvisionedThroughput should not be specified for index: {index['IndexName']} "
                "when BillingMode is PAY_PER_REQUEST"
            )
        _check_index(index, names)
    if len(indexes) > _MOST_GLOBAL:
        raise invalid_parameter("GlobalSecondaryIndex count exceeds the per-table limit of 20")


def _check_index(index: dict[str, Any], names: set[str]) -> None:
    projection = index["Projection"]
    kind = projection.get("ProjectionType")
    if kind is None:
        raise invalid_parameter("Unknown ProjectionType: null")
    if kind == "INCLUDE" and not projection.get("NonKeyAttributes"):
        raise invalid_parameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    if kind != "INCLUDE" and "NonKeyAttributes" in projection:
        raise invalid_parameter(f"ProjectionType is {kind}, but NonKeyAttributes is specified")
    if index["IndexName"] in names:
        raise invalid_parameter(f"Duplicate index name: {index['IndexName']}")
    names.add(index["IndexName"])


def _check_all_used(body: Body, defined: list[str]) -> None:
    used = key_names(body)
    if set(defined) <= set(used):
        return
    if body.get("LocalSecondaryIndexes") or body.get("GlobalSecondaryIndexes"):
        raise invalid_parameter(
            "Some AttributeDefinitions are not used. AttributeDefinitions: "
            f"[{', '.join(defined)}], keys used: [{', '.join(sorted(used))}]"
        )
    raise invalid_parameter(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions"
    )
