"""What the item operations answer beside the item: values, capacity, metrics, pages.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
"""

from datetime import timedelta

import pytest
from dynamodb_calls import FILES, ORDERS, Client, Refused, make_service, order
from fakes import FakeClock

KEY = {"id": {"S": "a"}}
ITEM = KEY | {"n": {"N": "1"}, "m": {"M": {"x": {"S": "1"}, "y": {"S": "2"}}}}


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def client(tmp_path, clock):
    service = make_service(tmp_path, FILES, ORDERS, clock=clock)
    service.start()
    client = Client(service)
    client("PutItem", TableName="Files", Item=ITEM)
    yield client
    service.stop()


@pytest.mark.parametrize(
    ("return_values", "attributes"),
    [
        ("NONE", None),
        ("ALL_OLD", ITEM),
        ("UPDATED_OLD", {"n": {"N": "1"}, "m": {"M": {"x": {"S": "1"}}}}),
        (
            "ALL_NEW",
            KEY | {"n": {"N": "3"}, "m": {"M": {"x": {"S": "z"}, "y": {"S": "2"}}}},
        ),
        ("UPDATED_NEW", {"n": {"N": "3"}, "m": {"M": {"x": {"S": "z"}}}}),
    ],
)
def test_return_values_of_an_update(client, return_values, attributes):
    """Each choice shows the item, or what the update named of it, before or after."""
    answer = client(
        "UpdateItem",
        TableName="Files",
        Key=KEY,
        UpdateExpression="SET n = n + :two, m.x = :z",
        ExpressionAttributeValues={":two": {"N": "2"}, ":z": {"S": "z"}},
        ReturnValues=return_values,
    )

    assert answer == ({} if attributes is None else {"Attributes": attributes})


def test_return_values_of_put_and_delete(client):
    """Put and delete show what was there, and nothing where nothing was."""
    new = {"TableName": "Files", "Item": {"id": {"S": "new"}}, "ReturnValues": "ALL_OLD"}

    assert client("PutItem", **new) == {}
    assert client("PutItem", **new) == {"Attributes": {"id": {"S": "new"}}}
    deleted = client("DeleteItem", TableName="Files", Key=KEY, ReturnValues="ALL_OLD")
    assert deleted == {"Attributes": ITEM}


def test_capacity_of_reads(client):
    """A read costs half a unit for 4 KB, a consistent one a whole, a transaction two."""
    client("PutItem", TableName="Files", Item={"id": {"S": "big"}, "t": {"S": "x" * 5000}})
    big = {"TableName": "Files", "Key": {"id": {"S": "big"}}}
    total = {"ReturnConsumedCapacity": "TOTAL"}

    def units(answer):
        return answer["ConsumedCapacity"]

    assert units(client("GetItem", **big, **total)) == {
        "TableName": "Files",
        "CapacityUnits": 1.0,
    }
    assert units(client("GetItem", **big, **total, ConsistentRead=True))["CapacityUnits"] == 2.0
    [transaction] = units(client("TransactGetItems", TransactItems=[{"Get": big}], **total))
    assert transaction == {
        "TableName": "Files",
        "CapacityUnits": 4.0,
        "ReadCapacityUnits": 4.0,
    }


def test_capacity_of_a_write_by_index(client):
    """``INDEXES`` says what the table and each index took."""
    answer = client(
        "PutItem",
        TableName="Orders",
        Item=order("ann", 1, state={"S": "open"}, day={"S": "1"}),
        ReturnConsumedCapacity="INDEXES",
        ReturnItemCollectionMetrics="SIZE",
    )

    assert answer == {
        "ConsumedCapacity": {
            "TableName": "Orders",
            "CapacityUnits": 4.0,
            "Table": {"CapacityUnits": 1.0},
            "GlobalSecondaryIndexes": {
                "by_state": {"CapacityUnits": 1.0},
                "keys_by_day": {"CapacityUnits": 1.0},
            },
            "LocalSecondaryIndexes": {"by_day": {"CapacityUnits": 1.0}},
        },
        "ItemCollectionMetrics": {
            "ItemCollectionKey": {"customer": {"S": "ann"}},
            "SizeEstimateRangeGB": [0.0, 1.0],
        },
    }


