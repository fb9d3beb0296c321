"""Tables are made, described and changed by moto; the engine takes over what moto accepted.

moto checks the requests and writes the answers; the figures and times in them are ours.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
moto is imported at the first such call: an application that only reads and writes items never
waits for it. Its backend is our own instance, filled from the catalog, so nothing of it is global.
"""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING

from emulator.arns import TEMPLATE_STREAM_LABEL
from emulator.dynamodb.definition_changes import changed_tags, updated_definition
from emulator.dynamodb.definition_checks import (
    check_create,
    check_new_indexes,
    check_tags,
    check_throughput_change,
    check_update,
)
from emulator.dynamodb.description import amend_description
from emulator.dynamodb.errors import resource_not_found, validation_error
from emulator.dynamodb.request import Body, integer, string, table_name
from emulator.dynamodb.table_tags import check_tagged_arn, tags_page
from emulator.dynamodb.tables import create_table_request, key_attributes
from emulator.errors import ServiceError, StartupError

if TYPE_CHECKING:
    from emulator.application import Table
    from emulator.clock import Clock
    from emulator.dynamodb.catalog import Catalog
    from emulator.dynamodb.moto_backend import MotoBackend
    from emulator.dynamodb.tables import Definition, StoredTable

_DEFAULT_LIMIT = 100


class ControlPlane:
    """The operations on tables."""

    def __init__(self, catalog: Catalog, clock: Clock, *, region: str, account_id: str) -> None:
        self._catalog = catalog
        self._clock = clock
        self._region = region
        self._account_id = account_id
        self._lock = threading.RLock()
        self._loaded: MotoBackend | None = None

    def create_table(self, body: Body) -> Body:
        """Make a table."""
        with self._lock:
            check_create(body)
            name = table_name(body)
            if self._catalog.get(name) is not None:
                raise ServiceError("ResourceInUseException", f"Table already exists: {name}")
            answer = self._moto().call("CreateTable", body)
            self._create({**body, "TableName": name})
            answer = self._amended(answer, "TableDescription", self._catalog.find(name))
            return _in_progress(answer, "CREATING")

    def install(self, table: Table) -> None:
        """Bring a table of the template into being, or to what the template says.

        moto is not asked, so that an emulator starts without loading it.

        Raises:
            StartupError: the table that is there has other keys, or the definition is none.
        """
        with self._lock:
            definition = create_table_request(table)
            stored = self._catalog.get(table.name)
            _check_definition(definition)
            if stored is None:
                self._create(definition, label=TEMPLATE_STREAM_LABEL)
                self._loaded = None
            else:
                self._renew(stored, _with_tags(definition, stored))
            stored = self._catalog.find(table.name)
            if stored.ttl_attribute != table.ttl_attribute:
                self._catalog.set_time_to_live(stored, table.ttl_attribute)

    def drop(self, table: StoredTable) -> None:
        """Drop a table, whether it is protected or not."""
        with self._lock:
            self._catalog.drop(table)
            self._loaded = None

    def delete_table(self, body: Body) -> Body:
        """Drop a table."""
        with self._lock:
            table = self._find_named(body)
            if table.definition.get("DeletionProtectionEnabled"):
                raise validation_error(
                    "Resource cannot be deleted as it is currently protected against deletion. "
                    "Disable deletion protection first."
                )
            answer = self._moto().call("DeleteTable", body)
            answer = self._amended(answer, "TableDescription", table)
            answer["TableDescription"]["TableStatus"] = "DELETING"
            self._catalog.drop(table)
            return answer

    def update_table(self, body: Body) -> Body:
        """Change a table: indexes, stream, capacity."""
        with self._lock:
            check_update(body)
            table = self._find_named(body)
            check_throughput_change(table.definition, body)
            check_new_indexes(body)
            definition = updated_definition(table.definition, body)
            # moto takes the attributes as they come; AWS adds and forgets them with the indexes.
            attributes = {"AttributeDefinitions": definition["AttributeDefinitions"]}
            answer = self._moto().call("UpdateTable", {**body, **attributes})
            self._catalog.redefine(table, definition, now=self._clock.now())
            answer = self._amended(answer, "TableDescription", self._catalog.find(table.name))
            answer["TableDescription"]["TableStatus"] = "UPDATING"
            return answer

    def describe_table(self, body: Body) -> Body:
        """Describe a table."""
        with self._lock:
            table = self._find_named(body)
            answer = self._moto().call("DescribeTable", {"TableName": table.name})
            return self._amended(answer, "Table", table)

    def list_tables(self, body: Body) -> Body:
        """List the names of the tables, a page at a time."""
        limit = integer(body, "Limit") or _DEFAULT_LIMIT
        start = string(body, "ExclusiveStartTableName") or ""
        names = [table.name for table in self._catalog.tables if table.name > start]
        answer: Body = {"TableNames": names[:limit]}
        if len(names) > limit:
            answer["LastEvaluatedTableName"] = names[limit - 1]
        return answer

    def update_time_to_live(self, body: Body) -> Body:
        """Switch expiry on or off."""
        with self._lock:
            table = self._find_named(body)
            specification = body["TimeToLiveSpecification"]
            attribute, enabled = specification["AttributeName"], specification["Enabled"]
            _check_ttl_change(table, attribute, enabled=enabled)
            answer = self._moto().call("UpdateTimeToLive", body)
            self._catalog.set_time_to_live(table, attribute if enabled else None)
            return answer

    def describe_time_to_live(self, body: Body) -> Body:
        """Tell by which attribute items expire."""
        table = self._find_named(body)
        description = {"TimeToLiveStatus": "DISABLED"}
        if table.ttl_attribute is not None:
            description = {
                "TimeToLiveStatus": "ENABLED",
                "AttributeName": table.ttl_attribute,
            }
        return {"TimeToLiveDescription": description}

    def change_tags(self, operation: str, body: Body) -> Body:
        """Tag or untag a table."""
        with self._lock:
            check_tags(body)
            table = self._find_tagged(operation, body)
            answer = self._moto().call(operation, body)
            definition = changed_tags(table.definition, operation, body)
            self._catalog.redefine(table, definition, now=self._clock.now())
            return answer

    def list_tags_of_resource(self, body: Body) -> Body:
        """List the tags of a table, a page at a time."""
        table = self._find_tagged("ListTagsOfResource", body)
        return tags_page(table.definition.get("Tags") or [], string(body, "NextToken"))

    def describe_limits(self, _body: Body) -> Body:
        """Tell the quotas of a new account; nothing here is held to them."""
        return {
            "AccountMaxReadCapacityUnits": 80_000,
            "AccountMaxWriteCapacityUnits": 80_000,
            "TableMaxReadCapacityUnits": 40_000,
            "TableMaxWriteCapacityUnits": 40_000,
        }

    def pass_to_moto(self, operation: str, body: Body) -> Body:
        """Let moto answer alone."""
        with self._lock:
            return self._moto().call(operation, body)

    def _create(self, definition: Definition, *, label: str | None = None) -> None:
        self._catalog.create(
            definition, table_id=str(uuid.uuid4()), now=self._clock.now(), label=label
        )

    def _renew(self, stored: StoredTable, definition: Definition) -> None:
        if stored.definition == definition:
            return
        _check_same_keys(stored, definition)
        self._catalog.redefine(
            stored, definition, now=self._clock.now(), label=TEMPLATE_STREAM_LABEL
        )
        self._loaded = None

    def _find_named(self, body: Body) -> StoredTable:
        name = table_name(body)
        table = self._catalog.get(name)
        if table is None:
            raise resource_not_found(f"Requested resource not found: Table: {name} not found")
        return table

    def _find_tagged(self, operation: str, body: Body) -> StoredTable:
        check_tagged_arn(operation, body["ResourceArn"], self._account_id)
        table = self._catalog.get(body["ResourceArn"])
        if table is None and operation == "UntagResource":
            raise resource_not_found()
        if table is None:
            # The word is misspelt by AWS.
            raise resource_not_found(
                f"Requested resource not found: ResourcArn: {body['ResourceArn']} not found"
            )
        return table

    def _moto(self) -> MotoBackend:
        if self._loaded is None:
            from emulator.dynamodb.moto_backend import MotoBackend  # noqa: PLC0415 -- see above

            self._loaded = MotoBackend(region=self._region, account_id=self._account_id)
            for table in self._catalog.tables:
                self._loaded.call("CreateTable", table.definition)
        return self._loaded

    def _amended(self, answer: Body, member: str, table: StoredTable) -> Body:
        amend_description(answer[member], table, self._catalog.counts(table))
        return answer


