"""What ``UpdateTable`` and the tag operations make of a table's definition.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.errors import resource_not_found, validation_error
from emulator.dynamodb.tables import key_names

if TYPE_CHECKING:
    from emulator.dynamodb.request import Body
    from emulator.dynamodb.tables import Definition

_REPLACED = (
    "BillingMode",
    "ProvisionedThroughput",
    "DeletionProtectionEnabled",
    "SSESpecification",
    "TableClass",
    "OnDemandThroughput",
    "WarmThroughput",
)


def updated_definition(definition: Definition, body: Body) -> Definition:
    """Write the ``CreateTable`` request that would make the table as ``UpdateTable`` leaves it."""
    updated = {**definition, **{name: body[name] for name in _REPLACED if name in body}}
    if updated.get("BillingMode") == "PAY_PER_REQUEST":
        updated.pop("ProvisionedThroughput", None)
    if "StreamSpecification" in body:
        updated["StreamSpecification"] = _stream(definition, body["StreamSpecification"])
    indexes = _indexes(definition, body.get("GlobalSecondaryIndexUpdates") or [])
    updated["GlobalSecondaryIndexes"] = list(indexes.values())
    if not indexes:
        del updated["GlobalSecondaryIndexes"]
    updated["AttributeDefinitions"] = _attributes(updated, body)
    return updated


def changed_tags(definition: Definition, operation: str, body: Body) -> Definition:
    """Write the definition that ``TagResource`` or ``UntagResource`` leaves."""
    tags = {tag["Key"]: tag["Value"] for tag in definition.get("Tags") or ()}
    if operation == "TagResource":
        tags |= {tag["Key"]: tag["Value"] for tag in body.get("Tags") or ()}
    else:
        for key in body.get("TagKeys") or ():
            tags.pop(key, None)
    return {**definition, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _stream(definition: Definition, wanted: dict[str, Any]) -> dict[str, Any]:
    enabled = bool((definition.get("StreamSpecification") or {}).get("StreamEnabled"))
    if wanted.get("StreamEnabled") and enabled:
        raise validation_error("Table already has an enabled stream")
    if not wanted.get("StreamEnabled") and not enabled:
        raise validation_error("Table has no stream to disable")
    return wanted


def _indexes(definition: Definition, updates: list[dict[str, Any]]) -> dict[str, Definition]:
    indexes = {
        index["IndexName"]: index for index in definition.get("GlobalSecondaryIndexes") or ()
    }
    for update in updates:
        [(action, request)] = update.items()
        name = request["IndexName"]
        if action == "Create":
            if name in indexes:
                raise validation_error(
                    "One or more parameter values were invalid: "
                    f"Attempting to create an index which already exists: {name}"
                )
            indexes[name] = request
            continue
        if name not in indexes:
            raise resource_not_found(f"Requested resource not found: Index: {name} not found")
        if action == "Delete":
            del indexes[name]
        else:
            indexes[name] = indexes[name] | request
    return indexes


def _attributes(updated: Definition, body: Body) -> list[dict[str, str]]:
    types = {
        attribute["AttributeName"]: attribute
        for attribute in (
            *updated["AttributeDefinitions"],
            *(body.get("AttributeDefinitions") or ()),
        )
    }
    used = key_names(updated)
    undefined = [name for name in used if name not in types]
    if undefined:
        raise validation_error(
            "One or more parameter values were invalid: Some index key attributes are not defined "
            f"in AttributeDefinitions. Keys: [{', '.join(undefined)}], "
            f"AttributeDefinitions: [{', '.join(types)}]"
        )
    return [attribute for name, attribute in types.items() if name in used]