def test_capacity_of_a_transaction(client):
    """A transaction costs twice what its writes would, and says that they are writes."""
    put = {"TableName": "Orders", "Item": order("ann", 1, day={"S": "1"})}

    answer = client(
        "TransactWriteItems",
        TransactItems=[{"Put": put}],
        ReturnConsumedCapacity="INDEXES",
    )

    two = {"CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}
    assert answer["ConsumedCapacity"] == [
        {
            "TableName": "Orders",
            "CapacityUnits": 6.0,
            "WriteCapacityUnits": 6.0,
            "Table": two,
            "GlobalSecondaryIndexes": {"keys_by_day": two},
            "LocalSecondaryIndexes": {"by_day": two},
        }
    ]


def test_page_that_ends_at_its_limit(client):
    """A page with as many items as its limit says where it ended, though nothing follows."""
    first = client("Scan", TableName="Files", Limit=1)
    second = client("Scan", TableName="Files", Limit=1, ExclusiveStartKey=first["LastEvaluatedKey"])

    assert first["LastEvaluatedKey"] == KEY
    assert second == {"Count": 0, "ScannedCount": 0, "Items": []}


def test_page_of_a_megabyte(client):
    """A page ends before the item that would make it larger than a megabyte."""
    for number in range(1, 5):
        item = order("ann", number, text={"S": "x" * 400_000})
        client("PutItem", TableName="Orders", Item=item)
    query = {
        "TableName": "Orders",
        "KeyConditionExpression": "customer = :c",
        "ExpressionAttributeValues": {":c": {"S": "ann"}},
    }

    first = client("Query", **query)
    second = client("Query", **query, ExclusiveStartKey=first["LastEvaluatedKey"])

    assert (first["Count"], first["LastEvaluatedKey"]) == (2, order("ann", 2))
    assert second["Count"] == 2
    assert "LastEvaluatedKey" not in second


def test_count(client):
    """``COUNT`` counts what the filter leaves, and shows nothing."""
    client("PutItem", TableName="Files", Item={"id": {"S": "b"}, "n": {"N": "2"}})

    answer = client(
        "Scan",
        TableName="Files",
        Select="COUNT",
        FilterExpression="n > :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )

    assert answer == {"Count": 1, "ScannedCount": 2}


def test_segments_share_the_table(client):
    """The segments of a parallel scan have every item once between them."""
    names = {f"item {number}" for number in range(100)}
    for name in names:
        client("PutItem", TableName="Files", Item={"id": {"S": name}})
    parts = [
        {
            item["id"]["S"]
            for item in client("Scan", TableName="Files", Segment=number, TotalSegments=4)["Items"]
        }
        for number in range(4)
    ]

    assert set().union(*parts) == names | {"a"}
    assert sum(map(len, parts)) == 101
    assert all(parts)


def test_token_is_good_for_ten_minutes(client, clock):
    """The same token does a transaction once; another request under it is refused; then it ends."""

    def transact(amount):
        update = {
            "TableName": "Files",
            "Key": KEY,
            "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": {":n": {"N": str(amount)}},
        }
        client("TransactWriteItems", TransactItems=[{"Update": update}], ClientRequestToken="t")

    def count():
        return client("GetItem", TableName="Files", Key=KEY)["Item"]["n"]["N"]

    transact(1)
    transact(1)
    assert count() == "2"
    with pytest.raises(Refused, match="IdempotentParameterMismatchException"):
        transact(5)
    clock.advance(timedelta(minutes=11))
    transact(1)
    assert count() == "3"


def test_projection_of_an_index(client):
    """An index shows what it projects; a local one fetches the rest where it is asked for."""
    item = order("ann", 1, state={"S": "s"}, day={"S": "1"}, total={"N": "5"}, note={"S": "x"})
    client("PutItem", TableName="Orders", Item=item)
    local = {
        "TableName": "Orders",
        "IndexName": "by_day",
        "KeyConditionExpression": "customer = :c",
        "ExpressionAttributeValues": {":c": {"S": "ann"}},
    }

    def names(answer):
        return sorted(answer["Items"][0])

    keys_only = client("Scan", TableName="Orders", IndexName="keys_by_day")
    assert names(keys_only) == ["customer", "day", "number"]
    assert names(client("Query", **local)) == ["customer", "day", "number", "total"]
    assert names(client("Query", **local, Select="ALL_ATTRIBUTES")) == sorted(item)
    assert names(client("Query", **local, ProjectionExpression="note")) == ["note"]