def _in_progress(answer: Body, status: str) -> Body:
    """Say that a table is being made, as AWS does for some seconds; it is there at once."""
    description = answer["TableDescription"]
    description["TableStatus"] = status
    for index in description.get("GlobalSecondaryIndexes") or ():
        index["IndexStatus"] = status
    return answer


def _check_ttl_change(table: StoredTable, attribute: str, *, enabled: bool) -> None:
    if enabled and table.ttl_attribute is not None:
        raise validation_error(
            "TimeToLive is already enabled"
            if table.ttl_attribute == attribute
            else "TimeToLive is active on a different AttributeName: current AttributeName is "
            f"{table.ttl_attribute}"
        )
    if not enabled and table.ttl_attribute is None:
        raise validation_error("TimeToLive is already disabled")


def _check_definition(definition: Definition) -> None:
    try:
        check_create(definition)
    except ServiceError as error:
        raise StartupError(f"table {definition['TableName']}: {error.message}") from error


def _with_tags(definition: Definition, stored: StoredTable) -> Definition:
    """Keep the tags that were given by API; those of the template win."""
    tags = {
        tag["Key"]: tag["Value"]
        for tag in (*stored.definition.get("Tags", ()), *definition.get("Tags", ()))
    }
    if not tags:
        return definition
    return definition | {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _check_same_keys(stored: StoredTable, definition: Definition) -> None:
    keys = key_attributes(definition, definition["KeySchema"])
    if keys != stored.keys:
        raise StartupError(
            f"table {stored.name}: the template's key is {keys}, but the table in the data folder "
            f"has {stored.keys} (go back to that key, or drop the table and its items with "
            f"`emulator reset --table {stored.name}` and the --data-dir of this run)"
        )
