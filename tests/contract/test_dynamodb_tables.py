"""Tables as DynamoDB describes them, and moto's private names on which that rests.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
"""

import importlib.metadata
import inspect

import pytest
from dynamodb_calls import ORDERS, Client, Refused, make_service, order

UUID = r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"
MINE = {
    "TableName": "Mine",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def client(tmp_path):
    service = make_service(tmp_path, ORDERS)
    service.start()
    yield Client(service)
    service.stop()


def test_description(client):
    """A table is described with its schema and with true counts, times and ids."""
    client("CreateTable", **MINE)
    client("PutItem", TableName="Mine", Item={"id": {"S": "abc"}})

    table = client("DescribeTable", TableName="Mine")["Table"]

    assert len(table.pop("TableId")) == 36
    assert table == {
        "AttributeDefinitions": MINE["AttributeDefinitions"],
        "BillingModeSummary": {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": 1715767200.0,
        },
        "CreationDateTime": 1715767200.0,
        "DeletionProtectionEnabled": False,
        "ItemCount": 1,
        "KeySchema": MINE["KeySchema"],
        "ProvisionedThroughput": {
            "NumberOfDecreasesToday": 0,
            "ReadCapacityUnits": 0,
            "WriteCapacityUnits": 0,
        },
        "TableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/Mine",
        "TableName": "Mine",
        "TableSizeBytes": 5,
        "TableStatus": "ACTIVE",
        "WarmThroughput": {
            "ReadUnitsPerSecond": 12000,
            "Status": "ACTIVE",
            "WriteUnitsPerSecond": 4000,
        },
    }


def test_indexes_are_counted(client):
    """Each index says how many items it holds."""
    client("PutItem", TableName="Orders", Item=order("ann", 1, day={"S": "1"}))
    client("PutItem", TableName="Orders", Item=order("ann", 2))

    table = client("DescribeTable", TableName="Orders")["Table"]

    indexes = table["GlobalSecondaryIndexes"] + table["LocalSecondaryIndexes"]
    assert {index["IndexName"]: index["ItemCount"] for index in indexes} == {
        "by_state": 0,
        "keys_by_day": 1,
        "by_day": 1,
    }


def test_invalid_table_is_refused_by_moto(client):
    """What a table may not be, moto refuses."""
    with pytest.raises(Refused) as refused:
        client(
            "CreateTable",
            **MINE
            | {"KeySchema": [], "AttributeDefinitions": []}
            | {"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]},
        )

    assert refused.value.code == "ValidationException"


def test_existing_table(client):
    """A second table of the same name is refused."""
    client("CreateTable", **MINE)

    with pytest.raises(Refused) as refused:
        client("CreateTable", **MINE)

    assert refused.value.body == {
        "__type": "com.amazonaws.dynamodb.v20120810#ResourceInUseException",
        "message": "Table already exists: Mine",
    }


def test_protected_table_stays(client):
    """A table with deletion protection is not deleted."""
    client("CreateTable", **MINE, DeletionProtectionEnabled=True)

    with pytest.raises(Refused) as refused:
        client("DeleteTable", TableName="Mine")

    assert refused.value.message == (
        "Resource cannot be deleted as it is currently protected against deletion. "
        "Disable deletion protection first."
    )

    assert "Mine" in client("ListTables")["TableNames"]


def test_list_of_tables_is_paged(client):
    """Names come in order, a page at a time."""
    for name in ("b", "a", "c"):
        client("CreateTable", **MINE | {"TableName": f"Table-{name}"})

    first = client("ListTables", Limit=2)
    second = client("ListTables", ExclusiveStartTableName=first["LastEvaluatedTableName"])

    assert first == {"TableNames": ["Orders", "Table-a"], "LastEvaluatedTableName": "Table-a"}
    assert second == {"TableNames": ["Table-b", "Table-c"]}


def test_new_index_holds_old_items(client):
    """An index that UpdateTable makes holds the items that were there, and can be dropped again."""
    client("CreateTable", **MINE)
    client("PutItem", TableName="Mine", Item={"id": {"S": "a"}, "kind": {"S": "x"}})
    create = {
        "IndexName": "by_kind",
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    client(
        "UpdateTable",
        TableName="Mine",
        AttributeDefinitions=[{"AttributeName": "kind", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": create}],
    )

    assert client("Scan", TableName="Mine", IndexName="by_kind")["Count"] == 1

    client(
        "UpdateTable",
        TableName="Mine",
        GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by_kind"}}],
    )
    table = client("DescribeTable", TableName="Mine")["Table"]
    assert "GlobalSecondaryIndexes" not in table
    assert table["AttributeDefinitions"] == MINE["AttributeDefinitions"]


def test_table_is_found_by_its_arn(client):
    """Where a table's name stands, its ARN may stand."""
    client("CreateTable", **MINE)
    arn = client("DescribeTable", TableName="Mine")["Table"]["TableArn"]
    client("PutItem", TableName=arn, Item={"id": {"S": "a"}})

    assert client("Scan", TableName="Mine")["Count"] == 1
    assert client("DescribeTable", TableName=arn)["Table"]["TableName"] == "Mine"


def test_limits(client):
    """The quotas are those of a new account.

    https://docs.aws.amazon.com/cli/latest/reference/dynamodb/describe-limits.html
    """
    assert client("DescribeLimits") == {
        "AccountMaxReadCapacityUnits": 80000,
        "AccountMaxWriteCapacityUnits": 80000,
        "TableMaxReadCapacityUnits": 40000,
        "TableMaxWriteCapacityUnits": 40000,
    }


def test_replicas_are_refused_by_name(client):
    """There is one region here."""
    with pytest.raises(Refused, match="does not emulate ReplicaUpdates"):
        client(
            "UpdateTable",
            TableName="Orders",
            ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}],
        )


def test_moto_is_the_version_that_was_read():
    """The private names below are those of this version."""
    assert importlib.metadata.version("moto") == "5.2.5"


def test_private_names_of_moto():
    """``moto_backend`` overrides a property and calls a private method; both are there."""
    from moto.dynamodb.models import DynamoDBBackend  # noqa: PLC0415
    from moto.dynamodb.responses import DynamoHandler  # noqa: PLC0415

    assert isinstance(DynamoHandler.dynamodb_backend, property)
    assert list(inspect.signature(DynamoHandler._dispatch).parameters) == [
        "self",
        "request",
        "full_url",
        "headers",
    ]
    assert list(inspect.signature(DynamoDBBackend).parameters) == ["region_name", "account_id"]
