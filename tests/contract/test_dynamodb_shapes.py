"""Every answer fits AWS's own model of it: what an SDK does not know it drops in silence.

https://github.com/boto/botocore/tree/develop/botocore/data/dynamodb/2012-08-10
"""

import dataclasses
import json

import pytest
from botocore.loaders import Loader
from dynamodb_calls import FILES, ORDERS, Client, make_service, order

ALL = {"ReturnConsumedCapacity": "INDEXES", "ReturnItemCollectionMetrics": "SIZE"}
ITEM = order("ann", 1, state={"S": "open"}, day={"S": "1"})
KEY = order("ann", 1)
STATEMENT = {"Statement": "SELECT * FROM Files WHERE id = 'a'"}
UNITS = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
BY_ID = [{"AttributeName": "id", "KeyType": "HASH"}]
MADE = {
    "TableName": "Made",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": BY_ID,
    "ProvisionedThroughput": UNITS,
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "again",
            "KeySchema": BY_ID,
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": UNITS,
        }
    ],
}
# In this order: later calls need what earlier ones made.
CALLS = [
    ("PutItem", {"TableName": "Orders", "Item": ITEM, "ReturnValues": "ALL_OLD", **ALL}),
    ("PutItem", {"TableName": "Files", "Item": {"id": {"S": "a"}}}),
    ("UpdateItem", {"TableName": "Orders", "Key": KEY, "ReturnValues": "ALL_NEW", **ALL}),
    ("GetItem", {"TableName": "Orders", "Key": KEY, "ReturnConsumedCapacity": "TOTAL"}),
    (
        "Query",
        {
            "TableName": "Orders",
            "IndexName": "by_day",
            "KeyConditionExpression": "customer = :c",
            "ExpressionAttributeValues": {":c": {"S": "ann"}},
            "Limit": 1,
            "ReturnConsumedCapacity": "INDEXES",
        },
    ),
    ("Scan", {"TableName": "Orders", "Limit": 1, "ReturnConsumedCapacity": "INDEXES"}),
    ("BatchGetItem", {"RequestItems": {"Files": {"Keys": [{"id": {"S": "a"}}]}}}),
    ("BatchWriteItem", {"RequestItems": {"Orders": [{"PutRequest": {"Item": ITEM}}]}, **ALL}),
    (
        "TransactWriteItems",
        {"TransactItems": [{"Put": {"TableName": "Orders", "Item": ITEM}}]} | ALL,
    ),
    ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "Orders", "Key": KEY}}]}),
    ("ExecuteStatement", {**STATEMENT, "ReturnConsumedCapacity": "TOTAL"}),
    ("BatchExecuteStatement", {"Statements": [STATEMENT, {"Statement": "SELECT * FROM Files"}]}),
    ("ExecuteTransaction", {"TransactStatements": [STATEMENT]}),
    ("DeleteItem", {"TableName": "Orders", "Key": KEY, "ReturnValues": "ALL_OLD", **ALL}),
    ("CreateTable", MADE),
    ("UpdateTable", {"TableName": "Made", "BillingMode": "PAY_PER_REQUEST"}),
    ("DescribeTable", {"TableName": "Made"}),
    ("DescribeTable", {"TableName": "Files"}),
    ("DescribeTimeToLive", {"TableName": "Files"}),
    ("DescribeContinuousBackups", {"TableName": "Files"}),
    ("DescribeEndpoints", {}),
    ("DescribeLimits", {}),
    ("ListTables", {}),
    ("DeleteTable", {"TableName": "Made"}),
]
JSON_TYPES = {
    "string": str,
    "blob": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": (int, float),
    "timestamp": (int, float),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    files = dataclasses.replace(FILES, stream_view_type="NEW_AND_OLD_IMAGES")
    service = make_service(tmp_path_factory.mktemp("dynamodb"), files, ORDERS)
    service.start()
    yield Client(service)
    service.stop()


def misfits(value, name, shapes, path):
    """List the places where a value is not what the model says."""
    shape = shapes[name]
    if shape["type"] == "structure":
        for member, one in value.items():
            place = f"{path}.{member}"
            if member not in shape["members"]:
                yield f"{place} is unknown"
            else:
                yield from misfits(one, shape["members"][member]["shape"], shapes, place)
    elif shape["type"] in ("list", "map"):
        element = shape.get("member") or shape["value"]
        for one in value if shape["type"] == "list" else value.values():
            yield from misfits(one, element["shape"], shapes, f"{path}[]")
    elif not isinstance(value, JSON_TYPES[shape["type"]]) or value not in shape.get(
        "enum", [value]
    ):
        yield f"{path} cannot be {value}"


def check(client, api, operation, members):
    prefix = {"dynamodb": "DynamoDB_20120810", "dynamodbstreams": "DynamoDBStreams_20120810"}[api]
    model = Loader().load_service_model(api, "service-2")
    status, content = client.post(f"{prefix}.{operation}", json.dumps(members).encode())
    answer = json.loads(content)

    assert status == 200, answer
    output = model["operations"][operation]["output"]["shape"]
    assert list(misfits(answer, output, model["shapes"], operation)) == []
    return answer


def test_every_answer_fits_the_model(client):
    """Members, types and choices of all answers are those of the model."""
    for operation, members in CALLS:
        check(client, "dynamodb", operation, members)


def test_every_answer_of_streams_fits_the_model(client):
    """The same of DynamoDB Streams, with a record of each kind."""
    client("PutItem", TableName="Files", Item={"id": {"S": "b"}})
    client("PutItem", TableName="Files", Item={"id": {"S": "b"}, "n": {"N": "1"}})
    client("DeleteItem", TableName="Files", Key={"id": {"S": "b"}})
    streams = "dynamodbstreams"

    [stream] = check(client, streams, "ListStreams", {})["Streams"]
    arn = {"StreamArn": stream["StreamArn"]}
    [shard] = check(client, streams, "DescribeStream", arn)["StreamDescription"]["Shards"]
    start = {**arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = check(client, streams, "GetShardIterator", start)
    assert len(check(client, streams, "GetRecords", iterator)["Records"]) >= 3
